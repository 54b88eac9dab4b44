"""One set of boxes from those of several readers: weighted box fusion, and what a majority saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cxr_desktop.domain.box import Box
from cxr_desktop.localization.overlap import iou

FUSION_IOU = 0.55


@dataclass(frozen=True, slots=True)
class FusedBox:
    """A box that several drew. members: the boxes fused. readers: places of the sets that they come from.

    box.score: mean score of the members, cut by the share of sets without a box here (1 where
    every set agrees at full score).
    """

    box: Box
    members: tuple[Box, ...]
    readers: frozenset[int]


def weighted_box_fusion(
    sets: Sequence[Sequence[Box]],
    limit: float = FUSION_IOU,
    weights: Sequence[float] | None = None,
) -> tuple[FusedBox, ...]:
    """Fuse the boxes of one image (Solovyev, Wang, Gabruseva, Image and Vision Computing 107, 2021, section 3).

    sets: the boxes of each reader. Boxes of one label whose IoU with a cluster's fused box
    exceeds `limit` join it; edges are averaged by score times weight. A box without a score
    counts 1. weights: of the readers, by default equal. In falling order of score.
    Raises ValueError for weights that are not positive or not one a set.
    """
    shares = [1.0] * len(sets) if weights is None else list(weights)
    if len(shares) != len(sets) or any(share <= 0 for share in shares):
        raise ValueError(f"weights {shares} are not one positive number for each of {len(sets)} sets")
    votes = [
        _Vote(box, reader, (1.0 if box.score is None else box.score) * shares[reader])
        for reader, boxes in enumerate(sets)
        for box in boxes
    ]
    clusters: list[list[_Vote]] = []
    fused: list[Box] = []
    for vote in sorted(votes, key=lambda one: -one.confidence):
        place = _nearest(fused, vote.box, limit)
        if place is None:
            clusters.append([vote])
            fused.append(vote.box)
        else:
            clusters[place].append(vote)
            fused[place] = _averaged(clusters[place])
    answer = [
        _result(cluster, box, len(sets), sum(shares)) for cluster, box in zip(clusters, fused, strict=True)
    ]
    return tuple(sorted(answer, key=lambda one: -(one.box.score or 0.0)))


def majority(fused: Sequence[FusedBox], readers: int) -> tuple[FusedBox, ...]:
    """Those that more than half of the readers drew."""
    return tuple(one for one in fused if 2 * len(one.readers) > readers)


@dataclass(frozen=True, slots=True)
class _Vote:
    box: Box
    reader: int
    confidence: float


def _nearest(fused: Sequence[Box], box: Box, limit: float) -> int | None:
    best, place = limit, None
    for index, other in enumerate(fused):
        if other.label == box.label and (overlap := iou(other, box)) > best:
            best, place = overlap, index
    return place


def _averaged(votes: Sequence[_Vote]) -> Box:
    confidence = np.array([vote.confidence for vote in votes])
    if confidence.sum() <= 0:
        confidence = np.ones(len(votes))
    edges = np.array([(v.box.x, v.box.y, v.box.right, v.box.bottom) for v in votes])
    left, top, right, bottom = (float(edge) for edge in np.average(edges, axis=0, weights=confidence))
    return Box.from_corners(left, top, right, bottom, label=votes[0].box.label)


def _result(votes: Sequence[_Vote], box: Box, sets: int, weight: float) -> FusedBox:
    mean = sum(vote.confidence for vote in votes) / len(votes)
    score = mean * min(sets, len(votes)) / weight
    return FusedBox(
        replace(box, score=score, source="consensus"),
        tuple(vote.box for vote in votes),
        frozenset(vote.reader for vote in votes),
    )
