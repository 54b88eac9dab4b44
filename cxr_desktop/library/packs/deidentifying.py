"""Images of a pack without what tells whose they are."""

from __future__ import annotations

import tempfile
from pathlib import Path


class Cleaner:
    """De-identifies the images of one pack, so that what belongs together stays together.

    notes: what the person should still look at, each with its file.
    """

    def __init__(self) -> None:
        from cxr_desktop.dicom.deidentification import Pseudonyms

        self._pseudonyms = Pseudonyms()
        self.notes: list[str] = []

    def __call__(self, source: Path, target: Path) -> None:
        """Write a copy of a DICOM image. Raises DicomReadError for any other file, ExportError and OSError."""
        from cxr_desktop.dicom.deidentification import deidentify

        with tempfile.TemporaryDirectory(prefix="clean-", dir=target.parent) as scratch:
            made = deidentify(source, Path(scratch), pseudonyms=self._pseudonyms)
            made.path.replace(target)
        self.notes += [f"{source}: {note}" for note in made.notes]
