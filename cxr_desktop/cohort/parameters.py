"""Every parameter of an evaluation, in words, for its report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cxr_desktop import __version__
from cxr_desktop.cohort.groups import MANY, RESAMPLES, SMALL
from cxr_desktop.cohort.intervals import MOST_PAIRS
from cxr_desktop.cohort.map_options import map_options
from cxr_desktop.cohort.operating import operating_points
from cxr_desktop.cohort.plan import EvaluationPlan
from cxr_desktop.domain import Threshold
from cxr_desktop.localization import DEFAULT_SMOOTH

if TYPE_CHECKING:
    from cxr_desktop.classifiers import Classifier


def parameters(plan: EvaluationPlan, classifier: Classifier) -> Iterator[tuple[str, str]]:
    """Names and values; files by their names alone, as where they lie changes nothing."""
    yield "Index, images, boxes", f"{plan.index.name}, {plan.images.name}, {plan.boxes.name}"
    if plan.boxes_format:
        yield "Format of the boxes", plan.boxes_format
    yield "Label map", plan.label_map.name if plan.label_map else "the bundled one"
    yield "Methods", ", ".join(plan.methods)
    for method in sorted({*plan.methods, *plan.options}):
        options = map_options(method, plan.options.get(method))
        if options:
            yield f"Options of {method}", ", ".join(f"{k} = {v}" for k, v in sorted(options.items()))
    cuts = classifier.card.thresholds
    own = ", ".join(f"{method or 'others'} {cut}" for method, cut in sorted(cuts.items()))
    own = own or f"none stated, so {Threshold()}"
    yield "Threshold", str(plan.threshold) if plan.threshold else f"the model's own: {own}"
    for protocol in plan.protocols:
        first = "; tables and pictures follow it" if protocol == plan.main else ""
        yield f"Threshold protocol {protocol.title}", f"{protocol.rule}{first}"
    if plan.tune_on:
        yield "Tuned on", f"images with {', '.join(plan.tune_on[1:])} in the column {plan.tune_on[0]}"
    yield "Smoothing", f"{DEFAULT_SMOOTH:g} of the longer side"
    for point in operating_points(classifier.labels, classifier.card.operating_points).values():
        yield f"Operating point, {point.label}", f"{point.name}, {point.threshold:g}"
    yield "Looked there", str(plan.look)
    yield "Images followed through units", str(plan.units)
    yield "Examples of each kind", str(plan.examples)
    yield (
        "Bootstrap",
        f"{RESAMPLES} resamples, percentile interval of 95 %; of groups, beyond {MANY} patients, and of an AUC "
        f"over more than {MOST_PAIRS:,} pairs of images, its normal limit",
    )
    yield "Small group", f"fewer than {SMALL} images"
    yield "Software", f"CXR Desktop {__version__}"
