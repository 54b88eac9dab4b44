"""What is wrong with a case pack or with readings handed back, in words."""

from __future__ import annotations

from cxr_desktop.domain.errors import CxrError


class PackError(CxrError):
    """A case pack, or a file of readings, cannot be made, opened or taken in."""
