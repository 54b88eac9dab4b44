"""Third-party logs kept from the log: they quote host names, UIDs and element values."""

from __future__ import annotations

import logging
from functools import cache

LIBRARIES = ("pynetdicom", "dicomweb_client", "urllib3", "retrying")


@cache
def quieten_network() -> None:
    """Called before the first association or request, not at import; acts once in a process.

    What matters in those logs reaches the person as an error of our own.
    """
    from cxr_desktop.dicom.quiet import quieten

    quieten()
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)
