"""Where the bundled files lie: beside the package in a checkout, inside it when installed."""

from __future__ import annotations

from pathlib import Path

from cxr_desktop.domain.errors import CxrError

_PACKAGE = Path(__file__).resolve().parent


def resource(*parts: str) -> Path:
    """Path of a bundled file or folder. Raises CxrError where the installation lacks it."""
    for root in (_PACKAGE / "_resources", _PACKAGE.parent / "resources"):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise CxrError(f"the bundled resource {'/'.join(parts)!r} is missing; reinstall CXR Desktop")
