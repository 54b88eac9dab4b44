"""Files to Radiographs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from cxr_desktop.dicom.cine import CINE_KEYWORDS, frame_rate
from cxr_desktop.dicom.content import (
    SNIFFED,
    ContentKind,
    Sha256,
    content_kind,
    large_bytes,
    refuse_unless_image,
)
from cxr_desktop.dicom.dataset import ParsedFile, is_deflated, parse
from cxr_desktop.dicom.elements import text
from cxr_desktop.dicom.failure import naming
from cxr_desktop.dicom.frame import Frame
from cxr_desktop.dicom.functional_groups import FUNCTIONAL_GROUP_KEYWORDS, frame_attributes
from cxr_desktop.dicom.header import HEADER_KEYWORDS, instance_header
from cxr_desktop.dicom.layout import pixel_layout, refuse_without_pixels
from cxr_desktop.dicom.modality_lut import MODALITY_KEYWORDS, modality_values
from cxr_desktop.dicom.orientation import ORIENTATION_KEYWORDS, patient_orientation
from cxr_desktop.dicom.overlays import OVERLAY_TAGS, frame_overlays
from cxr_desktop.dicom.padding import PADDING_KEYWORDS, valid_pixels
from cxr_desktop.dicom.pixels import PIXEL_KEYWORDS, decode_frame
from cxr_desktop.dicom.raster import decode_raster
from cxr_desktop.dicom.spacing import SPACING_KEYWORDS, pixel_aspect, pixel_spacing
from cxr_desktop.dicom.voi import VOI_KEYWORDS, full_range, header_vois, ordered_vois
from cxr_desktop.domain.grayscale import Grayscale
from cxr_desktop.domain.radiograph import Radiograph

Pixel = TypeVar("Pixel", bound=np.generic)

KEYWORDS: tuple[str | int, ...] = (
    *HEADER_KEYWORDS,
    *PIXEL_KEYWORDS,
    *MODALITY_KEYWORDS,
    *VOI_KEYWORDS,
    *PADDING_KEYWORDS,
    *SPACING_KEYWORDS,
    *ORIENTATION_KEYWORDS,
    *FUNCTIONAL_GROUP_KEYWORDS,
    *CINE_KEYWORDS,
    "PresentationLUTShape",
    "BurnedInAnnotation",
    *OVERLAY_TAGS,
)


def read_radiograph(path: Path | str, frame: int = 0) -> Radiograph:
    """One frame of a DICOM, PNG, JPEG or TIFF file, told apart by content.

    frame: counted from 0. Pixels are read-only (rows, columns), after the Modality LUT.
    Raises DicomReadError, its message naming the file and what to do, for anything that cannot be
    shown: no image, damaged or truncated data, an absent decoder, an unreal size, no such frame.
    """
    return RadiographFile.open(path).frame(frame)


@dataclass(frozen=True, slots=True, eq=False)
class RadiographFile:
    """A file read once for all its frames; `frame` may be called by one thread at a time."""

    path: Path
    _data: memoryview
    _kind: ContentKind
    _digest: Sha256
    _parsed: ParsedFile | None

    @classmethod
    def open(cls, path: Path | str) -> RadiographFile:
        """Read the bytes of a file. Raises DicomReadError as `read_radiograph` does."""
        path = Path(path)
        with naming(path):
            data = large_bytes(path)
            kind = content_kind(bytes(data[:SNIFFED]))
            refuse_unless_image(kind)
            parsed = None if kind is ContentKind.RASTER else parse(data, KEYWORDS)
            return cls(path, data, kind, Sha256(data), parsed)

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self._data)

    def frame(self, index: int) -> Radiograph:
        """One frame, counted from 0. Raises DicomReadError as `read_radiograph` does."""
        with naming(self.path):
            if self._parsed is None:
                return _raster(self._data, self.path, index, self._digest)
            return _dicom(
                self._parsed, self.path, index, self._digest, deflated=is_deflated(self._data[:1200])
            )


def _raster(data: memoryview, path: Path, index: int, digest: Sha256) -> Radiograph:
    frame, header = decode_raster(data, path, index)
    notes = list(frame.notes)
    vois = ordered_vois((), frame.pixels, frame.valid, frame.bits, notes)
    return Radiograph(
        pixels=_frozen(frame.pixels),
        header=header,
        grayscale=Grayscale(vois, frame.inverted),
        sha256=digest,
        valid=None if frame.valid is None else _frozen(frame.valid),
        colour=frame.colour,
        bits_stored=frame.bits,
        notes=tuple(notes),
        frame=index,
    )


def _dicom(parsed: ParsedFile, path: Path, index: int, digest: Sha256, *, deflated: bool) -> Radiograph:
    dataset = parsed.dataset
    if parsed.pixels is None:
        refuse_without_pixels(dataset)
    header = instance_header(dataset, path, deflated=deflated)
    layout = pixel_layout(dataset, parsed.pixels)
    frame = decode_frame(dataset, parsed.pixels, layout, index)
    notes = list(frame.notes)
    attributes = frame_attributes(dataset, index)
    is_gray = layout.photometric.startswith("MONOCHROME")
    valid = valid_pixels(frame.pixels, attributes, notes) if is_gray else None
    pixels = modality_values(frame.pixels, attributes, notes) if is_gray else frame.pixels
    spacing = pixel_spacing(attributes, header.modality, notes)
    overlays = frame_overlays(dataset, frame.words, index, layout.gray_bits, notes)
    if text(dataset, "BurnedInAnnotation").upper() == "YES":
        notes.append("The file says that marks are burned into its pixels; they cannot be hidden.")
    return Radiograph(
        pixels=_frozen(pixels),
        header=header,
        grayscale=_grayscale(attributes, layout.photometric, frame, pixels, valid, notes),
        spacing=spacing,
        sha256=digest,
        valid=None if valid is None else _frozen(valid),
        colour=frame.colour,
        bits_stored=frame.bits,
        notes=tuple(notes),
        pixel_aspect=pixel_aspect(attributes, spacing),
        orientation=patient_orientation(attributes),
        stored=None if pixels is frame.pixels else _frozen(frame.pixels),
        frame=index,
        frame_rate=frame_rate(dataset) if layout.frames > 1 else 0.0,
        overlays=overlays,
    )


def _grayscale(
    attributes: Dataset,
    photometric: str,
    frame: Frame,
    pixels: NDArray[np.generic],
    valid: NDArray[np.bool_] | None,
    notes: list[str],
) -> Grayscale:
    if not photometric.startswith("MONOCHROME"):
        return Grayscale((full_range(pixels.dtype, frame.bits),))
    declared = header_vois(attributes, signed=pixels.dtype.kind != "u", notes=notes)
    own_bits = frame.bits if pixels is frame.pixels else 16
    vois = ordered_vois(declared, pixels, valid, own_bits, notes)
    return Grayscale(vois, _is_inverted(photometric, text(attributes, "PresentationLUTShape").upper(), notes))


def _is_inverted(photometric: str, shape: str, notes: list[str]) -> bool:
    """Whether low values are white: inverted once, whichever element says so.

    Presentation LUT Shape settles it where present, as its definition has it (PS3.3 C.7.6.1) and as
    dcmtk and dcm4che read it; MONOCHROME1 alone means INVERSE.
    """
    told = {"IDENTITY": False, "INVERSE": True}.get(shape)
    expected = photometric == "MONOCHROME1"
    if told is not None and told is not expected:
        shown = "inverted" if told else "not inverted"
        notes.append(
            f"{photometric} and Presentation LUT Shape {shape} contradict each other; shown {shown}."
        )
    return expected if told is None else told


def _frozen(array: NDArray[Pixel]) -> NDArray[Pixel]:
    array.setflags(write=False)
    return array
