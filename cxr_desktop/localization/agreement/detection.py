"""How well one reader's boxes find another's: matched IoU, precision, recall, F1, FROC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain.box import Box
from cxr_desktop.localization.agreement.estimate import Estimate, Values, draws, from_sums, interval, ratio
from cxr_desktop.localization.matching import match_boxes
from cxr_desktop.localization.overlap import iou_matrix

BoxSets = Sequence[Sequence[Box]]
RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True)
class Detection:
    """Found boxes against reference boxes, one-to-one at an IoU of at least `limit`.

    matched, extra, missed: true positives, false positives, false negatives.
    """

    limit: float
    matched: int
    extra: int
    missed: int
    precision: Estimate
    recall: Estimate
    f1: Estimate


@dataclass(frozen=True, slots=True)
class Froc:
    """Free-response operating characteristic: sensitivity at mean false positives per image.

    sensitivity: one for each of `rates`. mean: of those sensitivities (the LUNA16 score).
    """

    limit: float
    rates: tuple[float, ...]
    sensitivity: tuple[Estimate, ...]
    mean: Estimate


def matched_iou(first: BoxSets, second: BoxSets, minimum: float = 0.0) -> Estimate:
    """Mean IoU of the one-to-one pairs (Hungarian method) that overlap; NaN without pairs.

    first, second: the boxes of each image, in one order of images. Boxes without a partner are
    not in this mean: read it beside `detection`, which counts them.
    """
    rows = []
    for a, b in zip(first, second, strict=True):
        found = match_boxes(a, b, minimum)
        rows.append((sum(match.iou for match in found), len(found)))
    return from_sums(np.array(rows, dtype=np.float64).reshape(-1, 2), lambda s: ratio(s[..., 0], s[..., 1]))


def detection(found: BoxSets, reference: BoxSets, limit: float = 0.5) -> Detection:
    """Precision, recall and F1 of found boxes. Precision and recall change places with the sets, F1 stays.

    Raises ValueError for a limit outside (0, 1] or sets of different numbers of images.
    """
    if not 0 < limit <= 1:
        raise ValueError(f"IoU limit {limit:g} is not above 0 and at most 1")
    rows = []
    for a, b in zip(found, reference, strict=True):
        matched = len(match_boxes(a, b, limit))
        rows.append((matched, len(a) - matched, len(b) - matched))
    counts = np.array(rows, dtype=np.float64).reshape(-1, 3)
    matched, extra, missed = (int(value) for value in counts.sum(axis=0))
    return Detection(
        *(limit, matched, extra, missed),
        precision=from_sums(counts, lambda s: ratio(s[..., 0], s[..., 0] + s[..., 1])),
        recall=from_sums(counts, lambda s: ratio(s[..., 0], s[..., 0] + s[..., 2])),
        f1=from_sums(counts, lambda s: ratio(2 * s[..., 0], 2 * s[..., 0] + s[..., 1] + s[..., 2])),
    )


def froc(found: BoxSets, reference: BoxSets, limit: float = 0.5, rates: Sequence[float] = RATES) -> Froc:
    """FROC of scored boxes (Bunch et al. 1978; LUNA16's convention for repeated hits).

    A reference is found at a score where a box of at least that score overlaps it by `limit`; a
    box that overlaps none by `limit` is false. A box without a score counts as certain.
    """
    events = _events(found, reference, limit)
    images = len(reference)
    wanted = np.asarray(rates, dtype=np.float64)
    if images == 0:
        nothing = Estimate(float("nan"))
        return Froc(limit, tuple(rates), (nothing,) * len(wanted), nothing)
    once = _sensitivities(events, np.ones((1, images)), wanted)[0]
    again = _sensitivities(events, draws(images), wanted) if images > 1 else np.empty((0, wanted.size))
    return Froc(
        limit,
        tuple(rates),
        tuple(interval(float(value), again[:, place]) for place, value in enumerate(once)),
        interval(float(once.mean()), again.mean(axis=1)),
    )


@dataclass(frozen=True, slots=True)
class _Events:
    """hit_score: of each reference the best box on it, -inf where missed; false_score: falling."""

    hit_score: Values
    hit_image: NDArray[np.intp]
    false_score: Values
    false_image: NDArray[np.intp]


def _events(found: BoxSets, reference: BoxSets, limit: float) -> _Events:
    hits: list[tuple[float, int]] = []
    false: list[tuple[float, int]] = []
    for image, (boxes, truths) in enumerate(zip(found, reference, strict=True)):
        scores = np.array([np.inf if box.score is None else box.score for box in boxes])
        good = iou_matrix(boxes, truths) >= limit
        hits += [(float(scores[good[:, j]].max(initial=-np.inf)), image) for j in range(len(truths))]
        false += [(float(score), image) for score in scores[~good.any(axis=1)]]
    false.sort(key=lambda entry: -entry[0])
    return _Events(*_columns(hits), *_columns(false))


def _columns(entries: Sequence[tuple[float, int]]) -> tuple[Values, NDArray[np.intp]]:
    return (
        np.array([score for score, _ in entries], dtype=np.float64),
        np.array([image for _, image in entries], dtype=np.intp),
    )


def _sensitivities(events: _Events, weights: Values, rates: Values) -> Values:
    """(resamples, rates) share of references found at the lowest score that keeps to the rate.

    weights: (resamples, images) how often each image counts.
    """
    images = weights.sum(axis=1)
    false = np.cumsum(weights[:, events.false_image], axis=1)
    of_hit = weights[:, events.hit_image]
    lesions = of_hit.sum(axis=1)
    found = events.hit_score > -np.inf
    answer = np.empty((len(weights), rates.size))
    for place, rate in enumerate(rates):
        allowed = (false <= rate * images[:, None]).sum(axis=1)
        ceiling = np.append(events.false_score, -np.inf)[allowed]
        reached = (events.hit_score[None, :] > ceiling[:, None]) & found
        answer[:, place] = ratio((of_hit * reached).sum(axis=1), lesions)
    return answer
