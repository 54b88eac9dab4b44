"""How far a map can be trusted, measured on the network and image that it was made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from cxr_desktop.domain import AttributionMap, Box, Progress, Radiograph, Threshold
from cxr_desktop.domain.errors import AttributionError
from cxr_desktop.domain.trust import (
    Agreement,
    Faithfulness,
    MapTrust,
    Randomisation,
    SmallChange,
    Stability,
    ThresholdSweep,
)
from cxr_desktop.localization import localize
from cxr_desktop.localization.iou_curve import iou_curve
from cxr_desktop.localization.smoothing import evidence

if TYPE_CHECKING:
    from torch import Tensor

    from cxr_desktop.classifiers import Classifier
    from cxr_desktop.classifiers.geometry import ModelGeometry

STAGES = 6
STEPS = 20
SEED = 0
NOISE = 0.01
SHIFT = 2
CONTRAST = 0.95
COARSE = 64
"""Side of the grid on which maps are compared with each other: neighbourhoods, not single pixels."""

Plane = np.ndarray[tuple[int, int], np.dtype[np.float32]]


def trust_in_map(
    radiograph: Radiograph,
    classifier: Classifier,
    found: AttributionMap,
    threshold: Threshold,
    references: Sequence[Box] = (),
    *,
    progress: Progress | None = None,
) -> Iterator[MapTrust]:
    """Growing figures of one map, each part given as soon as it is measured; the last one is whole.

    threshold: where the map is cut for its IoU with `references`. Makes the map eleven times more and passes
    84 images forward, so a map that is cheap itself takes many times as long. A part that the network or
    method does not permit becomes a problem, in words. Raises Cancelled from progress.
    """
    tell = progress or (lambda _done: None)
    subject = _Subject.of(radiograph, classifier, found, threshold, tuple(references))
    trust = MapTrust(found.method, found.target, found.gap)
    if references:
        curve = iou_curve(found.values, references)
        percentiles = tuple(cut.value for cut in curve.thresholds)
        trust = replace(trust, sweep=ThresholdSweep(percentiles, tuple(curve.mean.tolist())))
        yield trust
    if not evidence(found.values).any():
        yield replace(
            trust, problems=(f"The map holds no evidence for {found.target}: there is nothing to measure.",)
        )
        tell(1.0)
        return
    try:
        base = subject.plane(subject.image, _within(tell, 0.0, 0.05))
    except AttributionError as error:
        yield replace(trust, problems=(str(error),))
        tell(1.0)
        return
    parts: tuple[tuple[str, float, Callable[[Progress], object]], ...] = (
        ("faithfulness", 0.25, partial(_faithfulness, subject, base)),
        ("stability", 0.5, partial(_stability, subject, base)),
        ("randomisation", 1.0, partial(_randomisation, subject)),
    )
    begun = 0.05
    for name, end, measure in parts:
        try:
            measured = measure(_within(tell, begun, end))
            trust = replace(trust, **{name: measured})  # type: ignore[arg-type]
        except AttributionError as error:
            trust = replace(trust, problems=(*trust.problems, f"{name.capitalize()}: {error}"))
        begun = end
        yield trust
    tell(1.0)


def agreement(maps: Sequence[AttributionMap]) -> Agreement:
    """How alike maps of one image are, on a coarse grid of their positive evidence; empty maps are left out."""
    import torch

    from cxr_desktop.attribution import overlap, rank_correlation

    coarse = [(found.method, _coarse(found)) for found in maps]
    told = [(method, plane) for method, plane in coarse if plane.any()]
    planes = [torch.from_numpy(plane) for _, plane in told]
    return Agreement(
        tuple(method for method, _ in told),
        tuple(tuple(rank_correlation(a, b) for b in planes) for a in planes),
        tuple(tuple(overlap(a, b) for b in planes) for a in planes),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Subject:
    """A map with what is needed to make it again. image: (1, C, H, W) model input."""

    classifier: Classifier
    found: AttributionMap
    image: Tensor
    target: int
    geometry: ModelGeometry
    threshold: Threshold
    references: tuple[Box, ...]
    options: Mapping[str, object]

    @classmethod
    def of(
        cls,
        radiograph: Radiograph,
        classifier: Classifier,
        found: AttributionMap,
        threshold: Threshold,
        references: tuple[Box, ...],
    ) -> _Subject:
        from cxr_desktop.attribution import methods

        known = {option.name for option in methods()[found.method].options}
        return cls(
            classifier=classifier,
            found=found,
            image=classifier.preprocess(radiograph),
            target=classifier.target_index(found.target),
            geometry=classifier.geometry(radiograph),
            threshold=threshold,
            references=references,
            options={name: value for name, value in found.parameters.items() if name in known},
        )

    def plane(self, image: Tensor, progress: Progress | None = None) -> Tensor:
        """(H, W) relevance of another input, by the same method."""
        from cxr_desktop.attribution import attribute

        network, method = self.classifier.network, self.found.method
        return attribute(network, image, self.target, method, progress=progress, **self.options)[0].sum(0)

    def overlaps(self, plane: Tensor) -> tuple[float, ...]:
        """IoU with each reference of a plane cut as the map was."""
        if not self.references:
            return ()
        values = self.geometry.map_to_image(plane.float().cpu().numpy())
        _, compared = localize(replace(self.found, values=values), self.threshold, self.references)
        return tuple(one.iou for one in compared)


def _faithfulness(subject: _Subject, base: Tensor, progress: Progress) -> Faithfulness:
    """base: (H, W) relevance of the unchanged image."""
    import torch

    from cxr_desktop.attribution import deletion_insertion

    noise = torch.randn(base.shape, generator=torch.Generator().manual_seed(SEED))
    network, image, target = subject.classifier.network, subject.image, subject.target
    own, chance = (
        deletion_insertion(
            network,
            image,
            target,
            _smooth(plane, sign).to(image.device),
            steps=STEPS,
            progress=_within(progress, start, start + 0.5),
        )
        for plane, sign, start in ((base, "positive", 0.0), (noise, "absolute", 0.5))
    )
    return Faithfulness(own.shares, own.deletion, own.insertion, chance.deletion, chance.insertion)


def _stability(subject: _Subject, base: Tensor, progress: Progress) -> Stability:
    """base: (H, W) relevance of the unchanged image."""
    from cxr_desktop.attribution import rank_correlation

    changes = []
    made = _changes(subject.image)
    for number, (name, image, back) in enumerate(made):
        step = _within(progress, number / len(made), (number + 1) / len(made))
        plane = back(subject.plane(image, step))
        alike = rank_correlation(_smooth(base), _smooth(plane))
        changes.append(SmallChange(name, alike, subject.overlaps(plane)))
    return Stability(tuple(changes), subject.overlaps(base))


def _changes(image: Tensor) -> tuple[tuple[str, Tensor, Callable[[Tensor], Tensor]], ...]:
    """(name, changed input, how its map is laid back on the unchanged one)."""
    import torch

    spread = float(image.max() - image.min())
    noise = torch.randn(image.shape, generator=torch.Generator().manual_seed(SEED)).to(image)
    grey = image.mean()

    def same(plane: Tensor) -> Tensor:
        return plane

    return (
        (f"noise of {NOISE:.0%} of the gray range", image + NOISE * spread * noise, same),
        (
            f"moved by {SHIFT} pixels of the model's input",
            image.roll((SHIFT, SHIFT), (2, 3)),
            lambda plane: plane.roll((-SHIFT, -SHIFT), (0, 1)),
        ),
        (f"contrast lowered by {1 - CONTRAST:.0%}", grey + CONTRAST * (image - grey), same),
    )


def _randomisation(subject: _Subject, progress: Progress) -> Randomisation:
    from cxr_desktop.attribution import randomisation_test

    stages = randomisation_test(
        subject.classifier.network,
        subject.image,
        subject.target,
        subject.found.method,
        stages=STAGES,
        seed=SEED,
        progress=progress,
        **subject.options,
    )
    return Randomisation(
        tuple(stage.layer for stage in stages),
        tuple(stage.rank_correlation for stage in stages),
        tuple(stage.ssim for stage in stages),
    )


def _smooth(plane: Tensor, sign: str = "positive") -> Tensor:
    """Smoothed evidence of an (H, W) plane, as boxes are cut from."""
    import torch

    return torch.from_numpy(evidence(plane.float().cpu().numpy(), sign))


def _coarse(found: AttributionMap) -> Plane:
    values = evidence(found.values)
    rows = np.linspace(0, values.shape[0], COARSE + 1).astype(int)[:-1]
    columns = np.linspace(0, values.shape[1], COARSE + 1).astype(int)[:-1]
    sums = np.add.reduceat(np.add.reduceat(values, rows, axis=0, dtype=np.float64), columns, axis=1)
    return np.ascontiguousarray(sums, dtype=np.float32)


def _within(progress: Progress, begin: float, end: float) -> Progress:
    """The progress of a part that lies between two shares of the whole."""
    return lambda done: progress(begin + done * (end - begin))
