"""wrk, pinned to its own core, and what it measured."""

import re
import subprocess
from typing import NamedTuple

from servers import CLIENT_CORE

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


class Run(NamedTuple):
    rate: float       # requests a second
    p50: float        # seconds
    p99: float
    requests: int
    cpu: float        # server CPU seconds for one request


def _seconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * _UNITS[unit]


def wrk(server, seconds, connections=64, url=None, headers=(), script=None):
    words = ["taskset", "-c", CLIENT_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    for header in [*server.headers, *headers]:
        words += ["-H", header]
    if script:
        words += ["-s", str(script)]
    before = server.cpu()
    done = subprocess.run([*words, url or server.url], capture_output=True, text=True, check=True)
    used = server.cpu() - before
    out = done.stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out) or re.search(r"Socket errors: (.*)", out)
    if bad and not re.fullmatch(r"connect 0, read \d+, write 0, timeout 0", bad[1]):
        raise SystemExit(f"{server.name}: {bad[0]}\n{out}")
    requests = int(re.search(r"(\d+) requests in", out)[1])
    return Run(
        rate=float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]),
        p50=_seconds(re.search(r"50%\s+(\S+)", out)[1]),
        p99=_seconds(re.search(r"99%\s+(\S+)", out)[1]),
        requests=requests, cpu=used / max(requests, 1))
