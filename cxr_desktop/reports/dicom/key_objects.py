"""A Key Object Selection that points at the analysed image (TID 2010)."""

from __future__ import annotations

from pathlib import Path

from highdicom.ko import KeyObjectSelection, KeyObjectSelectionDocument
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes as standard

from cxr_desktop.domain import DISCLAIMER, Analysis
from cxr_desktop.reports.dicom import observers
from cxr_desktop.reports.dicom.identity import Identity
from cxr_desktop.reports.dicom.source import Source, source_of
from cxr_desktop.reports.dicom.writing import equipment, save, series
from cxr_desktop.reports.wording import number


def write(analysis: Analysis, path: Path) -> tuple[Path, ...]:
    """Write the selection. Raises ExportError, or OSError."""
    identity = Identity.of(analysis)
    return save(key_objects(analysis, source_of(analysis), identity), identity, path)


def key_objects(analysis: Analysis, source: Source, identity: Identity) -> KeyObjectSelectionDocument:
    """The selection as a data set: the image, who chose it, and what the network said of it."""
    image = Dataset()
    image.update(source.subject)
    image.Rows, image.Columns = analysis.radiograph.rows, analysis.radiograph.columns
    readers = [reading.reader for reading in analysis.readings if reading.reader]
    content = KeyObjectSelection(
        document_title=standard.DCM.OfInterest,
        referenced_objects=[image],
        observer_person_context=observers.person(readers[0]) if readers else None,
        observer_device_context=observers.device(analysis, identity),
        description=_description(analysis),
    )
    if source.frame is not None:
        content[0].ContentSequence[-1].ReferencedSOPSequence[0].ReferencedFrameNumber = source.frame
    made = equipment(analysis)
    return KeyObjectSelectionDocument(
        evidence=[image],
        content=content,
        manufacturer=made.pop("manufacturer"),
        **series("kos", identity, "Key images"),
        **made,
    )


def _description(analysis: Analysis) -> str:
    """The scores and the boxes counted, in words: a selection has no place for more."""
    model = analysis.prediction.model
    scores = ", ".join(f"{label} {number(score, 3)}" for label, score in analysis.prediction.scores.items())
    boxes = ", ".join(f"{one.method} {len(one.boxes)}" for one in analysis.localized)
    people = len(analysis.references) + sum(len(reading.boxes) for reading in analysis.readings)
    return "\n".join(
        (
            DISCLAIMER,
            f"Model {model.name} {model.version}, weights SHA-256 {model.weights_sha256 or 'unknown'}.",
            f"Scores: {scores or 'none'}.",
            f"Network boxes by method: {boxes or 'none'}. Boxes of people: {people}.",
        )
    )
