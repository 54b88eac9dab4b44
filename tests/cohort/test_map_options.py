"""What the program's own maps start from where the score is low."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest

from cxr_desktop.classifiers import Classifier, load_model
from cxr_desktop.cohort.case import explain_radiograph
from cxr_desktop.cohort.map_options import map_options
from cxr_desktop.cohort.parameters import parameters
from cxr_desktop.cohort.plan import EvaluationPlan
from cxr_desktop.cohort.replay import recording_of
from cxr_desktop.cohort.units import network_units
from cxr_desktop.dicom import read_radiograph
from cxr_desktop.domain import Radiograph

LABEL = "Nodule"


@pytest.fixture
def radiograph(data_set: Path) -> Radiograph:
    return read_radiograph(data_set / "images" / "c.png")


@pytest.fixture
def doubting(package: Path, radiograph: Radiograph) -> Classifier:
    """Its logit of `LABEL` is -2 on the radiograph."""
    classifier = load_model(package, "cpu")
    network = deepcopy(classifier.network)
    network.fc.bias.data -= network(classifier.preprocess(radiograph))[0].detach() + 2
    return replace(classifier, network=network)


def test_what_a_low_score_rests_on_stays_positive(doubting: Classifier, radiograph: Radiograph) -> None:
    found = explain_radiograph(radiograph, doubting, "rap", LABEL)
    assert found.start == pytest.approx(2, rel=1e-4)
    assert found.parameters["start"] == "magnitude"
    assert any("magnitude" in note for note in found.notes)
    units = network_units(radiograph, doubting, "rap", LABEL)
    assert units.layer(units.deepest).relevance.sum() == pytest.approx(2, rel=1e-4)
    assert units.parameters == {"start": "magnitude"}


def test_what_is_asked_goes_before_it(doubting: Classifier, radiograph: Radiograph) -> None:
    found = explain_radiograph(radiograph, doubting, "rap", LABEL, options={"start": "logit"})
    assert found.start == pytest.approx(-2, rel=1e-4)
    assert map_options("gradcam") == {}


def test_a_report_without_the_option_is_computed_again_as_it_was_made() -> None:
    case = {"references": [], "readings": []}
    told = {"method": "rap", "target": LABEL, "threshold": "percentile:90"}
    made = {"residual": "magnitude", "pool": "magnitude"}
    (earlier,) = recording_of({**case, "attributions": [{**told, "parameters": made}]}).maps
    (later,) = recording_of(
        {**case, "attributions": [{**told, "parameters": {**made, "start": "magnitude"}}]}
    ).maps
    assert (earlier.options["start"], later.options["start"]) == ("logit", "magnitude")


def test_an_evaluation_tells_it(plan: EvaluationPlan, package: Path) -> None:
    told = dict(parameters(replace(plan, methods=("gradcam", "rap")), load_model(package, "cpu")))
    assert told["Options of rap"] == "start = magnitude"
    assert "Options of gradcam" not in told
