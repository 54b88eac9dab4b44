"""The DICOM libraries kept quiet, and their errors in our own words."""

from __future__ import annotations

import logging
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from cxr_desktop.domain.errors import ExportError

# What highdicom and pydicom have been seen to raise for values that they refuse.
_REFUSALS = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RuntimeError, struct.error)


@contextmanager
def translated() -> Iterator[None]:
    """Let nothing but ExportError and OSError out of the block."""
    _quieten()
    try:
        yield
    except ImportError as error:
        raise ExportError(
            f"it needs the package {error.name!r}, which is not installed; "
            "install CXR Desktop again with all its parts"
        ) from error
    except _REFUSALS as error:
        raise ExportError(
            f"the object cannot be made of this case ({type(error).__name__}: {error}); "
            "choose another format, and export the image again from its source if its header is damaged"
        ) from error


@cache
def _quieten() -> None:
    """Warnings of these libraries quote names of patients."""
    from cxr_desktop.dicom.quiet import quieten

    quieten()
    warnings.filterwarnings("ignore", category=UserWarning, module=r"highdicom(\.|$)")
    logging.getLogger("highdicom").setLevel(logging.ERROR)
