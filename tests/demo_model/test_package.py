"""The shipped package: whole, in step with its recipe, and as good as it says."""

from __future__ import annotations

import csv
import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, roc_auc_score

from cxr_desktop.classifiers import ModelCard, load_model, read_card
from cxr_desktop.dicom import read_radiograph

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "resources" / "models" / "demo"
NIH = REPOSITORY.parent / "shared" / "data" / "nih"
OPACITY, NORMAL = "Lung Opacity", "Normal"


@pytest.fixture(scope="module")
def card() -> ModelCard:
    return read_card(PACKAGE)


@pytest.fixture(scope="module")
def text() -> dict[str, object]:
    return tomllib.loads((PACKAGE / "model.toml").read_text(encoding="utf-8"))


def test_the_weights_are_those_of_the_card(card: ModelCard) -> None:
    assert hashlib.sha256(card.weights_path.read_bytes()).hexdigest() == card.weights_sha256


def test_every_operating_point_is_bound_to_these_weights(card: ModelCard, text: dict[str, object]) -> None:
    assert card.notes == (), "an operating point of other weights was left out"
    assert {point["weights_sha256"] for point in text["operating_points"]} == {card.weights_sha256}
    assert [point.name for point in card.operating_points] == [
        "high sensitivity",
        "balanced",
        "high specificity",
    ]
    thresholds = [point.threshold for point in card.operating_points]
    assert thresholds == sorted(set(thresholds))
    assert all(point.measured_on for point in card.operating_points)


def test_the_card_says_what_the_model_is_for_and_where_it_ends(card: ModelCard) -> None:
    assert "not for diagnostic use" in card.intended_use.casefold()
    assert card.limits
    told = (PACKAGE / "MODEL_CARD.md").read_text(encoding="utf-8")
    for credit in (
        "NIH Clinical Center",
        "https://nihcc.app.box.com/v/ChestXray-NIHCC",
        "Wang et al.",
        "RSNA",
    ):
        assert credit in told


def test_the_texts_state_the_same_measurements(text: dict[str, object]) -> None:
    measured = json.loads((PACKAGE / "metrics.json").read_text(encoding="utf-8"))
    told = (PACKAGE / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert text["metrics"]["brier"] == measured["brier"]
    for name, cell in measured["auc"].items():
        stated = text["metrics"][f"auc_{name.replace(' ', '_')}"]
        assert stated == {"value": cell["auc"], **{key: cell[key] for key in cell if key != "auc"}}
        assert f"| {cell['positives']} : {cell['negatives']} | {cell['auc']:.3f}" in told, name
    asked = measured["examination"]
    for change, found in asked["auc"].items():
        assert f"| {change} | {found['normal']:.3f} | {found['others']:.3f} |" in told
    assert f"AUC of {asked['view_alone']}" in told
    assert f"{asked['relevance_in_frame']:.1%}".replace("%", " %") in told
    assert f"calibration error {asked['calibration_error']}" in told


def test_package_and_recipe_describe_one_network(card: ModelCard, recipe: SimpleNamespace) -> None:
    assert card.input == recipe.spec.SPEC
    assert dict(card.architecture_options) == recipe.network.OPTIONS
    assert card.attention == recipe.package.SHARPNESS
    assert card.training["seed"] == recipe.train.Recipe().seed


@dataclass(frozen=True)
class Scored:
    """Probabilities of the read dev images, with what the radiologist read and the view."""

    probability: NDArray[np.float64]
    reading: NDArray[np.str_]
    view: NDArray[np.str_]


@pytest.fixture(scope="module")
def scored() -> Scored:
    if not NIH.is_dir():
        pytest.skip(f"the NIH radiographs are not at {NIH}")
    with (NIH / "dev.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["rsna_class"]]
    model = load_model(PACKAGE, device="cpu")
    found = [model.predict(read_radiograph(NIH / "dev" / row["image"])).scores[OPACITY] for row in rows]
    return Scored(
        np.array(found),
        np.array([row["rsna_class"] for row in rows]),
        np.array([row["view"] for row in rows]),
    )


@pytest.mark.slow
@pytest.mark.parametrize("against", ["normal", "others"])
@pytest.mark.parametrize("view", ["", "PA", "AP"])
def test_stated_auc_comes_out_of_the_shipped_weights(
    text: dict[str, object], scored: Scored, against: str, view: str
) -> None:
    stated = text["metrics"]["_".join(part for part in ("auc", against, view) if part)]
    kept = np.isin(scored.reading, [OPACITY, NORMAL]) if against == "normal" else scored.reading != ""
    kept &= (scored.view == view) | (view == "")
    truth = scored.reading[kept] == OPACITY
    assert (int(truth.sum()), int((~truth).sum())) == (stated["positives"], stated["negatives"])
    # One pair of images that change their order, as other processors round, is the most that is let pass.
    one_pair = 1 / (stated["positives"] * stated["negatives"])
    assert roc_auc_score(truth, scored.probability[kept]) == pytest.approx(
        stated["value"], abs=one_pair + 1e-4
    )
    assert stated["low"] <= stated["value"] <= stated["high"]


@pytest.mark.slow
def test_stated_calibration_comes_out_of_the_shipped_weights(text: dict[str, object], scored: Scored) -> None:
    truth = scored.reading == OPACITY
    assert brier_score_loss(truth, scored.probability) == pytest.approx(text["metrics"]["brier"], abs=1e-3)
    assert scored.probability.mean() == pytest.approx(truth.mean(), abs=0.01)


@pytest.mark.slow
def test_operating_points_do_what_they_say(card: ModelCard, scored: Scored) -> None:
    truth = scored.reading == OPACITY
    for point in card.operating_points:
        called = scored.probability >= point.threshold
        assert called[truth].mean() == pytest.approx(point.sensitivity, abs=1 / truth.sum() + 1e-4)
        assert (~called[~truth]).mean() == pytest.approx(point.specificity, abs=1 / (~truth).sum() + 1e-4)
