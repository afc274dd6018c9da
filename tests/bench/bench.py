#!/usr/bin/env python3
"""imdsd against nginx on the same core, and what imdsd needs in memory and time. See ./bench --help."""

import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import servers  # first: it finds the test support
from load import wrk

import fixture
import size
from daemon import BINARY, TTL, Daemon, configuration
from http_raw import build, Connection
from postgresql import PASSWORD, PostgreSQL
from servers import HERE, Imdsd, Issuer, Nginx

PAIRS = 5
SECONDS = 4
rows = []  # of the final table: what, value, goal


def note(what, value, goal=""):
    rows.append((what, value, goal))
    print(f"  {what}: {value}" + (f"   (goal {goal})" if goal else ""), flush=True)


def compare(title, imdsd, nginx, goal, headers=()):
    """Interleaved pairs; the ratio is the median of the pairs' ratios."""
    print(title, flush=True)
    ours, theirs = [], []
    for pair in range(PAIRS):
        order = [(imdsd, ours), (nginx, theirs)]
        for server, runs in order if pair % 2 == 0 else reversed(order):
            runs.append(wrk(server, SECONDS, headers=headers))
    for server, runs in ((imdsd, ours), (nginx, theirs)):
        note(f"{title}, {server.name}",
             f"{statistics.median(r.rate for r in runs):,.0f}/s, "
             f"p50 {statistics.median(r.p50 for r in runs) * 1e6:,.0f} us, "
             f"p99 {statistics.median(r.p99 for r in runs) * 1e6:,.0f} us, "
             f"server CPU {statistics.median(r.cpu for r in runs) * 1e6:.1f} us/request")
    ratios = [a.rate / b.rate for a, b in zip(ours, theirs)]
    note(f"{title}, imdsd : nginx",
         f"{statistics.median(ratios):.2f}x  ({min(ratios):.2f} to {max(ratios):.2f}), by server CPU "
         f"{statistics.median(b.cpu / a.cpu for a, b in zip(ours, theirs)):.2f}x", goal)
    return statistics.median(r.cpu for r in ours), statistics.median(b.cpu for b in theirs)


def throughput():
    imdsd = Imdsd()
    nginx = Nginx(imdsd.answer)
    print(f"answers: imdsd {len(imdsd.answer.head) + len(imdsd.answer.body)} bytes, nginx {nginx.answer_size}")
    try:
        if chosen("throughput"):
            compare("keep-alive", imdsd, nginx, ">= 1.0x")
        if chosen("connections"):
            ours, theirs = compare("connection per request", imdsd, nginx, ">= 0.9x",
                                   ["Connection: close"])
            inspector = pathlib.Path(BINARY).parent / "tests" / "bench" / "inspector_bench"
            if inspector.exists():
                look_up = float(subprocess.run([inspector], capture_output=True, text=True, check=True).stdout)
                note("sock_diag look-up", f"{look_up * 1e6:.1f} us for each connection")
                note("connection per request without the look-up, by server CPU",
                     f"{theirs / (ours - look_up):.2f}x")
    finally:
        nginx.stop()
        imdsd.stop()


def memory():
    print("memory", flush=True)
    imdsd = Imdsd()
    try:
        vm, anon = imdsd.daemon.rss()
        note("idle RssAnon", f"{anon / 1024:.1f} MiB", "<= 4 MiB")
        note("idle VmRSS", f"{vm / 1024:.1f} MiB, mostly shared libraries")
        made = wrk(imdsd, 1, url=imdsd.token_url, script=HERE / "put_token.lua").requests
        vm_warm, anon_warm = imdsd.daemon.rss()
        while made < 1_000_000:
            made += wrk(imdsd, 2 if QUICK else 5, url=imdsd.token_url,
                        script=HERE / "put_token.lua").requests
            if QUICK:
                break
        vm, anon = imdsd.daemon.rss()
        note(f"RssAnon after {made:,} tokens",
             f"{anon / 1024:.1f} MiB, {(anon - anon_warm)} KiB more than after the first second",
             "no growth")
    finally:
        imdsd.stop()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def first_credential(daemon, port):
    """Seconds from exec to the last byte of the credential document."""
    request = build("GET", fixture.CREDENTIALS + fixture.ROLE)
    started = time.perf_counter()
    daemon.process = subprocess.Popen([BINARY, "serve", "--config", str(daemon.config_file)],
                                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, env=daemon.environment)
    while True:
        try:
            with Connection(("127.0.0.1", port)) as connection:
                answer = connection.exchange(request)
        except OSError:
            if time.perf_counter() - started > 10:
                raise SystemExit("imdsd did not start") from None
            time.sleep(0.0005)
            continue
        if answer.status == 200:
            break
    took = time.perf_counter() - started
    daemon.process.terminate()
    daemon.process.wait()
    return took


