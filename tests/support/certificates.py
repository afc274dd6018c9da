"""Certificates for tests, made by the openssl program."""

import subprocess


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


class Authority:
    """A certificate authority in a folder of its own."""

    def __init__(self, folder, name="test authority"):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / "ca.pem"
        self.key = folder / "ca.key"
        self.count = 0
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", self.key, "-out", self.file, "-subj", f"/CN={name}", "-days", "2",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, names, expired=False, subject="server"):
        """(certificate file, key file) for subject alternative names such as "DNS:localhost"."""
        self.count += 1
        base = self.folder / f"{self.count}"
        key, request, out = (base.with_suffix(s) for s in (".key", ".csr", ".pem"))
        extensions = base.with_suffix(".ext")
        extensions.write_text("basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
                              + (f"subjectAltName={','.join(names)}\n" if names else ""))
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                key, "-out", request, "-subj", f"/CN={subject}")
        if expired:
            # The certificate's dates are chosen by `openssl ca` alone.
            (self.folder / "index.txt").write_text("")
            (self.folder / "serial").write_text("1000\n")
            settings = self.folder / "ca.cnf"
            settings.write_text(
                f"[ca]\ndefault_ca=d\n[d]\ndatabase={self.folder}/index.txt\n"
                f"serial={self.folder}/serial\nnew_certs_dir={self.folder}\npolicy=p\n"
                "default_md=sha256\nunique_subject=no\n[p]\ncommonName=supplied\n")
            openssl("ca", "-batch", "-config", settings, "-cert", self.file, "-keyfile", self.key,
                    "-in", request, "-out", out, "-startdate", "20200101000000Z", "-enddate",
                    "20200102000000Z", "-extfile", extensions, "-notext")
        else:
            openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key,
                    "-CAcreateserial", "-out", out, "-days", "2", "-extfile", extensions)
        return out, key
