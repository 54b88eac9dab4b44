"""All boxes of a case as a task of Label Studio (labelstud.io, 'Task format')."""

from __future__ import annotations

import json
from pathlib import Path

from cxr_desktop.domain import Analysis, Box
from cxr_desktop.reports.exporter import named
from cxr_desktop.reports.sources import boxes_by_source


class LabelStudioExporter:
    """`<stem>.labelstudio.json`: an annotation a person, a prediction a method, in a RectangleLabels named 'label'."""

    id = "labelstudio"
    title = "Annotations (Label Studio)"
    suffix = ".labelstudio.json"

    def write(self, analysis: Analysis, stem: Path) -> tuple[Path, ...]:
        target = named(stem, self.suffix)
        document = label_studio_tasks(analysis)
        target.write_text(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
        return (target,)


def label_studio_tasks(analysis: Analysis) -> list[dict[str, object]]:
    """One task. Edges are per cent of the image's sides, kept on the image; `meta` names who drew a box."""
    methods = {localized.method for localized in analysis.localized}
    annotations: list[dict[str, object]] = []
    predictions: list[dict[str, object]] = []
    for source, boxes in boxes_by_source(analysis).items():
        results = [
            _result(analysis, box, source, f"{source}-{place}") for place, box in enumerate(boxes, start=1)
        ]
        kept = [result for result in results if result is not None]
        if source in methods:
            predictions.append({"model_version": source, "result": kept})
        else:
            annotations.append({"result": kept, "was_cancelled": False, "ground_truth": False})
    return [
        {
            "data": {"image": analysis.radiograph.header.path.name},
            "annotations": annotations,
            "predictions": predictions,
        }
    ]


def _result(analysis: Analysis, box: Box, source: str, key: str) -> dict[str, object] | None:
    columns, rows = analysis.radiograph.columns, analysis.radiograph.rows
    inside = box.clipped(columns, rows)
    if inside.area <= 0:
        return None
    result: dict[str, object] = {
        "id": key,
        "type": "rectanglelabels",
        "from_name": "label",
        "to_name": "image",
        "original_width": columns,
        "original_height": rows,
        "image_rotation": 0,
        "value": {
            "x": 100 * inside.x / columns,
            "y": 100 * inside.y / rows,
            "width": 100 * inside.width / columns,
            "height": 100 * inside.height / rows,
            "rotation": 0,
            "rectanglelabels": [inside.label],
        },
        "meta": {"text": [source]},
    }
    if box.score is not None:
        result["score"] = float(box.score)
    return result
