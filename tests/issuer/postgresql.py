"""A PostgreSQL server of the test's own: on loopback, at a port of its own, as a user without rights."""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PASSWORD = "a password of this test only"


def find_programs():
    """The folder of initdb and postgres, of the newest version; None: there is none."""
    found = [path for path in pathlib.Path("/usr/lib/postgresql").glob("*/bin")
             if (path / "initdb").exists() and (path / "postgres").exists()]
    return max(found, key=lambda path: int(path.parent.name)) if found else None


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class PostgreSQL:
    """`with PostgreSQL() as server:`; it ends with the block."""

    def __init__(self):
        self.programs = find_programs()
        if self.programs is None:
            raise SystemExit("PostgreSQL is not installed")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="imdsd-test-postgresql-"))
        self.data = self.folder / "data"
        self.port = free_port()
        self.process = None
        self.user = None
        if os.geteuid() == 0:
            self.user = "postgres" if "postgres" in (u.pw_name for u in pwd.getpwall()) else "nobody"
            shutil.chown(self.folder, self.user)
        password = self.folder / "password"
        password.write_text(PASSWORD + "\n")
        if self.user:
            shutil.chown(password, self.user)
        self._run("initdb", "-D", self.data, "-U", "imdsd", "-A", "scram-sha-256", "--pwfile", password,
                  "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
        self.start()

    @property
    def address(self):
        return "127.0.0.1", self.port

    def _as_user(self):
        if not self.user:
            return {"cwd": "/"}
        known = pwd.getpwnam(self.user)
        return {"cwd": "/", "user": known.pw_uid, "group": known.pw_gid, "extra_groups": []}

    def _run(self, program, *arguments):
        done = subprocess.run([self.programs / program, *arguments], capture_output=True, text=True,
                              **self._as_user())
        if done.returncode != 0:
            raise AssertionError(f"{program} failed:\n{done.stdout}{done.stderr}")

    def start(self):
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.data, "-p", str(self.port), "-k", "",
                 "-c", "listen_addresses=127.0.0.1"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._as_user())
        end = time.monotonic() + 40
        while True:
            ready = subprocess.run([self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p",
                                    str(self.port)])
            if ready.returncode == 0:
                return
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError("PostgreSQL does not start:\n"
                                     + (self.folder / "server.log").read_text())
            time.sleep(0.02)

    def stop(self, how=signal.SIGQUIT):
        """SIGQUIT: immediate, as after a crash."""
        if self.process is None:
            return
        self.process.send_signal(how)
        self.process.wait()
        self.process = None

    def sql(self, text):
        """What psql prints, one line a row."""
        done = subprocess.run(
            [self.programs / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
             str(self.port), "-U", "imdsd", "postgres"],
            input=text, capture_output=True, text=True, env=os.environ | {"PGPASSWORD": PASSWORD})
        assert done.returncode == 0, done.stderr
        return done.stdout.split("\n")[:-1]

    def new_schema(self, name):
        self.sql(f"CREATE SCHEMA {name};")
        return name

    def connection(self, schema, address=None, user="imdsd"):
        """What issuer.store.postgresql.connection takes."""
        host, port = address or self.address
        return (f"host={host} port={port} user={user} dbname=postgres sslmode=disable gssencmode=disable "
                f"options='-c search_path={schema}'")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
