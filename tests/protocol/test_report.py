#!/usr/bin/env python3
"""The conformance report itself: what it lets pass and what not."""

import fixture  # noqa: F401 - finds tests/support

from cases import Table
from report import judge
from suite import Suite, equal

suite = Suite()
case = suite.case

TABLE = Table(r"Q\d+(?!\d)", """
Q1 M must be there
Q2 S should be there
Q3 O may be there
Q4 M comes later
""", awaited={"another order": "Q4"})


def run(outcome, where="test_x.py"):
    return [(where, "Q", outcome)]


@case("covered", found={"Q1": run("ok"), "Q2": run("ok")}, wrong=[])
@case("by-unit-tests", found={"Q1": run("ok", "unit/x"), "Q2": run("ok")}, wrong=[])
@case("not-run", found={"Q1": run("not run with this build"), "Q2": run("skipped: no root")}, wrong=[])
@case("must", found={"Q2": run("ok")}, wrong=["Q1 (M) is covered by no suite: must be there"])
@case("should", found={"Q1": run("ok")}, wrong=["Q2 (S) is covered by no suite: should be there"])
@case("failed", found={"Q1": run("ok") + run("FAILED"), "Q2": run("ok")}, wrong=["Q1 failed"])
@case("failed-later", found={"Q1": run("ok"), "Q2": run("ok"), "Q4": run("FAILED")}, wrong=["Q4 failed"])
def verdicts(found, wrong):
    lines, counts, said = judge(TABLE, found)
    equal(said, wrong)
    equal((len(lines), sum(counts.values())), (4, 4))


@case("names")
def ids_of_a_case():
    equal(TABLE.ids_of("Q1b"), ["Q1"])
    equal(TABLE.ids_of("Q12"), ["Q12"])
    equal(TABLE.ids_of("x-Q1", "Q2 Q3"), ["Q2", "Q3"])


if __name__ == "__main__":
    suite.run()
