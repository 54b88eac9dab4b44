"""A system on the network that objects are exchanged with, and this program as others see it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

LOOPBACK = "127.0.0.1"
OWN_AE_TITLE, OWN_PORT = "CXRDESKTOP", 11112
_AE_TITLE = re.compile(r"[\x20-\x5b\x5d-\x7e]{1,16}")
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
_NAME = re.compile(r"[\w][\w .+-]{0,63}")


class NodeKind(StrEnum):
    """What a node speaks."""

    DIMSE = "dimse"
    DICOMWEB = "dicomweb"


@dataclass(frozen=True, slots=True)
class Tls:
    """Who is trusted, and as whom one appears. Certificates are always verified.

    ca_file: PEM of the authorities to trust, None for those of the system. certificate, key: PEM of
    one's own, None where the other side asks for none; key None where the certificate's file holds it.
    """

    ca_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def __post_init__(self) -> None:
        if self.key is not None and self.certificate is None:
            raise ValueError("a TLS key needs its certificate; name both")


@dataclass(frozen=True, slots=True)
class Node:
    """name: what people call it. ae_title: of a DIMSE node. path: of a DICOMweb service, as in '/dicom-web'.

    Raises ValueError, saying which part cannot be right.
    """

    name: str
    host: str
    port: int
    kind: NodeKind = NodeKind.DIMSE
    ae_title: str = ""
    path: str = ""
    tls: Tls | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                f"a node cannot be called {self.name!r}; use letters, digits, spaces and - . _ +"
            )
        require_address(self.host, self.port)
        if self.kind is NodeKind.DIMSE:
            require_ae_title(self.ae_title)
        elif self.path and not self.path.startswith("/"):
            raise ValueError(f"the path {self.path!r} must begin with '/', as in /dicom-web")

    @property
    def address(self) -> str:
        """host:port, as the administrator's policy lists it."""
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """Where the DICOMweb service of the node begins."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{self.path.rstrip('/')}"

    def __str__(self) -> str:
        where = self.url if self.kind is NodeKind.DICOMWEB else f"{self.ae_title} at {self.address}"
        return f"{self.name} ({where})"


@dataclass(frozen=True, slots=True)
class LocalEntity:
    """This program on the network: its AE title, and where it listens when it is told to.

    bind: the address to listen on; the loopback, which nobody outside reaches, until configured.
    """

    ae_title: str = OWN_AE_TITLE
    bind: str = LOOPBACK
    port: int = OWN_PORT
    tls: Tls | None = None

    def __post_init__(self) -> None:
        require_ae_title(self.ae_title)
        require_address(self.bind, self.port)
        if self.tls is not None and self.tls.certificate is None:
            raise ValueError("a listener with TLS needs a certificate of its own; name one")

    @property
    def reachable(self) -> bool:
        """Whether other computers can reach the listener."""
        return not (self.bind.startswith("127.") or self.bind in ("localhost", "::1"))


def require_ae_title(text: str) -> None:
    """Raises ValueError for what PS3.5 does not allow as an AE title."""
    if not _AE_TITLE.fullmatch(text) or not text.strip():
        raise ValueError(f"{text!r} is no AE title; it has 1 to 16 letters, digits and signs, no backslash")


def require_address(host: str, port: int) -> None:
    """Raises ValueError for what is no host name, address or port."""
    if not _HOST.fullmatch(host):
        raise ValueError(f"{host!r} is no host name or address")
    if not 0 < port < 65536:
        raise ValueError(f"{port} is no port; it lies between 1 and 65535")
