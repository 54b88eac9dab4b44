"""The Image Pixel module of a header, checked before anything is decoded (PS3.3 C.7.6.3)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NoReturn

from pydicom.dataset import Dataset
from pydicom.uid import UID, MediaStorageDirectoryStorage

from cxr_desktop.dicom.dataset import PixelElement
from cxr_desktop.dicom.elements import integer, items, text
from cxr_desktop.dicom.failure import DAMAGED_CURE, Unreadable
from cxr_desktop.dicom.limits import check_frame_size

_INTEGER_BITS = (1, 8, 16, 32)
_OF_GRAY = ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR")
_OF_COLOUR = (
    "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_PARTIAL_422", "YBR_ICT", "YBR_RCT",
    "MONOCHROME1", "MONOCHROME2",  # a gray image written three times over
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PixelLayout:
    """The Image Pixel module of a data set, checked. element and vr: of what holds the pixels."""

    element: str
    vr: str
    rows: int
    columns: int
    samples: int
    frames: int
    photometric: str
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    planar: int
    syntax: UID

    @property
    def is_integer(self) -> bool:
        return self.element == "PixelData"

    @property
    def gray_bits(self) -> range:
        """Positions of the bits of a pixel word that hold its value."""
        return range(self.high_bit + 1 - self.bits_stored, self.high_bit + 1)

    def options(self) -> dict[str, Any]:
        """The layout in the words of pydicom's decoders."""
        told: dict[str, Any] = {
            "rows": self.rows,
            "columns": self.columns,
            "samples_per_pixel": self.samples,
            "number_of_frames": self.frames,
            "photometric_interpretation": self.photometric,
            "bits_allocated": self.bits_allocated,
            "pixel_keyword": self.element,
            "pixel_vr": self.vr,
        }
        if self.is_integer:
            told |= {"bits_stored": self.bits_stored, "pixel_representation": int(self.signed)}
        return told | {"planar_configuration": self.planar} if self.samples > 1 else told

    @property
    def frame_bytes(self) -> int:
        """Length of an uncompressed frame, rounded up."""
        per_pixel = 2 if self.photometric == "YBR_FULL_422" else self.samples
        return math.ceil(self.rows * self.columns * per_pixel * self.bits_allocated / 8)


def pixel_layout(dataset: Dataset, pixels: PixelElement) -> PixelLayout:
    """What the header says of the pixels. Raises Unreadable where no image can come of it."""
    element = pixels.keyword
    rows, columns = integer(dataset, "Rows", 0), integer(dataset, "Columns", 0)
    samples = integer(dataset, "SamplesPerPixel", 1)
    check_frame_size(rows, columns, samples)
    if samples not in (1, 3):
        raise Unreadable(f"its pixels have {samples} samples, and only gray (1) and colour (3) can be shown.")
    allocated = {"FloatPixelData": 32, "DoubleFloatPixelData": 64}.get(element) or integer(
        dataset, "BitsAllocated", 0
    )
    if element == "PixelData" and allocated not in _INTEGER_BITS:
        raise Unreadable(f"Bits Allocated is {allocated}, and only 1, 8, 16 and 32 are known. {DAMAGED_CURE}")
    stored = integer(dataset, "BitsStored", allocated)
    stored = stored if 0 < stored <= allocated else allocated
    high = integer(dataset, "HighBit", stored - 1)
    high = high if stored - 1 <= high < allocated else stored - 1
    return PixelLayout(
        element=element,
        vr=pixels.vr,
        rows=rows,
        columns=columns,
        samples=samples,
        frames=max(integer(dataset, "NumberOfFrames", 1), 1),
        photometric=_photometric(dataset, samples),
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=high,
        signed=integer(dataset, "PixelRepresentation", 0) == 1,
        planar=int(integer(dataset, "PlanarConfiguration", 0) == 1),
        syntax=UID(str(dataset.file_meta.TransferSyntaxUID)),
    )


def _photometric(dataset: Dataset, samples: int) -> str:
    """What the values mean. Raises Unreadable where that cannot be told or shown: a gray made up would mislead."""
    found = text(dataset, "PhotometricInterpretation").upper() or "MONOCHROME2"
    if found not in (_OF_GRAY if samples == 1 else _OF_COLOUR):
        values = "1 value" if samples == 1 else f"{samples} values"
        raise Unreadable(
            f"its Photometric Interpretation is {found[:16]}, which cannot be shown with {values} a pixel. "
            f"{DAMAGED_CURE}"
        )
    return found


def refuse_without_pixels(dataset: Dataset) -> NoReturn:
    """Raise Unreadable, naming what the file holds instead of an image."""
    if items(dataset, "EncryptedAttributesSequence"):
        raise Unreadable(
            "its attributes are encrypted and no pixel data stand in the open. Decrypt it first."
        )
    sop_class = UID(text(dataset, "SOPClassUID"))
    if sop_class == MediaStorageDirectoryStorage or (
        "MediaStorageSOPClassUID" in dataset.file_meta
        and (dataset.file_meta.MediaStorageSOPClassUID == MediaStorageDirectoryStorage)
    ):
        raise Unreadable(
            "this is a DICOMDIR, the list of a medium. Open it as a study, or choose an image of it."
        )
    name = sop_class.name.removesuffix(" Storage") if sop_class else ""
    if name and name != str(sop_class):
        if "Image" in name:
            raise Unreadable(
                f"its header is that of {a_or_an(name)}, but no pixel data follow. {DAMAGED_CURE}"
            )
        raise Unreadable(f"this is {a_or_an(name)} object, which holds no pixel data. Choose an image.")
    raise Unreadable("it holds no pixel data. Choose an image, or export it again from its source.")


def a_or_an(name: str) -> str:
    """The name of a kind of object with its article; abbreviations are spelled when spoken."""
    return f"{'an' if name.startswith(('A', 'E', 'I', 'O', 'Ul', 'MR', 'RT', 'X-')) else 'a'} {name}"
