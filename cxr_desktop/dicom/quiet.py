"""Third-party warnings kept from the log: they quote element values, names of patients among them."""

from __future__ import annotations

import logging
import warnings
from functools import cache

from PIL import Image
from pydicom import config


@cache
def quieten() -> None:
    """Silence pydicom's validation, warnings and log, and Pillow's warning of large images.

    What matters in them reaches the person as a note or a refusal of our own. Called before the
    first file is read, not at import, and acts once in a process.
    """
    config.settings.reading_validation_mode = config.IGNORE
    warnings.filterwarnings("ignore", category=UserWarning, module=r"pydicom\.")
    warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
    for library in ("pydicom", "pylibjpeg", "openjpeg", "PIL"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
