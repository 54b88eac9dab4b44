"""One radiograph through the engine: classify, attribute, localise. Shared by the window and the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cxr_desktop import __version__
from cxr_desktop.cohort.map_options import map_options
from cxr_desktop.dicom import read_radiograph
from cxr_desktop.domain import (
    Analysis,
    AttributionMap,
    Box,
    Localization,
    LocalizedMap,
    Prediction,
    Progress,
    Radiograph,
    Reading,
    Severity,
    Threshold,
    Trust,
)
from cxr_desktop.domain.errors import InputRefused
from cxr_desktop.localization import localize

if TYPE_CHECKING:
    from cxr_desktop.attribution import Activations
    from cxr_desktop.classifiers import Classifier

DEFAULT_METHODS = ("gradcam", "integrated_gradients", "epsilon_plus", "rap", "rsp")
TOP = "top"


@dataclass(frozen=True, slots=True)
class CaseRequest:
    """What to compute for a case.

    target: a label of the model, or 'top' for the most probable one. threshold: None for the
    model's own, stated in its package. options: per method, the method's keyword options. override: go
    on where the input check refuses. trust: measure how far each map can be trusted, which takes many
    times as long as the maps.
    """

    methods: tuple[str, ...] = DEFAULT_METHODS
    target: str = TOP
    threshold: Threshold | None = None
    references: tuple[Box, ...] = ()
    readings: tuple[Reading, ...] = ()
    options: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    override: bool = False
    trust: bool = False


def _ignore(_done: float) -> None:
    """The call-back of somebody who does not watch."""


def part_of(progress: Progress, index: int, count: int) -> Progress:
    """The progress of one step of `count` equal ones, told to the whole's call-back."""
    return lambda done: progress((index + done) / count)


def explain_radiograph(
    radiograph: Radiograph,
    classifier: Classifier,
    method: str,
    label: str,
    *,
    options: Mapping[str, object] | None = None,
    progress: Progress | None = None,
    activations: Activations | None = None,
) -> AttributionMap:
    """Attribute the score of `label` to the pixels of the stored image.

    options: over those of `map_options`. activations: of the classifier's network; with them the next method on
    the same image need not run it again.
    Raises AttributionError, ModelError for a label the model lacks, DeviceError; Cancelled from progress.
    """
    from cxr_desktop.attribution import explain

    geometry = classifier.geometry(radiograph)
    result = explain(
        classifier.network,
        classifier.preprocess(radiograph),
        classifier.target_index(label),
        method,
        progress=progress,
        activations=activations,
        **map_options(method, options),
    )
    plane = result.relevance[0].detach().sum(dim=0).float().cpu().numpy()
    values = np.ascontiguousarray(geometry.map_to_image(plane), dtype=np.float32)
    values.flags.writeable = False
    return AttributionMap(
        values=values,
        method=method,
        target=label,
        model=classifier.identity,
        parameters=dict(result.options),
        start=None if result.start is None else float(result.start[0]),
        gap=None if result.gap is None else float(result.gap[0]),
        notes=tuple(result.notes),
        device=str(classifier.device),
    )


def analyze_radiograph(
    radiograph: Radiograph,
    classifier: Classifier,
    request: CaseRequest,
    progress: Progress | None = None,
    prediction: Prediction | None = None,
) -> Analysis:
    """Everything `request` asks for, on one radiograph.

    prediction: one made earlier of the same image, else it is made here.
    Raises InputRefused where the image is not one for the model, else what the steps raise: ModelError,
    AttributionError, DeviceError, Cancelled.
    """
    from cxr_desktop.attribution import Activations

    tell = progress or _ignore
    steps = len(request.methods) + 1 + int(request.trust)
    tell(0.0)
    prediction = prediction or classifier.predict(radiograph)
    if prediction.refused and not request.override:
        raise InputRefused(" ".join(c.sentence for c in prediction.concerns if c.severity is Severity.REFUSE))
    label = (
        prediction.top
        if request.target == TOP
        else classifier.labels[classifier.target_index(request.target)]
    )
    maps: list[AttributionMap] = []
    activations = Activations(classifier.network)
    for index, method in enumerate(request.methods, start=1):
        step = part_of(tell, index, steps)
        step(0.0)
        maps.append(
            explain_radiograph(
                radiograph,
                classifier,
                method,
                label,
                options=request.options.get(method),
                progress=step,
                activations=activations,
            )
        )
    analysis = assemble(radiograph, prediction, maps, classifier.card.thresholds, request)
    if request.trust:
        analysis = replace(analysis, trust=_trust(analysis, classifier, part_of(tell, steps - 1, steps)))
    tell(1.0)
    return analysis


def _trust(analysis: Analysis, classifier: Classifier, progress: Progress) -> Trust:
    from cxr_desktop.cohort.trust import agreement, trust_in_map

    compared = (*analysis.references, *(box for reading in analysis.readings for box in reading.boxes))
    measured = []
    for index, (found, cut) in enumerate(zip(analysis.maps, analysis.localized, strict=True)):
        step = part_of(progress, index, len(analysis.maps))
        *_, whole = trust_in_map(
            analysis.radiograph, classifier, found, cut.threshold, compared, progress=step
        )
        measured.append(whole)
    return Trust(tuple(measured), agreement(analysis.maps) if analysis.maps else None)


def assemble(
    radiograph: Radiograph,
    prediction: Prediction,
    maps: Sequence[AttributionMap],
    thresholds: Mapping[str, Threshold],
    request: CaseRequest,
) -> Analysis:
    """Cut the maps into boxes, compare them with the references and readings, and put all into one value.

    thresholds: the model's own by method, '' for those without one of their own.
    """
    compared = (*request.references, *(box for reading in request.readings for box in reading.boxes))
    localized: list[LocalizedMap] = []
    localizations: list[Localization] = []
    for found in maps:
        threshold = request.threshold or threshold_for(found.method, thresholds)
        boxes, comparison = localize(found, threshold, compared)
        localized.append(boxes)
        localizations.extend(comparison)
    return Analysis(
        radiograph=radiograph,
        prediction=prediction,
        maps=tuple(maps),
        localized=tuple(localized),
        localizations=tuple(localizations),
        references=request.references,
        readings=request.readings,
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        software=f"CXR Desktop {__version__}",
        notes=radiograph.notes,
    )


def threshold_for(method: str, thresholds: Mapping[str, Threshold]) -> Threshold:
    """The model's threshold for a method, its general one, or the program's default."""
    return thresholds.get(method) or thresholds.get("") or Threshold()


def analyze_file(
    path: Path,
    classifier: Classifier,
    request: CaseRequest,
    progress: Progress | None = None,
    *,
    frame: int = 0,
) -> Analysis:
    """Read a frame of a file, counted from 0, and analyse it.

    Raises DicomReadError, for a frame that the file lacks too, besides what `analyze_radiograph` raises.
    """
    return analyze_radiograph(read_radiograph(path, frame), classifier, request, progress)
