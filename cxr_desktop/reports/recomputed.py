"""A case computed again against what its report says, within tolerances that cover other threads and devices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.attribution import methods
from cxr_desktop.attribution.method_info import Family
from cxr_desktop.domain import Analysis, AttributionMap, Box, LocalizedMap
from cxr_desktop.localization import iou
from cxr_desktop.reports.check import Check, Verdict, compared
from cxr_desktop.reports.manifest import versions
from cxr_desktop.reports.map_sketch import sketch

SCORE_TOLERANCE = 1e-4
MAP_TOLERANCE = 1e-4
SENSITIVE_TOLERANCE = 1e-2
"""Largest distances seen between one and two threads, bundled model and study: LRP epsilon 3.5e-3 (7 images),
DeepLIFT 7.1e-4 (7), SmoothGrad 4.3e-4 (3), integrated gradients 3.6e-4 (3); RAP 1.6e-5 (7), RSP 3.7e-6 (7)."""
SKETCH_TOLERANCE = 1e-3
BOX_IOU = 0.99
OVERLAP_TOLERANCE = 0.01
TOLERANCES = (
    f"scores within {SCORE_TOLERANCE:g}; maps within a relative L2 distance of {MAP_TOLERANCE:g}, of gradient "
    f"methods and LRP epsilon {SENSITIVE_TOLERANCE:g} (they jump where a rectifier switches or a sum is nearly 0, "
    "which its last digit decides); "
    f"where a map's file is not there, its 16 x 16 means within {SKETCH_TOLERANCE:g} or that of such methods; "
    f"boxes with an IoU of at least {BOX_IOU:g}; overlaps within {OVERLAP_TOLERANCE:g}"
)
Plane = NDArray[np.floating]


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
    yield _scores(case["scores"], again.prediction.scores)
    for recorded, values, localized in zip(case["attributions"], again.maps, again.localized, strict=True):
        subject = f"{recorded['method']}, {recorded['target']}"
        yield _map(f"map of {subject}", recorded, case.get("sketches", {}), values, folder)
        yield _boxes(f"boxes of {subject}", recorded["boxes"], localized)
    if case["localization"] or again.localizations:
        yield _overlaps(case["localization"], again)


def relative_distance(recorded: Plane, found: Plane) -> float:
    """L2 norm of the difference over that of `recorded`; infinite for another shape."""
    if recorded.shape != found.shape:
        return float("inf")
    distance = float(np.linalg.norm(np.asarray(found, np.float64) - np.asarray(recorded, np.float64)))
    size = float(np.linalg.norm(np.asarray(recorded, np.float64)))
    return distance / size if size else (0.0 if distance == 0 else float("inf"))


def _scores(recorded: Mapping[str, float], found: Mapping[str, float]) -> Check:
    if set(recorded) != set(found):
        return Check("scores", Verdict.DIFFERS, f"labels are {', '.join(found)}, not {', '.join(recorded)}")
    label = max(recorded, key=lambda name: abs(recorded[name] - found[name]))
    gap = abs(recorded[label] - found[label])
    text = f"{label} {recorded[label]:.6f}, now {found[label]:.6f}; largest difference {gap:.1e}"
    return compared("scores", gap <= SCORE_TOLERANCE, text)


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


def _loaded(path: Path) -> Plane | None:
    try:
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float32)
    except (OSError, ValueError, EOFError):
        return None


def _boxes(subject: str, recorded: Sequence[Mapping[str, Any]], localized: LocalizedMap) -> Check:
    kept = [Box(box["x"], box["y"], box["width"], box["height"]) for box in recorded]
    if len(kept) != len(localized.boxes):
        return Check(subject, Verdict.DIFFERS, f"{len(kept)} recorded, now {len(localized.boxes)}")
    worst = min((max(iou(box, other) for other in localized.boxes) for box in kept), default=1.0)
    return compared(
        subject, worst >= BOX_IOU, f"{len(kept)} boxes, lowest IoU {worst:.4f}" if kept else "none"
    )


def _overlaps(recorded: Sequence[Mapping[str, Any]], again: Analysis) -> Check:
    now = again.localizations
    if [(one["method"], one["label"]) for one in recorded] != [(one.method, one.label) for one in now]:
        return Check("overlap with references", Verdict.DIFFERS, "other boxes or methods are compared")
    gap = max(abs(one["iou"] - other.iou) for one, other in zip(recorded, now, strict=True))
    hits = all(one["hit"] == other.hit for one, other in zip(recorded, now, strict=True))
    same = gap <= OVERLAP_TOLERANCE and hits
    return compared("overlap with references", same, f"{len(now)} compared, largest difference {gap:.1e}")
