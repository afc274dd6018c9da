"""Programs from the package registries, unpacked below the build folder and nowhere else: nothing
is installed on the machine, no maintainer script runs. What a registry does not give is skipped."""

import contextlib
import fcntl
import glob
import hashlib
import json
import os
import pathlib
import shutil
import subprocess

from suite import Skip

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("CLIENTS_CACHE_DIR") or HERE.parents[1] / "build/cache/clients")


class Tree:
    """A fetched tree; `version` names the program and its version."""

    def __init__(self, path, version):
        self.path, self.version = path, version

    def environment(self, seen):
        """Variables with which its programs find their libraries where the tree is seen."""
        def folders(*patterns):
            found = [pathlib.Path(name) for pattern in patterns
                     for name in sorted(glob.glob(str(self.path / pattern)))]
            return ":".join(str(seen / folder.relative_to(self.path)) for folder in found)
        known = {"PATH": folders("usr/bin", "usr/sbin", "bin"),
                 "LD_LIBRARY_PATH": folders("usr/lib", "usr/lib/*-linux-gnu", "lib/*-linux-gnu",
                                            "usr/lib/*-linux-gnu/blas",
                                            "usr/lib/*-linux-gnu/lapack"),
                 "PYTHONPATH": folders("usr/lib/python3/dist-packages"),
                 "RUBYLIB": folders("usr/lib/ruby/3.*", "usr/lib/*-linux-gnu/ruby/3.*",
                                    "usr/lib/ruby/vendor_ruby", "usr/lib/ruby/gems/3.*/gems/*/lib",
                                    "usr/share/rubygems-integration/*/gems/*/lib",
                                    "usr/lib/*/rubygems-integration/*/gems/*/lib",
                                    "usr/lib/*/rubygems-integration/*/extensions/*/*/*",
                                    "usr/lib/*-linux-gnu/ruby/vendor_ruby/3.*")}
        return {name: value for name, value in known.items() if value}


@contextlib.contextmanager
def only_one(name):
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / f".{name}.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def tree(name, make):
    """`make(path)` fills the folder and returns the version; once, however many ask for it."""
    path, done = CACHE / name, CACHE / f".{name}.version"
    with only_one(name):
        if not done.exists():
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(parents=True)
            done.write_text(make(path))
        return Tree(path, done.read_text())


