#!/usr/bin/env python3
"""Thousands of principals; `--all`: 100,000."""

import os
import sys

import size

from postgresql import PostgreSQL
from suite import Suite

suite = Suite()
case = suite.case

ALL = "--all" in sys.argv or "IMDSD_SLOW_ISSUERS" in os.environ
COUNT = 100_000 if ALL else 5_000


@case("many")
def many_principals():
    with PostgreSQL() as server:
        found = size.measure(server, COUNT)
    enforced, acknowledged = sorted(found["enforced"]), sorted(found["acknowledged"])
    each = (found["anonymous"] - found["empty"]) / COUNT
    print(f"  {COUNT:,} principals: start {found['start']:.2f} s, {found['anonymous'] / 1024:.0f} MiB "
          f"({each:.1f} KiB each, at most {found['peak'] / 1024:.0f} MiB while starting), a change is "
          f"acknowledged after {acknowledged[len(acknowledged) // 2] * 1000:.1f} ms and in force at the other "
          f"{enforced[len(enforced) // 2] * 1000:.1f} ms later, at worst {enforced[-1] * 1000:.1f} ms")
    assert enforced[-1] < 1, "the promise is a second"
    assert each < 16, f"{each:.1f} KiB for each principal"
    grown = found["after"] - found["anonymous"]
    assert grown < 32 * 1024, f"a few changes took {grown} KiB"


if __name__ == "__main__":
    suite.run()
