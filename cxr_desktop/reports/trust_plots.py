"""The curves behind the figures of trust, as plain numbers that page and window draw alike."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

from cxr_desktop.domain.trust import MapTrust

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """name: as the legend says it. baseline: what the others are to be compared with."""

    name: str
    points: Points
    baseline: bool = False


@dataclass(frozen=True, slots=True)
class LinePlot:
    """y: the range that the axis must hold at least. ticks: names of whole places on the x axis, if it counts."""

    title: str
    across: str
    up: str
    lines: tuple[Line, ...]
    y: tuple[float, float]
    ticks: tuple[str, ...] = ()

    @property
    def x_range(self) -> tuple[float, float]:
        values = [x for line in self.lines for x, _ in line.points]
        return min(values), max(values)

    @property
    def y_range(self) -> tuple[float, float]:
        values = [y for line in self.lines for _, y in line.points]
        return min(self.y[0], *values), max(self.y[1], *values)


def plots_of(trust: MapTrust) -> tuple[LinePlot, ...]:
    """A plot for each part that was measured."""
    return tuple(
        plot
        for plot in (_randomisation(trust), _deletion(trust), _insertion(trust), _sweep(trust))
        if plot is not None
    )


def _randomisation(trust: MapTrust) -> LinePlot | None:
    found = trust.randomisation
    if found is None:
        return None
    stages = [float(place) for place in range(len(found.layers) + 1)]
    return LinePlot(
        "Random weights",
        "share of layers random, from the output on",
        "likeness to the map",
        (
            Line("rank correlation", tuple(zip(stages, (1.0, *found.rank_correlation), strict=True))),
            Line("SSIM", tuple(zip(stages, (1.0, *found.ssim), strict=True)), baseline=True),
        ),
        (0.0, 1.0),
        ("none", *[""] * (len(found.layers) - 1), "all"),
    )


def _deletion(trust: MapTrust) -> LinePlot | None:
    found = trust.faithfulness
    if found is None:
        return None
    return _logits("Deletion", "share of pixels removed", found.shares, found.deletion, found.random_deletion)


def _insertion(trust: MapTrust) -> LinePlot | None:
    found = trust.faithfulness
    if found is None:
        return None
    return _logits(
        "Insertion", "share of pixels shown", found.shares, found.insertion, found.random_insertion
    )


def _logits(
    title: str, across: str, shares: tuple[float, ...], own: tuple[float, ...], chance: tuple[float, ...]
) -> LinePlot:
    lines = (
        Line("strongest first", tuple(zip(shares, own, strict=True))),
        Line("random order", tuple(zip(shares, chance, strict=True)), baseline=True),
    )
    return LinePlot(title, across, "logit", lines, (min(own), max(own)))


def _sweep(trust: MapTrust) -> LinePlot | None:
    found = trust.sweep
    if found is None:
        return None
    line = Line("mean IoU", tuple(zip(found.percentiles, found.overlaps, strict=True)))
    return LinePlot("IoU by threshold", "percentile of the cut", "mean IoU", (line,), (0.0, 1.0))


def ticks(low: float, high: float, about: int = 4) -> tuple[float, ...]:
    """Round numbers within a range, about as many as asked for."""
    span = high - low
    if span <= 0:
        return (low,)
    magnitude = 10 ** floor(log10(span / about))
    step = next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude * about >= 0.7 * span)
    first = ceil(low / step - 1e-9)
    last = floor(high / step + 1e-9)
    return tuple(round(place * step, 10) for place in range(first, last + 1))


def across_ticks(plot: LinePlot) -> tuple[tuple[float, str], ...]:
    """(place, text) along the x axis: its names, or round numbers."""
    if plot.ticks:
        return tuple((float(place), name) for place, name in enumerate(plot.ticks) if name)
    return tuple((value, f"{value:g}") for value in ticks(*plot.x_range))
