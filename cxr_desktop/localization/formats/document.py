"""Foreign documents of boxes: read whole, faults named."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from cxr_desktop.domain.box import Box
from cxr_desktop.domain.errors import BoxFileError
from cxr_desktop.domain.finding import Certainty, Finding, Laterality, ShapeKind
from cxr_desktop.domain.shapes import Polygon

Annotated = Iterable[tuple[str, Box | None]]
"""Pairs of an image's name and a box on it, None where somebody looked and found nothing."""

Problems = list[str] | None
"""Where sentences on entries that cannot be used go; None for whoever cannot go on without them."""


def read_text(path: Path) -> str:
    """Raises BoxFileError for a file that is no text in UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BoxFileError(
            f"{path} cannot be read ({error.strerror}); check the path of the boxes"
        ) from error
    except UnicodeDecodeError as error:
        raise BoxFileError(f"{path} is no text in UTF-8 ({error})") from error


def read_json(path: Path) -> Any:
    """Raises BoxFileError for a file that is no JSON."""
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise BoxFileError(f"{path} is no JSON ({error})") from error


def image_name(text: str) -> str:
    """The file's name without folders or address."""
    return PurePosixPath(text.partition("?")[0].replace("\\", "/")).name


@contextmanager
def faults(path: Path, where: str, problems: Problems = None) -> Iterator[None]:
    """Names the file and place of whatever a document lacks or has wrong; the entry is left out where
    `problems` takes the sentence, else BoxFileError is raised."""
    try:
        yield
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        what = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        sentence = f"{path}, {where}: {what}; correct the entry"
        if problems is None:
            raise BoxFileError(sentence) from error
        problems.append(sentence)


def solid(box: Box) -> Box:
    """The box. Raises ValueError for one without an area."""
    if box.area <= 0:
        raise ValueError(f"the box {box.width:g} x {box.height:g} has no area")
    return box


def frame(points: Iterable[Iterable[float]], label: str, score: float | None, source: str) -> Box:
    """The box around points. Raises ValueError for points without an area between them."""
    columns = [tuple(float(value) for value in point) for point in points]
    xs, ys = [x for x, _ in columns], [y for _, y in columns]
    return solid(
        Box.from_corners(min(xs), min(ys), max(xs), max(ys), label=label, score=score, source=source)
    )


def finding(box: Box, entry: Any) -> Box:
    """The box with what our own keys say of it; `solid` where they say nothing. Raises ValueError, KeyError."""
    if "shape" not in entry:
        return solid(box)
    kind = ShapeKind(entry["shape"])
    said = {
        "certainty": Certainty[str(entry.get("certainty", "unstated")).upper()],
        "laterality": Laterality(entry.get("laterality", "")),
        "comment": str(entry.get("comment", "")),
    }
    if kind is ShapeKind.POLYGON:
        corners = tuple((float(x), float(y)) for x, y in entry["vertices"])
        return Finding.of(Finding.around(Polygon(corners), box), **said)
    return Finding.of(box if kind is ShapeKind.POINT else solid(box), shape=kind, **said)
