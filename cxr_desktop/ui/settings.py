"""What is remembered from one start to the next, as a small JSON file."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from cxr_desktop.ui.exporting import ExportChoice


class Settings:
    """Read once at the start, written once at the end; an unreadable file is as good as none."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def export_choice(self) -> ExportChoice:
        """Formats and folder of the last report."""
        usual = ExportChoice(folder=Path.home() / "CXR Desktop reports")
        try:
            saved = json.loads(self._path.read_text(encoding="utf-8"))["export"]
            return ExportChoice(tuple(map(str, saved["formats"])), Path(saved["folder"]))
        except (OSError, ValueError, KeyError, TypeError):
            return usual

    def save_export_choice(self, choice: ExportChoice) -> None:
        document = {"export": {"formats": choice.formats, "folder": str(choice.folder)}}
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(json.dumps(document, indent=1), encoding="utf-8")
