"""Turns whatever a damaged file provokes in a parser or decoder into one sentence for the reader."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydicom.errors import BytesLengthException, InvalidDicomError

from cxr_desktop.domain.errors import DicomReadError

# What pydicom, Pillow and the decoders have been seen to raise on hostile bytes. Their own
# hierarchies are no help: a wrong length may surface as any of these (Pillow raises SyntaxError
# for a broken PNG, a nested sequence ends in RecursionError, which is a RuntimeError).
DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
    BytesLengthException,
    InvalidDicomError,
)

DAMAGED_CURE = "Export the image again from its source."


class Unreadable(Exception):
    """Why a file cannot be shown, in a sentence that does not yet name the file."""


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let nothing but DicomReadError out of the block, each naming path."""
    try:
        yield
    except Unreadable as error:
        raise DicomReadError(f"{path}: {error}") from error
    except RecursionError as error:
        raise DicomReadError(
            f"{path}: its sequences are nested too deeply to be real. {DAMAGED_CURE}"
        ) from error
    except MemoryError as error:
        raise DicomReadError(f"{path}: there is not enough memory to open it.") from error
    except DAMAGE as error:
        raise DicomReadError(
            f"{path}: its data elements are damaged ({type(error).__name__}). {DAMAGED_CURE}"
        ) from error
