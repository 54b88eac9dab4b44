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
from cxr_desktop.reports.integrity import check_file
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


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        (_raise_score, "scores"),
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
