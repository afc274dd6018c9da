#!/usr/bin/env python3
"""Events that operators make happen: what they show, at once and on every worker, and what of it survives."""

import datetime
import json
import re
import shutil
import threading

import fixture

from daemon import Daemon, configuration
from http_raw import build, wait_until
from suite import Suite, equal

suite = Suite()
case = suite.case

META = "/latest/meta-data/"
ACTION, TERMINATION = META + "spot/instance-action", META + "spot/termination-time"
REBALANCE = META + "events/recommendations/rebalance"
SCHEDULED, HISTORY = META + "events/maintenance/scheduled", META + "events/maintenance/history"
TARGET = META + "autoscaling/target-lifecycle-state"
KEYS = META + "managed-ssh-keys/active-keys/"
SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJustATestKeyWithNoMeaningAtAll0000000000001 me"
ISO = "%Y-%m-%dT%H:%M:%SZ"


def settings(**changes):
    """Two profiles that differ only in their instance's id, each with a listener; three workers."""
    return configuration(
        {"imds": fixture.profile(), "other": fixture.profile({"id": "i-0fedcba0987654321"})},
        workers=3, **changes)


def event(daemon, *words, code=0):
    """Runs `imdsd event`: the event as JSON, or what was said on standard error."""
    done, out, err = daemon.cli("event", *words, "-o", "json")
    equal(done, code, f"{words}: {out}{err}")
    if code:
        return err
    answer = json.loads(out)
    return answer.get("event", answer.get("events"))


def get(daemon, path, listener="imds"):
    return daemon.get(listener, path)


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None, microsecond=0)


def forget_everything(daemon):
    for one in event(daemon, "list"):
        if one.get("maintenance_state", "active") == "active":
            event(daemon, "cancel", one["id"])


@case("V19")
@case("V23")
@case("V26")
@case("V27")
@case("V42")
def nothing_before_an_event(daemon):
    for path in (ACTION, TERMINATION, META + "spot/", REBALANCE, META + "events/recommendations/", TARGET,
                 META + "autoscaling/", KEYS + "ec2-user/", KEYS, META + "managed-ssh-keys/"):
        answer = get(daemon, path)
        equal((answer.status, answer.get("Content-Type")), (404, "text/html"), path)
    for path in (SCHEDULED, HISTORY):
        answer = get(daemon, path)
        equal((answer.status, answer.body), (200, b"[]"), path)
    listing = get(daemon, META).text.split("\n")
    assert "events/" in listing, listing
    for name in ("spot/", "autoscaling/", "managed-ssh-keys/"):
        assert name not in listing, listing
    equal(get(daemon, META + "events/").text, "maintenance/")


@case("V20")
def spot_termination(daemon):
    before = now()
    made = event(daemon, "spot-interruption", "--notice", "120s")
    answer = get(daemon, ACTION)
    equal((answer.status, answer.get("Content-Type")), (200, "text/plain"))
    match = re.fullmatch(r'\{"action": "terminate", "time": "(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"\}', answer.text)
    assert match, answer
    ahead = (datetime.datetime.strptime(match[1], ISO) - before).total_seconds()
    assert 120 <= ahead <= 123, ahead
    equal(get(daemon, TERMINATION).text, match[1])
    listing = get(daemon, META).text.split("\n")
    equal(listing, sorted(listing))
    assert "spot/" in listing, listing
    equal(get(daemon, META + "spot/").text, "instance-action\ntermination-time")
    equal(made["state"], "visible")
    event(daemon, "cancel", made["id"])
    equal((get(daemon, ACTION).status, get(daemon, TERMINATION).status), (404, 404))
    assert "spot/" not in get(daemon, META).text


@case("V21", action="stop")
@case("V22", action="hibernate")
def spot_stop_and_hibernate(daemon, action):
    before = now()
    made = event(daemon, "spot-interruption", "--action", action)
    notice = json.loads(get(daemon, ACTION).body)
    equal(notice["action"], action)
    ahead = (datetime.datetime.strptime(notice["time"], ISO) - before).total_seconds()
    least = 0 if action == "hibernate" else 120
    assert least <= ahead <= least + 3, ahead
    equal(get(daemon, TERMINATION).status, 404)
    equal(get(daemon, META + "spot/").text, "instance-action")
    event(daemon, "cancel", made["id"])


