import re
from pathlib import Path

import pytest

from cxr_desktop.classifiers import available_models, broken_models, find_package, read_card
from cxr_desktop.classifiers.card import Activation, Fit, LabelCode, Normalisation
from cxr_desktop.domain import Threshold, ThresholdKind
from cxr_desktop.domain.errors import ModelError

FULL = """
name = "demo"
title = "Lung opacity"
version = "1.0.0"
architecture = "timm:tf_efficientnet_lite0"
intended_use = "demonstration"
limits = ["adults", "frontal views"]
[architecture_options]
num_classes = 1
[weights]
file = "weights.safetensors"
sha256 = "{a}"
[[labels]]
name = "Lung Opacity"
code = {{ scheme = "RADLEX", value = "RID28530", meaning = "opacity" }}
[input]
height = 320
width = 288
channels = 3
fit = "stretch"
crop = "none"
normalisation = "percentile"
percentiles = [1, 99]
mean = [0.1, 0.2, 0.3]
std = [0.5, 0.6, 0.7]
[output]
activation = "softmax"
calibration = {{ slope = 0.8, intercept = -0.1 }}
[[operating_points]]
label = "Lung Opacity"
name = "balanced"
threshold = 0.4
sensitivity = 0.8
specificity = 0.7
measured_on = "dev"
weights_sha256 = "{a}"
[[operating_points]]
label = "Lung Opacity"
name = "old"
threshold = 0.3
weights_sha256 = "{b}"
[localization]
threshold = "percentile:90"
methods = {{ rap = "relative:0.4" }}
[training]
seed = 3
[metrics]
auc = 0.8
[metrics.by_view]
PA = 0.7
""".format(a="a" * 64, b="b" * 64)


@pytest.fixture
def card_of(tmp_path: Path):
    def read(text: str):
        (tmp_path / "model.toml").write_text(text, encoding="utf-8")
        return read_card(tmp_path)

    return read


def test_everything_is_read(card_of, tmp_path: Path) -> None:
    card = card_of(FULL)
    assert (card.name, card.version, card.identity.weights_sha256) == ("demo", "1.0.0", "a" * 64)
    assert card.labels[0].code == LabelCode("RADLEX", "RID28530", "opacity")
    assert (card.input.height, card.input.width, card.input.fit) == (320, 288, Fit.STRETCH)
    assert card.input.normalisation is Normalisation.PERCENTILE
    assert card.input.percentiles == (1.0, 99.0)
    assert card.input.std == (0.5, 0.6, 0.7)
    assert card.activation is Activation.SOFTMAX
    assert (card.calibration.slope, card.calibration.intercept) == (0.8, -0.1)
    assert card.architecture_options == {"num_classes": 1}
    assert card.thresholds[""] == Threshold(ThresholdKind.PERCENTILE, 90)
    assert card.thresholds["rap"] == Threshold(ThresholdKind.RELATIVE, 0.4)
    assert card.training == {"seed": 3}
    assert card.metrics == {"auc": 0.8, "by_view": {"PA": 0.7}}
    assert card.weights_path == tmp_path / "weights.safetensors"


