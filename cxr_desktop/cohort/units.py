"""A look at single units: what of a decision passes through them, what they answer to, where that lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.cohort.case import explain_radiograph
from cxr_desktop.cohort.map_options import map_options
from cxr_desktop.domain import AttributionMap, Progress, Radiograph
from cxr_desktop.domain.units import LayerUnits, NetworkUnits, units_named

if TYPE_CHECKING:
    from cxr_desktop.attribution import Activations
    from cxr_desktop.classifiers import Classifier


def network_units(
    radiograph: Radiograph,
    classifier: Classifier,
    method: str,
    label: str,
    *,
    options: Mapping[str, object] | None = None,
    progress: Progress | None = None,
    activations: Activations | None = None,
) -> NetworkUnits:
    """Relevance of every unit for the score of `label`, by one walk of a propagation method.

    Raises AttributionError for another method or a network it has no rules for, ModelError for a label the
    model lacks, DeviceError; Cancelled from progress.
    """
    from cxr_desktop.attribution import network_relevance

    index = classifier.target_index(label)
    used = map_options(method, options)
    found = network_relevance(
        classifier.network,
        classifier.preprocess(radiograph),
        index,
        method,
        progress=progress,
        activations=activations,
        **used,
    )
    layers = []
    for layer in found.layers:
        relevance = layer.relevance[0].cpu().numpy().astype(np.float64)
        relevance.flags.writeable = False
        layers.append(LayerUnits(layer.layer, relevance, *layer.size))
    return NetworkUnits(
        layers=tuple(layers),
        deepest=found.deepest or layers[-1].layer,
        method=method,
        target=classifier.labels[index],
        model=classifier.identity,
        parameters=used,
        notes=found.notes,
        device=str(classifier.device),
    )


def unit_activations(
    radiograph: Radiograph,
    classifier: Classifier,
    layer: str,
    channels: Sequence[int],
    *,
    activations: Activations | None = None,
) -> tuple[NDArray[np.float32], ...]:
    """Per channel what it answers to the image: (rows, columns) of the stored image, read-only.

    One value all over behind a dense layer, which keeps no places. Raises AttributionError for a layer or
    channel that is not there.
    """
    from cxr_desktop.attribution import unit_activations as answers

    geometry = classifier.geometry(radiograph)
    image = classifier.preprocess(radiograph)
    made = answers(classifier.network, image, layer, channels, activations=activations)
    planes = []
    for plane in made[0].float().cpu().numpy():
        values = np.ascontiguousarray(geometry.map_to_image(plane), dtype=np.float32)
        values.flags.writeable = False
        planes.append(values)
    return tuple(planes)


def unit_map(
    radiograph: Radiograph,
    classifier: Classifier,
    method: str,
    label: str,
    layer: str,
    channels: Sequence[int],
    *,
    options: Mapping[str, object] | None = None,
    progress: Progress | None = None,
    activations: Activations | None = None,
) -> AttributionMap:
    """The map of what flows through some units of a layer alone: one unit, or several taken for one concept.

    Raises what `explain_radiograph` raises, AttributionError for no channel, or one that is not there.
    """
    through = (layer, tuple(channels))
    found = explain_radiograph(
        radiograph,
        classifier,
        method,
        label,
        options={**(options or {}), "through": through},
        progress=progress,
        activations=activations,
    )
    return replace(found, notes=(*found.notes, f"Through {units_named(channels)} of {layer} alone."))
