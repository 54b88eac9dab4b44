"""Ed25519 keys: this installation's own, and those that others were seen to sign with."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cxr_desktop.domain.whole_file import replaced
from cxr_desktop.library.packs.failure import PackError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEYS = "keys"
PUBLIC_BYTES, SIGNATURE_BYTES = 32, 64
_SHOWN = 32


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with one private key. public: the 32 bytes that others check with."""

    private: Ed25519PrivateKey
    public: bytes

    def sign(self, message: bytes) -> bytes:
        """64 bytes, the same for the same message (RFC 8032)."""
        return self.private.sign(message)


def own_signer(data: Path) -> Signer:
    """This installation's key, made at first use and readable for its user alone. Raises PackError."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    path = data / KEYS / "own.key"
    try:
        if not path.exists():
            _write_new(path, Ed25519PrivateKey.generate().private_bytes_raw())
        private = Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    except OSError as error:
        raise PackError(
            f"the signing key {path} cannot be used ({error.strerror}); check its permissions"
        ) from error
    except ValueError as error:
        raise PackError(
            f"the signing key {path} is damaged ({error}); remove it to have another made"
        ) from error
    return Signer(private, private.public_key().public_bytes_raw())


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the key's owner signed the message."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(public: bytes) -> str:
    """What people compare: 32 hexadecimal digits of the key's SHA-256, in groups of four."""
    digits = hashlib.sha256(public).hexdigest()[:_SHOWN]
    return " ".join(digits[at : at + 4] for at in range(0, _SHOWN, 4))


class KnownKeys:
    """Who signs with which key, as seen at the first file of each; a change is refused."""

    def __init__(self, data: Path) -> None:
        self._path = data / KEYS / "known.json"

    def check(self, name: str, public: bytes, accepted: str = "") -> None:
        """Remember a name's first key, and refuse any other.

        accepted: a fingerprint that the person vouches for: the key must have it, and takes the place of
        the one known. Raises PackError.
        """
        known, seen = self._read(), fingerprint(public)
        if accepted and _digits(accepted) != _digits(seen):
            raise PackError(
                f"it is signed with the key {seen}, not with {accepted}; ask {name} which is right"
            )
        before = known.get(name)
        if before == seen:
            return
        if before is not None and not accepted:
            raise PackError(
                f"{name} signed with the key {before} until now, and this is signed with {seen}. Ask {name} "
                "whether the key was changed; if so, state the new one to accept it"
            )
        self._write(known | {name: seen})

    def _read(self) -> dict[str, str]:
        try:
            known = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise PackError(
                f"the list of known keys {self._path} cannot be read ({error}); mend or remove it"
            ) from error
        return {str(name): str(seen) for name, seen in known.items()} if isinstance(known, dict) else {}

    def _write(self, known: dict[str, str]) -> None:
        text = json.dumps(known, indent=1, sort_keys=True, ensure_ascii=False)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with replaced(self._path) as staged:
                staged.write_text(text, encoding="utf-8")
        except OSError as error:
            raise PackError(
                f"the list of known keys {self._path} cannot be written ({error.strerror})"
            ) from error


def _digits(text: str) -> str:
    return "".join(text.split()).casefold()


def _write_new(path: Path, content: bytes) -> None:
    """For its user alone, and never over one that another window made meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
