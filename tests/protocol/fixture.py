"""Puts tests/support on the path, and the profile that the conformance cases are written against."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

ROLE = "app-role"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJustATestKeyWithNoMeaningAtAll0000000000000 my-key"
CREDENTIALS = "/latest/meta-data/iam/security-credentials/"

INSTANCE = {
    "id": "i-1234567890abcdef0", "image_id": "ami-0abcdef1234567890", "type": "m5.large",
    "account": "123456789012", "region": "us-east-1", "availability_zone": "us-east-1a",
    "availability_zone_id": "use1-az4", "local_ipv4": "10.0.1.17", "public_ipv4": "203.0.113.25",
    "mac": "02:29:96:8f:6a:2d", "architecture": "x86_64", "public_keys": {"my-key": KEY},
}


def profile(instance=None, role=ROLE, **metadata):
    """The fixture with changes: IMDSv1 allowed unless `http_tokens` says otherwise."""
    made = {
        "instance": {k: v for k, v in (INSTANCE | (instance or {})).items() if v is not None},
        "metadata": {"http_tokens": "optional"} | metadata,
    }
    if role:
        made |= {"role": f"arn:aws:iam::123456789012:role/{role}", "source": "local",
                 "instance_profile_name": "app-profile"}
    return made
