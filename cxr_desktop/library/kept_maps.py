"""Maps computed earlier, on disk: a case that is opened again shows them at once. A cache; nothing is lost with it."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cxr_desktop.domain import AttributionMap, ModelIdentity
from cxr_desktop.domain.whole_file import replaced

FOLDER = "maps"
LARGEST_BYTES = 2 * 2**30


@dataclass(frozen=True, slots=True)
class MapKey:
    """All that a map depends on. image: SHA-256 of the file, with the frame. versions: of the program and of torch."""

    image: str
    model: ModelIdentity
    method: str
    target: str
    device: str
    versions: tuple[str, ...]
    parameters: Mapping[str, object] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        """Begins with the image, by which maps are forgotten."""
        model = self.model
        text = json.dumps(
            [
                *(self.image, model.name, model.version, model.weights_sha256, self.method, self.target),
                *(self.device, self.versions, sorted((k, repr(v)) for k, v in self.parameters.items())),
            ]
        )
        return f"{_prefix(self.image)}-{hashlib.sha256(text.encode()).hexdigest()[:32]}.npz"


class KeptMaps:
    """A folder of maps, the least recently used ones given up beyond `largest_bytes`.

    What cannot be read or written is as if it were not there; any number of programs may share the folder.
    """

    def __init__(self, data: Path, largest_bytes: int = LARGEST_BYTES) -> None:
        self._folder = data / FOLDER
        self._largest = largest_bytes

    def load(self, key: MapKey) -> AttributionMap | None:
        """The map, or None where it is not there or damaged."""
        path = self._folder / key.file_name
        try:
            with np.load(path, allow_pickle=False) as kept:
                values, told = kept["values"], json.loads(str(kept["told"]))
            os.utime(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            with suppress(OSError):
                path.unlink()
            return None
        values.flags.writeable = False
        return AttributionMap(
            values,
            key.method,
            key.target,
            key.model,
            {name: _settled(value) for name, value in told["parameters"].items()},
            told["start"],
            told["gap"],
            tuple(told["notes"]),
            told["device"],
        )

    def keep(self, key: MapKey, found: AttributionMap) -> None:
        """Write the map, whole or not at all; one whose parameters JSON cannot hold is not kept."""
        told = {
            "parameters": dict(found.parameters),
            "start": found.start,
            "gap": found.gap,
            "notes": list(found.notes),
            "device": found.device,
        }
        path = self._folder / key.file_name
        with suppress(OSError, TypeError, ValueError):
            text = json.dumps(told)
            self._folder.mkdir(parents=True, exist_ok=True)
            with replaced(path) as partial, partial.open("wb") as stream:
                np.savez(stream, values=found.values, told=np.array(text))
            self._trim()

    def forget(self, image: str) -> None:
        """Remove every map of a file. image: its SHA-256."""
        if image:
            for path in self._folder.glob(f"{_prefix(image)}-*"):
                with suppress(OSError):
                    path.unlink()

    def _trim(self) -> None:
        found = []
        for path in self._folder.glob("*.npz"):
            with suppress(OSError):
                about = path.stat()
                found.append((about.st_mtime_ns, about.st_size, path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found)[:-1]:
            if total <= self._largest:
                return
            with suppress(OSError):
                path.unlink()
                total -= size


def _prefix(image: str) -> str:
    return image[:32]


def _settled(value: Any) -> object:
    """JSON has no tuples."""
    return tuple(map(_settled, value)) if isinstance(value, list) else value
