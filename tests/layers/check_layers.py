#!/usr/bin/env python3
"""Holds every #include against the dependency lists that CMake links by.

usage: check_layers.py SOURCE_DIR LAYERS_FILE

LAYERS_FILE is written at configure time: one "module: dependency dependency" a line.
"""

import pathlib
import re
import sys

import cpp_text

PURE = ("base encoding crypto aws http sigv4 policy profile binding imds sts audit_record verifier").split()
# No code of ours: Boost's own sources, compiled once. Whoever uses the parser links it.
THIRD_PARTY = {"boost_compiled"}

# What a module that only decides may not reach for: sockets, files, threads, "now".
IMPURE = re.compile(
    r"^(boost/asio(/.*|\.hpp)|boost/beast(/.*|\.hpp)|thread|mutex|shared_mutex|condition_variable"
    r"|future|fstream|filesystem|iostream|sys/.*|netinet/.*|arpa/.*|linux/.*|net/.*|unistd\.h"
    r"|fcntl\.h|poll\.h|pwd\.h|grp\.h|netdb\.h|systemd/.*|spdlog/.*|yaml-cpp/.*|CLI/.*|sqlite3\.h|libpq-fe\.h)$")
# Text forms of addresses; the parser that http derives from, without I/O; a lock where one object
# serves all threads.
PURE_EXCEPTIONS = {
    "base": re.compile(r"^arpa/inet\.h$"),
    "http": re.compile(
        r"^boost/(beast/(http/(basic_parser|error|field|verb)|core/(string_type|error))"
        r"|asio/buffer)\.hpp$"),
    "sts": re.compile(r"^(mutex|shared_mutex)$"),
}

# Each library has one home.
HOMES = [
    # TLS is the network's, everything else of OpenSSL is behind crypto.
    (re.compile(r"^openssl/(ssl|bio|err|pem|x509v3)\.h$"), {"crypto", "net"}, "TLS"),
    (re.compile(r"^openssl/(?!(ssl|bio|err|pem|x509v3)\.h$)"), {"crypto"}, "OpenSSL"),
    (re.compile(r"^boost/asio/ssl"), {"net", "boost_compiled"}, "TLS"),
    (re.compile(r"^yaml-cpp/"), {"config"}, "yaml-cpp"),
    (re.compile(r"^CLI/"), {"cli"}, "CLI11"),
    (re.compile(r"^sqlite3\.h$"), {"store"}, "SQLite"),
    # The configuration has libpq read connection strings.
    (re.compile(r"^libpq-fe\.h$"), {"store", "config"}, "libpq"),
    (re.compile(r"^systemd/"), {"daemon", "audit"}, "libsystemd"),
    (re.compile(r"^boost/beast/http/(parser|string_body)\.hpp$"), {"net", "admin"}, "Beast's parser"),
    (re.compile(r"^boost/beast(?!/http/(parser|string_body)\.hpp)"), {"net", "http", "boost_compiled"},
     "Boost.Beast"),
    (re.compile(r"^spdlog/"), {"daemon"}, "spdlog"),
]


def read_layers(path):
    layers = {}
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        name, _, dependencies = line.partition(":")
        layers[name.strip()] = dependencies.split()
    return layers


def cycle_in(layers):
    """A cycle as a list of names, or None."""
    done, path = set(), []

    def visit(name):
        if name in path:
            return path[path.index(name):] + [name]
        if name in done:
            return None
        path.append(name)
        for dependency in layers.get(name, []):
            found = visit(dependency)
            if found:
                return found
        path.pop()
        done.add(name)
        return None

    for name in layers:
        found = visit(name)
        if found:
            return found
    return None


def closure(layers, module):
    reached, waiting = set(), [module]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(layers.get(name, []))
    return reached


def check_include(module, layers, bracket, target):
    """Why this include is not allowed, or None."""
    if bracket == '"':
        folder, slash, _ = target.partition("/")
        if not slash:
            return f'"{target}": write module/file.hpp'
        if folder != module and folder not in layers[module]:
            return f'"{target}": {module} does not depend on {folder} (src/CMakeLists.txt)'
        return None
    for pattern, homes, library in HOMES:
        if pattern.match(target) and module not in homes:
            return f"<{target}>: {library} is for {', '.join(sorted(homes))} only"
    exception = PURE_EXCEPTIONS.get(module)
    if module in PURE and IMPURE.match(target) and not (exception and exception.match(target)):
        return f"<{target}>: {module} is pure: it decides, it does no I/O"
    return None


def check(source_dir, layers):
    problems = []
    root = pathlib.Path(source_dir) / "src"
    spdlog_users = []
    for module in layers:
        for dependency in layers[module]:
            if dependency not in layers:
                problems.append(f"{module}: unknown dependency {dependency}")
            elif module in PURE and dependency not in PURE and dependency not in THIRD_PARTY:
                problems.append(f"{module} is pure and cannot depend on {dependency}")
    found = cycle_in(layers)
    if found:
        problems.append("dependencies go in a circle: " + " -> ".join(found))

    for folder in sorted(p.name for p in root.iterdir() if p.is_dir()):
        if folder not in layers:
            problems.append(f"src/{folder}: not a module of src/CMakeLists.txt")
    for file in sorted(root.rglob("*.[ch]pp")):
        relative = file.relative_to(root)
        for line, bracket, target in cpp_text.includes(file.read_text(encoding="utf-8")):
            where = f"src/{relative}:{line}"
            if target.startswith("spdlog/"):
                spdlog_users.append(str(relative))
            if bracket == '"' and not (root / target).is_file():
                problems.append(f'{where}: "{target}" is not a file of src/')
            if len(relative.parts) == 1:
                if target != "cli/cli.hpp":
                    problems.append(f"{where}: {relative} only calls the command line")
                continue
            why = None
            if relative.parts[0] in layers:
                why = check_include(relative.parts[0], layers, bracket, target)
            if why:
                problems.append(f"{where}: {why}")
    if len(set(spdlog_users)) > 1:
        problems.append("spdlog is included in several places: " + ", ".join(sorted(set(spdlog_users))))

    unit = pathlib.Path(source_dir) / "tests" / "unit"
    for file in sorted(unit.glob("*/**/*.[ch]pp")):
        relative = file.relative_to(unit)
        module = relative.parts[0]
        if module not in layers:
            problems.append(f"tests/unit/{module}: no such module")
            continue
        allowed = closure(layers, module) | {"support", "unit"}
        for line, bracket, target in cpp_text.includes(file.read_text(encoding="utf-8")):
            folder, slash, _ = target.partition("/")
            if bracket == '"' and slash and folder in layers and folder not in allowed:
                problems.append(f'tests/unit/{relative}:{line}: "{target}": {module} cannot reach it')
    return problems


def main(source_dir, layers_file):
    problems = check(source_dir, read_layers(layers_file))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