@case("V24")
@case("V25")
def maintenance_scheduled_and_cancelled(daemon):
    made = event(daemon, "maintenance", "--code", "system-reboot", "--description", "scheduled reboot",
                 "--not-before", "2026-01-02T03:04:05Z", "--not-after", "2026-01-02T05:04:05Z")
    text = get(daemon, SCHEDULED).text
    equal(text, f'''[
  {{
    "NotBefore" : "02 Jan 2026 03:04:05 GMT",
    "Code" : "system-reboot",
    "Description" : "scheduled reboot",
    "EventId" : "{made["id"]}",
    "NotAfter" : "02 Jan 2026 05:04:05 GMT",
    "State" : "active"
  }}
]''')
    assert re.fullmatch(r"instance-event-[0-9a-f]{17}", made["id"]), made
    event(daemon, "cancel", made["id"])
    equal(get(daemon, SCHEDULED).body, b"[]")
    past = json.loads(get(daemon, HISTORY).body)
    equal([(e["EventId"], e["State"], e["Description"]) for e in past[-1:]],
          [(made["id"], "canceled", "[Canceled] scheduled reboot")])
    assert "already" in event(daemon, "cancel", made["id"], code=2)


@case("V25c")
def maintenance_completed(daemon):
    first = event(daemon, "maintenance", "--code", "instance-stop", "--not-before-deadline",
                  (now() + datetime.timedelta(days=30)).strftime(ISO))
    second = event(daemon, "maintenance", "--code", "instance-retirement")
    listed = json.loads(get(daemon, SCHEDULED).body)
    equal([e["EventId"] for e in listed], [first["id"], second["id"]])
    equal(list(listed[0]), ["NotBefore", "Code", "Description", "EventId", "NotAfter", "NotBeforeDeadline", "State"])
    event(daemon, "complete", first["id"])
    equal([e["EventId"] for e in json.loads(get(daemon, SCHEDULED).body)], [second["id"]])
    done = [e for e in json.loads(get(daemon, HISTORY).body) if e["EventId"] == first["id"]]
    equal((done[0]["State"], done[0]["Description"]), ("completed", "[Completed] scheduled stop"))
    event(daemon, "cancel", second["id"])


@case("V26")
def rebalance_recommended(daemon):
    made = event(daemon, "rebalance")
    answer = get(daemon, REBALANCE)
    assert re.fullmatch(r'\{"noticeTime": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"\}', answer.text), answer
    equal(get(daemon, META + "events/").text, "maintenance/\nrecommendations/")
    event(daemon, "cancel", made["id"])
    equal(get(daemon, REBALANCE).status, 404)


@case("V28")
def target_lifecycle_state(daemon):
    for state in ("InService", "Standby", "Detached", "Warmed:Hibernated", "Warmed:Running", "Warmed:Stopped",
                  "Warmed:Terminated", "Terminated"):
        event(daemon, "autoscaling", "--state", state)
        equal(get(daemon, TARGET).text, state)
    equal(get(daemon, "/2021-03-23/meta-data/autoscaling/target-lifecycle-state").status, 404)
    forget_everything(daemon)
    equal(get(daemon, TARGET).status, 404)


@case("scope")
def events_of_one_profile_and_of_all(daemon):
    event(daemon, "rebalance", "--profile", "other")
    equal((get(daemon, REBALANCE).status, get(daemon, REBALANCE, "other").status), (404, 200))
    event(daemon, "spot-interruption")
    equal((get(daemon, ACTION).status, get(daemon, ACTION, "other").status), (200, 200))
    forget_everything(daemon)
    equal((get(daemon, ACTION).status, get(daemon, REBALANCE, "other").status), (404, 404))


@case("workers")
def every_worker_follows(daemon):
    """Connections spread over the workers; after the verb has returned, all of them show it at once."""
    open_ones = [daemon.connect() for _ in range(24)]
    request = build("GET", ACTION)
    equal({c.exchange(request).status for c in open_ones}, {404})
    made = event(daemon, "spot-interruption")

    def all_are(status):
        return {c.exchange(request).status for c in open_ones} == {status}
    wait_until(lambda: all_are(200), 2, "all workers show the notice")
    event(daemon, "cancel", made["id"])
    wait_until(lambda: all_are(404), 2, "all workers have dropped the notice")
    for c in open_ones:
        c.close()


