"""Programs at a host as they were before Nitro: directories without a slash are elsewhere, every
answer ends its connection, nobody is told to continue. The SDKs are in fault_clients.py."""

import ec2_clients
import harness
import fetch
import s3_clients
from harness import OLD_HOST, ROLE, S3, client
from suite import equal

for name, program in (("s3cmd", s3_clients.s3cmd), ("gdal", s3_clients.gdal),
                      ("rclone", s3_clients.rclone), ("curl", ec2_clients.curl)):
    client(f"{name}-old-host", compat=OLD_HOST)(program)
for name, program in (("cloud-init", ec2_clients.cloud_init),
                      ("ec2-metadata", ec2_clients.ec2_metadata),
                      ("ec2-net-utils", ec2_clients.ec2_net_utils)):
    client(f"{name}-old-host", compat=OLD_HOST, **ec2_clients.RICH)(program)


# These two are why the defaults are what they are.


@client("pgbackrest-old-host", compat=OLD_HOST)
def pgbackrest(host):
    # It lists the roles without a slash, and does not go where it is sent.
    words, tls = s3_clients.pgbackrest_words(host)
    with S3(host, tls=tls) as s3:
        done = host.attempt(*words, "repo-ls")
        assert done.returncode != 0 and "301 (Moved Permanently)" in done.stdout + done.stderr, done
        equal(s3.requests(), [])


@client("s3fs-old-host", compat=OLD_HOST, more_bindings=[{"user": 0, "profile": ROLE}])
def s3fs(host):
    # Its token call has a body, for which it expects to be told to continue.
    host.use(fetch.debian("s3fs"))
    with S3(host) as s3:
        done = host.attempt("sh", "-c", s3_clients.s3fs_script(host, f"iam_role={ROLE}"), uid=0)
        s3_clients.need_fuse(done)
        assert done.returncode != 0 and "Failed to check IAM role name" in done.stdout, done
        equal((s3.requests(), host.handed_out(0)), ([], set()))


if __name__ == "__main__":
    harness.main()
