#!/usr/bin/env python3
"""Files that README's commands name exist, and so do its links into the tree; its exit codes are
those of the program.

usage: check_readme.py SOURCE_DIR
"""

import pathlib
import re
import sys

SHELL_BLOCK = re.compile(r"^```(?:console|sh|shell|bash)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
FOLDERS = ("src", "tests", "profiles", "systemd", "container", "cmake", ".ci")
PATH = re.compile(r"(?<![\w/.~$}-])(\./[\w./-]+|(?:" + "|".join(map(re.escape, FOLDERS)) + r")/[\w./-]*)")


def paths_in(markdown):
    found = set()
    for block in SHELL_BLOCK.findall(markdown):
        found.update(match.rstrip(".") for match in PATH.findall(block))
    found.update(LINK.findall(markdown))
    # What is built is not in the tree.
    return {p for p in found if not re.match(r"(\./)?build/", p)}


def exit_codes(root):
    """Those of the program that README does not tell, and the other way round."""
    table = (root / "src/cli/exit_codes.hpp").read_text(encoding="utf-8")
    program = set(re.findall(r"^    \w+ = (\d+),$", table, re.MULTILINE))
    sentence = re.search(r"Exit codes: (.*?)\.\s", (root / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    told = set(re.findall(r"(?:^|,\s)(\d+) ", sentence[1])) if sentence else set()
    return [f"README.md: exit code {code} is not in both README and exit_codes.hpp"
            for code in sorted(program ^ told)]


def main(source_dir):
    root = pathlib.Path(source_dir)
    missing = exit_codes(root)
    for document in sorted(root.glob("*.md")) + sorted(root.glob("*/README.md")):
        for path in sorted(paths_in(document.read_text(encoding="utf-8"))):
            if not ((root / path).exists() or (document.parent / path).exists()):
                missing.append(f"{document.relative_to(root)}: {path} does not exist")
    print("\n".join(missing), end="\n" if missing else "")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