@case("modified")
def last_modified_moves(daemon):
    before = get(daemon, META + "instance-id").get("Last-Modified")
    wait_until(lambda: now().second != int(before[23:25]), 2, "the next second")
    made = event(daemon, "rebalance", "--profile", "imds")
    assert get(daemon, META + "instance-id").get("Last-Modified") != before
    event(daemon, "cancel", made["id"])


@case("schedule")
def scheduled_events_come_by_themselves(daemon):
    made = event(daemon, "spot-interruption", "--in", "1s")
    equal((made["state"], get(daemon, ACTION).status), ("scheduled", 404))
    wait_until(lambda: get(daemon, ACTION).status == 200, 5, "the scheduled notice")
    event(daemon, "cancel", made["id"])
    later = (now() + datetime.timedelta(hours=1)).strftime(ISO)
    made = event(daemon, "maintenance", "--code", "system-maintenance", "--at", later)
    equal((made["visible"], get(daemon, SCHEDULED).body), (later, b"[]"))
    history = get(daemon, HISTORY).body
    event(daemon, "cancel", made["id"])
    equal(get(daemon, HISTORY).body, history, "what was never seen leaves no trace")


@case("V42")
def pushed_keys(daemon):
    made = event(daemon, "ssh-key", "--user", "ec2-user", "--key", SSH_KEY)
    path = KEYS + "ec2-user/"
    head = ask_head(daemon, path)
    equal((head.status, head.get("Content-Length"), head.body), (200, str(len(SSH_KEY)), b""))
    equal(get(daemon, path).text, SSH_KEY)
    equal(get(daemon, KEYS).text, "ec2-user")
    equal(get(daemon, KEYS + "root/").status, 404)
    for absent in ("signer-cert/", "signer-ocsp/"):
        equal(get(daemon, META + "managed-ssh-keys/" + absent).status, 404)
    event(daemon, "cancel", made["id"])
    equal(ask_head(daemon, path).status, 404)


def ask_head(daemon, path):
    with daemon.connect() as c:
        return c.exchange(build("HEAD", path))


@case("arguments")
def wrong_arguments(daemon):
    for words, says in (
            (("spot-interruption", "--action", "explode"), "'explode'"),
            (("spot-interruption", "--in", "10"), "in: not a duration"),
            (("spot-interruption", "--at", "tomorrow"), "at: not a time"),
            (("spot-interruption", "--at", "2020-01-01T00:00:00Z"), "at lies in the past"),
            (("spot-interruption", "--in", "1m", "--at", "2099-01-01T00:00:00Z"), "exclude"),
            (("maintenance",), "code is missing"),
            (("maintenance", "--code", "reboot"), "instance-reboot"),
            (("maintenance", "--code", "system-reboot", "--not-before", "2030-01-02T00:00:00Z",
              "--not-after", "2030-01-01T00:00:00Z"), "not-after lies before"),
            (("autoscaling", "--state", "inservice"), "InService"),
            (("ssh-key", "--user", "ec2-user"), "user and key"),
            (("ssh-key", "--user", "../etc", "--key", SSH_KEY), "user must be"),
            (("ssh-key", "--user", "ec2-user", "--key", "x"), "public key"),
            (("rebalance", "--profile", "nobody"), "there is no profile 'nobody'"),
            (("cancel", "no-such-event"), "no-such-event"),
            ((), "subcommand")):
        said = event(daemon, *words, code=2)
        assert says in said, (words, said)
    equal([e["id"] for e in event(daemon, "list") if e["kind"] != "maintenance"], [])


@case("help")
def help_names_everything(daemon):
    code, out, _ = daemon.cli("event", "--help")
    equal(code, 0)
    for word in ("spot-interruption", "rebalance", "maintenance", "autoscaling", "ssh-key", "list", "cancel"):
        assert word in out, out
    code, out, _ = daemon.cli("event", "maintenance", "--help")
    equal(code, 0)
    for word in ("--not-before-deadline", "--profile", "--in", "--at"):
        assert word in out, out


@case("text")
def text_output(daemon):
    code, out, _ = daemon.cli("event", "spot-interruption")
    equal(code, 0)
    name = out.strip()
    assert re.fullmatch(r"spot-interruption-[0-9a-f]{8}", name), out
    code, out, _ = daemon.cli("event", "list")
    assert name in out and "terminate" in out and "(all)" in out, out
    code, out, _ = daemon.cli("status")
    assert "event" in out, out
    event(daemon, "cancel", name)


