"""wrk, pinned to its own core, and what it measured."""

import math
import re
import subprocess
from typing import NamedTuple

from servers import CLIENT_CORE

TRIES = 3  # for one run: on a busy machine wrk sometimes measures nothing, and says nan

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


class Run(NamedTuple):
    rate: float       # requests a second
    p50: float        # seconds
    p99: float
    requests: int
    cpu: float        # server CPU seconds for one request


class Unmeasured(Exception):
    pass


def _seconds(text):
    number, unit = re.fullmatch(r"(-?[\d.]+|-?nan)(us|ms|s|m)", text).groups()
    return float(number) * _UNITS[unit]


def read_report(out):
    """Requests, requests a second, p50 and p99 of what wrk --latency printed. Raises Unmeasured when
    some of them have no value."""
    def value(pattern):
        found = re.search(pattern, out, re.MULTILINE)
        if not found:
            raise Unmeasured(f"wrk's report has no {pattern}:\n{out}")
        return found[1]
    requests = int(value(r"^\s*(\d+) requests in"))
    # With a line's begin: the summary above has percentages, too.
    p50, p99 = (_seconds(value(rf"^\s*{percent}%\s+(\S+)$")) for percent in (50, 99))
    rate = float(value(r"^Requests/sec:\s+(\S+)$"))
    if requests == 0 or any(math.isnan(number) for number in (rate, p50, p99)):
        raise Unmeasured(f"wrk measured nothing:\n{out}")
    return requests, rate, p50, p99


def wrk(server, seconds, connections=64, url=None, headers=(), script=None):
    words = ["taskset", "-c", CLIENT_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    for header in [*server.headers, *headers]:
        words += ["-H", header]
    if script:
        words += ["-s", str(script)]
    for last in (False,) * (TRIES - 1) + (True,):
        before = server.cpu()
        done = subprocess.run([*words, url or server.url], capture_output=True, text=True, check=True)
        used = server.cpu() - before
        out = done.stdout
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out) or re.search(r"Socket errors: (.*)", out)
        if bad and not re.fullmatch(r"connect 0, read \d+, write 0, timeout 0", bad[1]):
            raise SystemExit(f"{server.name}: {bad[0]}\n{out}")
        try:
            requests, rate, p50, p99 = read_report(out)
            return Run(rate=rate, p50=p50, p99=p99, requests=requests, cpu=used / requests)
        except Unmeasured as why:
            if last:
                raise SystemExit(f"{server.name}: {why}") from None
