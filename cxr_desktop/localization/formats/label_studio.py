"""Label Studio's JSON export: a list of tasks with annotations and predictions."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, radians, sin
from pathlib import Path
from typing import Any

from cxr_desktop.domain.box import Box
from cxr_desktop.localization.formats.document import Annotated, Problems, faults, frame, image_name


def is_label_studio(document: Any) -> bool:
    return isinstance(document, list) and all(isinstance(task, dict) and "data" in task for task in document)


def label_studio_boxes(path: Path, document: Any, problems: Problems = None) -> Annotated:
    """Rectangles of every annotation that was not cancelled, and of every prediction. Raises BoxFileError."""
    found = []
    for place, task in enumerate(document, start=1):
        with faults(path, f"task {place}", problems):
            image = _image(task["data"])
            for result, source in _results(task):
                if result.get("type") == "rectanglelabels":
                    found.append((image, _box(result, source)))
    return found


def _image(data: Any) -> str:
    """The task's image; uploads carry a code of eight letters and a dash before the file's name."""
    address = data.get("image") or next(value for value in data.values() if isinstance(value, str))
    name = image_name(str(address))
    head, dash, rest = name.partition("-")
    uploaded = "/upload/" in str(address) and dash and len(head) == 8
    return rest if uploaded else name


def _results(task: Any) -> Iterator[tuple[Any, str]]:
    for annotation in task.get("annotations", ()):
        if not annotation.get("was_cancelled"):
            by = annotation.get("completed_by", "")
            name = by.get("email", by.get("id", "")) if isinstance(by, dict) else by
            yield from ((result, str(name)) for result in annotation["result"])
    for prediction in task.get("predictions", ()):
        yield from ((result, str(prediction.get("model_version", ""))) for result in prediction["result"])


def _box(result: Any, source: str) -> Box:
    value = result["value"]
    columns, rows = float(result["original_width"]), float(result["original_height"])
    x, y = float(value["x"]) * columns / 100, float(value["y"]) * rows / 100
    width, height = float(value["width"]) * columns / 100, float(value["height"]) * rows / 100
    turn = radians(float(value.get("rotation", 0)))
    corners = ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))
    turned = [(x + a * cos(turn) - b * sin(turn), y + a * sin(turn) + b * cos(turn)) for a, b in corners]
    named = result.get("meta", {}).get("text") or [source]
    score = result.get("score")
    label = str(value["rectanglelabels"][0])
    return frame(turned, label, None if score is None else float(score), str(named[0]))
