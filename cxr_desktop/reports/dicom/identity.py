"""What identifies an exported object: UIDs and times that follow from the case alone."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from cxr_desktop.domain import Analysis
from cxr_desktop.domain.canonical import sha256_of
from cxr_desktop.domain.errors import ExportError
from cxr_desktop.reports.json_document import analysis_document


@dataclass(frozen=True, slots=True)
class Identity:
    """case: SHA-256 of everything a report of the case says. made: when the case was analysed."""

    case: str
    made: datetime

    @classmethod
    def of(cls, analysis: Analysis) -> Identity:
        """Raises ExportError where the analysis does not say when it was made."""
        try:
            made = datetime.fromisoformat(analysis.created)
        except ValueError as error:
            raise ExportError(
                f"the analysis has no time of its making ({analysis.created!r}), which DICOM objects need; "
                "analyse the image again"
            ) from error
        return cls(_digest(analysis), made)

    def uid(self, role: str, *content: str) -> str:
        """A UID by PS3.5 B.2, the same for the same case, role and content.

        role: what it names, e.g. 'sr/instance'. content: hashes of what the case does not tell of it.
        """
        digest = hashlib.sha256("\n".join((self.case, role, *content)).encode()).digest()
        return f"2.25.{uuid.UUID(bytes=digest[:16], version=5).int}"

    @property
    def date(self) -> str:
        return f"{self.made:%Y%m%d}"

    @property
    def time(self) -> str:
        return f"{self.made:%H%M%S}"


def _digest(analysis: Analysis) -> str:
    """Where the image lay and which files a report had do not count, what is in them does."""
    maps = tuple(
        hashlib.sha256(np.ascontiguousarray(one.values, dtype="<f4").data).hexdigest()
        for one in analysis.maps
    )
    document = analysis_document(analysis, maps)
    image = document["image"]
    if isinstance(image, dict):
        document["image"] = {key: value for key, value in image.items() if key != "path"}
    drawn = repr((analysis.references, analysis.readings))  # whatever readers can say, now or later
    return sha256_of(document | {"frame": analysis.radiograph.frame, "drawn": drawn})
