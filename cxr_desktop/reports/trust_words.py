"""What the figures of trust mean, in sentences that claim no more than was measured."""

from __future__ import annotations

from cxr_desktop.domain.trust import (
    Agreement,
    Faithfulness,
    MapTrust,
    Randomisation,
    Stability,
    ThresholdSweep,
)
from cxr_desktop.reports.wording import number, small_share

ALIKE, DIFFERENT = 0.7, 0.3
"""Rank correlations from and up to which maps are called alike and different. A convention, no test."""

LIMITS = (
    "These figures are of one image, one network and one seed. They can show that a map does not follow the "
    "network; they cannot show that the network is right, or that it looks where a reader would."
)


def randomisation_words(found: Randomisation) -> str:
    """Whether the map follows what the network has learnt."""
    at_end = found.rank_correlation[-1]
    figures = f"rank correlation {number(at_end)}, SSIM {number(found.ssim[-1])} with every layer random"
    if abs(at_end) >= ALIKE:
        return f"The map hardly changes when the network's weights are made random ({figures}): do not rely on it."
    if abs(at_end) > DIFFERENT:
        return f"The map keeps a part of its shape when the weights are made random ({figures})."
    return f"The map is another one once the weights are random ({figures}): it follows what was learnt."


def faithfulness_words(found: Faithfulness) -> str:
    """Whether the score follows the map."""
    gains = (found.deletion_gain, found.insertion_gain)
    told = [f"{'+' if gain >= 0 else '−'}{abs(gain):.2f}" for gain in gains]
    figures = f"mean logit against a random order: deletion {told[0]}, insertion {told[1]}"
    if min(gains) > 0:
        return f"The score follows the map: its strongest places count more than random ones ({figures})."
    if max(gains) <= 0:
        return f"The score does not follow the map: random places count as much or more ({figures})."
    return f"The score follows the map in one test and not in the other ({figures})."


def stability_words(found: Stability) -> str:
    """What small changes of the image do to the map."""
    worst = min(found.changes, key=lambda change: change.rank_correlation)
    lowest = f"rank correlation {number(worst.rank_correlation)} after {worst.name}"
    kind = "stays" if worst.rank_correlation >= ALIKE else "moves"
    told = f"The map {kind} when the image changes a little: at the least, {lowest}."
    if found.overlaps:
        told += f" Its IoU with a reference box changes by up to {number(found.spread)}."
    return told


def sweep_words(found: ThresholdSweep) -> str:
    """What the threshold does to the IoU."""
    percentile, best = found.best
    if best <= 0:
        return "No threshold gives a box that overlaps a reference."
    wide = [p for p, v in zip(found.percentiles, found.overlaps, strict=True) if v >= 0.9 * best]
    return (
        f"Best mean IoU {number(best)} at percentile {percentile:g}, chosen with the boxes known; within a tenth "
        f"of it from {min(wide):g} to {max(wide):g}."
    )


def gap_words(gap: float | None) -> str:
    """How much of the score the map accounts for."""
    if gap is None:
        return "This method promises no sum; there is nothing to hold it to."
    return f"The map's sum misses what it promises by {small_share(gap)}."


def agreement_words(found: Agreement) -> str:
    """Whether the methods tell one story."""
    if len(found.methods) < 2:
        return "Fewer than two maps hold evidence; compute others to see whether they agree."
    return (
        f"Mean rank correlation of the {len(found.methods)} methods' maps: {number(found.mean)}. Agreement does "
        "not make them right; disagreement says that the choice of method decides what is seen."
    )


def sentences(trust: MapTrust) -> tuple[tuple[str, str], ...]:
    """(what was asked, the answer) for each part that was measured, in the order to print."""
    told = [("Completeness", gap_words(trust.gap))]
    if trust.randomisation is not None:
        told.append(("Random weights", randomisation_words(trust.randomisation)))
    if trust.faithfulness is not None:
        told.append(("Deletion, insertion", faithfulness_words(trust.faithfulness)))
    if trust.stability is not None:
        told.append(("Small changes", stability_words(trust.stability)))
    if trust.sweep is not None:
        told.append(("Threshold", sweep_words(trust.sweep)))
    return (*told, *(("Not measured", problem) for problem in trust.problems))
