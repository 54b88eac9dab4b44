"""`units` as other programs rely on it: tables, maps, the contact sheet, exit codes and sentences."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxr_desktop.cli import main
from cxr_desktop.resources import resource

ONE = str(resource("demo", "study", "two.dcm"))
LAYER = "network.blocks.6.0.conv_pwl"


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """The machine is shared, and a report is to come out the same."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_units_writes_what_others_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    asked = [
        "units",
        ONE,
        "--layer",
        LAYER,
        "--count",
        "2",
        "--method",
        "epsilon_plus",
        "--target",
        "lung opacity",
    ]
    assert main([*asked, "--out", str(out), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    with (out / "units.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["layer", "channel", "relevance", "share"]
    assert len(rows) == document["channels"] == 320
    relevance = np.array([float(row["relevance"]) for row in rows])
    shares = np.array([float(row["share"]) for row in rows])
    assert (np.diff(relevance) <= 0).all()
    np.testing.assert_allclose(shares, relevance / np.abs(relevance).sum())
    assert [unit["channels"] for unit in document["units"]] == [[int(row["channel"])] for row in rows[:2]]
    for row in rows[:2]:
        for kind in ("activation", "map"):
            values = np.load(out / f"unit-{row['channel']}-{kind}.npy")
            assert values.shape == (1024, 1024)
            assert values.dtype == np.float32
            assert np.abs(values).max() > 0
    with Image.open(out / "units.png") as sheet:
        assert sheet.width == 1600
    assert json.loads((out / "units.json").read_text())["units"] == document["units"]
    assert (document["target"], document["model"]["name"], document["failures"]) == (
        "Lung Opacity",
        "demo",
        [],
    )


def test_chosen_units_alone_and_as_a_concept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = [
        "units",
        ONE,
        "--layer",
        LAYER,
        "--method",
        "excitation_backprop",
        "--out",
        str(tmp_path),
        "--json",
    ]
    assert main([*asked, "--unit", "7", "--unit", "11", "--unit", "7,11"]) == 0
    units = json.loads(capsys.readouterr().out)["units"]
    assert [unit["channels"] for unit in units] == [[7], [11], [7, 11]]
    assert units[2]["relevance"] == pytest.approx(units[0]["relevance"] + units[1]["relevance"])
    one, other, both = (np.load(tmp_path / f"{name}-map.npy") for name in ("unit-7", "unit-11", "units-7-11"))
    np.testing.assert_allclose(one + other, both, atol=1e-5 * np.abs(both).max())


def test_layers_are_listed_without_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["units", ONE, "--list-layers", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    names = [layer["layer"] for layer in document["layers"]]
    assert names[0] == "network.conv_stem"
    assert document["deepest"] == "network.conv_head"
    deepest = document["layers"][names.index("network.conv_head")]
    assert deepest["relevance"] == pytest.approx(document["logit"], rel=1e-4)
    assert main(["units", ONE, "--list-layers"]) == 0
    assert "network.conv_head" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("extra", "code", "words"),
    [
        (["--layer", "conv9"], 1, "network.conv_head"),
        (["--unit", "1280"], 1, "no unit 1280; it has 1280"),
        (["--method", "gradcam"], 1, "no relevance inside"),
        (["--method", "contrastive"], 1, "at least two classes"),
        (["--method", "guesswork"], 2, "unknown method 'guesswork'"),
        (["--target", "Fracture"], 2, "Lung Opacity"),
        (["--model", "nowhere"], 1, "nowhere"),
    ],
)
def test_wrong_choices_fail_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], extra: list[str], code: int, words: str
) -> None:
    assert main(["units", ONE, "--out", str(tmp_path / "out"), *extra]) == code
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("extra", [["--count", "0"], ["--unit", "a"], ["--unit", "-1"]])
def test_wrong_usage_exits_with_two(tmp_path: Path, extra: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["units", ONE, "--out", str(tmp_path), *extra])
    assert stopped.value.code == 2


def test_a_folder_for_the_results_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["units", ONE]) == 2
    assert "--out" in capsys.readouterr().err


def test_bad_images_and_folders_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "notes.dcm"
    text.write_text("not an image")
    assert main(["units", str(text), "--out", str(tmp_path / "out")]) == 1
    assert str(text) in capsys.readouterr().err
    noise = tmp_path / "noise.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (600, 600), dtype=np.uint8)).save(noise)
    assert main(["units", str(noise), "--list-layers"]) == 1
    assert main(["units", str(noise), "--list-layers", "--override-input-check"]) == 0
    assert main(["units", ONE, "--out", str(text), "--count", "1"]) == 1
    assert "choose another folder" in capsys.readouterr().err
