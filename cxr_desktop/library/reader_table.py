"""Who read which image of the library, and what they drew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from cxr_desktop.domain import Box, InstanceHeader
from cxr_desktop.library.failure import StoreError
from cxr_desktop.library.history import History
from cxr_desktop.library.readings import ReadingStore


@dataclass(frozen=True, slots=True)
class ReadImage:
    """An image that somebody read. header: None where the library does not know its file any more."""

    sha256: str
    name: str
    header: InstanceHeader | None
    readings: Mapping[str, History]


def read_images(store: ReadingStore) -> tuple[ReadImage, ...]:
    """Images with at least one reading, by name. Raises StoreError.

    name: of the file where it is the only one of that name, else with the first digits of its
    hash. A second version of a reading is called 'reader (2)'.
    """
    kept = {image.sha256: image.header for image in store.studies.images() if image.sha256}
    found = [(sha256, readings_of(store, sha256)) for sha256 in store.images()]
    names = Counter(kept[sha256].path.name for sha256, _ in found if sha256 in kept)
    return tuple(
        sorted(
            (
                ReadImage(sha256, _name(kept.get(sha256), sha256, names), kept.get(sha256), readings)
                for sha256, readings in found
                if readings
            ),
            key=lambda image: (image.name, image.sha256),
        )
    )


def readings_of(store: ReadingStore, sha256: str) -> dict[str, History]:
    """Reader -> reading of one image, in order of their names. Raises StoreError."""
    return {
        reader if number == 1 else f"{reader} ({number})": version
        for reader in sorted(store.readers(sha256))
        for number, version in enumerate(store.versions(sha256, reader), 1)
    }


def reader_boxes(images: tuple[ReadImage, ...]) -> dict[str, dict[str, tuple[Box, ...]]]:
    """Image -> reader -> boxes of committed readings, and of drafts that hold a box; none of an adjudicator."""
    return _boxes(images, adjudicated=False)


def adjudicated_boxes(images: tuple[ReadImage, ...]) -> dict[str, dict[str, tuple[Box, ...]]]:
    """Image -> adjudicator -> boxes of adjudicated readings."""
    return _boxes(images, adjudicated=True)


@dataclass(frozen=True, slots=True)
class ReaderTable:
    """All that an agreement is measured on. boxes, adjudicated: image -> reader -> boxes. sizes: (columns, rows)."""

    readers: tuple[str, ...]
    boxes: Mapping[str, Mapping[str, tuple[Box, ...]]]
    adjudicated: Mapping[str, Mapping[str, tuple[Box, ...]]]
    sizes: Mapping[str, tuple[int, int]]


def reader_table(store: ReadingStore) -> ReaderTable:
    """The readings of the library. Raises StoreError, also where they are of fewer than two readers."""
    images = read_images(store)
    boxes = reader_boxes(images)
    readers = tuple(sorted({reader for by in boxes.values() for reader in by}))
    if len(readers) < 2:
        raise StoreError(
            f"the library holds readings of {'one reader' if readers else 'no reader'}; agreement needs two or more. "
            "Import some from "
            "files of boxes, or merge those that were handed back."
        )
    sizes = {one.name: (one.header.columns, one.header.rows) for one in images if one.header}
    return ReaderTable(readers, boxes, adjudicated_boxes(images), sizes)


def _boxes(images: tuple[ReadImage, ...], *, adjudicated: bool) -> dict[str, dict[str, tuple[Box, ...]]]:
    table = {
        image.name: {
            reader: history.present.boxes
            for reader, history in image.readings.items()
            if (history.committed if adjudicated else history.committed or history.present.boxes)
            and bool(history.present.settlements) is adjudicated
        }
        for image in images
    }
    return {name: by for name, by in table.items() if by}


def _name(header: InstanceHeader | None, sha256: str, names: Counter[str]) -> str:
    if header is None:
        return sha256[:12]
    return header.path.name if names[header.path.name] == 1 else f"{header.path.name} {sha256[:8]}"
