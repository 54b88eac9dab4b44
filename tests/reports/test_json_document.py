"""The JSON that other programs rely on."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from cxr_desktop.domain import (
    Box,
    Certainty,
    Ellipse,
    Finding,
    Judgement,
    PixelSpacing,
    Reading,
    StudyFinding,
    Verdict,
)
from cxr_desktop.reports import export
from cxr_desktop.reports.wording import source_facts


@pytest.fixture
def exported(make_analysis, tmp_path):
    analysis = make_analysis(
        spacing=PixelSpacing(0.2, 0.1, "pixel spacing"),
        readings=(Reading("Reader A", (Box(1, 2, 3, 4, "Nodule"),)),),
        notes=("8 bit only",),
    )
    main, *maps = export(analysis, ["json"], tmp_path)
    return analysis, json.loads(main.read_text("utf-8")), maps


def test_the_promised_keys_and_values(exported):
    analysis, document, _ = exported
    assert document["image"]["path"] == str(analysis.radiograph.header.path)
    assert document["image"]["sop_instance_uid"] == "1.2.826.0.1.3680043.8.498.7"
    assert document["image"]["sha256"] == "cd34" * 16
    assert (document["image"]["rows"], document["image"]["columns"]) == (300, 240)
    assert {key: document["model"][key] for key in ("name", "version", "weights_sha256")} == {
        "name": "demo",
        "version": "1.2.0",
        "weights_sha256": "ab12" * 16,
    }
    assert document["scores"] == {"Lung Opacity": 0.7312}
    first = document["attributions"][0]
    assert (first["method"], first["target"], first["threshold"]) == (
        "gradcam",
        "Lung Opacity",
        "percentile:95",
    )
    (box,) = first["boxes"]
    assert box == {
        "x": pytest.approx(48),
        "y": pytest.approx(90),
        "width": pytest.approx(60),
        "height": pytest.approx(60),
        "score": 0.9,
    }
    compared = document["localization"][1]
    assert {key: compared[key] for key in ("method", "label", "source", "iou", "iobb", "hit")} == {
        "method": "rap",
        "label": "Lung Opacity",
        "source": "NIH",
        "iou": 0.42,
        "iobb": 0.63,
        "hit": False,
    }
    assert compared["box"]["x"] == pytest.approx(48)
    assert compared["box"]["height"] == pytest.approx(75)


def test_what_else_a_replay_needs(exported):
    _, document, _ = exported
    assert document["schema"] == "cxr-desktop/analysis/1"
    assert document["software"] == "CXR Desktop 0.1.0"
    assert document["created"] == "2024-02-01T10:30:00+01:00"
    assert document["device"] == "cpu"
    assert document["attributions"][1]["parameters"] == {"residual": "magnitude", "steps": 33}
    assert document["attributions"][1]["completeness"] == {"start": 1.25, "gap": 0.0021}
    assert document["attributions"][0]["completeness"] == {"start": None, "gap": None}
    assert document["operating_points"][1]["threshold"] == 0.48
    assert document["readings"][0]["reader"] == "Reader A"
    assert document["image"]["spacing_mm"] == {"row": 0.2, "column": 0.1, "origin": "pixel spacing"}
    assert document["notes"] == ["8 bit only"]
    assert "Not for diagnostic use" in document["disclaimer"]


def test_no_patient_name(exported):
    _, document, _ = exported
    assert "Doe" not in json.dumps(document)


def test_maps_lie_beside_it_as_float32_of_the_stored_image(exported):
    analysis, document, maps = exported
    assert [path.name for path in maps] == [entry["map"] for entry in document["attributions"]]
    for path, found in zip(maps, analysis.maps, strict=True):
        values = np.load(path, allow_pickle=False)
        assert values.dtype == np.float32
        assert values.shape == (300, 240)
        assert np.array_equal(values, found.values)


def test_odd_values_stay_valid_json(make_analysis, tmp_path):
    analysis = make_analysis()
    odd = {"base": np.float32(0.5), "grid": np.arange(3), "bad": float("nan"), "how": object, 3: (1, None)}
    analysis = replace(
        analysis,
        maps=(replace(analysis.maps[0], parameters=odd, gap=float("inf")), analysis.maps[1]),
    )
    main = export(analysis, ["json"], tmp_path)[0]

    def refuse(constant):
        raise AssertionError(constant)

    first = json.loads(main.read_text("utf-8"), parse_constant=refuse)["attributions"][0]
    assert first["parameters"]["base"] == 0.5
    assert first["parameters"]["grid"] == [0, 1, 2]
    assert first["parameters"]["bad"] is None
    assert first["parameters"]["3"] == [1, None]
    assert first["completeness"]["gap"] is None


def test_two_targets_of_one_method_keep_their_maps_apart(make_analysis, tmp_path):
    analysis = make_analysis(methods=("rap", "rap"))
    written = export(analysis, ["json"], tmp_path)
    assert [path.name for path in written[1:]] == ["case-7.rap.npy", "case-7.rap.2.npy"]
    assert np.array_equal(np.load(written[2]), analysis.maps[1].values)


def test_readings_before_and_after_the_reveal(make_analysis, tmp_path):
    first, later = Box(1, 2, 3, 4, "Nodule"), Finding.around(Ellipse(5, 6, 7, 8), Box(0, 0, 0, 0, "Mass"))
    reading = (
        Reading("Reader A")
        .with_box(first)
        .committed("2026-01-02T03:04:05+00:00", "Radiologist", blinded=True)
        .amending("seen on the map")
        .with_box(Finding.of(later, certainty=Certainty.PROBABLE, comment="hilum"))
        .with_judgement(Judgement(Box(9, 9, 9, 9, score=0.5), Verdict.REJECTED, "rap"))
        .stating(StudyFinding("Edema", Certainty.POSSIBLE))
        .committed("2026-01-02T03:14:05+00:00")
    )
    main, *_ = export(make_analysis(readings=(reading,)), ["json"], tmp_path)
    (found,) = json.loads(main.read_text("utf-8"))["readings"]
    before, after = found["commitments"]
    assert (before["blinded"], before["role"], len(before["boxes"])) == (True, "Radiologist", 1)
    assert (after["blinded"], after["reason"], len(after["boxes"])) == (False, "seen on the map", 2)
    assert found["state"] == "committed"
    assert found["boxes"][1]["shape"] == "ellipse"
    assert (found["boxes"][1]["certainty"], found["boxes"][1]["comment"]) == ("probable", "hilum")
    assert found["verdicts"][0]["verdict"] == "rejected"
    assert found["verdicts"][0]["box"]["score"] == 0.5
    assert found["study_findings"][0]["label"] == "Edema"


def test_the_frame_is_named_where_the_file_has_several(make_analysis, tmp_path):
    one = make_analysis()
    header = replace(one.radiograph.header, frames=5)
    third = replace(one, radiograph=replace(one.radiograph, header=header, frame=2))
    assert "frame" not in json.loads(export(one, ["json"], tmp_path / "one")[0].read_text("utf-8"))["image"]
    assert (
        json.loads(export(third, ["json"], tmp_path / "third")[0].read_text("utf-8"))["image"]["frame"] == 3
    )
    assert ("Frame", "3 of 5") in source_facts(third)
    assert all(name != "Frame" for name, _ in source_facts(one))
