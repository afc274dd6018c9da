#!/usr/bin/env python3
"""The conformance report: every id of cases.py, how strict it is, and what came of the cases that stand
for it, in all suites. Fails when one of them failed, or when no suite covers an id marked M or S.

Suites leave their outcomes in the build tree; those of another build of the program do not count."""

import json
import pathlib
import re
import subprocess
import sys

import fixture  # noqa: F401 - finds tests/support
import cases

from suite import Suite, outcomes_file, tested_binary

TESTS = pathlib.Path(__file__).resolve().parents[1]
SUITES = ("protocol/test_*.py", "network/*_test.py", "clients/*_clients.py", "system/*_test.py")
CPP_TAG = re.compile(r"\[([A-Z]\d\d)\]")

# What a case says of clients and none that can be had here shows, and why: said beside its outcome.
NOT_SHOWN = {
    "botocore does not fail: Python's URL parser drops the newline": "F09",
    "no SDK that the registries give asks for the extended path; the served 403 alone is": "F12",
}


def list_cases(script):
    """Prints {case: ids}; in a process of its own, for suites may do anything while imported."""
    import importlib.util
    sys.path.insert(0, str(script.parent))
    spec = importlib.util.spec_from_file_location(script.stem, script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = {}
    for value in vars(module).values():
        if isinstance(value, Suite):
            found |= {name: cases.ids_of(name, value.proves[name]) for name, *_ in value.cases}
    if harness := sys.modules.get("harness"):  # programs; some of these files import others
        found |= {name: cases.ids_of("", harness.proves[name])
                  for name, (function, *_) in harness.clients.items()
                  if function.__module__ == script.stem}
    print(json.dumps(found))


def cases_of(script):
    done = subprocess.run([sys.executable, "-B", __file__, "--list", str(script)], text=True,
                          capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise SystemExit(f"{script} cannot be read:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def outcomes_of(script):
    place = outcomes_file(script)
    if place is None or not place.exists():
        return {}
    kept = json.loads(place.read_text())
    return kept["cases"] if kept["binary"] == tested_binary() else {}


def collect():
    """{id: [(case, outcome)]} and the ids that no table knows."""
    found, unknown = {}, set()
    for pattern in SUITES:
        for script in sorted(TESTS.glob(pattern)):
            outcomes = outcomes_of(script)
            for name, ids in cases_of(script).items():
                for one in ids:
                    if one not in cases.STRICTNESS:
                        unknown.add(one)
                    found.setdefault(one, []).append(
                        (f"{script.name} {name}", outcomes.get(name, "not run with this build")))
    for source in sorted((TESTS / "unit").rglob("*.cpp")):
        for one in CPP_TAG.findall(source.read_text()):
            if one in cases.STRICTNESS:
                found.setdefault(one, []).append((f"unit {source.name}", "see the unit test"))
    return found, unknown


def main():
    found, unknown = collect()
    not_shown = {one: why for why, ids in NOT_SHOWN.items() for one in ids.split()}
    wrong, counts = [], {}
    for one, mark in cases.STRICTNESS.items():
        runs = found.get(one, [])
        failures = [name for name, outcome in runs if outcome.startswith("FAILED")]
        done = [outcome for _, outcome in runs if outcome == "ok"]
        if failures:
            word = "FAILED: " + ", ".join(failures)
            wrong.append(f"{one} failed")
        elif done:
            word = f"ok ({len(done)} of {len(runs)})" if len(done) != len(runs) else "ok"
            if one in not_shown:
                word += f" (in part: {not_shown[one]})"
        elif runs:
            word = "; ".join(sorted({outcome for _, outcome in runs}))
        else:
            word = "not covered"
            if mark in "MS":
                wrong.append(f"{one} ({mark}) is covered by no suite: {cases.TITLE[one]}")
        counts[word.split(":")[0].split(" (")[0]] = counts.get(word.split(":")[0].split(" (")[0], 0) + 1
        where = sorted({name.split()[0] for name, _ in runs})
        print(f"{one} {mark}  {word:<24} {cases.TITLE[one]}" + (f"  [{', '.join(where)}]" if where else ""))
    print("also covered, beyond the table: " + " ".join(sorted(unknown)))
    print(", ".join(f"{number} {word}" for word, number in sorted(counts.items())))
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--list"]:
        list_cases(pathlib.Path(sys.argv[2]))
    else:
        main()
