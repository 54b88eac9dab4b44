"""Replaying a report: untouched ones pass on other threads, a changed byte is found and said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from cxr_desktop.cli import main
from cxr_desktop.domain import Box, LocalizedMap, Threshold
from cxr_desktop.reports.integrity import check_file
from cxr_desktop.reports.recomputed import _boxes
from cxr_desktop.resources import resource

METHODS = "gradcam,integrated_gradients,smoothgrad,rap,epsilon"
CHANGES = 100


@pytest.fixture(scope="module")
def reported(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with image.png and the report of it in out/, made on one thread."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("replay")
    random = np.random.default_rng(5)
    Image.fromarray(random.integers(0, 255, (96, 80), dtype=np.uint8)).save(folder / "image.png")
    (folder / "boxes.csv").write_text("image,label,x,y,width,height\nimage.png,Nodule,10,20,30,30\n")
    arguments = ["analyze", str(folder / "image.png"), "--out", str(folder / "out"), "--model", str(package)]
    arguments += ["--method", METHODS, "--boxes", str(folder / "boxes.csv"), "--override-input-check"]
    assert main([*arguments, "--formats", "pdf,json", "--device", "cpu"]) == 0
    return folder


@pytest.fixture
def case(reported: Path, tmp_path: Path) -> Path:
    """A copy to be spoilt."""
    return Path(shutil.copytree(reported, tmp_path / "case"))


def verified(capsys: pytest.CaptureFixture[str], file: Path, *extra: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["verify", str(file), "--json", *extra])
    return code, json.loads(capsys.readouterr().out)


def failed(document: dict[str, Any]) -> list[str]:
    return [check["subject"] for check in document["checks"] if check["verdict"] in ("differs", "missing")]


def test_an_untouched_report_is_the_same_on_other_threads(capsys, reported, package):
    torch.set_num_threads(2)
    try:
        code, document = verified(capsys, reported / "out" / "image.pdf", "--model", str(package))
    finally:
        torch.set_num_threads(1)
    assert failed(document) == []
    assert code == 0
    assert document["same"] is True
    subjects = [check["subject"] for check in document["checks"]]
    for subject in ("image", "weights", "preprocessing", "scores", "overlap with references"):
        assert subject in subjects
    assert sum(subject.startswith("map of") for subject in subjects) == len(METHODS.split(","))


def test_a_pdf_sent_alone_is_replayed_by_its_attachment(capsys, case, package):
    shutil.move(case / "out" / "image.pdf", case / "sent.pdf")
    shutil.rmtree(case / "out")
    code, document = verified(capsys, case / "sent.pdf", "--model", str(package))
    assert (code, failed(document)) == (0, [])
    assert any("16 x 16 means" in check["detail"] for check in document["checks"])


def test_a_json_report_without_its_manifest_is_replayed_and_said_to_be_unguarded(capsys, case, package):
    (case / "out" / "image.manifest").unlink()
    code, document = verified(capsys, case / "out" / "image.json", "--model", str(package))
    assert (code, failed(document)) == (0, [])
    assert document["checks"][0]["verdict"] == "noted"


def test_each_of_100_changed_bytes_of_the_manifest_is_said_by_the_command(capsys, case, package):
    path = case / "out" / "image.manifest"
    content = path.read_bytes()
    random = np.random.default_rng(9)
    for place in random.choice(len(content), CHANGES, replace=False):
        changed = bytearray(content)
        changed[place] ^= int(random.integers(1, 256))
        path.write_bytes(changed)
        code, document = verified(capsys, path, "--model", str(package))
        assert code == 1, f"byte {place}"
        assert failed(document)[0] == "manifest"


def test_a_changed_image_is_named(capsys, case, package):
    (case / "image.png").write_bytes((case / "image.png").read_bytes() + b"\0")
    where = ("--image", str(case / "image.png"), "--model", str(package))
    code, document = verified(capsys, case / "out" / "image.pdf", *where)
    assert (code, failed(document)) == (1, ["image"])


def test_changed_weights_are_named(capsys, case, package):
    other = Path(shutil.copytree(package, case / "model"))
    weights = bytearray((other / "weights.safetensors").read_bytes())
    weights[-3] ^= 1
    (other / "weights.safetensors").write_bytes(weights)
    code, document = verified(capsys, case / "out" / "image.json", "--model", str(other))
    assert (code, failed(document)) == (1, ["weights"])


def test_each_of_100_changed_bytes_of_image_and_weights_is_found(case, package):
    document = json.loads((case / "out" / "image.manifest").read_bytes())["case"]
    known = {
        case / "image.png": document["image"]["sha256"],
        package / "weights.safetensors": document["model"]["weights_sha256"],
    }
    random = np.random.default_rng(8)
    for path, sha256 in known.items():
        content = path.read_bytes()
        assert check_file("file", path, sha256).passed
        spoilt = case / "spoilt"
        for place in random.choice(len(content), CHANGES, replace=False):
            changed = bytearray(content)
            changed[place] ^= int(random.integers(1, 256))
            spoilt.write_bytes(changed)
            assert not check_file("file", spoilt, sha256).passed


def test_each_of_100_changed_bytes_of_an_image_that_lies_elsewhere_untouched_is_found(capsys, tmp_path):
    """The bundled study holds the same image under the same name: it must not stand in for a changed one."""
    image = Path(shutil.copy(resource("demo", "study", "two.dcm"), tmp_path / "two.dcm"))
    arguments = ["analyze", str(image), "--out", str(tmp_path / "out"), "--method", "gradcam"]
    assert main([*arguments, "--formats", "pdf", "--device", "cpu"]) == 0
    report = tmp_path / "out" / "two.pdf"
    assert verified(capsys, report, "--hashes-only")[0] == 0
    content = image.read_bytes()
    random = np.random.default_rng(10)
    for place in random.choice(len(content), CHANGES, replace=False):
        changed = bytearray(content)
        changed[place] ^= int(random.integers(1, 256))
        image.write_bytes(changed)
        code, document = verified(capsys, report, "--hashes-only")
        assert (code, failed(document)) == (1, ["image"]), f"byte {place}"
    image.unlink()
    assert verified(capsys, report, "--hashes-only")[0] == 0  # found again in the bundled study


def test_each_of_100_changed_bytes_of_weights_is_found_by_the_command(capsys, case, package):
    other = Path(shutil.copytree(package, case / "model"))
    weights, content = other / "weights.safetensors", (package / "weights.safetensors").read_bytes()
    random = np.random.default_rng(11)
    for place in random.choice(len(content), CHANGES, replace=False):
        changed = bytearray(content)
        changed[place] ^= int(random.integers(1, 256))
        weights.write_bytes(changed)
        where = ("--model", str(other), "--hashes-only")
        code, document = verified(capsys, case / "out" / "image.manifest", *where)
        assert (code, failed(document)) == (1, ["weights"]), f"byte {place}"


def forged(case: Path, change: Any) -> Path:
    """A report changed by someone who works out every hash again."""
    from cxr_desktop.reports.manifest import Manifest, parse_manifest

    path = case / "out" / "image.manifest"
    document = json.loads(json.dumps(dict(parse_manifest(path.read_bytes()).case)))
    change(document)
    path.write_bytes(Manifest.sealed(document).to_bytes())
    for array in (case / "out").glob("*.npy"):
        array.unlink()
    return path


def _raise_score(document: dict[str, Any]) -> None:
    document["scores"]["Nodule"] += 0.01


def _move_box(document: dict[str, Any]) -> None:
    document["attributions"][0]["boxes"][0]["x"] += 5


def _more_noise(document: dict[str, Any]) -> None:
    document["attributions"][2]["parameters"]["noise"] = 0.5


def _other_mean(document: dict[str, Any]) -> None:
    document["preprocessing"]["input"]["mean"][0] += 0.1


def _other_peak(document: dict[str, Any]) -> None:
    document["localization"][0]["iou"] += 0.2


def _other_point(document: dict[str, Any]) -> None:
    document["operating_points"] = [{"label": "Nodule", "name": "mine", "threshold": 0.9}]


def _no_refusal(document: dict[str, Any]) -> None:
    document["refused"], document["concerns"] = False, []


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        (_raise_score, "scores"),
        (lambda document: document["logits"].update(Nodule=9.0), "logits"),
        (_other_point, "judgement"),
        (_no_refusal, "judgement"),
        (lambda document: document["attributions"][0].update(cut=0.5), "figures of gradcam"),
        (lambda document: document["attributions"][3]["completeness"].update(gap=0.5), "figures of rap"),
        (lambda document: document["attributions"][3]["completeness"].update(start=9.0), "figures of rap"),
        (lambda document: document["attributions"][0]["boxes"][0].update(score=0.123), "boxes of gradcam"),
        (lambda document: document["localization"][0].update(iobb=0.987), "overlap with references"),
        (lambda document: document["localization"][0].update(source="Dr. X"), "overlap with references"),
        (lambda document: document["localization"][0]["box"].update(x=11), "overlap with references"),
        (lambda document: document["localization"][0].update(predicted=None), "overlap with references"),
        (_move_box, "boxes of gradcam"),
        (_more_noise, "map of smoothgrad"),
        (_other_mean, "preprocessing"),
        (_other_peak, "overlap with references"),
    ],
)
def test_a_forged_report_with_good_hashes_is_found_by_computing_again(capsys, case, package, change, subject):
    code, document = verified(capsys, forged(case, change), "--model", str(package))
    assert code == 1
    assert any(name.startswith(subject) for name in failed(document))
    assert "manifest" not in failed(document)


@pytest.mark.parametrize(
    ("method", "moved", "same"),
    [
        ("gradcam", 0, True),
        ("gradcam", 1, False),
        ("integrated_gradients", 1, True),
        ("epsilon", 1, True),
        ("integrated_gradients", 4, False),
    ],
)
def test_an_edge_may_move_by_a_pixel_where_the_map_s_last_digits_do(method, moved, same):
    now = LocalizedMap(method, "Nodule", Threshold(), 0.1, (Box(10, 20, 60, 60, score=0.5),))
    recorded = [{"x": 10, "y": 20, "width": 60 - moved, "height": 60, "score": 0.5}]
    assert _boxes("boxes", recorded, now).passed is same


def test_a_score_that_is_no_number_is_no_score(capsys, case, package):
    (case / "out" / "image.manifest").unlink()
    path = case / "out" / "image.json"
    document = json.loads(path.read_text())
    for label in document["scores"]:
        path.write_text(json.dumps(document | {"scores": document["scores"] | {label: float("nan")}}))
        code, found = verified(capsys, path, "--model", str(package))
        assert (code, failed(found)) == (1, ["scores"])


def test_what_cannot_be_found_is_said_with_the_cure(capsys, case):
    (case / "image.png").unlink()
    document = json.loads((case / "out" / "image.manifest").read_bytes())
    assert Path(document["case"]["image"]["path"]).name == "image.png"
    path = forged(case, lambda known: known["image"].update(path="/nowhere/image.png"))
    code, found = verified(capsys, path)
    assert code == 1
    details = {check["subject"]: check["detail"] for check in found["checks"]}
    assert "--image PATH" in details["image"]
    assert "--model DIR" in details["weights"]


def test_a_file_that_is_no_report_is_a_sentence(capsys, tmp_path):
    (tmp_path / "a.txt").write_text("x")
    assert main(["verify", str(tmp_path / "a.txt")]) == 1
    assert "is no manifest" in capsys.readouterr().err
