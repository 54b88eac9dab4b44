"""A case pack on the reader's machine: checked, unpacked, remembered."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cxr_desktop.library.packs.failure import PackError
from cxr_desktop.library.packs.manifest import MANIFEST, Assignment, PackedImage, PackManifest, read_manifest
from cxr_desktop.library.packs.sealed import Sealed, opened_sealed
from cxr_desktop.library.packs.shelf import KeptPack, PackRole
from cxr_desktop.library.packs.signing import KnownKeys, fingerprint

PACKS = "packs"


@dataclass(frozen=True, slots=True)
class OpenedPack:
    """A pack whose seal holds. key: fingerprint of who signed it. paths: the images, in the reader's order."""

    manifest: PackManifest
    assignment: Assignment
    key: str
    folder: Path

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(self.folder / file for file in self.assignment.cases)

    def kept(self, local: str) -> KeptPack:
        """What the library is to keep of it. local: the name under which its reader draws here."""
        record = {"folder": str(self.folder), "local": local}
        return KeptPack(
            self.manifest.id, PackRole.OPENED, self.assignment.reader, self.manifest.document(), record
        )


def inspect_pack(path: Path) -> tuple[PackManifest, str]:
    """What a pack holds, and its signer's fingerprint; nothing is unpacked. Raises PackError."""
    with opened_sealed(path) as sealed:
        return read_manifest(sealed.text(MANIFEST), path), fingerprint(sealed.public)


def open_pack(path: Path, data: Path, reader: str = "", accepted: str = "") -> OpenedPack:
    """Check a pack and unpack its images below the data folder.

    reader: whose assignment to read, needed where there are several. accepted: the fingerprint that
    the issuer told. Opening it again finds the same images, and puts back what was lost or changed. Raises PackError.
    """
    with opened_sealed(path) as sealed:
        manifest = read_manifest(sealed.text(MANIFEST), path)
        assignment = _assignment(path, manifest, reader)
        _require_members(path, manifest, sealed.names)
        KnownKeys(data).check(manifest.issuer, sealed.public, accepted)
        folder = data / PACKS / manifest.id[:16]
        try:
            _unpack(sealed, manifest, folder)
        except OSError as error:
            raise PackError(
                f"{path} cannot be unpacked into {folder} ({error.strerror}); check the free space"
            ) from error
        return OpenedPack(manifest, assignment, fingerprint(sealed.public), folder)


def _assignment(path: Path, manifest: PackManifest, reader: str) -> Assignment:
    try:
        return manifest.assignment(reader)
    except PackError as error:
        raise PackError(f"{path}: {error}") from error


def _require_members(path: Path, manifest: PackManifest, names: Sequence[str]) -> None:
    if sorted(names) != sorted((MANIFEST, *(image.file for image in manifest.images))):
        raise PackError(f"{path} does not hold the images that it lists, or holds others; ask for it again")


def _unpack(sealed: Sealed, manifest: PackManifest, folder: Path) -> None:
    """Whole or not there."""
    if folder.is_dir():
        _restore(sealed, manifest, folder)
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=folder.parent))
    try:
        for image in manifest.images:
            _copy(sealed, image, staged / image.file)
        staged.replace(folder)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _restore(sealed: Sealed, manifest: PackManifest, folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".unpacking-", dir=folder.parent) as staged:
        for image in manifest.images:
            target, whole = folder / image.file, Path(staged) / image.file
            if not _is_whole(target, image):
                _copy(sealed, image, whole)
                target.parent.mkdir(exist_ok=True)
                whole.replace(target)


def _is_whole(path: Path, image: PackedImage) -> bool:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == image.sha256
    except FileNotFoundError:
        return False


def _copy(sealed: Sealed, image: PackedImage, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    if sealed.copy(image.file, target) != image.sha256:
        raise PackError(f"{sealed.path}: {image.file} is not the image that the pack lists; ask for it again")
