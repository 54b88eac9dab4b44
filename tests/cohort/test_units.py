"""Units of a radiograph's decision: numbers and planes against the engine and closed forms."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cxr_desktop.attribution import unit_activations as activations_of
from cxr_desktop.attribution import units as units_of_layer
from cxr_desktop.classifiers import Classifier, load_model
from cxr_desktop.cohort.case import explain_radiograph
from cxr_desktop.cohort.units import network_units, unit_activations, unit_map
from cxr_desktop.dicom import read_radiograph
from cxr_desktop.domain import Radiograph
from cxr_desktop.domain.errors import AttributionError, Cancelled, ModelError
from cxr_desktop.domain.units import LayerUnits, units_named

LABEL = "Nodule"


@pytest.fixture(scope="module")
def classifier(package: Path) -> Classifier:
    return load_model(package, "cpu")


@pytest.fixture
def radiograph(data_set: Path) -> Radiograph:
    return read_radiograph(data_set / "images" / "c.png")


def test_every_layer_has_the_relevance_that_the_engine_finds(
    classifier: Classifier, radiograph: Radiograph
) -> None:
    found = network_units(radiograph, classifier, "rap", LABEL)
    assert (found.target, found.method, found.model) == (LABEL, "rap", classifier.identity)
    x = classifier.preprocess(radiograph)
    for layer in found.layers:
        alone = units_of_layer(classifier.network, x, 1, layer.layer, "rap", count=3, start="magnitude")
        np.testing.assert_allclose(layer.relevance, alone.relevance[0].numpy(), rtol=1e-5, atol=1e-7)
        strongest = alone.relevance[0, alone.top[0]].tolist()
        assert [unit.relevance for unit in layer.top(3)] == pytest.approx(strongest, rel=1e-5, abs=1e-7)
    deepest = found.layer(found.deepest)
    logit = float(classifier.network(x)[0, 1].detach())
    assert deepest.relevance.sum() == pytest.approx(abs(logit), rel=1e-4)


def test_activations_lie_on_the_stored_image(classifier: Classifier, radiograph: Radiograph) -> None:
    found = network_units(radiograph, classifier, "rap", LABEL)
    layer = found.layer(found.deepest)
    channels = [unit.channel for unit in layer.top(2)]
    planes = unit_activations(radiograph, classifier, layer.layer, channels)
    made = activations_of(classifier.network, classifier.preprocess(radiograph), layer.layer, channels)[0]
    for plane, own in zip(planes, made, strict=True):
        assert plane.shape == (radiograph.rows, radiograph.columns)
        expected = torch.nn.functional.interpolate(
            own[None, None], size=plane.shape, mode="bilinear", align_corners=False
        )
        np.testing.assert_allclose(plane, expected[0, 0].numpy(), atol=1e-5)


def test_maps_through_all_units_add_up_to_the_whole_map(
    classifier: Classifier, radiograph: Radiograph
) -> None:
    found = network_units(radiograph, classifier, "epsilon_plus", LABEL)
    layer = found.layers[0]
    whole = explain_radiograph(radiograph, classifier, "epsilon_plus", LABEL).values
    parts = [
        unit_map(radiograph, classifier, "epsilon_plus", LABEL, layer.layer, (k,)).values
        for k in range(layer.channels)
    ]
    np.testing.assert_allclose(np.sum(parts, axis=0), whole, atol=1e-5 * np.abs(whole).max())
    together = unit_map(radiograph, classifier, "epsilon_plus", LABEL, layer.layer, range(layer.channels))
    np.testing.assert_allclose(together.values, whole, atol=1e-5 * np.abs(whole).max())


def test_a_map_says_what_it_flows_through(classifier: Classifier, radiograph: Radiograph) -> None:
    layer = network_units(radiograph, classifier, "rap", LABEL).layers[-2]
    found = unit_map(radiograph, classifier, "rap", LABEL, layer.layer, (2, 5))
    assert found.parameters["through"] == (layer.layer, (2, 5))
    assert found.notes[-1] == f"Through units 2 and 5 of {layer.layer} alone."
    assert found.start == pytest.approx(float(layer.relevance[2] + layer.relevance[5]), rel=1e-4)


def test_wrong_questions_are_refused_in_words(classifier: Classifier, radiograph: Radiograph) -> None:
    with pytest.raises(AttributionError, match="no relevance inside"):
        network_units(radiograph, classifier, "gradcam", LABEL)
    with pytest.raises(ModelError, match="no label 'Fracture'"):
        network_units(radiograph, classifier, "rap", "Fracture")
    found = network_units(radiograph, classifier, "rsp", LABEL)
    with pytest.raises(AttributionError, match=r"rsp reaches no layer named 'head\.fc'; choose one of"):
        found.layer("head.fc")
    with pytest.raises(AttributionError, match="no unit -1"):
        found.layers[0].unit(-1)


def test_work_that_nobody_wants_stops(classifier: Classifier, radiograph: Radiograph) -> None:
    def stop(_done: float) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        network_units(radiograph, classifier, "rap", LABEL, progress=stop)


@given(arrays(np.float64, st.integers(1, 40), elements=st.floats(-1e6, 1e6).map(lambda x: round(x, 3))))
def test_shares_of_a_layer(relevance: np.ndarray) -> None:
    layer = LayerUnits("conv", relevance, 7, 7)
    ranked = layer.top(layer.channels)
    assert sorted(unit.channel for unit in ranked) == list(range(layer.channels))
    assert all(a.relevance >= b.relevance for a, b in pairwise(ranked))
    total = sum(abs(unit.share) for unit in ranked)
    assert total == pytest.approx(1.0 if relevance.any() else 0.0)
    assert layer.supporting == pytest.approx(sum(max(unit.share, 0) for unit in ranked))
    strongest = np.sort(np.abs(relevance))[::-1]
    if relevance.any():
        assert strongest[: layer.half].sum() >= 0.5 * layer.magnitude * (1 - 1e-12)
        assert strongest[: layer.half - 1].sum() < 0.5 * layer.magnitude


def test_units_are_named_as_people_say_them() -> None:
    assert units_named((4,)) == "unit 4"
    assert units_named((4, 9)) == "units 4 and 9"
    assert units_named((4, 9, 11)) == "units 4, 9 and 11"
