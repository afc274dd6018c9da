"""Programs that keep data in S3, and find their credentials by themselves."""

import subprocess

import harness
import fetch
from harness import BUCKET, REGION, ROLE, S3, S3_ADDRESS, S3_URL, client
from suite import Skip, equal


def refuses_stranger(host, s3, *words, **more):
    """Nothing that he sends is signed with anybody's keys."""
    served = len([request for request in s3.requests() if not request["fault"]])
    host.refused(*words, **more)
    equal(len([request for request in s3.requests() if not request["fault"]]), served,
          "requests of a stranger that were served")


@client("rclone", proves="E11")
def rclone(host):
    host.use(fetch.debian("rclone"))
    words = ("rclone", "--retries", "1", "--s3-provider=Other", "--s3-env-auth", "--s3-endpoint",
             S3_URL)
    with S3(host) as s3:
        assert BUCKET in host.run(*words, "lsd", ":s3:")
        (host.home() / "file").write_text("content")
        host.run(*words, "copyto", "file", f":s3:{BUCKET}/a file")
        equal(host.run(*words, "cat", f":s3:{BUCKET}/a file"), "content")
        host.check(s3.check())
        # By a custom endpoint, in both forms.
        for endpoint in ("http://127.0.0.1:1338", "http://127.0.0.1:1338/"):
            host.run(*words, "lsd", ":s3:", AWS_EC2_METADATA_SERVICE_ENDPOINT=endpoint)
        s3.check()
        refuses_stranger(host, s3, *words, "lsd", ":s3:")


@client("restic", proves="E11")
def restic(host):
    host.use(fetch.debian("restic"))
    words = ("restic", "--no-cache", "-r", f"s3:{S3_URL}/{BUCKET}")
    data = host.home() / "data"
    data.mkdir(mode=0o755)
    (data / "file").write_text("to be kept")
    with S3(host) as s3:
        password = {"RESTIC_PASSWORD": "x"}
        host.run(*words, "init", **password)
        host.run(*words, "backup", data, **password)
        assert "1 snapshots" in host.run(*words, "snapshots", **password)
        host.check(s3.check())
        # minio-go signs what it sends in chunks; the stand-in verified each of them.
        assert "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" in {r["payload"] for r in s3.requests()}
        refuses_stranger(host, s3, *words, "snapshots", **password)


@client("s3cmd")
def s3cmd(host):
    host.use(fetch.debian("s3cmd"))
    words = ("s3cmd", f"--host={S3_ADDRESS}", f"--host-bucket={S3_ADDRESS}", "--no-ssl")
    with S3(host) as s3:
        assert f"s3://{BUCKET}" in host.run(*words, "ls")
        (host.home() / "file").write_text("content")
        host.run(*words, "put", "file", f"s3://{BUCKET}/folder/file")
        host.run(*words, "get", f"s3://{BUCKET}/folder/file", "copy")
        equal((host.home() / "copy").read_text(), "content")
        host.check(s3.check())
        refuses_stranger(host, s3, *words, "ls")


@client("gdal")
def gdal(host):
    tree = host.use(fetch.debian("gdal-bin"))
    image = host.home() / "image.asc"
    image.write_text("ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2\n3 4\n")
    environment = {"AWS_HTTPS": "NO", "AWS_S3_ENDPOINT": S3_ADDRESS, "AWS_VIRTUAL_HOSTING": "FALSE",
                   "CPL_AWS_AUTODETECT_EC2": "NO", "GDAL_DATA": tree / "usr/share/gdal",
                   "PROJ_LIB": tree / "usr/share/proj"}
    # It asks for tokens of ten seconds.
    with S3(host) as s3:
        where = f"/vsis3/{BUCKET}/image.asc"
        host.run("python3", "-B", host.code / "programs/put_object.py", S3_URL, BUCKET, "image.asc",
                 image)
        by_boto = s3.check()
        assert "Size is 2, 2" in host.run("gdalinfo", where, **environment)
        host.check(s3.check())
        assert len(s3.requests()) > 1 and by_boto
        refuses_stranger(host, s3, "gdalinfo", where, **environment)


def certificate(host):
    """Of a server on the loopback address, signed by itself; the paths of certificate and key.
    pgBackRest compares even an address with the DNS names."""
    folder = host.daemon.folder / "tls"
    folder.mkdir()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1,DNS:127.0.0.1",
                    "-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")],
                   check=True, capture_output=True)
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)
    return folder / "certificate.pem", folder / "key.pem"


def pgbackrest_words(host):
    """(the program with its configuration, certificate and key of its server)"""
    host.use(fetch.debian("pgbackrest"))
    tls = certificate(host)
    address, port = S3_ADDRESS.split(":")
    text = "\n".join([
        "[global]", "log-level-console=detail", "log-level-file=off", "lock-path=lock",
        "io-timeout=5",
        "repo1-type=s3", "repo1-path=/repository", f"repo1-s3-bucket={BUCKET}",
        f"repo1-s3-endpoint={address}", f"repo1-storage-port={port}",
        f"repo1-s3-region={REGION}", "repo1-s3-key-type=auto", "repo1-s3-uri-style=path",
        f"repo1-storage-ca-file={tls[0]}", ""])
    settings = host.daemon.folder / "pgbackrest.conf"
    settings.write_text(text)
    settings.chmod(0o644)
    return ("pgbackrest", f"--config={settings}", "--stanza=main"), tls


@client("pgbackrest")
def pgbackrest(host):
    words, tls = pgbackrest_words(host)
    with S3(host, tls=tls) as s3:
        (host.home() / "file").write_text("content")
        host.run(*words, "repo-put", "backup.info", stdin="content")
        assert "backup.info" in host.run(*words, "--log-level-console=off", "repo-ls")
        equal(host.run(*words, "--log-level-console=off", "repo-get", "backup.info"), "content")
        host.check(s3.check())
        refuses_stranger(host, s3, *words, "repo-ls")


def s3fs_script(host, options):
    """Mounts, writes, reads, unmounts: in one mount namespace, which ends with it. The device file
    is its own, since the machine's may be closed."""
    return f"""set -eu
mkdir -p mnt dev
mount -t tmpfs none dev
mknod -m 666 dev/fuse c 10 229
mount --bind dev/fuse /dev/fuse
s3fs {BUCKET} mnt -o {options},url={S3_URL},use_path_request_style,endpoint={REGION} -f >log 2>&1 &
until mountpoint -q mnt; do kill -0 $! 2>kill.log || {{ cat log; exit 3; }}; sleep 0.1; done
echo 'written through the mount' > mnt/file
cat mnt/file
umount mnt
wait
"""


def need_fuse(done):
    if done.returncode == 3 and "fuse" in done.stdout and "device" in done.stdout:
        raise Skip(f"FUSE is not to be had here: {done.stdout[-300:]}")


@client("s3fs", more_bindings=[{"user": 0, "profile": ROLE}])
def s3fs(host):
    # As from /etc/fstab: root runs it.
    host.use(fetch.debian("s3fs"))
    with S3(host) as s3:
        done = host.attempt("sh", "-c", s3fs_script(host, f"iam_role={ROLE}"), uid=0)
        need_fuse(done)
        equal((done.returncode, done.stdout), (0, "written through the mount\n"), done.stderr)
        (key,) = host.handed_out(0)
        equal(s3.check(), key)
        assert f"/{BUCKET}/file" in {request["target"].split("?")[0] for request in s3.requests()
                                     if request["method"] == "PUT"}
    equal(host.counters()["imdsv1_requests"], 0)


if __name__ == "__main__":
    harness.main()
