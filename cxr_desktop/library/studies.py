"""The studies that were opened, so that they can be found again. The only place that keeps patients' names."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cxr_desktop.domain import InstanceHeader
from cxr_desktop.library.failure import StoreError, failing
from cxr_desktop.library.kept_maps import KeptMaps

_KEEP = (
    "INSERT INTO images (path, study, image_sha256, header, opened) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (path) DO UPDATE SET study = excluded.study, header = excluded.header, "
    "opened = excluded.opened, image_sha256 = "
    "CASE excluded.image_sha256 WHEN '' THEN image_sha256 ELSE excluded.image_sha256 END"
)
_NEWEST_FIRST = (
    "SELECT i.study, i.header, i.image_sha256, i.opened FROM images i "
    "JOIN (SELECT study, max(opened) AS last FROM images GROUP BY study) s USING (study) "
    "{where} ORDER BY s.last DESC, i.study, i.path"
)


@dataclass(frozen=True, slots=True)
class KeptImage:
    """An image of the library. sha256: of the file when it was last shown, empty where it never was."""

    study: str
    header: InstanceHeader
    sha256: str = ""
    opened: str = ""


class StudyShelf:
    """Images by study over the store's connection. One thread at a time."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def keep(self, headers: Iterable[InstanceHeader], hashes: Mapping[Path, str] | None = None) -> None:
        """Put images into the library, or renew them. hashes: of the files known so far. Raises StoreError."""
        known = hashes or {}
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        rows = [(str(h.path), study_key(h), known.get(h.path, ""), _header_text(h), now) for h in headers]
        with failing(f"studies could not be kept in {self._path}"), self._connection:
            self._connection.executemany(_KEEP, rows)

    def images(self, study: str = "") -> tuple[KeptImage, ...]:
        """Those of one study, or all, the study opened last first. Raises StoreError."""
        query = _NEWEST_FIRST.format(where="WHERE i.study = ?" if study else "")
        with failing(f"the studies in {self._path} cannot be read"):
            rows = self._connection.execute(query, (study,) if study else ()).fetchall()
        return tuple(KeptImage(key, _header_of(text), sha256, opened) for key, text, sha256, opened in rows)

    def forget(self, study: str) -> int:
        """Take a study and its maps out of the library; its files and readings stay. Returns how many images it had."""
        hashes = {image.sha256 for image in self.images(study)}
        with failing(f"the study could not be removed from {self._path}"):
            with self._connection:
                gone = self._connection.execute("DELETE FROM images WHERE study = ?", (study,)).rowcount
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        maps = KeptMaps(self._path.parent)
        for sha256 in hashes:
            maps.forget(sha256)
        return gone


def study_key(header: InstanceHeader) -> str:
    """What a study is called in the library: its UID, or the path of a file that has none."""
    return header.study_uid or str(header.path)


def _header_text(header: InstanceHeader) -> str:
    return json.dumps({**asdict(header), "path": str(header.path)}, ensure_ascii=False)


def _header_of(text: str) -> InstanceHeader:
    """Raises StoreError for text that is no header; fields of a newer program are left out."""
    try:
        found: dict[str, Any] = json.loads(text)
        names = {field.name for field in fields(InstanceHeader)}
        header = InstanceHeader(**{name: value for name, value in found.items() if name in names})
        return replace(header, path=Path(header.path))
    except (ValueError, TypeError, AttributeError) as error:
        raise StoreError(f"an image of the library cannot be read back ({error})") from error
