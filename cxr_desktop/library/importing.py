"""Boxes from files as readings of the library: each reader of the file becomes a reader here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cxr_desktop.domain import Box, InstanceHeader
from cxr_desktop.library.events import AddBox, Commit, Event, to_json
from cxr_desktop.library.readings import ReadingStore, StoredEvent
from cxr_desktop.localization import BoxTable


@dataclass(frozen=True, slots=True)
class FoundReading:
    """What a reader of a file drew on an image; no box for 'read, nothing found'."""

    header: InstanceHeader
    reader: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """readings: readings in the files. new: events that were not here yet. readers: by name, sorted."""

    readings: int
    new: int
    readers: tuple[str, ...]


def found_readings(
    tables: Mapping[Path, BoxTable], headers: Iterable[InstanceHeader]
) -> tuple[FoundReading, ...]:
    """Readings of the images that the tables name, by file name or SOP Instance UID.

    A box without a reader is its file's, called by the file's name.
    """
    found: dict[tuple[Path, str], list[Box]] = {}
    images: dict[Path, InstanceHeader] = {}
    for header in headers:
        keys = {header.path.name, header.path.stem, header.sop_instance_uid}
        for file, table in tables.items():
            for box in table.boxes_for(header.path, header.sop_instance_uid):
                found.setdefault((header.path, box.source or file.stem), []).append(box)
            for image, blank in table.blank.items():
                for reader in blank if image in keys else ():
                    found.setdefault((header.path, reader or file.stem), [])
        images[header.path] = header
    return tuple(
        FoundReading(images[path], reader, tuple(dict.fromkeys(boxes)))
        for (path, reader), boxes in sorted(found.items())
    )


def import_readings(store: ReadingStore, readings: Sequence[FoundReading]) -> Imported:
    """Keep readings as committed ones, with their images; importing them again changes nothing.

    Raises StoreError, and OSError for an image that cannot be read.
    """
    hashes = {one.header.path: _sha256(one.header.path) for one in readings}
    store.studies.keep({one.header.path: one.header for one in readings}.values(), hashes)
    new = store.merge(event for one in readings for event in _events(one, hashes[one.header.path]))
    return Imported(len(readings), new, tuple(sorted({one.reader for one in readings})))


def _events(reading: FoundReading, sha256: str) -> Iterable[StoredEvent]:
    """Named by what they say, so that they are the same wherever and whenever they are imported."""
    boxes = (replace(box, source=reading.reader) for box in reading.boxes)
    happened: list[Event] = [*map(AddBox, boxes), Commit()]
    after = ""
    for step, event in enumerate(happened, 1):
        said = f"{sha256}\n{reading.reader}\n{after}\n{to_json(event)}"
        uid = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        yield StoredEvent(
            sha256, reading.reader, event, reading.header.sop_instance_uid, "", uid, after, step
        )
        after = uid


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
