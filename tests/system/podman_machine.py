"""Podman with storage, state and configuration of its own, and a Debian base image from debootstrap.

Nothing of the host's containers is touched or seen. The base tree is packed once and kept in the
build directory; it is made anew when the list of packages changes.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

SKIP = 77  # ctest: SKIP_RETURN_CODE

BASE_PACKAGES = sorted([
    # the machine
    "systemd", "systemd-sysv", "dbus", "libpam-systemd", "iproute2", "curl", "python3",
    # what the program loads
    "libboost-json1.81.0", "libyaml-cpp0.7", "libspdlog1.10", "libssl3", "libsystemd0",
    "libsqlite3-0", "libpq5", "libstdc++6",
])


def skip(reason):
    print(f"SKIPPED: {reason}", flush=True)
    sys.exit(SKIP)


def os_release():
    pairs = (line.split("=", 1) for line in pathlib.Path("/etc/os-release").read_text().splitlines()
             if "=" in line)
    return {key: value.strip('"') for key, value in pairs}


def require(*programs):
    if os.geteuid() != 0:
        skip("needs root")
    for program in programs:
        if shutil.which(program) is None:
            skip(f"{program} is not installed")
    if os_release().get("ID") != "debian":
        skip("the base image is made from the host's own distribution, which has to be Debian")


def debian_mirror(suite):
    """The archive that the host itself takes `suite` from."""
    etc = pathlib.Path("/etc/apt")
    for path in sorted(etc.glob("sources.list.d/*.sources")):
        for stanza in path.read_text().split("\n\n"):
            fields = {}
            for line in stanza.splitlines():
                if ":" in line and not line.startswith((" ", "#")):
                    key, value = line.split(":", 1)
                    fields[key.strip().lower()] = value.split()
            if suite in fields.get("suites", []) and "main" in fields.get("components", []):
                return fields["uris"][0]
    for path in [etc / "sources.list", *sorted(etc.glob("sources.list.d/*.list"))]:
        if not path.exists():
            continue
        for line in path.read_text().splitlines():
            words = [word for word in line.split() if not word.startswith(("[", "signed-by"))]
            if len(words) >= 4 and words[0] == "deb" and words[2] == suite and "main" in words[3:]:
                return words[1]
    return None


def base_tree_archive(cache):
    """Path of a tar file with a minimal Debian that runs systemd."""
    suite = os_release().get("VERSION_CODENAME", "")
    key = hashlib.sha256(" ".join([suite, *BASE_PACKAGES]).encode()).hexdigest()[:16]
    archive = pathlib.Path(cache) / f"debian-{suite}-{key}.tar"
    if archive.exists():
        return archive
    mirror = debian_mirror(suite)
    if mirror is None:
        skip(f"no apt source for {suite}")
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="imdsd-base-", dir="/var/tmp") as work:
        tree = pathlib.Path(work) / "root"
        began = time.monotonic()
        print(f"making the base image for {suite} (once)", flush=True)
        made = subprocess.run(
            ["debootstrap", "--variant=minbase", "--include=" + ",".join(BASE_PACKAGES), suite,
             str(tree), mirror],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=280)
        if made.returncode != 0:
            print(made.stdout[-2000:])
            skip("debootstrap failed (is the archive out of reach?)")
        # Per process: two builds may do this at the same time.
        part = archive.with_suffix(f".{os.getpid()}.part")
        subprocess.run(
            ["tar", "-C", str(tree), "--exclude=./dev/*", "--exclude=./var/cache/apt/archives/*.deb",
             "--exclude=./var/lib/apt/lists/*", "-cf", str(part), "."], check=True)
        part.replace(archive)
        print(f"base image made in {time.monotonic() - began:.0f} s", flush=True)
    return archive


class podman:
    """A private podman. Use as a context manager: it leaves nothing behind."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="imdsd-podman-", dir="/var/tmp"))
        configuration = self.directory / "containers.conf"
        # Low limits: raising them is refused where the test itself runs in a container.
        # cgroupfs: there may be no systemd on the host to ask for a scope.
        configuration.write_text(
            '[containers]\n'
            'default_ulimits = ["nofile=20000:20000", "nproc=1000:1000"]\n'
            '[engine]\n'
            'cgroup_manager = "cgroupfs"\n'
            'events_logger = "file"\n'
            f'tmp_dir = "{self.directory}/tmp"\n')
        self.cgroups = self.parent_cgroups()
        self.environment = dict(os.environ, CONTAINERS_CONF=str(configuration))
        self.command = ["podman", "--root", f"{self.directory}/storage",
                        "--runroot", f"{self.directory}/run", "--runtime", "runc",
                        "--storage-driver", "overlay"]

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.run("rm", "--force", "--all", "--time", "3", check=False)
        self.run("rmi", "--force", "--all", check=False)
        # The storage is a mount point of its own while podman uses it.
        for mount in sorted(self.mounts(), key=len, reverse=True):
            subprocess.run(["umount", "--lazy", mount], check=False)
        shutil.rmtree(self.directory, ignore_errors=True)
        # The parent cgroups of all containers: those that were not there before go, if empty.
        for cgroup in self.parent_cgroups() - self.cgroups:
            for place in sorted(cgroup.glob("**/"), key=lambda path: -len(path.parts)):
                try:
                    place.rmdir()
                except OSError:
                    break

    @staticmethod
    def parent_cgroups():
        root = pathlib.Path("/sys/fs/cgroup")
        return {*root.glob("libpod_parent"), *root.glob("*/libpod_parent")}

    def mounts(self):
        lines = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
        points = [line.split()[4] for line in lines]
        return [point for point in points if point.startswith(f"{self.directory}/")]

    def run(self, *arguments, check=True, timeout=120, **options):
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.STDOUT)
        done = subprocess.run([*self.command, *map(str, arguments)], env=self.environment,
                              timeout=timeout, text=True, **options)
        if check and done.returncode != 0:
            raise RuntimeError(f"podman {' '.join(map(str, arguments))}: {done.returncode}\n"
                               f"{done.stdout}")
        return done

    def import_base(self, cache, name="imdsd-test-base"):
        self.run("import", base_tree_archive(cache), name)
        return f"localhost/{name}"

    def usable_or_skip(self, image):
        """Containers cannot be made everywhere (nested, locked down): that is no failure of ours."""
        tried = self.run("run", "--rm", "--network", "none", image, "/bin/true", check=False)
        if tried.returncode != 0:
            skip(f"podman cannot run a container here:\n{tried.stdout}")
