"""What is remembered from one start to the next, as a small JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from cxr_desktop.domain.whole_file import replaced
from cxr_desktop.ui.exporting import ExportChoice


class Settings:
    """Read at the start, written where something was chosen; an unreadable file is as good as none."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def export_choice(self) -> ExportChoice:
        """Formats and folder of the last report."""
        try:
            saved = self._document()["export"]
            return ExportChoice(tuple(map(str, saved["formats"])), Path(saved["folder"]))
        except (KeyError, TypeError):
            return ExportChoice(folder=Path.home() / "CXR Desktop reports")

    def save_export_choice(self, choice: ExportChoice) -> None:
        self._save("export", {"formats": choice.formats, "folder": str(choice.folder)})

    def shortcuts(self) -> dict[str, tuple[str, ...]]:
        """Keys by action, of the actions whose keys the reader chose."""
        try:
            saved = self._document()["shortcuts"]
            return {str(action): tuple(map(str, keys)) for action, keys in saved.items()}
        except (KeyError, TypeError, AttributeError):
            return {}

    def save_shortcuts(self, shortcuts: Mapping[str, tuple[str, ...]]) -> None:
        self._save("shortcuts", dict(shortcuts))

    def reader(self) -> tuple[str, str]:
        """Name or code and role of whoever read last; both empty where nobody was asked yet."""
        try:
            saved = self._document()["reader"]
            return str(saved["name"]), str(saved["role"])
        except (KeyError, TypeError):
            return "", ""

    def save_reader(self, name: str, role: str) -> None:
        self._save("reader", {"name": name, "role": role})

    def label_set(self) -> str:
        """Which label set the number keys belong to; '' where none was chosen."""
        return str(self._document().get("label_set") or "")

    def save_label_set(self, set_id: str) -> None:
        self._save("label_set", set_id)

    def commit_then_reveal(self) -> bool:
        """Whether network and other readers stay hidden until a reading is committed."""
        return self._document().get("commit_then_reveal") is True

    def save_commit_then_reveal(self, on: bool) -> None:
        self._save("commit_then_reveal", on)

    def second_window(self) -> str:
        """Where the second window was, as Qt writes it down; empty where it never was open."""
        found = self._document().get("second_window")
        return found if isinstance(found, str) and found.isascii() else ""

    def save_second_window(self, geometry: str) -> None:
        self._save("second_window", geometry)

    def _document(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _save(self, part: str, value: object) -> None:
        document = {**self._document(), part: value}
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with replaced(self._path) as staged:
                staged.write_text(json.dumps(document, indent=1), encoding="utf-8")
