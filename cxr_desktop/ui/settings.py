"""What is remembered from one start to the next, as a small JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from cxr_desktop.domain.whole_file import replaced
from cxr_desktop.ui.exporting import ExportChoice


class Settings:
    """Read at the start, written on a thread where something was chosen; an unreadable file is as good as none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = _read(path)
        self._writer = ThreadPoolExecutor(1, "settings")

    def close(self) -> None:
        """Returns once all is written; what is chosen later is written as well."""
        self._writer.submit(int).result()

    def export_choice(self) -> ExportChoice:
        """Formats and folder of the last report."""
        try:
            saved = self._kept["export"]
            return ExportChoice(tuple(map(str, saved["formats"])), Path(saved["folder"]))
        except (KeyError, TypeError):
            return ExportChoice(folder=Path.home() / "CXR Desktop reports")

    def save_export_choice(self, choice: ExportChoice) -> None:
        self._save("export", {"formats": choice.formats, "folder": str(choice.folder)})

    def shortcuts(self) -> dict[str, tuple[str, ...]]:
        """Keys by action, of the actions whose keys the reader chose."""
        try:
            saved = self._kept["shortcuts"]
            return {str(action): tuple(map(str, keys)) for action, keys in saved.items()}
        except (KeyError, TypeError, AttributeError):
            return {}

    def save_shortcuts(self, shortcuts: Mapping[str, tuple[str, ...]]) -> None:
        self._save("shortcuts", dict(shortcuts))

    def reader(self) -> tuple[str, str]:
        """Name or code and role of whoever read last; both empty where nobody was asked yet."""
        try:
            saved = self._kept["reader"]
            return str(saved["name"]), str(saved["role"])
        except (KeyError, TypeError):
            return "", ""

    def save_reader(self, name: str, role: str) -> None:
        self._save("reader", {"name": name, "role": role})

    def label_set(self) -> str:
        """Which label set the number keys belong to; '' where none was chosen."""
        return str(self._kept.get("label_set") or "")

    def save_label_set(self, set_id: str) -> None:
        self._save("label_set", set_id)

    def commit_then_reveal(self) -> bool:
        """Whether network and other readers stay hidden until a reading is committed."""
        return self._kept.get("commit_then_reveal") is True

    def save_commit_then_reveal(self, on: bool) -> None:
        self._save("commit_then_reveal", on)

    def second_window(self) -> str:
        """Where the second window was, as Qt writes it down; empty where it never was open."""
        found = self._kept.get("second_window")
        return found if isinstance(found, str) and found.isascii() else ""

    def save_second_window(self, geometry: str) -> None:
        self._save("second_window", geometry)

    def _save(self, part: str, value: object) -> None:
        self._kept[part] = value
        self._writer.submit(_write, self._path, part, value)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, part: str, value: object) -> None:
    """One part anew; the others as they are by now, which another window may have written."""
    document = {**_read(path), part: value}
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path) as staged:
            staged.write_text(json.dumps(document, indent=1), encoding="utf-8")
