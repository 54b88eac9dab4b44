"""Label sets: shipped, coded, mapped onto each other; a user's own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydicom.sr._concepts_dict import concepts

from cxr_desktop.domain.label_set import finding_codes
from cxr_desktop.domain.labels import LabelMap
from cxr_desktop.library.label_sets import LabelSetError, label_sets, read_label_set, write_label_set

SETS, _PROBLEMS = label_sets()
BY_ID = {one.id: one for one in SETS}


def test_the_public_sets_are_there_with_all_their_labels():
    assert SETS[0].id == "common"
    assert {name: len(one.labels) for name, one in BY_ID.items()} == {
        "common": 12, "nih14": 14, "vindr": 22, "rsna": 1, "chexpert": 13,
    }  # fmt: skip
    assert _PROBLEMS == ()


def test_every_label_of_a_set_is_a_finding_of_the_vocabulary():
    known = finding_codes()
    missing = [(s.id, n) for s in SETS for n in s.names if LabelMap.load().canonical(n) not in known]
    assert missing == []


def test_dicoms_own_codes_mean_what_is_said():
    """Codes that PS3.16 uses are held against pydicom's copy of it."""
    checked = 0
    for codes in finding_codes().values():
        for code in codes:
            assert re.fullmatch(
                {"SCT": r"\d{6,18}", "DCM": r"\d{6}", "RADLEX": r"RID\d+"}[code.scheme], code.value
            )
            for entry in concepts.get(code.scheme, {}).values():
                if code.value in entry:
                    assert entry[code.value][0].casefold() == code.meaning.casefold()
                    checked += 1
    assert checked >= 7


@pytest.mark.parametrize(
    ("source", "label", "target", "expected"),
    [
        ("nih14", "Infiltration", "vindr", "Infiltration"),
        ("nih14", "Pneumonia", "rsna", "Lung Opacity"),
        ("nih14", "Nodule", "vindr", "Nodule/Mass"),
        ("vindr", "Nodule/Mass", "chexpert", "Lung Lesion"),
        ("nih14", "Nodule", "chexpert", "Lung Lesion"),
        ("vindr", "Rib fracture", "chexpert", "Fracture"),
        ("chexpert", "Pleural Effusion", "nih14", "Effusion"),
        ("nih14", "Pleural_Thickening", "chexpert", "Pleural Other"),
        ("chexpert", "Cardiomegaly", "nih14", "Cardiomegaly"),
        ("chexpert", "Fracture", "vindr", None),
        ("nih14", "Hernia", "rsna", None),
    ],
)
def test_labels_map_from_set_to_set(source, label, target, expected):
    assert label in BY_ID[source].names
    assert BY_ID[target].nearest(label, LabelMap.load()) == expected


def test_number_keys_follow_the_order_of_the_set():
    assert [BY_ID["nih14"].of_key(n) for n in (1, 9, 10, 0)] == ["Atelectasis", "Consolidation", None, None]
    assert BY_ID["rsna"].of_key(2) is None


def test_a_users_set_is_read_and_may_replace_one_of_ours(tmp_path: Path):
    folder = tmp_path / "label-sets"
    folder.mkdir()
    (folder / "mine.toml").write_text('title = "Mine"\nlabels = ["Effusion", "Scoliosis"]\n')
    (folder / "rsna.toml").write_text("labels = []\n")
    found, problems = label_sets(tmp_path)
    mine = next(one for one in found if one.id == "mine")
    assert mine.names == ("Effusion", "Scoliosis")
    assert [code.value for code in mine.labels[0].codes] == ["60046008", "RID34539"]
    assert mine.labels[1].codes == ()
    assert len(problems) == 1
    assert "rsna.toml needs labels" in problems[0]
    assert next(one for one in found if one.id == "rsna").names == ("Lung Opacity",)


@pytest.mark.parametrize(
    ("text", "said"),
    [("labels = [", "no TOML"), ('labels = ["a", "A"]', "twice"), ("title = 1", "needs labels")],
)
def test_a_bad_set_is_named(tmp_path: Path, text: str, said: str):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(LabelSetError, match=said):
        read_label_set(path)


def test_an_own_set_is_kept_read_back_and_replaced(tmp_path):
    made = write_label_set(tmp_path, 'Ward "7"', ["Nodule", "Trübung, links"])
    assert (made.id, made.title, made.names) == ("ward-7", 'Ward "7"', ("Nodule", "Trübung, links"))
    assert made.labels[0].codes
    write_label_set(tmp_path, 'Ward "7"', ["Mass"])
    (again,) = (one for one in label_sets(tmp_path)[0] if one.id == "ward-7")
    assert again.names == ("Mass",)


@pytest.mark.parametrize(("title", "names"), [("…", ["Mass"]), ("A", []), ("A", ["Mass", "mass"])])
def test_what_is_no_set_is_not_written(tmp_path, title, names):
    with pytest.raises(LabelSetError):
        write_label_set(tmp_path, title, names)
    assert not list(tmp_path.rglob("*.toml"))
    assert not list(tmp_path.rglob("*.part"))