def start():
    print("start", flush=True)
    for what, keep in (("an empty state directory", False), ("its own state directory", True)):
        times = []
        with tempfile.TemporaryDirectory(prefix="imdsd-bench-") as folder:
            for _ in range(11):
                port = free_port()
                settings = configuration({"imds": fixture.profile()}, listeners=[
                    {"name": "imds", "serve": "imds", "address": f"127.0.0.1:{port}"}])
                if not keep:
                    shutil.rmtree(pathlib.Path(folder) / "state", ignore_errors=True)
                times.append(first_credential(Daemon(settings, folder=folder, start=False), port))
        note(f"from exec to the first credential, with {what}",
             f"{statistics.median(times[1:]) * 1e3:.1f} ms (worst of {len(times) - 1}: "
             f"{max(times[1:]) * 1e3:.1f} ms)", "<= 50 ms")


def in_process(program):
    """Notes what a program of this folder prints, a line for each measurement."""
    binary = pathlib.Path(BINARY).parent / "tests" / "bench" / program
    done = subprocess.run(["taskset", "-c", servers.SERVER_CORE, binary, str(SECONDS / 4)],
                          capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        yield re.split(r"\s{2,}", line.strip(), maxsplit=1)


def issuer():
    print("issuer", flush=True)
    goals = {"AssumeRole, signed": ">= 20,000/s", "session token opened": ">= 100,000/s"}
    for what, value in in_process("issuer_bench"):
        note(f"in process, {what}", value, goals.get(what, ""))
    note("over HTTP, a flush of the audit log's disk", f"{flush_time() * 1e6:,.0f} us")
    for audit in ({"on_failure": "deny"}, {"output": "none"}):
        server = Issuer(audit)
        try:
            for call in (server.assume_role, server.get_caller_identity):
                over_http(server, f"{call.__name__}, audit {'off' if 'output' in audit else 'durable'}", call)
        finally:
            server.stop()


def over_http(server, what, call):
    run = wrk(server, SECONDS, script=server.script(*call()))
    note(f"over HTTP, {what}",
         f"{run.rate:,.0f}/s, p50 {run.p50 * 1e6:,.0f} us, p99 {run.p99 * 1e6:,.0f} us, "
         f"server CPU {run.cpu * 1e6:.1f} us/request")


def flush_time():
    """The median of fdatasync after an append."""
    times = []
    with tempfile.TemporaryFile(dir=pathlib.Path(BINARY).parent) as file:
        for _ in range(100):
            file.write(b"x" * 1000)
            file.flush()
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - started)
    return statistics.median(times)


def store():
    print("store", flush=True)
    for what, value in in_process("store_bench"):
        note(what, value)
    with PostgreSQL() as database:
        shared = {"postgresql": {"connection": database.connection(database.new_schema("bench")),
                                 "password": {"env": "BENCH_PASSWORD"}}}
        for kind, chosen_store in (("SQLite", "sqlite"), ("PostgreSQL", shared)):
            server = Issuer(store=chosen_store, environment={"BENCH_PASSWORD": PASSWORD})
            try:
                over_http(server, f"put_user_policy, {kind}, audit durable", server.put_user_policy)
            finally:
                server.stop()


def estate():
    print("estate", flush=True)
    count = 10_000 if QUICK else 100_000
    with PostgreSQL() as database:
        found = size.measure(database, count)
    note(f"start with {count:,} principals", f"{found['start']:.2f} s")
    note(f"RssAnon with {count:,} principals",
         f"{found['anonymous'] / 1024:.0f} MiB, {(found['anonymous'] - found['empty']) / count:.1f} KiB each; "
         f"at most {found['peak'] / 1024:.0f} MiB while starting")
    note("a change until it is acknowledged", f"{statistics.median(found['acknowledged']) * 1e3:.1f} ms")
    note("from then until it is in force at the other replica",
         f"{statistics.median(found['enforced']) * 1e3:.1f} ms, at worst {max(found['enforced']) * 1e3:.1f} ms",
         "<= 1 s")


def policy():
    print("policy", flush=True)
    for what, value in in_process("policy_bench"):
        note(f"policy, {what}", value)


def chosen(name):
    return not NAMES or name in NAMES


QUICK = "--quick" in sys.argv
NAMES = [word for word in sys.argv[1:] if not word.startswith("-")]
if QUICK:
    PAIRS, SECONDS = 2, 1

if __name__ == "__main__":
    for name in NAMES:
        if name not in ("throughput", "connections", "memory", "start", "issuer", "policy", "store",
                        "estate"):
            raise SystemExit(f"unknown measurement {name}")
    if chosen("throughput") or chosen("connections"):
        throughput()
    for part in (memory, start, issuer, policy, store, estate):
        if chosen(part.__name__):
            part()
    width = max(len(what) for what, _, _ in rows)
    print("\n" + "\n".join(
        f"{what:<{width}}  {value}" + (f"   [goal {goal}]" if goal else "") for what, value, goal in rows))
