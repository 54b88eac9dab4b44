from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from pydicom import dcmread
from pydicom.data import get_testdata_file

from cxr_desktop.classifiers import check_input
from cxr_desktop.classifiers.chest_view import FEATURES, View, features, view_discriminant
from cxr_desktop.domain import Grayscale, InstanceHeader, Radiograph, Severity, Window

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
UPSIDE_DOWN = "00003490_011.png"  # stored so in the NIH collection


def refusals(radiograph: Radiograph) -> list[str]:
    return [concern.code for concern in check_input(radiograph) if concern.severity is Severity.REFUSE]


def codes(radiograph: Radiograph) -> list[str]:
    return [concern.code for concern in check_input(radiograph)]


@pytest.fixture(scope="module")
def chests(nih: Path) -> dict[str, np.ndarray]:
    with (nih / "dev.csv").open(newline="") as stream:
        names = [row["image"] for row in csv.DictReader(stream)]
    return {
        name: np.asarray(Image.open(nih / "dev" / name).convert("L")) for name in names if name != UPSIDE_DOWN
    }


@pytest.fixture
def chest(chests: dict[str, np.ndarray]) -> np.ndarray:
    return next(iter(chests.values()))


def test_no_real_chest_is_refused(chests: dict[str, np.ndarray], radiograph_of) -> None:
    assert [name for name, image in chests.items() if refusals(radiograph_of(image))] == []
    doubted = [name for name, image in chests.items() if codes(radiograph_of(image))]
    assert len(doubted) <= 2


def test_the_one_stored_upside_down_is_found(nih: Path, radiograph_of) -> None:
    image = np.asarray(Image.open(nih / "dev" / UPSIDE_DOWN).convert("L"))
    assert refusals(radiograph_of(image)) == ["rotated"]
    assert refusals(radiograph_of(np.rot90(image, 2))) == []


@pytest.mark.parametrize(
    ("turns", "said"),
    [(1, "a quarter counter-clockwise"), (2, "upside down"), (3, "a quarter clockwise")],
)
def test_turned_chests_are_refused(
    chests: dict[str, np.ndarray], radiograph_of, turns: int, said: str
) -> None:
    concerns = [check_input(radiograph_of(np.rot90(image, turns))) for image in chests.values()]
    assert sum(bool(found) and found[0].severity is Severity.REFUSE for found in concerns) >= 0.98 * len(
        chests
    )
    assert sum(bool(found) and said in found[0].sentence for found in concerns) >= 0.95 * len(chests)


def test_inverted_chests_are_refused(chests: dict[str, np.ndarray], radiograph_of) -> None:
    found = [refusals(radiograph_of(255 - image)) for image in chests.values()]
    assert all(found)
    assert found.count(["inverted"]) >= 0.95 * len(found)


@pytest.mark.parametrize(
    ("file", "expected"),
    [("RG1_J2KI.dcm", []), ("cxr_jpeg_mono2.dcm", []), ("cxr_jpeg_mono1.dcm", ["inverted"])],
)
def test_real_dicom_chests(file: str, expected: list[str]) -> None:
    """The third holds the pixels of the second and declares MONOCHROME1, so a monitor shows it inverted."""
    if not (SHARED / "dicom" / file).is_file():
        pytest.skip(f"needs {SHARED / 'dicom' / file}")
    dataset = dcmread(SHARED / "dicom" / file)
    header = InstanceHeader(Path(file), modality="CR", body_part="CHEST", view_position="PA")
    vois = (Window(dataset.WindowCenter, dataset.WindowWidth),) if "WindowCenter" in dataset else ()
    grayscale = Grayscale(vois, inverted=dataset.PhotometricInterpretation == "MONOCHROME1")
    assert codes(Radiograph(dataset.pixel_array, header, grayscale)) == expected


@pytest.mark.parametrize("name", ["astronaut", "camera", "coins", "page", "retina", "chelsea"])
def test_photographs_are_refused_by_their_content(name: str, radiograph_of) -> None:
    """None of these was fitted on."""
    import skimage

    path = next((Path(skimage.__file__).parent / "data").glob(f"{name}.*"))
    gray = np.asarray(Image.open(path).convert("L").resize((512, 512)))
    assert refusals(radiograph_of(gray)) == ["not-frontal-chest"]
    assert refusals(radiograph_of(gray, colour=True)) == ["colour"]


def test_colour_on_a_chest_only_warns(chest: np.ndarray, radiograph_of) -> None:
    assert refusals(radiograph_of(chest, colour=True)) == []
    assert codes(radiograph_of(chest, colour=True)) == ["colour"]


@pytest.mark.parametrize("file", ["examples_overlay.dcm", "693_J2KI.dcm"])
def test_slices_of_other_modalities_are_refused(file: str, radiograph_of) -> None:
    dataset = dcmread(get_testdata_file(file))
    image = radiograph_of(dataset.pixel_array, modality=dataset.Modality)
    assert "modality" in refusals(image)
    assert dataset.Modality in check_input(image)[0].sentence


