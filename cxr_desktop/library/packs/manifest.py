"""What a case pack says of itself: images, who reads which of them in which order, labels, blinding."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any

from cxr_desktop.domain.canonical import canonical_bytes, sha256_of
from cxr_desktop.domain.label_set import Code, Label, LabelSet
from cxr_desktop.library.packs.failure import PackError

FORMAT, VERSION = "cxrpack", 1
MANIFEST = "manifest.json"
IMAGES = "images"


@dataclass(frozen=True, slots=True)
class PackedImage:
    """file: its path in the pack, a number and a suffix, which tell nothing of the patient. sha256, size: of it."""

    file: str
    sha256: str
    size: int
    sop_instance_uid: str = ""
    columns: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Assignment:
    """cases: files of the images that the reader is to read, in this order."""

    reader: str
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Blinding:
    """commit_then_reveal: the network stays hidden until a reading is committed. others_hidden: so do other readers."""

    commit_then_reveal: bool = True
    others_hidden: bool = True


@dataclass(frozen=True, slots=True)
class PackManifest:
    """issuer: who made the pack. created: ISO 8601. Raises PackError where its parts do not fit together."""

    title: str
    issuer: str
    created: str
    label_set: LabelSet
    images: tuple[PackedImage, ...]
    assignments: tuple[Assignment, ...]
    blinding: Blinding = field(default=Blinding())
    deidentified: bool = False
    program: str = ""

    def __post_init__(self) -> None:
        files = [image.file for image in self.images]
        if not files or len(set(files)) < len(files) or len({i.sha256 for i in self.images}) < len(files):
            raise PackError("a case pack needs one image or more, each once")
        readers = [one.reader for one in self.assignments]
        if not readers or len(set(readers)) < len(readers) or not all(reader.strip() for reader in readers):
            raise PackError("a case pack needs one reader or more, each named once")
        for one in self.assignments:
            if not one.cases or len(set(one.cases)) < len(one.cases) or set(one.cases) - set(files):
                raise PackError(f"the cases of {one.reader} are not images of the pack, each once")

    @property
    def id(self) -> str:
        """SHA-256 of what the manifest says."""
        return sha256_of(self.document())

    def document(self) -> dict[str, Any]:
        """Plain values, as they are written."""
        return {"format": FORMAT, "version": VERSION, **asdict(self)}

    def to_bytes(self) -> bytes:
        return canonical_bytes(self.document())

    def assignment(self, reader: str = "") -> Assignment:
        """A reader's, or the only one. Raises PackError naming the readers."""
        names = [one.reader for one in self.assignments]
        if not reader and len(names) == 1:
            return self.assignments[0]
        for one in self.assignments:
            if one.reader == reader:
                return one
        asked = f"nobody is called {reader!r} in it" if reader else "it is for several readers"
        raise PackError(f"{asked}; choose one of {', '.join(names)}")

    def image(self, file: str) -> PackedImage:
        return next(image for image in self.images if image.file == file)


def read_manifest(content: bytes, path: object) -> PackManifest:
    """Raises PackError naming the pack for content that is no manifest, or one of a newer program."""
    document = read_document(content, path, FORMAT, VERSION)
    try:
        images = tuple(PackedImage(**one) for one in document["images"])
        made = PackManifest(
            title=str(document["title"]),
            issuer=str(document["issuer"]),
            created=str(document["created"]),
            label_set=_label_set(document["label_set"]),
            images=images,
            assignments=tuple(
                Assignment(str(a["reader"]), tuple(a["cases"])) for a in document["assignments"]
            ),
            blinding=Blinding(**document["blinding"]),
            deidentified=bool(document["deidentified"]),
            program=str(document["program"]),
        )
        _require_inside(images, path)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PackError(
            f"{path} holds no case pack that can be understood ({error!r}); ask for another"
        ) from error
    return made


def _require_inside(images: Sequence[PackedImage], path: object) -> None:
    for image in images:
        inside = PurePosixPath(image.file)
        if inside.parts != (IMAGES, inside.name) or inside.name.startswith(".") or "\\" in image.file:
            raise PackError(f"{path} names an image {image.file!r} outside its folder; it was not opened")


def read_document(content: bytes, path: object, kind: str, version: int) -> Mapping[str, Any]:
    """The JSON object of a format in a version that this program reads. Raises PackError."""
    try:
        document = json.loads(content)
    except ValueError as error:
        raise PackError(
            f"{path} is damaged: its manifest is no JSON ({error}); ask for the file again"
        ) from error
    found = document.get("format") if isinstance(document, dict) else None
    if found != kind:
        raise PackError(f"{path} is a {found or 'file of another kind'}, not a .{kind}; choose another file")
    number = document.get("version")
    if not isinstance(number, int) or number > version:
        raise PackError(
            f"{path} was made by a newer version of CXR Desktop (format {number}, this one reads {version}); "
            "update this one to open it"
        )
    return document


def label_set_of(names: Sequence[str], title: str = "") -> LabelSet:
    """A set of names without codes."""
    return LabelSet("pack", title, "", tuple(Label(name) for name in names))


def _label_set(found: Mapping[str, Any]) -> LabelSet:
    labels = tuple(
        Label(str(one["name"]), tuple(Code(**code) for code in one["codes"])) for one in found["labels"]
    )
    return LabelSet(str(found["id"]), str(found["title"]), str(found["source"]), labels)
