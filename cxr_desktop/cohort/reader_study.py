"""Several readers' boxes on the same images, under labels that all of them share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cxr_desktop.cohort.box_input import read_box_input
from cxr_desktop.cohort.index import IndexRow
from cxr_desktop.domain import Box
from cxr_desktop.domain.errors import BoxFileError
from cxr_desktop.domain.labels import LabelMap


@dataclass(frozen=True, slots=True)
class ReaderStudy:
    """readers: in order of the files. boxes: image -> reader -> boxes, an empty tuple for 'read, nothing found'.

    A reader without an entry for an image did not read it. labels: the shared ones on images that
    two or more read. folded: own label -> the shared label that its boxes count under, where the
    two differ.
    """

    readers: tuple[str, ...]
    boxes: Mapping[str, Mapping[str, tuple[Box, ...]]]
    labels: tuple[str, ...]
    folded: Mapping[str, str]

    def read_by(self, readers: Iterable[str]) -> tuple[str, ...]:
        """Images that every one of the readers read, by name."""
        wanted = set(readers)
        return tuple(sorted(image for image, by in self.boxes.items() if wanted <= by.keys()))

    def of(self, image: str, reader: str, label: str | None = None) -> tuple[Box, ...]:
        """A reader's boxes on an image, of one shared label or of all."""
        found = self.boxes.get(image, {}).get(reader, ())
        return found if label is None else tuple(box for box in found if box.label == label)


def read_study(
    files: Sequence[Path], index: Sequence[IndexRow] | None = None, labels: LabelMap | None = None
) -> ReaderStudy:
    """Boxes of two or more readers, told by the column `reader` or `source`, else by the file's name.

    index: images that every reader read, those without a box as well; other images are left out.
    Without it a reader read the images that he drew on. Raises BoxFileError for a file that
    cannot be read as such, and for fewer than two readers.
    """
    boxes: dict[str, dict[str, tuple[Box, ...]]] = {}
    readers: dict[str, None] = {}
    for path in files:
        table = read_box_input(path)
        for image, found in table.items():
            for box in found:
                reader = box.source or path.stem
                readers.setdefault(reader)
                of_image = boxes.setdefault(image, {})
                drawn = (*of_image.get(reader, ()), replace(box, source=reader))
                of_image[reader] = tuple(dict.fromkeys(drawn))
        for image, blank in table.blank.items():
            for reader in (name or path.stem for name in sorted(blank)):
                readers.setdefault(reader)
                boxes.setdefault(image, {}).setdefault(reader, ())
    if len(readers) < 2:
        named = ", ".join(map(str, files))
        raise BoxFileError(
            f"{named}: boxes of {len(readers)} reader; agreement needs two or more. Give a file a reader, "
            "or one file with the column reader or source"
        )
    if index is not None:
        boxes = {row.name: {r: boxes.get(row.name, {}).get(r, ()) for r in readers} for row in index}
    return assemble_study(tuple(readers), boxes, labels)


def assemble_study(
    readers: Sequence[str],
    boxes: Mapping[str, Mapping[str, tuple[Box, ...]]],
    labels: LabelMap | None = None,
) -> ReaderStudy:
    """A study of boxes at hand: image -> reader -> boxes, an empty tuple for 'read, nothing found'."""
    compared = [by for by in boxes.values() if len(by) > 1]
    folded = _shared_labels(compared, labels or LabelMap.load())
    return ReaderStudy(
        tuple(readers),
        {image: {r: _relabelled(found, folded) for r, found in by.items()} for image, by in boxes.items()},
        tuple(sorted(set(folded.values()))),
        {own: shared for own, shared in sorted(folded.items()) if own != shared},
    )


def _shared_labels(compared: Sequence[Mapping[str, Sequence[Box]]], labels: LabelMap) -> dict[str, str]:
    """Each label in use -> the broadest label in use that it lies under."""
    used: dict[str, None] = {}
    for by in compared:
        for found in by.values():
            used.update(dict.fromkeys(box.label for box in found))
    spelled: dict[str, str] = {}
    for label in sorted(used):
        spelled.setdefault(labels.canonical(label), label)
    broadest = [
        one
        for one in spelled.values()
        if not any(other != one and labels.matches(one, other) for other in spelled.values())
    ]
    return {
        label: next((one for one in broadest if labels.matches(label, one)), spelled[labels.canonical(label)])
        for label in used
    }


def _relabelled(boxes: Sequence[Box], folded: Mapping[str, str]) -> tuple[Box, ...]:
    return tuple(replace(box, label=folded.get(box.label, box.label)) for box in boxes)