def drawn_hand() -> np.ndarray:
    image = Image.new("L", (600, 800), 10)
    draw = ImageDraw.Draw(image)
    draw.ellipse([170, 400, 430, 680], fill=120)
    draw.rectangle([220, 600, 380, 800], fill=120)
    for x, y in ((90, 420), (180, 130), (280, 80), (370, 120), (470, 250)):
        draw.line([300, 540, x, y], fill=120, width=66)
        draw.line([300, 540, x, y], fill=215, width=26)
    return np.asarray(image)


def test_a_drawn_hand_is_refused(radiograph_of) -> None:
    assert refusals(radiograph_of(drawn_hand())) == ["not-frontal-chest"]


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_refused(seed: int, radiograph_of) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (500, 500), dtype=np.uint8)
    assert refusals(radiograph_of(noise)) == ["not-frontal-chest"]


@pytest.mark.parametrize(
    ("shape", "value", "code"),
    [
        ((512, 512), 0, "blank"),
        ((512, 512), 1000, "blank"),
        ((100, 100), 0, "too-small"),
        ((300, 900), 0, "aspect"),
    ],
)
def test_blank_small_and_narrow_images_are_refused(shape, value: int, code: str, radiograph_of) -> None:
    assert refusals(radiograph_of(np.full(shape, value, np.uint16))) == [code]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"modality": "MR"}, "modality"),
        ({"modality": "MG"}, "modality"),
        ({"body_part": "HAND"}, "body-part"),
        ({"body_part": "ABDOMEN"}, "body-part"),
        ({"view_position": "LL"}, "lateral"),
        ({"view_position": "RL"}, "lateral"),
        ({"view_position": "lateral"}, "lateral"),
        ({"view_position": "LAT L"}, "lateral"),
        ({"series_description": "W Chest Lat."}, "lateral"),
        ({"series_description": "Thorax seitl."}, "lateral"),
        ({"series_description": "Thorax de profil"}, "lateral"),
        ({"series_description": "Tórax lateral"}, "lateral"),
    ],
)
def test_the_header_is_taken_at_its_word(
    chest: np.ndarray, radiograph_of, header: dict[str, str], code: str
) -> None:
    assert refusals(radiograph_of(chest, **header)) == [code]


@pytest.mark.parametrize(
    "header",
    [
        {"modality": "DX", "body_part": "CHEST", "view_position": "PA"},
        {"modality": "CR", "body_part": "Thorax", "view_position": "AP"},
        {"modality": "SC", "series_description": "Chest PA and lateral"},
        {"body_part": "PORT CHEST", "series_description": "AP portable, left lateral decubitus"},
        {"view_position": "PA", "series_description": "Chest lateral and PA"},
    ],
)
def test_chest_headers_raise_nothing(chest: np.ndarray, radiograph_of, header: dict[str, str]) -> None:
    assert codes(radiograph_of(chest, **header)) == []


def test_an_oblique_view_only_warns(chest: np.ndarray, radiograph_of) -> None:
    assert codes(radiograph_of(chest, view_position="LAO")) == ["oblique"]
    assert refusals(radiograph_of(chest, view_position="LAO")) == []


def test_refusals_come_first_and_sentences_end(radiograph_of) -> None:
    concerns = check_input(radiograph_of(drawn_hand(), view_position="LAO", modality="MR"))
    assert [concern.severity for concern in concerns] == [Severity.REFUSE, Severity.REFUSE, Severity.WARN]
    assert all(concern.sentence.endswith(".") for concern in concerns)


@given(st.floats(0.3, 3.0), st.integers(0, 40))
def test_features_forget_the_gray_curve(gamma: float, seed: int) -> None:
    """Up to what rounding to 256 levels takes away; an image of few levels loses nothing."""
    few = np.random.default_rng(seed).integers(0, 6, (64, 64))
    curve = np.rint(255 * (np.arange(6) / 5) ** gamma)
    if len(set(curve)) == 6:
        assert np.allclose(features(curve[few].astype(np.uint8)), features(few.astype(np.uint8)))


def test_probabilities_sum_to_one_and_features_have_their_length() -> None:
    gray = np.random.default_rng(0).integers(0, 256, (300, 200), dtype=np.uint8)
    assert features(gray).shape == (FEATURES,)
    views = view_discriminant().probabilities(gray)
    assert tuple(views) == tuple(View)
    assert sum(views.values()) == pytest.approx(1)


def test_a_header_without_pixels_to_judge_is_never_needed() -> None:
    tiny = Radiograph(np.zeros((1, 1), np.uint8), InstanceHeader(Path("one.png")))
    assert refusals(tiny) == ["too-small"]
