#!/usr/bin/env python3
"""./run and ./test configure the same tree, and ./run installs the packages of [build] alone: every
program that CMake insists on has to be among them. (Debian's minimal systems have no python3.)

usage: check_packages.py SOURCE_DIR
"""

import pathlib
import re
import sys

REQUIRED = re.compile(r"find_program\(\s*\w+\s+(?:NAMES\s+)?([\w.+-]+)[^)]*\bREQUIRED\b")


def build_packages(text):
    section = re.search(r"^\[build\]\n(.*?)(?=^\[|\Z)", text, re.M | re.S)[1]
    lines = [line.strip() for line in section.splitlines()]
    return {name.strip() for line in lines if line and not line.startswith("#")
            for name in line.split("|")}


def main(source_dir):
    root = pathlib.Path(source_dir)
    packages = build_packages((root / "tests/support/packages.txt").read_text(encoding="utf-8"))
    missing = []
    for folder in ("src", "tests", "systemd", "cmake"):
        files = [*(root / folder).rglob("CMakeLists.txt"), *(root / folder).rglob("*.cmake")]
        for file in sorted(files):
            for program in REQUIRED.findall(file.read_text(encoding="utf-8")):
                if program not in packages:
                    missing.append(f"{file.relative_to(root)}: wants {program}, which is not in "
                                   "[build] of tests/support/packages.txt")
    print("\n".join(missing), end="\n" if missing else "")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
