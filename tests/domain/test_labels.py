from pathlib import Path

import pytest

from cxr_desktop.domain.errors import BoxFileError
from cxr_desktop.domain.labels import LabelMap


@pytest.mark.parametrize(
    "label", ["Pneumonia", "consolidation", "Infiltrate", "INFILTRATION", "lung_opacity"]
)
def test_these_lie_under_lung_opacity(label: str) -> None:
    assert LabelMap.load().matches(label, "Lung Opacity")


@pytest.mark.parametrize("label", ["Nodule", "Effusion", "Cardiomegaly", "", "Lung"])
def test_these_do_not(label: str) -> None:
    assert not LabelMap.load().matches(label, "Lung Opacity")


def test_the_general_does_not_lie_under_the_specific() -> None:
    assert not LabelMap.load().matches("Lung Opacity", "Pneumonia")


def test_spellings_match_both_ways() -> None:
    labels = LabelMap.load()
    assert labels.matches("Pleural_Thickening", "pleural thickening")
    assert labels.matches("Effusion", "Pleural-Effusion")
    assert labels.matches("Infiltration", "Infiltrate")


def test_unknown_labels_match_themselves_regardless_of_case() -> None:
    assert LabelMap.load().matches("Scoliosis", "SCOLIOSIS")


def test_a_users_file_adds_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text("from,to\nGGO,Airspace opacity\nPneumonia,Infection\n")
    labels = LabelMap.load(path)
    assert labels.matches("ggo", "Lung Opacity")
    assert labels.matches("Pneumonia", "Infection")
    assert not labels.matches("Pneumonia", "Lung Opacity")
    assert labels.matches("Consolidation", "Lung Opacity")


def test_a_circle_ends(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text("from,to\nA,B\nB,A\n")
    labels = LabelMap.load(path)
    assert labels.matches("A", "B")
    assert not labels.matches("A", "C")


@pytest.mark.parametrize(
    ("content", "said"),
    [("a,b\n1,2\n", "columns from,to"), ("from,to\nA,\n", "line 2"), ("", "columns from,to")],
)
def test_a_bad_file_is_named(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "map.csv"
    path.write_text(content)
    with pytest.raises(BoxFileError, match=said) as caught:
        LabelMap.load(path)
    assert "map.csv" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BoxFileError, match=r"nowhere\.csv"):
        LabelMap.load(tmp_path / "nowhere.csv")
