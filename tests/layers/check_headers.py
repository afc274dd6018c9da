#!/usr/bin/env python3
"""Every header compiles on its own: whoever includes it needs to know nothing else.

usage: check_headers.py SOURCE_DIR BUILD_DIR

A source file includes its own header first, so that the build shows it for that one. Headers without
a source file are compiled here: with the build's flags, -fsyntax-only, two at a time.
"""

import concurrent.futures
import json
import pathlib
import shlex
import subprocess
import sys

import cpp_text


def sort_headers(root):
    """(headers to compile here, source files that do not begin with their own header)."""
    alone, misplaced = [], []
    for header in sorted(root.rglob("*.hpp")):
        source = header.with_suffix(".cpp")
        if not source.exists():
            alone.append(header)
            continue
        included = cpp_text.includes(source.read_text(encoding="utf-8"))
        if not included or included[0][2] != str(header.relative_to(root)):
            misplaced.append(source)
    return alone, misplaced


def flags_from(build_dir):
    """Defines, include paths and the standard of one translation unit; all modules share them."""
    entries = json.loads((pathlib.Path(build_dir) / "compile_commands.json").read_text())
    flags, compiler = {}, None
    for entry in entries:
        if "/src/" not in entry["file"] or "cmake_pch" in entry["file"]:
            continue
        words = shlex.split(entry["command"])
        compiler = compiler or next(w for w in words if pathlib.Path(w).name in ("c++", "g++", "clang++"))
        for index, word in enumerate(words):
            if word.startswith(("-D", "-std=", "-I", "-W")) and not word.startswith("-Winvalid-pch"):
                flags[word] = None
            elif word == "-isystem":
                flags[f"-isystem{words[index + 1]}"] = None
    return compiler, list(flags)


def main(source_dir, build_dir):
    compiler, flags = flags_from(build_dir)
    root = pathlib.Path(source_dir) / "src"

    def compile_alone(header):
        done = subprocess.run(
            [compiler, *flags, "-O0", "-Werror", "-fsyntax-only", "-x", "c++", "-"],
            input=f'#include "{header.relative_to(root)}"\n', capture_output=True, text=True)
        return header, done.returncode, done.stderr

    headers, misplaced = sort_headers(root)
    failed = bool(misplaced)
    for source in misplaced:
        print(f"src/{source.relative_to(root)}: its own header must be the first include")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for header, code, output in pool.map(compile_alone, headers):
            if code != 0:
                print(f"src/{header.relative_to(root)} does not compile alone:\n{output}")
                failed = True
    print(f"{len(headers)} headers compiled")
    return 1 if failed or not headers else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
