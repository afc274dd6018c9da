"""Network namespaces, processes in them, and a daemon in one. Root only; leaves nothing behind."""

import ctypes
import os
import pathlib
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import daemon as daemon_module  # noqa: E402
import http_raw  # noqa: E402

ACTIVATE = pathlib.Path(http_raw.__file__).with_name("activate.py")
SKIP = 77  # ctest: SKIP_RETURN_CODE
LINK_LOCAL = "169.254.169.254"
LINK_LOCAL_6 = "fd00:ec2::254"
DAEMON_UID = 12000
BASE = "/latest/meta-data/iam/security-credentials/"

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def skip(reason):
    print(f"SKIPPED: {reason}", flush=True)
    sys.exit(SKIP)


def require():
    if os.geteuid() != 0:
        skip("needs root to make network namespaces")
    for program in ("ip", "nsenter", "setpriv"):
        if shutil.which(program) is None:
            skip(f"{program} is not installed")
    name = f"imdsd{os.getpid()}-try"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    if tried.returncode != 0:
        skip(f"network namespaces are not permitted here: {tried.stderr.strip()}")
    subprocess.run(["ip", "netns", "delete", name], check=False)


def command(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: {done.stderr.strip()}")
    return done.stdout


def enter(namespace):
    with open(f"/run/netns/{namespace}") as handle:
        if _libc.setns(handle.fileno(), _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")


class World:
    """The namespaces of one test."""

    def __init__(self):
        self.names = {}
        self.links = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for name in self.names.values():
            # Its veth devices go with it.
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)

    def add(self, short):
        name = f"imdsd{os.getpid()}-{short}"
        command("ip", "netns", "add", name)
        self.names[short] = name
        self.ip(short, "link", "set", "lo", "up")
        # Lets an unprivileged daemon listen on port 80, as a socket unit does elsewhere.
        self.set(short, "net.ipv4.ip_unprivileged_port_start", 0)
        # Without waiting for duplicate address detection, addresses are usable at once.
        self.set(short, "net.ipv6.conf.default.accept_dad", 0)
        self.set(short, "net.ipv6.conf.all.accept_dad", 0)
        return name

    def path(self, short):
        return f"/run/netns/{self.names[short]}"

    def ip(self, short, *words):
        return command("ip", "-n", self.names[short], *words)

    def set(self, short, name, value):
        path = "/proc/sys/" + name.replace(".", "/")
        command("nsenter", f"--net={self.path(short)}", "sh", "-c", f"echo {value} >{path}")

    def link(self, left, right, left_addresses, right_addresses):
        """A cable between two namespaces. Returns the device names: (left, right)."""
        self.links += 1
        devices = (f"v{self.links}{left[:6]}", f"v{self.links}{right[:6]}")
        command("ip", "link", "add", devices[0], "netns", self.names[left], "type", "veth",
                "peer", "name", devices[1], "netns", self.names[right])
        for short, device, addresses in ((left, devices[0], left_addresses),
                                         (right, devices[1], right_addresses)):
            for address in addresses:
                self.ip(short, "address", "add", address, "dev", device)
            self.ip(short, "link", "set", device, "up")
        return devices

    def run(self, short, function, *arguments, uid=None, cgroup=None, timeout=60):
        """Runs a function in a process of its own: in that namespace, as that user, in that cgroup
        (a path of the file system). Returns what it returns, raises what it raises."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.close(reading)
                signal.alarm(timeout)
                enter(self.names[short])
                if cgroup is not None:
                    (pathlib.Path(cgroup) / "cgroup.procs").write_text(str(os.getpid()))
                if uid is not None:
                    os.setgroups([])
                    os.setresgid(uid, uid, uid)
                    os.setresuid(uid, uid, uid)
                answer = (True, function(*arguments))
            except BaseException:  # noqa: BLE001 - handed over to the parent
                answer = (False, traceback.format_exc())
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(pickle.dumps(answer))
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            data = pipe.read()
        _, status = os.waitpid(child, 0)
        if not data:
            raise AssertionError(f"{function.__name__} died, status {status}")
        good, value = pickle.loads(data)
        if not good:
            raise AssertionError(f"in {short} as {uid}:\n{value}")
        return value


class Daemon(daemon_module.Daemon):
    """The daemon in a namespace, as a user without privileges. `sockets`: NAME=ADDRESS for each that
    it gets as from a service manager, see activate.py."""

    def __init__(self, world, short, settings, sockets=()):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="imdsd-network-"))
        folder.chmod(0o711)
        # The build tree may be closed to other users.
        binary = folder / "imdsd"
        shutil.copy(daemon_module.BINARY, binary)
        # As text: this tree may be closed to other users.
        activation = [sys.executable, "-c", ACTIVATE.read_text(), *sockets, "--"] if sockets else []
        super().__init__(settings, folder=folder, start=False, command=[
            "nsenter", f"--net={world.path(short)}", "setpriv", "--reuid", str(DAEMON_UID),
            "--regid", str(DAEMON_UID), "--clear-groups", "--", *activation])
        self.owns_folder = True
        self.world, self.short = world, short
        for path in (folder, *folder.rglob("*")):
            os.chown(path, DAEMON_UID, DAEMON_UID)
        self.start()

    def hand_outs(self):
        return [line for line in self.audit() if line["eventName"] == "GetRoleCredentials"]

    def refusals(self):
        return [line for line in self.audit() if line["eventName"] == "RefuseCaller"]


# -- what a client does; run by World.run -------------------------------------------------------


def put_token(address=LINK_LOCAL, ttl=60, port=80):
    answer = http_raw.ask((address, port), http_raw.build(
        "PUT", "/latest/api/token", {daemon_module.TTL: str(ttl)}, host=host_of(address)))
    return answer.status, answer.text


def get(path, token=None, address=LINK_LOCAL, port=80):
    answer = http_raw.ask((address, port), http_raw.build(
        "GET", path, {daemon_module.TOKEN: token} if token else {}, host=host_of(address)))
    return answer.status, answer.text


def host_of(address):
    return f"[{address}]" if ":" in address else address


def whole_flow(address=LINK_LOCAL):
    """Token, role name, document; stops at the first answer that is not 200: (status, text)."""
    status, token = put_token(address)
    if status != 200:
        return status, token
    status, role = get(BASE, token, address)
    if status != 200:
        return status, role
    return get(BASE + role, token, address)