def command(*words, refused="", timeout=240, **more):
    """Runs a registry's client. What it says is the reason to skip."""
    try:
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=timeout, **more)
    except FileNotFoundError:
        raise Skip(f"{words[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise Skip(f"{refused}: no answer within {timeout} s") from None
    if done.returncode != 0:
        raise Skip(f"{refused}: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout


def debian(*packages):
    """Packages and what they depend on and this machine lacks. The first one names the version."""
    def download(archives):
        (archives / "partial").mkdir(parents=True, exist_ok=True)
        with only_one("apt"):
            command("apt-get", "install", "--yes", "--no-install-recommends", "--download-only",
                    "--reinstall", "-o", f"Dir::Cache::archives={archives}",
                    "-o", "DPkg::Lock::Timeout=120", *packages, refused="apt-get does not give it")

    def make(path):
        archives = path / ".archives"
        try:
            download(archives)
        except Skip:
            # Lists that are missing or older than the archive; refreshed once.
            with only_one("apt"):
                fresh = CACHE / ".apt.fresh"
                if not fresh.exists():
                    command("apt-get", "update", "-qq", "-o", "DPkg::Lock::Timeout=120",
                            refused="no package lists")
                    fresh.touch()
            download(archives)
        versions = {}
        for archive in sorted(archives.glob("*.deb")):
            command("dpkg-deb", "-x", archive, path)
            name, version = command("dpkg-deb", "-W", archive).split()
            versions[name] = version
        shutil.rmtree(archives)
        return f"{packages[0]} {versions[packages[0]]}"
    return tree("deb-" + packages[0], make)


def debian_of(codename, package):
    """One package, without what it depends on, of another release of the archive that the machine's
    own packages are from."""
    def make(path):
        targets = command("apt-get", "indextargets", "--format",
                          "$(CREATED_BY)|$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)",
                          refused="apt-get tells of no archive").splitlines()
        found = [line.split("|")[4] for line in targets
                 if line.startswith("Packages|Debian|Debian|main|")]
        if not found:
            raise Skip("the machine's packages are not from Debian's archive")
        scratch = path / ".apt"
        for name in ("sources", "lists/partial", "cache/archives/partial"):
            (scratch / name).mkdir(parents=True)
        (scratch / "sources/other.list").write_text(
            f"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {found[0]} {codename} "
            "main\n")
        apt = ("apt-get", "-o", "Dir::Etc::SourceList=/dev/null", "-o",
               f"Dir::Etc::SourceParts={scratch}/sources", "-o",
               f"Dir::State::Lists={scratch}/lists", "-o", f"Dir::Cache={scratch}/cache", "-o",
               "APT::Sandbox::User=root", "-qq")
        command(*apt, "update", refused=f"the archive does not give {codename}")
        command(*apt, "download", package, cwd=scratch, refused=f"{codename} does not give it")
        (archive_file,) = scratch.glob("*.deb")
        command("dpkg-deb", "-x", archive_file, path)
        name, version = command("dpkg-deb", "-W", archive_file).split()
        shutil.rmtree(scratch)
        return f"{name} {version}"
    return tree(f"deb-{codename}-{package}", make)


def fingerprint(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:12]


def pip(*requirements):
    """A folder for PYTHONPATH."""
    def make(path):
        command("/usr/bin/python3" if shutil.which("pip3", path="/usr/bin") else "python3", "-m",
                "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile",
                "--target", path, *requirements, refused="not on the package index")
        name = requirements[0].split("=")[0].split("<")[0]
        found = next(iter(path.glob(f"{name}-*.dist-info")))
        return found.name.removesuffix(".dist-info").replace("-", " ", 1)
    return tree("pip-" + fingerprint(*requirements), make)


def npm(*packages):
    """A folder with node_modules."""
    def make(path):
        (path / "package.json").write_text('{"private": true}')
        command("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts",
                "--no-package-lock", *packages, cwd=path, refused="npm cannot install it")
        first = packages[0]
        name = first[: first.rindex("@")] if "@" in first[1:] else first
        package = json.loads((path / "node_modules" / name / "package.json").read_text())
        return f"{name} {package['version']}"
    return tree("npm-" + fingerprint(*packages), make)


def go(module):
    """A program of this folder, built against the modules that its go.mod names."""
    source = HERE / "programs" / module

    def make(path):
        command("go", "mod", "download", cwd=source, refused="the modules cannot be fetched")
        # Tests share the machine with others: one compiler at a time.
        done = subprocess.run(["go", "build", "-p", "1", "-o", str(path / "program"), "."],
                              cwd=source, capture_output=True, text=True, timeout=400,
                              stdin=subprocess.DEVNULL,
                              env=dict(os.environ, CGO_ENABLED="0", GOFLAGS="-mod=readonly"))
        if done.returncode != 0:
            raise AssertionError(f"{module} does not build: {done.stderr}")
        required = [line.split() for line in (source / "go.mod").read_text().splitlines()
                    if "github.com/aws/aws-sdk-go" in line]
        name, version = required[0][-2:] if required[0][-1] != "indirect" else required[0][:2]
        return f"{name.removeprefix('github.com/')} {version}"
    return tree(f"{module}-{source_fingerprint(source)}", make)


def source_fingerprint(folder):
    return fingerprint(*(file.read_text() for file in sorted(folder.rglob("*")) if file.is_file()))


def maven(module):
    """A Java program of this folder: lib/ has the jars that its pom.xml names, classes/ itself."""
    source = HERE / "programs" / module

    def make(path):
        # Not the user's repository: it would keep what was fetched for a test.
        command("mvn", "-q", "-B", f"-Dmaven.repo.local={CACHE}/maven", "-f", source / "pom.xml",
                "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies",
                f"-DoutputDirectory={path}/lib", "-DincludeScope=runtime",
                refused="the artifacts cannot be fetched")
        done = subprocess.run(["javac", "-cp", f"{path}/lib/*", "-d", str(path / "classes"),
                               *map(str, source.glob("*.java"))], capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"{module} does not build: {done.stderr}")
        (core,) = (path / "lib").glob("sdk-core-*.jar")
        return "aws-sdk-java " + core.stem.removeprefix("sdk-core-")
    return tree(f"{module}-{source_fingerprint(source)}", make)


def cargo(module):
    """A Rust program of this folder."""
    source = HERE / "programs" / module

    def make(path):
        home = {"CARGO_TARGET_DIR": str(CACHE / "cargo"), "CARGO_PROFILE_DEV_DEBUG": "0"}
        command("cargo", "fetch", "--locked", cwd=source, refused="the crates cannot be fetched")
        done = subprocess.run(["cargo", "build", "--locked", "--offline"], cwd=source,
                              capture_output=True, text=True, timeout=900,
                              stdin=subprocess.DEVNULL, env=os.environ | home)
        if "is not supported by the following package" in done.stderr:
            raise Skip(f"the compiler is too old for the SDK: {done.stderr[-300:]}")
        if done.returncode != 0:
            raise AssertionError(f"{module} does not build: {done.stderr[-4000:]}")
        shutil.copy(CACHE / "cargo/debug/whoami", path / "program")
        lines = (source / "Cargo.lock").read_text().splitlines()
        version = lines[lines.index('name = "aws-config"') + 1].split('"')[1]
        return f"aws-config {version}"
    return tree(f"{module}-{source_fingerprint(source)}", make)
