"""How far a map can be trusted: figures made on demand, each with what it was measured against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Randomisation:
    """The map against the one of the network with its layers made random, from the output to the image.

    layers: the last one randomised at each stage. rank_correlation, ssim: with the map of the trained
    network, by stage; near 1 means that the map does not show what these layers have learnt.
    Source: Adebayo et al., NeurIPS 2018.
    """

    layers: tuple[str, ...]
    rank_correlation: tuple[float, ...]
    ssim: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """Logits while the most relevant pixels go (deletion) or come (insertion), and in random order.

    shares: of the pixels changed, 0 to 1. Source: Petsiuk et al., BMVC 2018; the random order is that of
    noise, smoothed like a map.
    """

    shares: tuple[float, ...]
    deletion: tuple[float, ...]
    insertion: tuple[float, ...]
    random_deletion: tuple[float, ...]
    random_insertion: tuple[float, ...]

    @property
    def deletion_gain(self) -> float:
        """Mean logit of random deletion less that of the map's: above 0 where the map finds what counts."""
        return _mean(self.random_deletion) - _mean(self.deletion)

    @property
    def insertion_gain(self) -> float:
        """Mean logit of the map's insertion less that of the random one."""
        return _mean(self.insertion) - _mean(self.random_insertion)


@dataclass(frozen=True, slots=True)
class SmallChange:
    """The map of a slightly changed image. overlaps: IoU with each reference box after the change."""

    name: str
    rank_correlation: float
    overlaps: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Stability:
    """overlaps: IoU with each reference box of the unchanged image's map."""

    changes: tuple[SmallChange, ...]
    overlaps: tuple[float, ...] = ()

    @property
    def lowest(self) -> float:
        """Rank correlation of the change that moved the map most."""
        return min((change.rank_correlation for change in self.changes), default=1.0)

    @property
    def spread(self) -> float:
        """Largest change of the IoU with any reference box."""
        return max(
            (
                abs(after - before)
                for change in self.changes
                for before, after in zip(self.overlaps, change.overlaps, strict=True)
            ),
            default=0.0,
        )


@dataclass(frozen=True, slots=True)
class ThresholdSweep:
    """Mean IoU of the best box with the reference boxes, by the percentile at which the map is cut."""

    percentiles: tuple[float, ...]
    overlaps: tuple[float, ...]

    @property
    def best(self) -> tuple[float, float]:
        """The percentile with the highest IoU, and that IoU: chosen with the boxes known."""
        place = max(range(len(self.overlaps)), key=self.overlaps.__getitem__)
        return self.percentiles[place], self.overlaps[place]


@dataclass(frozen=True, slots=True)
class MapTrust:
    """Figures of one map; those not measured, or not possible, are None. problems: why they are not."""

    method: str
    target: str
    gap: float | None = None
    randomisation: Randomisation | None = None
    faithfulness: Faithfulness | None = None
    stability: Stability | None = None
    sweep: ThresholdSweep | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement:
    """Pairs of maps of one image and target that hold any evidence. rank_correlation, overlap: (n, n), the diagonal 1.

    overlap: IoU of the tenths of the image with the most relevance.
    """

    methods: tuple[str, ...]
    rank_correlation: tuple[tuple[float, ...], ...]
    overlap: tuple[tuple[float, ...], ...]

    @property
    def mean(self) -> float:
        """Mean rank correlation of the pairs; 1 for a single map."""
        rows = enumerate(self.rank_correlation)
        pairs = [value for i, row in rows for j, value in enumerate(row) if j < i]
        return _mean(pairs) if pairs else 1.0


@dataclass(frozen=True, slots=True)
class Trust:
    """What was measured of a case's maps."""

    maps: tuple[MapTrust, ...] = ()
    agreement: Agreement | None = None

    @property
    def measured(self) -> bool:
        return bool(self.maps)


def _mean(values: tuple[float, ...] | list[float]) -> float:
    return sum(values) / len(values)
