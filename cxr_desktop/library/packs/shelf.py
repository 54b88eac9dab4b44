"""The packs that were made or opened here. What a de-identified image is called at home stays at home."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from cxr_desktop.library.failure import StoreError, failing


class PackRole(StrEnum):
    """What was done with a pack here."""

    MADE = "made"
    OPENED = "opened"


@dataclass(frozen=True, slots=True)
class KeptPack:
    """A pack on the shelf.

    reader: of the assignment that was opened, '' for a pack made here. manifest: as in the pack. record:
    of a pack made here, `originals`: {SHA-256 in the pack: [SHA-256, SOP Instance UID] at home}; of
    one opened here, `folder` of its images and `local`, the name under which its reader draws.
    """

    id: str
    role: PackRole
    reader: str
    manifest: Mapping[str, Any]
    record: Mapping[str, Any]


class PackShelf:
    """Packs over the store's connection. One thread at a time."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def keep(self, pack: KeptPack) -> None:
        """Remember a pack, or what is known of it now. Raises StoreError."""
        row = (pack.id, pack.role, pack.reader, _text(pack.manifest), _text(pack.record))
        with failing(f"the case pack could not be kept in {self._path}"), self._connection:
            self._connection.execute("INSERT OR REPLACE INTO packs VALUES (?, ?, ?, ?, ?)", row)

    def all(self, role: PackRole) -> tuple[KeptPack, ...]:
        """Packs made, or packs opened here, the last kept first. Raises StoreError."""
        query = "SELECT id, role, reader, manifest, record FROM packs WHERE role = ? ORDER BY rowid DESC"
        with failing(f"the case packs in {self._path} cannot be read"):
            rows = self._connection.execute(query, (role,)).fetchall()
        try:
            return tuple(
                KeptPack(id, PackRole(role), reader, json.loads(manifest), json.loads(record))
                for id, role, reader, manifest, record in rows
            )
        except ValueError as error:
            raise StoreError(f"a case pack in {self._path} cannot be read back ({error})") from error

    def made(self, id: str) -> KeptPack | None:
        """A pack that was made here, by its id. Raises StoreError."""
        return next((pack for pack in self.all(PackRole.MADE) if pack.id == id), None)


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), sort_keys=True, ensure_ascii=False)
