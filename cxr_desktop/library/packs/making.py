"""A case pack from images, for readers on other machines."""

from __future__ import annotations

import hashlib
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cxr_desktop import __version__
from cxr_desktop.dicom import read_header
from cxr_desktop.dicom.failure import Unreadable
from cxr_desktop.domain import InstanceHeader, Progress
from cxr_desktop.domain.errors import DicomReadError
from cxr_desktop.domain.label_set import LabelSet
from cxr_desktop.library.packs.failure import PackError
from cxr_desktop.library.packs.manifest import (
    IMAGES,
    MANIFEST,
    Assignment,
    Blinding,
    PackedImage,
    PackManifest,
)
from cxr_desktop.library.packs.sealed import write_sealed
from cxr_desktop.library.packs.shelf import KeptPack, PackRole
from cxr_desktop.library.packs.signing import Signer

Clean = Callable[[Path, Path], None]
"""Writes a de-identified copy of its first path to its second; raises CxrError where it cannot."""


@dataclass(frozen=True, slots=True)
class PackRequest:
    """What goes into a pack.

    readers: reader -> the images to read, in order. shuffled: gives each reader an order of their own, the
    same for the same number; None leaves it. created: ISO 8601.
    """

    readers: Mapping[str, Sequence[Path]]
    label_set: LabelSet
    issuer: str
    created: str
    title: str = ""
    blinding: Blinding = field(default=Blinding())
    shuffled: int | None = None


def make_pack(
    out: Path,
    request: PackRequest,
    signer: Signer,
    clean: Clean | None = None,
    progress: Progress | None = None,
) -> KeptPack:
    """Write a .cxrpack; equal requests give equal bytes. Returns what the library is to keep of it.

    clean: de-identifies; without it the files go in as they are. Files are called by numbers in
    the pack, as their own names may tell of the patient. Raises PackError, DicomReadError.
    """
    paths = list(dict.fromkeys(path for cases in request.readers.values() for path in cases))
    if not paths:
        raise PackError("there is no image to pack; choose one or more")
    with tempfile.TemporaryDirectory(prefix=".cxr-pack-", dir=_folder(out)) as scratch:
        packed: dict[Path, PackedImage] = {}
        sources: dict[str, Path] = {}
        originals: dict[str, list[str]] = {}
        for number, path in enumerate(paths, 1):
            if progress is not None:
                progress((number - 1) / len(paths))
            header = _header(path)
            source = (
                path if clean is None else _cleaned(path, clean, Path(scratch) / f"{number:04d}{path.suffix}")
            )
            image = _image(
                source, f"{IMAGES}/{number:04d}{path.suffix.lower()}", header if clean is None else None
            )
            if image.sha256 in originals:
                raise PackError(f"{path} is the same image as another of the pack; leave one of them out")
            packed[path], sources[image.file] = image, source
            home = image.sha256 if clean is None else _sha256(path)
            originals[image.sha256] = [home, header.sop_instance_uid]
        manifest = PackManifest(
            title=request.title,
            issuer=request.issuer,
            created=request.created,
            label_set=request.label_set,
            images=tuple(packed.values()),
            assignments=tuple(
                _assignment(r, cases, packed, request.shuffled) for r, cases in request.readers.items()
            ),
            blinding=request.blinding,
            deidentified=clean is not None,
            program=f"CXR Desktop {__version__}",
        )
        write_sealed(out, {MANIFEST: manifest.to_bytes(), **sources}, signer)
    if progress is not None:
        progress(1.0)
    return KeptPack(manifest.id, PackRole.MADE, "", manifest.document(), {"originals": originals})


def _assignment(
    reader: str, cases: Sequence[Path], packed: Mapping[Path, PackedImage], seed: int | None
) -> Assignment:
    files = [packed[path].file for path in cases]
    if seed is not None:
        random.Random(f"{seed} {reader}").shuffle(files)
    return Assignment(reader.strip(), tuple(files))


def _folder(out: Path) -> Path:
    if not out.parent.is_dir():
        raise PackError(f"{out.parent} is no folder; choose another place for the pack")
    return out.parent


def _header(path: Path) -> InstanceHeader:
    try:
        header = read_header(path)
    except Unreadable as error:
        raise DicomReadError(f"{path}: {error}") from error
    if not header.rows or not header.columns:
        raise DicomReadError(f"{path}: it holds no image; leave it out of the pack")
    return header


def _cleaned(path: Path, clean: Clean, target: Path) -> Path:
    try:
        clean(path, target)
    except OSError as error:
        raise PackError(f"{path} cannot be copied ({error.strerror}); check the space on the disk") from error
    return target


def _image(path: Path, file: str, header: InstanceHeader | None) -> PackedImage:
    found = header or replace(_header(path), path=path)
    return PackedImage(
        file, _sha256(path), path.stat().st_size, found.sop_instance_uid, found.columns, found.rows
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
