"""Certificates that the tests make for themselves with openssl."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as PEM."""

    certificate: bytes
    key: bytes


@dataclass(frozen=True)
class Authority:
    """A CA in a folder of its own."""

    folder: Path
    pair: Pair

    def issue(self, name: str) -> Pair:
        """A certificate for this host name, which is also its common name."""
        key, request, extension, certificate = (
            self.folder / f"{name}.{kind}" for kind in ("key", "csr", "ext", "pem")
        )
        _openssl("req", "-new", *_NEW_KEY, key, "-subj", f"/CN={name}", "-out", request)
        extension.write_text(f"subjectAltName = DNS:{name}\n")
        signer = ("-CA", self.folder / "ca.pem", "-CAkey", self.folder / "ca.key")
        options = ("-CAcreateserial", "-days", "2", "-extfile", extension)
        _openssl("x509", "-req", "-in", request, *signer, *options, "-out", certificate)
        return Pair(certificate.read_bytes(), key.read_bytes())


def authority(folder: Path, name: str) -> Authority:
    """A new CA."""
    folder.mkdir()
    key, certificate = folder / "ca.key", folder / "ca.pem"
    subject = ("-x509", "-days", "2", "-subj", f"/CN={name}")
    _openssl("req", "-new", *_NEW_KEY, key, *subject, "-out", certificate)
    return Authority(folder, Pair(certificate.read_bytes(), key.read_bytes()))


_NEW_KEY = ("-newkey", "rsa:2048", "-nodes", "-keyout")


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
