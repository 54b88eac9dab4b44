"""A .zip that is signed as a whole: no byte of it can change unnoticed, and nothing in it can surprise.

Members are stored uncompressed, in one order and with one date, so that equal content gives equal
bytes and nothing can grow when it is unpacked. The archive's comment holds the signer's public key and
an Ed25519 signature of every byte before it.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from cxr_desktop.domain.whole_file import replaced
from cxr_desktop.library.packs.failure import PackError
from cxr_desktop.library.packs.signing import PUBLIC_BYTES, SIGNATURE_BYTES, Signer, is_signed

_MARK = b"cxr-sealed "
_VERSION = b"1 "
SEAL = len(_MARK + _VERSION) + 2 * PUBLIC_BYTES + 1 + 2 * SIGNATURE_BYTES
_CONTEXT = b"CXR Desktop sealed archive 1\n"
_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX, _MODE = 3, 0o644 << 16
MOST_MEMBERS = 100_000
LARGEST_TEXT = 64 * 2**20
_CHUNK = 2**20
_ENCRYPTED = 0x1


def write_sealed(path: Path, members: Mapping[str, bytes | Path], signer: Signer) -> None:
    """Write members (content, or a file to take it from) and seal them. Raises PackError."""
    try:
        with replaced(path) as staged:
            with zipfile.ZipFile(staged, "w", zipfile.ZIP_STORED) as archive:
                for name, content in members.items():
                    _add(archive, name, content)
                archive.comment = b" " * SEAL
            with staged.open("r+b") as stream:
                stream.seek(-SEAL, 2)
                end = stream.tell()
                seal = _seal(signer, _digest(stream, end))
                stream.seek(end)
                stream.write(seal)
    except OSError as error:
        raise PackError(f"{path} cannot be written ({error.strerror}); choose another place") from error


@dataclass(frozen=True, slots=True)
class Sealed:
    """An archive whose seal holds. public: the key that it was signed with."""

    path: Path
    public: bytes
    _archive: zipfile.ZipFile

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._archive.namelist())

    def text(self, name: str) -> bytes:
        """A member that is kept in memory. Raises PackError where it is missing or too large."""
        if name not in self.names:
            raise PackError(f"{self.path} lacks its {name}; ask for the file again")
        if self._archive.getinfo(name).file_size > LARGEST_TEXT:
            raise PackError(
                f"{self.path}: {name} is larger than {LARGEST_TEXT // 2**20} MiB, so it was not read"
            )
        with _readable(self.path):
            return self._archive.read(name)

    def copy(self, name: str, target: Path) -> str:
        """Write a member to a file; returns its SHA-256. Raises PackError and OSError."""
        found = hashlib.sha256()
        with _readable(self.path), self._archive.open(name) as stream, target.open("wb") as copy:
            while chunk := stream.read(_CHUNK):
                found.update(chunk)
                copy.write(chunk)
        return found.hexdigest()


@contextmanager
def opened_sealed(path: Path) -> Iterator[Sealed]:
    """The archive, once every byte of it is known to be the signer's and its members to be harmless.

    Raises PackError for a file that is none, was changed, or is of a newer program.
    """
    public = _checked_seal(path)
    with _readable(path):
        archive = zipfile.ZipFile(path)
    with archive:
        _refuse_odd(path, archive)
        yield Sealed(path, public, archive)


def _add(archive: zipfile.ZipFile, name: str, content: bytes | Path) -> None:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.create_system, entry.external_attr = _UNIX, _MODE
    if isinstance(content, bytes):
        archive.writestr(entry, content)
        return
    entry.file_size = content.stat().st_size
    with content.open("rb") as source, archive.open(entry, "w") as target:
        while chunk := source.read(_CHUNK):
            target.write(chunk)


def _seal(signer: Signer, digest: bytes) -> bytes:
    signature = signer.sign(_CONTEXT + digest)
    return _MARK + _VERSION + signer.public.hex().encode() + b" " + signature.hex().encode()


def _digest(stream: IO[bytes], end: int) -> bytes:
    """SHA-256 of the first `end` bytes."""
    stream.seek(0)
    found = hashlib.sha256()
    while end > 0 and (chunk := stream.read(min(end, _CHUNK))):
        found.update(chunk)
        end -= len(chunk)
    return found.digest()


def _checked_seal(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            end = stream.seek(0, 2) - SEAL
            stream.seek(max(end, 0))
            seal = stream.read()
            version, _, rest = seal.removeprefix(_MARK).partition(b" ")
            if not seal.startswith(_MARK):
                raise PackError(f"{path} is no signed file of CXR Desktop, or its end was changed or cut off")
            if version + b" " != _VERSION:
                raise PackError(
                    f"{path} was sealed by a newer version of CXR Desktop; update this one to open it"
                )
            public, signature = (bytes.fromhex(part.decode("ascii")) for part in rest.split(b" "))
            digest = _digest(stream, end)
    except OSError as error:
        raise PackError(f"{path} cannot be read ({error.strerror}); check the path") from error
    except ValueError as error:
        raise PackError(f"{path} was changed after it was signed; ask for the file again") from error
    if not is_signed(public, signature, _CONTEXT + digest):
        raise PackError(f"{path} was changed after it was signed; ask for the file again")
    return public


def _refuse_odd(path: Path, archive: zipfile.ZipFile) -> None:
    """A signer is trusted for what he says, not for what his archive does to this disk."""
    members = archive.infolist()
    if len(members) > MOST_MEMBERS or len({m.filename for m in members}) < len(members):
        raise PackError(f"{path} holds too many files, or one twice; it was not opened")
    for member in members:
        name = member.filename
        inside = PurePosixPath(name)
        if (
            inside.is_absolute()
            or ".." in inside.parts
            or any(c in name for c in ":\\\0")
            or name.endswith("/")
        ):
            raise PackError(f"{path}: the path {name!r} leads out of the archive, so it was not opened")
        if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & _ENCRYPTED:
            raise PackError(
                f"{path}: {name} is compressed or encrypted, which these files never are; it was not opened"
            )
    if sum(member.file_size for member in members) > path.stat().st_size:
        raise PackError(f"{path} would grow when unpacked, so it was not opened")


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise PackError(f"{path} is damaged ({error}); ask for the file again") from error
