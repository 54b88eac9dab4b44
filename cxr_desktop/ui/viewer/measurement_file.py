"""Measurements of one reader on one image, as a small JSON file. No Qt."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from math import isfinite
from pathlib import Path

from cxr_desktop.domain.errors import CxrError
from cxr_desktop.domain.whole_file import replaced
from cxr_desktop.ui.viewer.measurement import Measurement, MeasurementKind

VERSION = 1


def measurement_path(folder: Path, sha256: str, reader: str) -> Path:
    """Where they are kept; the reader's name is no part of the file's."""
    code = hashlib.sha256(f"{sha256}\n{reader}".encode()).hexdigest()
    return folder / f"{code[:32]}.json"


def write_measurements(path: Path, sha256: str, items: tuple[Measurement, ...]) -> None:
    """In place of what was there, at once or not at all; no file for no measurement. Raises CxrError."""
    try:
        if not items:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        document = {
            "version": VERSION,
            "image_sha256": sha256,
            "measurements": [{"kind": item.kind.value, "points": item.points} for item in items],
        }
        with replaced(path) as draft:
            draft.write_text(json.dumps(document), encoding="utf-8")
    except OSError as error:
        raise CxrError(f"{path}: measurements cannot be written ({error.strerror}).") from error


def read_measurements(path: Path) -> tuple[Measurement, ...]:
    """None kept: (). Raises CxrError, the file set aside, where it is damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return tuple(_measurement(item) for item in found["measurements"])
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise CxrError(f"{path}: measurements cannot be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        aside = path.with_suffix(".damaged")
        with suppress(OSError):
            path.replace(aside)
        raise CxrError(f"{aside}: the measurements kept here are damaged and were set aside.") from error


def _measurement(item: dict[str, object]) -> Measurement:
    points = tuple((float(x), float(y)) for x, y in item["points"])  # type: ignore[attr-defined]
    if len(points) < 2 or not all(isfinite(value) for point in points for value in point):
        raise ValueError(f"impossible points {points}")
    made = Measurement(MeasurementKind(str(item["kind"])), points)
    if not made.complete and len(points) != 2:
        raise ValueError(f"{len(points)} points make no {made.kind.value}")
    return made