@case("audit")
def changes_are_on_record(daemon):
    made = event(daemon, "rebalance", "--profile", "imds")
    event(daemon, "cancel", made["id"])
    event(daemon, "cancel", made["id"], code=2)
    wanted = [("AddEvent", None), ("CancelEvent", None), ("CancelEvent", "InvalidRequest")]

    def written():  # by a thread of its own, soon
        last = [r for r in daemon.audit() if r["eventName"] in ("AddEvent", "CancelEvent")][-3:]
        return last if [(r["eventName"], r.get("errorCode")) for r in last] == wanted else None
    records = wait_until(written, what=str(wanted))
    equal(records[0]["requestParameters"]["kind"], "rebalance")
    assert "uid" in records[0]["userIdentity"], records[0]


@case("kill")
def events_survive_a_crash(daemon):
    event(daemon, "spot-interruption", "--action", "stop", "--profile", "imds")
    event(daemon, "maintenance", "--code", "system-reboot")
    shown = [get(daemon, path).body for path in (ACTION, SCHEDULED, HISTORY)]
    # In the middle of a run of changes: what was acknowledged is there afterwards, whole.
    for _ in range(3):
        event(daemon, "autoscaling", "--state", "Standby")
    daemon.kill()
    daemon.start()
    equal([get(daemon, path).body for path in (ACTION, SCHEDULED, HISTORY)], shown)
    equal(get(daemon, TARGET).text, "Standby")
    equal(get(daemon, ACTION, "other").status, 404)
    daemon.reload(settings())
    equal([get(daemon, path).body for path in (ACTION, SCHEDULED, HISTORY)], shown)
    forget_everything(daemon)


@case("no-state")
def without_the_state_directory():
    """What cannot be kept is a failure, not wrong usage."""
    with Daemon(settings()) as daemon:
        made = event(daemon, "spot-interruption", "--in", "1h")
        daemon.wait_for_identity()  # or a key is written while the directory is removed
        shutil.rmtree(daemon.state)
        for words in (("event", "spot-interruption"), ("event", "cancel", made["id"]),
                      ("options", "--hop-limit", "2"), ("options", "--reset")):
            code, out, err = daemon.cli(*words)
            equal((code, out), (1, ""), words)
            assert "cannot be kept" in err and str(daemon.state) in err, err
        equal([e["id"] for e in event(daemon, "list")], [made["id"]])
        equal(daemon.get("imds", META + "spot/instance-action").status, 404)


@case("torn")
def acknowledged_changes_survive_a_crash_at_any_time(daemon):
    """Killed while changes come in one after the other: each start finds a whole file, and in it every
    change that was acknowledged."""
    for turn in range(4):
        acknowledged = []
        going = threading.Event()

        def change():
            while True:
                code, out, _ = daemon.cli("event", "rebalance", "--in", "1h")
                if code:
                    return
                acknowledged.append(out.strip())
                if len(acknowledged) > turn:
                    going.set()
        thread = threading.Thread(target=change)
        thread.start()
        assert going.wait(20)
        daemon.kill()
        thread.join(20)
        daemon.start()
        kept = [e["id"] for e in event(daemon, "list")]
        assert set(acknowledged) <= set(kept), (acknowledged, kept)
        # One more may have been written and not acknowledged.
        assert len([e for e in kept if e.startswith("rebalance")]) <= len(acknowledged) + 1
        forget_everything(daemon)


@case("damaged")
def damaged_file_is_an_error(daemon):
    daemon.stop()
    kept = daemon.state / "live-changes.json"
    good = kept.read_text()
    equal(kept.stat().st_mode & 0o777, 0o600)
    for bad in (good[:-10], good.replace('"format":1', '"format":2'), '{"events":[]}', ""):
        kept.write_text(bad)
        try:
            daemon.start()
        except AssertionError as failed:
            assert "live-changes.json" in str(failed), failed
        else:
            raise AssertionError(f"started with {bad!r}")
    kept.write_text(good)
    daemon.start()


if __name__ == "__main__":
    with Daemon(settings()) as running:
        suite.run(daemon=running)
