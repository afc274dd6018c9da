#!/usr/bin/env python3
"""The conformance report of a table ("metadata" or "issuer"): every id, how strict it is, and what came of
the cases that stand for it, in all suites. Fails when one of them failed, or when nothing covers an id
marked M or S.

Suites leave their outcomes in the build tree; those of another build of the program do not count. Unit
tests that bear ids as tags are run here."""

import json
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

import fixture  # noqa: F401 - finds tests/support

from issuer_cases import ISSUER
from metadata_cases import METADATA
from suite import Suite, outcomes_file, tested_binary

TESTS = pathlib.Path(__file__).resolve().parents[1]
SUITES = ("protocol/test_*.py", "network/*_test.py", "clients/*_clients.py", "system/*_test.py")
TABLES = {"metadata": METADATA, "issuer": ISSUER}
ISSUER_UNITS = ("sts", "policy", "sigv4")  # the other folders' tags are of the metadata table


def list_cases(script):
    """Prints {table: {case: ids}}; in a process of its own, for suites may do anything while imported."""
    import importlib.util
    sys.path.insert(0, str(script.parent))
    spec = importlib.util.spec_from_file_location(script.stem, script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = {name: {} for name in TABLES}
    for value in vars(module).values():
        if isinstance(value, Suite):
            found[value.table] |= {name: TABLES[value.table].ids_of(name, value.proves[name])
                                   for name, *_ in value.cases}
    if harness := sys.modules.get("harness"):  # programs; some of these files import others
        found["metadata"] |= {name: METADATA.ids_of("", harness.proves[name])
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


def unit_cases(table_name, table):
    """(id, case, outcome) of the unit tests that bear ids of the table."""
    folder = pathlib.Path(os.environ.get("IMDSD_BINARY", "")).parent / "tests" / "unit"
    for module in sorted(p.name for p in (TESTS / "unit").iterdir() if p.is_dir()):
        if (module in ISSUER_UNITS) != (table_name == "issuer"):
            continue
        text = "".join(source.read_text() for source in (TESTS / "unit" / module).rglob("*.cpp"))
        tagged = [one for one in re.findall(r"\[(\w+)\]", " ".join(re.findall(r'TEST_CASE\([^{]*\{', text)))
                  if one in table.title]
        program = folder / f"unit_{module}"
        if not tagged:
            continue
        if not program.is_file():
            yield from ((one, f"unit/{module}", "not built") for one in sorted(set(tagged)))
            continue
        said = subprocess.run([program, "-r", "xml", ",".join(f"[{one}]" for one in sorted(set(tagged)))],
                              capture_output=True, stdin=subprocess.DEVNULL)
        for test in xml.fromstring(said.stdout).iter("TestCase"):
            good = test.find("OverallResult").get("success") == "true"
            for one in re.findall(r"\[(\w+)\]", test.get("tags")):
                yield one, f"unit/{module}: {test.get('name')}", "ok" if good else "FAILED"


def collect(table_name, table):
    """{id: [(where, case, outcome)]} and the ids that the table does not know."""
    found, unknown = {}, set()
    for pattern in SUITES:
        for script in sorted(TESTS.glob(pattern)):
            outcomes = outcomes_of(script)
            for name, ids in cases_of(script)[table_name].items():
                for one in ids:
                    if one not in table.title:
                        unknown.add(one)
                    found.setdefault(one, []).append(
                        (script.name, name, outcomes.get(name, "not run with this build")))
    for one, name, outcome in unit_cases(table_name, table):
        found.setdefault(one, []).append((name.split(":")[0], name, outcome))
    return found, unknown


def word_for(one, table, runs):
    """What to say of an id, and what is wrong about it (or None)."""
    failures = [f"{where} {name}" for where, name, outcome in runs if outcome.startswith("FAILED")]
    done = [outcome for *_, outcome in runs if outcome == "ok"]
    if failures:
        return "FAILED: " + ", ".join(failures), f"{one} failed"
    if done:
        word = f"ok ({len(done)} of {len(runs)})" if len(done) != len(runs) else "ok"
        return word + (f" (in part: awaits {table.awaited[one]})" if one in table.awaited else ""), None
    if runs:
        return "; ".join(sorted({outcome for *_, outcome in runs})), None
    if one in table.awaited:
        return f"not covered: awaits {table.awaited[one]}", None
    return "not covered", (f"{one} ({table.strictness[one]}) is covered by no suite: {table.title[one]}"
                           if table.strictness[one] in "MS" else None)


def judge(table, found):
    """The lines of the report, how many ids have which outcome, and what is wrong."""
    lines, counts, wrong = [], {}, []
    for one, mark in table.strictness.items():
        runs = found.get(one, [])
        word, mistake = word_for(one, table, runs)
        if mistake:
            wrong.append(mistake)
        kind = word.split(":")[0].split(" (")[0]
        counts[kind] = counts.get(kind, 0) + 1
        places = sorted({where for where, *_ in runs})
        lines.append(f"{one:<3} {mark}  {word:<24} {table.title[one]}"
                     + (f"  [{', '.join(places)}]" if places else ""))
    return lines, counts, wrong


def main(table_name):
    table = TABLES[table_name]
    found, unknown = collect(table_name, table)
    lines, counts, wrong = judge(table, found)
    print("\n".join(lines))
    print("also covered, beyond the table: " + " ".join(sorted(unknown)))
    print(", ".join(f"{number} {word}" for word, number in sorted(counts.items())))
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--list"]:
        list_cases(pathlib.Path(sys.argv[2]))
    else:
        main(*sys.argv[1:])
