"""Finished pieces of an evaluation on disk, so that an interrupted one goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxr_desktop.domain.whole_file import written_whole


@dataclass(frozen=True, slots=True)
class ShardKey:
    """All that a piece depends on; another value of any part is another piece.

    parameters: options, threshold, references, version of the software; what JSON can hold.
    """

    image_sha256: str
    weights_sha256: str
    method: str
    parameters: Mapping[str, Any]

    @property
    def name(self) -> str:
        """File name of the piece: begins with the image, for the eye."""
        parts = (self.image_sha256, self.weights_sha256, self.method, self.parameters)
        digest = hashlib.sha256(_bytes(parts)).hexdigest()
        return f"{self.image_sha256[:12]}-{digest[:24]}.json"


@dataclass(frozen=True, slots=True)
class Shards:
    """A folder of pieces. reading: whether earlier ones are taken, or all are made anew."""

    folder: Path
    reading: bool

    def load(self, key: ShardKey) -> Any | None:
        """The piece, None where there is none or it was cut short."""
        if not self.reading:
            return None
        try:
            return json.loads((self.folder / key.name).read_bytes())
        except (OSError, ValueError):
            return None

    def store(self, key: ShardKey, content: Any) -> Any:
        """Write a piece whole or not at all; returns it as `load` will. Raises ExportError where it cannot."""
        data = _bytes(content)
        with written_whole(self.folder / key.name) as staged:
            self.folder.mkdir(parents=True, exist_ok=True)
            staged.write_bytes(data)
        return json.loads(data)


def _bytes(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
