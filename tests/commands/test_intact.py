"""`doctor` in a frozen installation: every file by its hash, and the cure for what differs."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cxr_desktop.cli import main
from cxr_desktop.commands import doctor
from cxr_desktop.commands.intact import LIST, altered, frozen_folder


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like that of a frozen program, which this Python seems to run from."""
    lines = []
    for name in ("cxr-desktop.bin", "_internal/torch/lib/libtorch_cpu.so", "_internal/weights.safetensors"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        lines.append(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n")
    (tmp_path / LIST).write_text("".join(lines))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "cxr-desktop.bin"))
    return tmp_path


def test_missing_and_changed_files_are_named(installed: Path) -> None:
    assert altered(installed) == (3, [])
    (installed / "share").mkdir()  # an archive's additions are no damage
    assert altered(installed) == (3, [])
    (installed / "_internal/weights.safetensors").write_text("other")
    (installed / "_internal/torch/lib/libtorch_cpu.so").unlink()
    assert altered(installed) == (
        3,
        [
            "_internal/torch/lib/libtorch_cpu.so (No such file or directory)",
            "_internal/weights.safetensors (changed)",
        ],
    )


def test_doctor_fails_with_the_cure(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (installed / "_internal/weights.safetensors").write_text("other")
    assert main(["doctor", "--json"]) == 1
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)}
    assert checks["files"]["found"] == "1 of 3 differ: _internal/weights.safetensors (changed)"
    assert checks["files"]["cure"].startswith("install CXR Desktop again")
    (installed / LIST).unlink()
    assert main(["doctor"]) == 1
    assert "the list of files cannot be read" in capsys.readouterr().out


def test_a_source_tree_has_no_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert frozen_folder() is None
    assert list(doctor._files()) == []


def test_doctor_goes_on_where_torch_cannot_be_loaded() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from cxr_desktop.cli import main; sys.exit(main(['doctor']))"
    )
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "FAIL device" in done.stdout
    assert "FAIL model" in done.stdout
    assert "store" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_gpu_edition_without_a_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    (check,) = doctor._driver()
    assert not check.vital
    assert "NVIDIA's driver for CUDA 13.0" in check.cure
    monkeypatch.setattr(torch.version, "cuda", None)
    assert list(doctor._driver()) == []
