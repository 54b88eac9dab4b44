"""A case computed again against what its report says, within tolerances that cover other threads and devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf, isfinite, isnan
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.attribution import methods
from cxr_desktop.attribution.method_info import Family
from cxr_desktop.domain import Analysis, AttributionMap, Box, Localization, LocalizedMap
from cxr_desktop.localization import iou
from cxr_desktop.reports.check import Check, Verdict, compared
from cxr_desktop.reports.json_document import analysis_document
from cxr_desktop.reports.manifest import versions
from cxr_desktop.reports.map_sketch import sketch

SCORE_TOLERANCE = 1e-4
LOGIT_TOLERANCE = 1e-3
"""Of the logit, or of 1 where that is larger."""
MAP_TOLERANCE = 1e-4
SENSITIVE_TOLERANCE = 1e-2
"""Largest distances seen between one and two threads, bundled model and study: LRP epsilon 3.5e-3 (7 images),
DeepLIFT 7.1e-4 (7), SmoothGrad 4.3e-4 (3), integrated gradients 3.6e-4 (3); RAP 1.6e-5 (7), RSP 3.7e-6 (7)."""
SKETCH_TOLERANCE = 1e-3
BOX_IOU, SENSITIVE_BOX_IOU = 0.99, 0.95
"""The second of gradient methods and LRP epsilon: a box's edge moves by a pixel where the map's last digits do. The
lowest seen between one and two threads: integrated gradients 0.984, a box of 60 pixels."""
OVERLAP_TOLERANCE = 0.01
TOLERANCES = (
    f"scores within {SCORE_TOLERANCE:g}, logits within {LOGIT_TOLERANCE:g}; "
    f"maps within a relative L2 distance of {MAP_TOLERANCE:g}, of gradient "
    f"methods and LRP epsilon {SENSITIVE_TOLERANCE:g} (they jump where a rectifier switches or a sum is nearly 0, "
    "which its last digit decides); "
    f"where a map's file is not there, its 16 x 16 means within {SKETCH_TOLERANCE:g} or that of such methods; "
    f"boxes with an IoU of at least {BOX_IOU:g}, of such methods {SENSITIVE_BOX_IOU:g}; "
    f"overlaps, scores of boxes, sums due and their gaps within {OVERLAP_TOLERANCE:g}, cuts within that share"
)
Plane = NDArray[np.floating]
_EDGES = ("x", "y", "width", "height")


def check_stated(case: Mapping[str, Any], preprocessing: Mapping[str, object]) -> Iterator[Check]:
    """Preprocessing as the model's card states it now; versions, which are noted where they differ."""
    stated = case.get("preprocessing")
    if stated:
        changed = sorted(k for k in {*stated, *preprocessing} if stated.get(k) != preprocessing.get(k))
        yield compared("preprocessing", not changed, f"{', '.join(changed)} changed" if changed else "")
    earlier, now = case.get("versions", {}), versions()
    other = [
        f"{name} {earlier[name]}, now {now.get(name, 'none')}"
        for name in earlier
        if earlier[name] != now.get(name)
    ]
    if other:
        yield Check("versions", Verdict.NOTED, "; ".join(other))


def check_recomputed(case: Mapping[str, Any], again: Analysis, folder: Path) -> Iterator[Check]:
    """Scores, maps, boxes and overlaps; maps against their files in `folder` where those can be read."""
    yield _numbers("scores", case["scores"], again.prediction.scores, lambda _score: SCORE_TOLERANCE)
    if case.get("logits"):
        yield _numbers("logits", case["logits"], again.prediction.logits, _logit_tolerance)
    yield _judgement(case, again)
    for recorded, values, localized in zip(case["attributions"], again.maps, again.localized, strict=True):
        subject = f"{recorded['method']}, {recorded['target']}"
        yield _map(f"map of {subject}", recorded, case.get("sketches", {}), values, folder)
        yield _boxes(f"boxes of {subject}", recorded["boxes"], localized)
        yield _figures(f"figures of {subject}", recorded, values, localized)
    if case["localization"] or again.localizations:
        yield _overlaps(case["localization"], again)


def relative_distance(recorded: Plane, found: Plane) -> float:
    """L2 norm of the difference over that of `recorded`; infinite for another shape."""
    if recorded.shape != found.shape:
        return float("inf")
    distance = float(np.linalg.norm(np.asarray(found, np.float64) - np.asarray(recorded, np.float64)))
    size = float(np.linalg.norm(np.asarray(recorded, np.float64)))
    return distance / size if size else (0.0 if distance == 0 else float("inf"))


def _numbers(
    subject: str,
    recorded: Mapping[str, float],
    found: Mapping[str, float],
    allowed: Callable[[float], float],
) -> Check:
    """A number a label. allowed: how far the one found may be from what was recorded."""
    if set(recorded) != set(found):
        return Check(subject, Verdict.DIFFERS, f"labels are {', '.join(found)}, not {', '.join(recorded)}")
    gaps = {name: abs(recorded[name] - found[name]) for name in recorded}
    label = max(gaps, key=lambda name: inf if isnan(gaps[name]) else gaps[name])
    text = f"{label} {recorded[label]:.6f}, now {found[label]:.6f}; largest difference {gaps[label]:.1e}"
    return compared(subject, all(gaps[name] <= allowed(found[name]) for name in gaps), text)


def _logit_tolerance(logit: float) -> float:
    return LOGIT_TOLERANCE * max(1.0, abs(logit))


