"""One file to its de-identified copy, whole or not there, and never over an original."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from cxr_desktop import __version__
from cxr_desktop.dicom.content import PREAMBLE, ContentKind, all_bytes, content_kind, refuse_unless_image
from cxr_desktop.dicom.dataset import inflated, parse
from cxr_desktop.dicom.deidentification.attributes import Profile
from cxr_desktop.dicom.deidentification.changes import Action, Change
from cxr_desktop.dicom.deidentification.options import Code, Dates, Options, codes_of
from cxr_desktop.dicom.deidentification.pixels import CleanPixels, clean_pixels, write_pixels
from cxr_desktop.dicom.deidentification.pseudonyms import Pseudonyms
from cxr_desktop.dicom.deidentification.table import EDITION
from cxr_desktop.dicom.elements import text
from cxr_desktop.dicom.failure import Unreadable, naming
from cxr_desktop.dicom.layout import PixelLayout, pixel_layout, refuse_without_pixels
from cxr_desktop.dicom.pixels import PIXEL_KEYWORDS
from cxr_desktop.domain.errors import ExportError
from cxr_desktop.domain.whole_file import write_through
from cxr_desktop.domain.write_failure import write_cure

SUFFIX = ".dcm"
_PIXEL_TAG = "(7FE0,0010)"
_TEMPORAL = {Dates.REMOVED: "REMOVED", Dates.MODIFIED: "MODIFIED", Dates.FULL: "UNMODIFIED"}


@dataclass(frozen=True, slots=True)
class Deidentified:
    """A copy and how it came about. source: kept from every report, for its name may tell.

    notes: what the person should still look at, in sentences.
    """

    source: Path
    path: Path
    changes: tuple[Change, ...]
    codes: tuple[Code, ...]
    notes: tuple[str, ...] = ()


def deidentify(
    source: Path,
    out: Path,
    options: Options | None = None,
    pseudonyms: Pseudonyms | None = None,
    *,
    apart_from: Collection[Path] = (),
) -> Deidentified:
    """Write a de-identified copy of a DICOM image into the folder out, named after its new UID.

    Explicit VR Little Endian, uncompressed: a compressed stream can carry comments of its own. Give the
    same pseudonyms to all files of a set, so that their UIDs, patients and dates hold together.
    apart_from: copies of the set made so far, which none is written over but its equal.
    Raises DicomReadError for what is no readable DICOM image, ExportError for what cannot be written.
    """
    options = Options() if options is None else options
    pseudonyms = Pseudonyms() if pseudonyms is None else pseudonyms
    with naming(source):
        dataset, changes, notes = _cleaned(source, options, pseudonyms)
        content = _encoded(dataset)
    path = out / f"{dataset.SOPInstanceUID}{SUFFIX}"
    if path in apart_from and path.read_bytes() != content:
        raise ExportError(
            f"it has the SOP Instance UID of another image of the set, {path.name}, and would be written over it; "
            "copy it into a folder of its own"
        )
    _write_whole(content, path, source)
    return Deidentified(source, path, changes, codes_of(options), notes)


def _cleaned(
    source: Path, options: Options, pseudonyms: Pseudonyms
) -> tuple[Dataset, tuple[Change, ...], tuple[str, ...]]:
    data = all_bytes(source)
    kind = content_kind(data[:256])
    refuse_unless_image(kind)
    if kind is ContentKind.RASTER:
        raise Unreadable("this is no DICOM file, so there is no header to de-identify. Choose DICOM images.")
    data = inflated(data)
    parsed = parse(data, ("SOPClassUID", *PIXEL_KEYWORDS))
    if parsed.pixels is None:
        refuse_without_pixels(parsed.dataset)
    layout = pixel_layout(parsed.dataset, parsed.pixels)
    pixels = clean_pixels(parsed.dataset, parsed.pixels, layout, options.clean)
    dataset = _header(data)
    notes = _notes(dataset, options)
    changes = Profile(dataset, options, pseudonyms).apply()
    write_pixels(dataset, pixels, layout, len(data) - parsed.pixels.start)
    _state(dataset, options)
    return dataset, tuple(sorted((*changes, *_pixel_changes(pixels, layout)))), notes


def _header(data: bytes) -> Dataset:
    """All elements but the pixels, with file meta information made anew."""
    dataset = pydicom.dcmread(BytesIO(data), force=True, stop_before_pixels=True)
    _, little = dataset.original_encoding
    if not little:
        _swap_words(dataset)
    for needed in ("SOPClassUID", "SOPInstanceUID"):
        if not text(dataset, needed):
            raise Unreadable(f"it has no {needed}, so a copy could not be told apart. Export it again.")
    return dataset


def _swap_words(dataset: Dataset) -> None:
    """Big-endian words (tables of gray or colour) into the byte order of the copy."""
    for element in dataset.iterall():
        if element.VR == "OW" and isinstance(element.value, bytes):
            value = bytearray(element.value)
            value[0::2], value[1::2] = value[1::2], value[0::2]
            element.value = bytes(value)


def _state(dataset: Dataset, options: Options) -> None:
    """Say in the copy itself what was done (PS3.3 C.12.1.1.7 and C.7.1.1)."""
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = [
        f"CXR Desktop {__version__}",
        f"PS3.15 Table E.1-1, {EDITION}",
    ]
    dataset.DeidentificationMethodCodeSequence = [_item(code) for code in codes_of(options)]
    dataset.LongitudinalTemporalInformationModified = _TEMPORAL[options.dates]
    if options.clean:
        dataset.BurnedInAnnotation = "NO"


def _item(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, "DCM", code.meaning
    return item


def _notes(dataset: Dataset, options: Options) -> tuple[str, ...]:
    if options.clean:
        return ()
    notes = []
    if text(dataset, "BurnedInAnnotation").upper() == "YES":
        notes.append("The file says that text is burned into its pixels, and no rectangle was blanked.")
    elif text(dataset, "SOPClassUID").startswith("1.2.840.10008.5.1.4.1.1.7"):
        notes.append("A secondary capture often has text burned into its pixels; look at the picture.")
    return tuple(notes)


def _pixel_changes(pixels: CleanPixels, layout: PixelLayout) -> tuple[Change, ...]:
    done = (
        (Action.BLANKED, pixels.blanked),
        (Action.CLEARED, int(pixels.cleared)),
        (Action.DECOMPRESSED, int(layout.syntax.is_encapsulated)),
    )
    return tuple(Change(_PIXEL_TAG, "Pixel Data", action, count) for action, count in done if count)


def _encoded(dataset: Dataset) -> bytes:
    """The copy's bytes, with a header of our own: the old one can name applications and hold private bytes."""
    plain = Dataset()
    for element in dataset:
        plain.add(element)
    plain.file_meta = FileMetaDataset()
    plain.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    plain.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    plain.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    plain.preamble = b"\0" * PREAMBLE
    stream = BytesIO()
    pydicom.dcmwrite(stream, plain, enforce_file_format=True)
    return stream.getvalue()


def _write_whole(content: bytes, path: Path, source: Path) -> None:
    try:
        if path.exists() and path.samefile(source):
            raise ExportError(f"{path} is the original itself; choose another folder for the copies")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_through(path, content)
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {write_cure(error)}") from error
