"""A method's map against readers' boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cxr_desktop.domain.attribution import AttributionMap
from cxr_desktop.domain.box import Box
from cxr_desktop.domain.localization import Localization, LocalizedMap, Threshold
from cxr_desktop.localization.evidence import Evidence
from cxr_desktop.localization.matching import best_of
from cxr_desktop.localization.overlap import iobb
from cxr_desktop.localization.pointing import peak
from cxr_desktop.localization.smoothing import DEFAULT_SMOOTH


def localize(
    attribution: AttributionMap,
    threshold: Threshold,
    references: Sequence[Box],
    evidence: Evidence | None = None,
) -> tuple[LocalizedMap, tuple[Localization, ...]]:
    """The map's boxes, and each reference against the one of them with the highest IoU.

    The pointing game takes the maximum of the map smoothed by the default Gaussian, as the
    single highest pixel of a grainy map is chance. evidence: of the same map, where it was asked for before.
    Raises ValueError for a map with values that are not finite.
    """
    told = Evidence(attribution.values) if evidence is None else evidence
    cut = told.at(threshold)
    boxes = tuple(replace(box, label=attribution.target, source=attribution.method) for box in cut.boxes)
    point = peak(told.smoothed_by(DEFAULT_SMOOTH)) if references else None
    comparisons = tuple(_compared(attribution.method, boxes, point, reference) for reference in references)
    return LocalizedMap(attribution.method, attribution.target, threshold, cut.value, boxes), comparisons


def _compared(
    method: str, boxes: Sequence[Box], point: tuple[float, float] | None, reference: Box
) -> Localization:
    predicted, overlap = best_of(boxes, reference)
    return Localization(
        method=method,
        label=reference.label,
        source=reference.source,
        reference=reference,
        predicted=predicted,
        iou=overlap,
        iobb=0.0 if predicted is None else iobb(predicted, reference),
        hit=point is not None and reference.contains(*point),
    )
