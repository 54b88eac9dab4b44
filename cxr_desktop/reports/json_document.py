"""The JSON document other programs rely on, with each map as a NumPy file beside it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cxr_desktop.domain import DISCLAIMER, Analysis, AttributionMap, Box, Localization, LocalizedMap
from cxr_desktop.reports.exporter import named
from cxr_desktop.reports.naming import sanitised
from cxr_desktop.reports.reading_document import reading_document
from cxr_desktop.reports.trust_table import trust_document

SCHEMA = "cxr-desktop/analysis/1"
Json = dict[str, object]


class JsonExporter:
    """`<stem>.json` and `<stem>.<method>.npy`, float32, rows x columns of the stored image."""

    id = "json"
    title = "JSON with maps (NumPy)"
    suffix = ".json"

    def write(self, analysis: Analysis, stem: Path) -> tuple[Path, ...]:
        names = map_names(analysis, stem.name)
        main = named(stem, self.suffix)
        document = analysis_document(analysis, names)
        main.write_text(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
        arrays = []
        for found, name in zip(analysis.maps, names, strict=True):
            arrays.append(stem.with_name(name))
            np.save(arrays[-1], np.asarray(found.values, dtype=np.float32))
        return (main, *arrays)


def map_names(analysis: Analysis, stem: str) -> tuple[str, ...]:
    """A file name for each map; a method that occurs again, for another target, is numbered."""
    seen: dict[str, int] = {}
    names = []
    for found in analysis.maps:
        method = sanitised(found.method)
        seen[method] = seen.get(method, 0) + 1
        number = f".{seen[method]}" if seen[method] > 1 else ""
        names.append(f"{stem}.{method}{number}.npy")
    return tuple(names)


def analysis_document(analysis: Analysis, map_files: tuple[str, ...]) -> Json:
    """The document as plain JSON values; numbers that are not finite become null.

    map_files: per map, its file's name relative to the document. Carries no patient name.
    """
    prediction = analysis.prediction
    rows = zip(analysis.maps, analysis.localized, map_files, strict=True)
    return {
        "schema": SCHEMA,
        "software": analysis.software,
        "created": analysis.created,
        "image": _image(analysis),
        "model": {
            "name": prediction.model.name,
            "version": prediction.model.version,
            "weights_sha256": prediction.model.weights_sha256,
            "title": prediction.model.title,
        },
        "device": prediction.device,
        "scores": _plain(prediction.scores),
        "logits": _plain(prediction.logits),
        "operating_points": [
            {
                "label": point.label,
                "name": point.name,
                "threshold": point.threshold,
                "sensitivity": point.sensitivity,
                "specificity": point.specificity,
                "measured_on": point.measured_on,
            }
            for point in prediction.operating_points
        ],
        "concerns": [
            {"code": concern.code, "severity": concern.severity.value, "sentence": concern.sentence}
            for concern in prediction.concerns
        ],
        "refused": prediction.refused,
        "attributions": [_attribution(found, cut, name) for found, cut, name in rows],
        "localization": [_localization(found) for found in analysis.localizations],
        "references": [_box(box, labelled=True) for box in analysis.references],
        "readings": [_plain(reading_document(reading)) for reading in analysis.readings],
        "notes": list(analysis.notes),
        "disclaimer": DISCLAIMER,
        **({"trust": _plain(trust_document(analysis.trust))} if analysis.trust.measured else {}),
    }


def _image(analysis: Analysis) -> Json:
    radiograph = analysis.radiograph
    spacing = radiograph.spacing
    return {
        "path": str(radiograph.header.path),
        "sop_instance_uid": radiograph.header.sop_instance_uid,
        "sha256": radiograph.sha256,
        **({"frame": radiograph.frame + 1} if radiograph.header.frames > 1 else {}),
        "rows": radiograph.rows,
        "columns": radiograph.columns,
        "study_uid": radiograph.header.study_uid,
        "view_position": radiograph.header.view_position,
        "photometric_interpretation": radiograph.header.photometric_interpretation,
        "spacing_mm": None
        if spacing is None
        else {"row": spacing.row, "column": spacing.column, "origin": spacing.origin},
    }


def _attribution(found: AttributionMap, localized: LocalizedMap, map_file: str) -> Json:
    return {
        "method": found.method,
        "target": found.target,
        "map": map_file,
        "threshold": str(localized.threshold),
        "cut": _plain(localized.cut),
        "boxes": [_box(box) for box in localized.boxes],
        "parameters": _plain(found.parameters),
        "completeness": {"start": _plain(found.start), "gap": _plain(found.gap)},
        "device": found.device,
        "notes": list(found.notes),
    }


def _localization(found: Localization) -> Json:
    return {
        "method": found.method,
        "label": found.label,
        "source": found.source,
        "box": _box(found.reference),
        "iou": _plain(found.iou),
        "iobb": _plain(found.iobb),
        "hit": bool(found.hit),
        "predicted": None if found.predicted is None else _box(found.predicted),
    }


def _box(box: Box, *, labelled: bool = False) -> Json:
    document: Json = {"x": box.x, "y": box.y, "width": box.width, "height": box.height, "score": box.score}
    if labelled:
        document |= {"label": box.label, "source": box.source}
    return {key: _plain(value) for key, value in document.items()}


def _plain(value: object) -> object:
    """The value in JSON's own types: arrays as lists, unknown objects as their text."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return str(value)
