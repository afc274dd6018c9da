#!/usr/bin/env python3
"""Nothing unfinished and nothing of one developer's machine is committed.

usage: check_words.py SOURCE_DIR
"""

import pathlib
import re
import subprocess
import sys

# Put together here so that this file does not find itself.
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3]) + r")\b")
MACHINE = re.compile(r"(?<![\w$}.\-])/(work|home/(?!me\b|alice\b|bob\b)\w+|root|Users/\w+|tmp/brief)/[\w.]")
SKIPPED_FOLDERS = {".git", "build", "node_modules", "__pycache__", "seeds"}
# Programs that live in a home directory by their own convention are named here, with the file.
ALLOWED = {("tests/layers/check_words.py", MACHINE.pattern)}


def files_of(root):
    """Tracked and new files; everything but the build where git does not know the folder."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"],
            check=True, capture_output=True).stdout.decode().split("\0")
        names = [name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        names = [str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()]
    for name in sorted(names):
        if not SKIPPED_FOLDERS.intersection(pathlib.PurePath(name).parts):
            path = root / name
            if path.is_file():
                yield name, path


def main(source_dir):
    failed = False
    for name, path in files_of(pathlib.Path(source_dir)):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for pattern, what in ((UNFINISHED, "unfinished"), (MACHINE, "a path of one machine")):
                if pattern.search(line) and (name, pattern.pattern) not in ALLOWED:
                    print(f"{name}:{number}: {what}: {line.strip()}")
                    failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
