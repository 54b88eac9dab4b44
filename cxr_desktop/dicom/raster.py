"""PNG, JPEG and TIFF files as radiographs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from cxr_desktop.dicom.byte_stream import stream_of
from cxr_desktop.dicom.failure import Unreadable
from cxr_desktop.dicom.frame import Frame
from cxr_desktop.dicom.limits import check_frame_size
from cxr_desktop.dicom.luminance import has_colour, luminance
from cxr_desktop.dicom.padding import are_numbers, unless_all
from cxr_desktop.dicom.quiet import quieten
from cxr_desktop.domain.radiograph import InstanceHeader

_FORMATS = ("PNG", "JPEG", "TIFF")
_PHOTOMETRIC_TAG = 262
_EXIF_ORIENTATION = 0x0112
_GRAY_TYPES = {"1": "u1", "L": "u1", "I": "i4", "F": "f4"}


def raster_header(path: Path) -> InstanceHeader:
    """The header of an image file; only its size, mode and number of frames are known."""
    with path.open("rb") as stream, _opened(stream) as image:
        return _header(image, path)


def decode_raster(data: bytes | memoryview, path: Path, index: int) -> tuple[Frame, InstanceHeader]:
    """Frame index of an image file in memory. Raises Unreadable, or what Pillow raises on damage."""
    with _opened(stream_of(data)) as image:
        header = _header(image, path)
        check_frame_size(header.rows, header.columns)
        if not 0 <= index < header.frames:
            raise Unreadable(f"there is no frame {index}: the file holds {header.frames}, counted from 0.")
        image.seek(index)
        check_frame_size(image.height, image.width)
        return _frame(image), header


@contextmanager
def _opened(stream: BinaryIO) -> Iterator[Image.Image]:
    quieten()
    try:
        image = Image.open(stream, formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise Unreadable(
            f"the image is too large to be real ({error}). Export it at a smaller size."
        ) from error
    except UnidentifiedImageError as error:
        raise Unreadable("the PNG, JPEG or TIFF data are damaged. Export the image again.") from error
    with image:
        yield image


def _header(image: Image.Image, path: Path) -> InstanceHeader:
    return InstanceHeader(
        path=path,
        photometric_interpretation="MONOCHROME1" if _min_is_white(image) else "MONOCHROME2",
        rows=image.height,
        columns=image.width,
        frames=int(getattr(image, "n_frames", 1)),
    )


def _min_is_white(image: Image.Image) -> bool:
    """Whether a TIFF says so and Pillow has left it to us (it inverts up to 8 bit by itself)."""
    tags = getattr(image, "tag_v2", None)
    return tags is not None and tags.get(_PHOTOMETRIC_TAG) == 0 and image.mode not in ("1", "L")


def _frame(image: Image.Image) -> Frame:
    notes: list[str] = []
    orientation = image.getexif().get(_EXIF_ORIENTATION, 1)
    if orientation not in (0, 1):
        notes.append(f"EXIF orientation {orientation} is not applied: the image is shown as stored.")
    inverted = _min_is_white(image)
    valid = _opaque(image)
    colour = False
    if image.mode in _GRAY_TYPES:
        pixels = np.array(image, dtype=_GRAY_TYPES[image.mode])
    elif image.mode.startswith("I;16"):
        pixels = np.array(image).astype("u2", copy=False)
    elif image.mode in ("LA", "La"):
        pixels = np.array(image.convert("LA"))[..., 0]
    else:
        rgb = np.array(image.convert("RGB"))
        colour = has_colour(rgb)
        notes.append(
            "Colour image, reduced to its luminance."
            if colour
            else "Gray image stored as colour, read as gray."
        )
        pixels = luminance(rgb)
    if pixels.dtype.kind == "f":  # a mode without an alpha channel
        valid = unless_all(are_numbers(pixels, notes))
    bits = 1 if image.mode == "1" else 8 * pixels.dtype.itemsize
    return Frame(pixels, bits, valid=valid, inverted=inverted, colour=colour, notes=tuple(notes))


def _opaque(image: Image.Image) -> NDArray[np.bool_] | None:
    """False where an alpha channel hides the image; None where it hides nothing."""
    if "A" not in image.getbands():
        return None
    shown = np.asarray(image.getchannel("A")) > 0
    return None if shown.all() else shown
