"""What every object of ours has in common, and its file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxr_desktop.domain import Analysis
from cxr_desktop.reports.dicom.identity import Identity

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

MANUFACTURER = "CXR Desktop"
IMPLEMENTATION_UID = "2.25.50493975804983877647035628204086976335"
NOTICE = "Not for diagnostic use"
_TIMES = (
    ("InstanceCreationDate", "InstanceCreationTime"),
    ("ContentDate", "ContentTime"),
    ("PresentationCreationDate", "PresentationCreationTime"),
    ("DateOfSecondaryCapture", "TimeOfSecondaryCapture"),
)
SERIES = {
    "sr": 9101,
    "gsps": 9102,
    "seg": 9103,
    "sc": 9104,
    "encapsulated-pdf": 9105,
    "kos": 9106,
    "pmap": 9107,
}
LONGEST_TEXT = 64
CHEST_PARTS = frozenset({"CHEST", "THORAX"})


def equipment(analysis: Analysis) -> dict[str, Any]:
    """What made the object, as highdicom's constructors name it."""
    model = analysis.prediction.model
    return {
        "manufacturer": MANUFACTURER,
        "manufacturer_model_name": line(f"{model.name} {model.version}"),
        "software_versions": line(analysis.software or MANUFACTURER),
        "device_serial_number": line(model.weights_sha256 or "unknown"),
    }


def series(role: str, identity: Identity, title: str, instance: int = 1, *content: str) -> dict[str, Any]:
    """Which series and instance the object is, as highdicom's constructors name it. title: of the series."""
    return {
        "series_instance_uid": identity.uid(f"{role}/series"),
        "series_number": SERIES[role],
        "sop_instance_uid": identity.uid(f"{role}/instance/{instance}", *content),
        "instance_number": instance,
        "series_description": line(f"{title}. {NOTICE}"),
    }


def add_body_part(dataset: Dataset, body_part: str, *, sided: bool = False) -> None:
    """What was examined, as far as the image says it.

    sided: for kinds of objects that must tell the side, too, of what may have a twin; it stays empty, that is unknown.
    """
    if body_part:
        dataset.BodyPartExamined = body_part
    if sided and body_part.upper() not in CHEST_PARTS:
        dataset.Laterality = ""


def add_orientation(dataset: Dataset, analysis: Analysis) -> None:
    """Towards what rows and columns run, for pixels that lie on the image's; empty where not told."""
    told = analysis.radiograph.orientation
    dataset.PatientOrientation = list(told) if all(told) else ""


def line(text: str, longest: int = LONGEST_TEXT) -> str:
    """One line that a DICOM text element can hold; what is too long ends in '...'.

    Counts bytes of UTF-8: the standard counts characters, but some validators and databases count bytes.
    """
    plain = "".join(c if c.isprintable() and c != "\\" else " " for c in text).strip()
    if len(plain.encode()) <= longest:
        return plain
    return plain.encode()[: longest - 3].decode(errors="ignore").rstrip() + "..."


def save(dataset: Dataset, identity: Identity, path: Path) -> tuple[Path, ...]:
    """Write the file; equal cases give equal bytes. Raises OSError."""
    from pydicom.uid import UID

    for date, time in _TIMES:
        if date in dataset:
            setattr(dataset, date, identity.date)
            setattr(dataset, time, identity.time)
    for element in dataset.iterall():
        if element.keyword == "DimensionOrganizationUID":
            element.value = identity.uid("dimensions", str(dataset.SOPInstanceUID))
        elif element.keyword == "ContributionDateTime":
            element.value = identity.date + identity.time
    dataset.file_meta.ImplementationClassUID = UID(IMPLEMENTATION_UID)
    dataset.file_meta.ImplementationVersionName = "CXR_DESKTOP"
    dataset.save_as(path, enforce_file_format=True)
    return (path,)