def test_an_operating_point_of_other_weights_is_left_out_and_told(card_of) -> None:
    card = card_of(FULL)
    assert [point.name for point in card.operating_points] == ["balanced"]
    assert len(card.notes) == 1
    assert "'old'" in card.notes[0]
    assert "b" * 12 in card.notes[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "demo"\n', "", "name is missing"),
        ("height = 320", 'height = "320"', r"input\.height is '320'; write a whole number"),
        ("height = 320", "height = 0", r"input\.height is 0"),
        ("channels = 3", "channels = 2", r"input\.channels is 2"),
        (
            'fit = "stretch"',
            'fit = "squeeze"',
            r"input\.fit is 'squeeze'; write one of letterbox, stretch, crop",
        ),
        ("mean = [0.1, 0.2, 0.3]", "mean = [0.1]", r"input\.mean is \[0\.1\]; write a list of 3 numbers"),
        ("std = [0.5,", "std = [0.0,", r"input\.std .* above 0"),
        ("percentiles = [1, 99]", "percentiles = [99, 1]", r"input\.percentiles are \[99, 1\]"),
        ("fit = ", "fti = 1\nfit = ", r"input\.fti is not known; correct or remove it \(known here: .*fit"),
        ("slope = 0.8", "slope = -1", r"output\.calibration\.slope is -1"),
        ("slope = 0.8", "slope = nan", r"output\.calibration\.slope is nan; write a finite number"),
        (
            "threshold = 0.4",
            "threshold = 4",
            r"operating_points\[0\]\.threshold is 4; write a number from 0 to 1",
        ),
        (
            'label = "Lung Opacity"\nname = "old"',
            'label = "Mass"\nname = "old"',
            r"operating_points\[1\]\.label",
        ),
        ('"percentile:90"', '"top ten"', r"localization\.threshold is not valid"),
        ('"relative:0.4"', '"relative:4"', r"localization\.methods\.rap is not valid"),
        (
            "timm:tf_efficientnet_lite0",
            "keras:vgg",
            r"architecture is 'keras:vgg'; write one of torchvision:NAME",
        ),
        ("timm:tf_efficientnet_lite0", "timm:hf-hub:someone/net", "architecture is"),
        (
            "num_classes = 1",
            "num_classes = 1\npretrained = true",
            r"architecture_options\.pretrained would fetch",
        ),
        (
            'file = "weights.safetensors"',
            'file = "../weights.safetensors"',
            r"weights\.file is '\.\./weights",
        ),
        ("a" * 64, "abc", r"weights\.sha256 is 'abc'"),
        ('name = "demo"', "name = demo", "is not valid TOML"),
    ],
)
def test_a_fault_names_file_key_and_cure(card_of, old: str, new: str, said: str) -> None:
    assert old in FULL
    with pytest.raises(ModelError, match=said) as caught:
        card_of(FULL.replace(old, new, 1))
    assert "model.toml" in str(caught.value)


def test_a_label_twice_is_refused(card_of) -> None:
    twice = FULL.replace("[input]", '[[labels]]\nname = "lung opacity"\n[input]')
    with pytest.raises(ModelError, match=r"labels\[1\]\.name is 'lung opacity' a second time"):
        card_of(twice)


def test_a_folder_without_a_card_is_no_package(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"is no model package: it holds no model\.toml"):
        read_card(tmp_path)


@pytest.fixture
def user_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "user" / "models"
    monkeypatch.setattr("cxr_desktop.classifiers.packages.user_models_folder", lambda: folder)
    return folder


def test_broken_packages_do_not_hide_good_ones(user_folder: Path, packages) -> None:
    good = packages.card(user_folder / "good", name="good")
    (good / "weights.safetensors").write_bytes(b"")
    packages.card(user_folder / "without-weights", name="without-weights")
    copied = packages.card(user_folder / "twin", name="good")
    (copied / "weights.safetensors").write_bytes(b"")
    (user_folder / "empty").mkdir()
    assert "good" in [card.name for card in available_models()]
    reasons = {
        model.directory.name: model.reason
        for model in broken_models()
        if model.directory.parent == user_folder
    }
    assert "no model.toml" in reasons["empty"]
    assert "weights.safetensors is missing" in reasons["without-weights"]
    assert re.search("name 'good' is taken by .*good", reasons["twin"])


def test_a_package_is_found_by_name_folder_and_card(user_folder: Path, packages) -> None:
    folder = packages.card(user_folder / "mine", name="my-model")
    (folder / "weights.safetensors").write_bytes(b"")
    assert find_package("my-model") == folder
    assert find_package(folder) == folder
    assert find_package(folder / "model.toml") == folder


def test_an_unknown_name_lists_what_there_is(user_folder: Path, packages) -> None:
    folder = packages.card(user_folder / "mine", name="my-model")
    (folder / "weights.safetensors").write_bytes(b"")
    with pytest.raises(ModelError, match=r"no model or folder 'nothing'; models here: .*my-model"):
        find_package("nothing")


def test_a_broken_package_asked_for_by_its_folder_name_says_why(user_folder: Path) -> None:
    (user_folder / "halfway").mkdir(parents=True)
    with pytest.raises(ModelError, match="halfway is no model package"):
        find_package("halfway")


def test_listing_models_needs_no_torch() -> None:
    import subprocess
    import sys

    script = (
        "import sys; from cxr_desktop.classifiers import available_models, check_input; available_models();"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
