#!/usr/bin/env python3
"""The layer check can fail: each rule against an include that breaks it."""

import pathlib
import tempfile
import unittest

import check_layers

LAYERS = {"base": [], "crypto": ["base"], "imds": ["base"], "net": ["base"], "daemon": ["net", "imds"]}


def problems_of(files, layers=None):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for module in LAYERS:
            (root / "src" / module).mkdir(parents=True)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return check_layers.check(root, layers or LAYERS)


class Layers(unittest.TestCase):
    def test_declared_dependency_passes(self):
        self.assertEqual(problems_of({"src/base/a.hpp": "", "src/net/b.cpp": '#include "base/a.hpp"'}), [])

    def test_undeclared_dependency_fails(self):
        found = problems_of({"src/net/a.hpp": "", "src/imds/b.cpp": '#include "net/a.hpp"'})
        self.assertIn("imds does not depend on net", found[0])

    def test_transitive_dependency_is_not_enough(self):
        found = problems_of({"src/base/a.hpp": "", "src/daemon/b.cpp": '#include "base/a.hpp"'})
        self.assertIn("daemon does not depend on base", found[0])

    def test_missing_file_fails(self):
        self.assertIn("not a file", problems_of({"src/net/b.cpp": '#include "base/gone.hpp"'})[0])

    def test_commented_include_is_no_include(self):
        self.assertEqual(problems_of({"src/imds/b.cpp": '// #include "net/a.hpp"\n/*\n#include <thread>\n*/'}), [])

    def test_pure_module_has_no_io(self):
        for header in ("thread", "fstream", "sys/socket.h", "boost/asio/ip/tcp.hpp", "unistd.h"):
            with self.subTest(header):
                self.assertIn("pure", problems_of({"src/imds/b.cpp": f"#include <{header}>"})[0])
        self.assertEqual(problems_of({"src/net/b.cpp": "#include <thread>"}), [])

    def test_libraries_have_one_home(self):
        for header, home in (("openssl/evp.h", "crypto"), ("spdlog/spdlog.h", "daemon"),
                             ("boost/beast/core.hpp", "net")):
            with self.subTest(header):
                self.assertIn("only", problems_of({"src/base/b.cpp": f"#include <{header}>"})[0])
                self.assertEqual(problems_of({f"src/{home}/b.cpp": f"#include <{header}>"}), [])

    def test_spdlog_is_included_once(self):
        text = "#include <spdlog/spdlog.h>"
        self.assertIn("several places", problems_of({"src/daemon/a.cpp": text, "src/daemon/b.cpp": text})[0])

    def test_circle_is_found(self):
        layers = dict(LAYERS, base=["crypto"])
        self.assertTrue(any("circle" in p for p in problems_of({}, layers)))

    def test_pure_module_cannot_depend_on_a_shell_module(self):
        self.assertIn("cannot depend on net", problems_of({}, dict(LAYERS, imds=["net"]))[0])

    def test_unit_test_reaches_only_what_its_module_does(self):
        files = {"src/net/a.hpp": "", "tests/unit/imds/t.cpp": '#include "net/a.hpp"'}
        self.assertIn("cannot reach", problems_of(files)[0])


if __name__ == "__main__":
    unittest.main()
