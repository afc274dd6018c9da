"""Named cases, run one after the other, reported by their id. A case is a function; it fails by raising."""

import fcntl
import inspect
import json
import os
import pathlib
import sys
import time
import traceback


class Skip(Exception):
    """The case cannot run here; says why."""


class Suite:
    """`table`: the conformance table whose ids the names of the cases bear (tests/protocol/report.py)."""

    def __init__(self, table="metadata"):
        self.table = table
        self.cases = []
        self.proves = {}  # name -> ids of the conformance table that the name does not show

    def case(self, name, /, proves="", **arguments):
        """Decorator. One function may carry several cases."""
        def add(function):
            self.cases.append((name, function, arguments))
            self.proves[name] = proves
            return function
        return add

    def run(self, **fixtures):
        """Fixtures are handed to the cases by parameter name. Ends the program when one failed.
        Words on the command line choose cases by the beginning of their names; "-word" leaves out."""
        wanted = [word for word in sys.argv[1:] if not word.startswith("-")]
        unwanted = tuple(word[1:] for word in sys.argv[1:] if word.startswith("-"))
        failed, skipped, ran, outcomes = [], [], 0, {}
        for name, function, arguments in self.cases:
            if wanted and not name.startswith(tuple(wanted)) or unwanted and name.startswith(unwanted):
                continue
            known = fixtures | arguments
            given = {p: known[p] for p in inspect.signature(function).parameters if p in known}
            started = time.monotonic()
            try:
                ran += 1
                function(**given)
                outcome = "ok"
            except Skip as why:
                outcome = f"skipped: {why}"
                skipped.append(name)
            except Exception:  # noqa: BLE001 - whatever it is, it is this case's failure
                outcome = "FAILED\n" + traceback.format_exc()
                failed.append(name)
            if outcomes.get(name) != "FAILED":
                outcomes[name] = outcome.split("\n")[0]
            print(f"{name:<8} {outcome}  ({time.monotonic() - started:.2f} s)", flush=True)
        keep_outcomes(outcomes)
        print(f"{ran} cases, {len(failed)} failed, {len(skipped)} skipped"
              + (": " + ", ".join(failed) if failed else ""))
        if failed:
            raise SystemExit(1)


def tested_binary():
    """What tells one build of the program under test from another; empty when there is none."""
    path = pathlib.Path(os.environ.get("IMDSD_BINARY", ""))
    return f"{path.stat().st_size}-{path.stat().st_mtime_ns}" if path.is_file() else ""


def outcomes_file(script):
    """Where the outcomes of a suite are kept: in the build tree of the program under test. None when
    that is no build tree."""
    build_tree = pathlib.Path(os.environ.get("IMDSD_BINARY", "")).parent
    if not (build_tree / "CMakeCache.txt").is_file():
        return None
    script = pathlib.Path(script).resolve()
    return build_tree / "case_results" / f"{script.parent.name}-{script.stem}.json"


def keep_outcomes(outcomes):
    """For the report: what came of each case. Those of other runs with the same build stay."""
    place = outcomes_file(sys.argv[0])
    if place is None:
        return
    place.parent.mkdir(exist_ok=True)
    with open(place.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = json.loads(place.read_text()) if place.exists() else {}
        if known.get("binary") != tested_binary():
            known = {"binary": tested_binary(), "cases": {}}
        known["cases"] |= outcomes
        made = place.with_suffix(".new")
        made.write_text(json.dumps(known))
        made.replace(place)


def equal(actual, expected, what=""):
    if actual != expected:
        raise AssertionError(f"{what}: got {actual!r}, expected {expected!r}" if what
                             else f"got {actual!r}, expected {expected!r}")


def need_root():
    if os.geteuid() != 0:
        raise Skip("needs root to change the user id")