def _judgement(case: Mapping[str, Any], again: Analysis) -> Check:
    """What the scores were held against, and what the input check thought of the image."""
    now = analysis_document(again, tuple(found["map"] for found in case["attributions"]))
    parts = {"operating_points": "operating points", "refused": "refusal", "concerns": "reasons for caution"}
    changed = [
        title for name, title in parts.items() if name in case and _coded(case[name]) != _coded(now[name])
    ]
    return compared("judgement", not changed, f"{', '.join(changed)} changed" if changed else "")


def _coded(value: Any) -> Any:
    """The value, sentences for which it has a code left out: other versions may word them otherwise."""
    if isinstance(value, list):
        return [{k: v for k, v in one.items() if k != "sentence"} for one in value]
    return value


def _figures(
    subject: str, recorded: Mapping[str, Any], found: AttributionMap, localized: LocalizedMap
) -> Check:
    """Where the map was cut, what it should add up to, and by how much it misses that."""
    completeness = recorded.get("completeness", {})
    figures = (
        ("cut", recorded, localized.cut, 0.0),
        ("start", completeness, found.start, 1.0),
        ("gap", completeness, found.gap, 1.0),
    )
    changed = [
        f"{name} {kept[name]}, now {now}"
        for name, kept, now, unit in figures
        if name in kept and not _near(kept[name], now, unit)
    ]
    return compared(subject, not changed, "; ".join(changed))


def _near(before: float | None, now: float | None, unit: float) -> bool:
    """Within the tolerance, of the numbers or of the unit where that is larger.

    A report has None for what is no number.
    """
    if before is None or now is None:
        return before is None and (now is None or not isfinite(now))
    return abs(before - now) <= OVERLAP_TOLERANCE * max(abs(before), abs(now), unit)


def _map(
    subject: str,
    recorded: Mapping[str, Any],
    sketches: Mapping[str, Any],
    found: AttributionMap,
    folder: Path,
) -> Check:
    jumps = _is_sensitive(found.method)
    kept = _loaded(folder / Path(recorded["map"]).name)
    if kept is not None:
        distance = relative_distance(kept, found.values)
        allowed = SENSITIVE_TOLERANCE if jumps else MAP_TOLERANCE
        return compared(subject, distance <= allowed, f"relative L2 distance {distance:.1e}")
    known = sketches.get(recorded["map"])
    if known is None:
        return Check(subject, Verdict.MISSING, f"its file {recorded['map']} is not in {folder}")
    now = sketch(found.values)
    distance = relative_distance(np.array([known["norm"]]), np.array([now["norm"]]))
    distance = max(distance, relative_distance(np.array(known["means"]), np.array(now["means"])))
    return compared(
        subject, distance <= SKETCH_TOLERANCE, f"16 x 16 means, relative L2 distance {distance:.1e}"
    )


def _is_sensitive(method: str) -> bool:
    known = methods().get(method)
    return method == "epsilon" or (known is not None and known.family is Family.GRADIENT)


def _least_iou(method: str) -> float:
    return SENSITIVE_BOX_IOU if _is_sensitive(method) else BOX_IOU


def _loaded(path: Path) -> Plane | None:
    try:
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float32)
    except (OSError, ValueError, EOFError):
        return None


def _boxes(subject: str, recorded: Sequence[Mapping[str, Any]], localized: LocalizedMap) -> Check:
    kept = [Box(box["x"], box["y"], box["width"], box["height"]) for box in recorded]
    if len(kept) != len(localized.boxes):
        return Check(subject, Verdict.DIFFERS, f"{len(kept)} recorded, now {len(localized.boxes)}")
    nearest = [max(localized.boxes, key=lambda other, box=box: iou(box, other)) for box in kept]  # type: ignore[misc]
    worst = min((iou(box, other) for box, other in zip(kept, nearest, strict=True)), default=1.0)
    scored = all(
        _near(box.get("score"), other.score, 1.0) for box, other in zip(recorded, nearest, strict=True)
    )
    told = f"{len(kept)} boxes, lowest IoU {worst:.4f}" if kept else "none"
    told += "" if scored else "; other scores"
    return compared(subject, worst >= _least_iou(localized.method) and scored, told)


def _overlaps(recorded: Sequence[Mapping[str, Any]], again: Analysis) -> Check:
    now = again.localizations
    if [_compared_box(one) for one in recorded] != [_compared_now(one) for one in now]:
        return Check("overlap with references", Verdict.DIFFERS, "other boxes or methods are compared")
    pairs = list(zip(recorded, now, strict=True))
    gaps = [abs(one[name] - getattr(other, name)) for one, other in pairs for name in ("iou", "iobb")]
    alike = all(one["hit"] == other.hit and _predicted_alike(one, other) for one, other in pairs)
    same = all(gap <= OVERLAP_TOLERANCE for gap in gaps) and alike
    return compared(
        "overlap with references", same, f"{len(now)} compared, largest difference {max(gaps):.1e}"
    )


def _compared_box(one: Mapping[str, Any]) -> tuple[Any, ...]:
    box = one["box"]
    return one["method"], one["label"], one["source"], *(box[edge] for edge in _EDGES)


def _compared_now(one: Localization) -> tuple[Any, ...]:
    return one.method, one.label, one.source, *(getattr(one.reference, edge) for edge in _EDGES)


def _predicted_alike(one: Mapping[str, Any], other: Localization) -> bool:
    box = one.get("predicted")
    if box is None or other.predicted is None:
        return box is None and other.predicted is None
    return iou(Box(*(box[edge] for edge in _EDGES)), other.predicted) >= _least_iou(other.method)
