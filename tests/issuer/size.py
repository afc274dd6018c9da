"""An issuer with many principals: how long it takes to start, what it needs, how soon a change counts."""

import os
import pathlib
import re
import subprocess
import time

import fleet

from daemon import BINARY

FILL = os.environ.get("IMDSD_FILL_ESTATE") or str(
    pathlib.Path(BINARY).parent / "tests" / "issuer" / "fill_estate")


def fill(kind, where, wrapping, count):
    done = subprocess.run([FILL, kind, where, str(wrapping), str(count)], capture_output=True, text=True,
                          env=os.environ | {"IMDSD_TEST_PASSWORD": fleet.PASSWORD})
    assert done.returncode == 0, done.stderr


def peak(issuer):
    """VmHWM in KiB."""
    text = pathlib.Path(f"/proc/{issuer.process.pid}/status").read_text()
    return int(re.search(r"^VmHWM:\s+(\d+)", text, re.M)[1])


def measure(server, count, changes=10):
    """Two issuers on one PostgreSQL with so many principals: seconds to start, KiB of memory, seconds from
    the acknowledgement of a change at one until it is in force at the other, and of the change itself."""
    found = {"enforced": [], "acknowledged": []}
    with fleet.Fleet(server, store={"poll": "10s", "max_age": "60s"}) as (a, b):
        admin = a.administrator()
        found["empty"] = a.rss()[1]
        for issuer in (a, b):
            issuer.stop()
        fill("postgresql", server.connection(f"fleet{fleet.Fleet.schemas}"), a.wrapping, count)
        for issuer in (a, b):
            started = time.monotonic()
            issuer.start()
            found["start"] = time.monotonic() - started
        found["anonymous"], found["peak"] = a.rss()[1], peak(a)
        summary = a.iam(admin).get_account_summary()["SummaryMap"]
        assert summary["Users"] + summary["Roles"] == count + 1, summary
        iam = a.iam(admin)
        for number in range(changes):
            name = f"late-{number}"
            began = time.monotonic()
            iam.create_user(UserName=name)
            found["acknowledged"].append(time.monotonic() - began)
            iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=fleet.allow("iam:*"))
            key = iam.create_access_key(UserName=name)["AccessKey"]
            ask = b.iam(key).get_user
            fleet.seconds_until(lambda: fleet.code_of(b.sts(key).get_caller_identity)[0] == 200, 5,
                                "the key is known")
            assert fleet.code_of(ask)[0] == 200
            iam.delete_user_policy(UserName=name, PolicyName="all")
            found["enforced"].append(fleet.seconds_until(
                lambda: fleet.code_of(ask)[0] == 403, 5, "denied at the other"))
        found["after"] = a.rss()[1]
    return found
