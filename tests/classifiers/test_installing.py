"""A model package from a file: checked before it is there, never half there."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from cxr_desktop import cli
from cxr_desktop.classifiers import install_package, packages
from cxr_desktop.domain.errors import ModelError
from cxr_desktop.resources import resource


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The bundled model under a name of its own."""
    copied = tmp_path / "source" / "lungs"
    shutil.copytree(resource("models", "demo"), copied)
    rename(copied, "lungs")
    return copied


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    monkeypatch.setattr(packages, "user_models_folder", lambda: folder)
    monkeypatch.setattr("cxr_desktop.classifiers.installing.user_models_folder", lambda: folder)
    return folder


def rename(package: Path, name: str, version: str = "") -> None:
    card = package / "model.toml"
    lines = card.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if line.startswith("name = ") and not any(before.startswith("[") for before in lines[:number]):
            lines[number] = f'name = "{name}"'
        if version and line.startswith("version = "):
            lines[number] = f'version = "{version}"'
    card.write_text("\n".join(lines), encoding="utf-8")


def zipped(package: Path, target: Path, within: str = "") -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in package.iterdir():
            archive.write(path, f"{within}{path.name}")
    return target


def left(models: Path) -> list[str]:
    return sorted(path.name for path in models.iterdir())


@pytest.mark.parametrize("within", ["", "lungs/"])
def test_a_zip_is_installed_and_then_offered(
    package: Path, models: Path, tmp_path: Path, within: str
) -> None:
    card = install_package(zipped(package, tmp_path / "lungs.zip", within))
    assert card.directory == models / "lungs"
    assert left(models) == ["lungs"]
    assert "lungs" in [found.name for found in packages.available_models()]


def test_a_newer_package_takes_the_place_of_the_earlier(package: Path, models: Path) -> None:
    install_package(package)
    rename(package, "lungs", "9.9.9")
    assert install_package(package).version == "9.9.9"
    assert left(models) == ["lungs"]


def test_altered_weights_are_refused_and_nothing_is_left(package: Path, models: Path) -> None:
    weights = package / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ModelError, match=r"weights\.safetensors is not the file that the card describes"):
        install_package(package)
    assert left(models) == []


def test_a_refused_package_leaves_the_earlier_one(package: Path, models: Path) -> None:
    install_package(package)
    rename(package, "lungs", "9.9.9")
    (package / "weights.safetensors").unlink()
    with pytest.raises(ModelError, match=r"lacks its weights file"):
        install_package(package)
    assert packages.find_package("lungs") == models / "lungs"
    assert left(models) == ["lungs"]


def test_the_bundled_name_is_not_given_twice(models: Path) -> None:
    with pytest.raises(ModelError, match="name 'demo' is taken"):
        install_package(resource("models", "demo"))


@pytest.mark.parametrize(
    "name", ["../outside.txt", "/etc/outside.txt", "a/../../outside.txt", "C:/outside.txt"]
)
def test_a_zip_that_points_outside_is_refused(models: Path, tmp_path: Path, name: str) -> None:
    source = tmp_path / "bad.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr(name, "x")
    with pytest.raises(ModelError, match="points out of the package"):
        install_package(source)
    assert left(models) == []


def test_a_damaged_zip_and_other_files_are_sentences(package: Path, models: Path, tmp_path: Path) -> None:
    whole = zipped(package, tmp_path / "lungs.zip")
    damaged = bytearray(whole.read_bytes())
    damaged[2000:3000] = bytes(1000)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(damaged)
    text = tmp_path / "text.zip"
    text.write_text("no zip")
    empty = tmp_path / "empty"
    empty.mkdir()
    for source, problem in (
        (cut, "cannot be unpacked"),
        (text, "neither a folder nor a .zip"),
        (empty, "holds no model.toml"),
        (tmp_path / "none.zip", "does not exist"),
    ):
        with pytest.raises(ModelError, match=problem):
            install_package(source)
    assert left(models) == []


def test_compressed_weights_that_are_damaged_are_a_sentence(package, models, tmp_path):
    (package / "weights.safetensors").write_bytes(bytes(range(256)) * 64)
    whole = tmp_path / "lungs.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in package.iterdir():
            archive.write(path, path.name)
        at = archive.getinfo("weights.safetensors").header_offset
    damaged = bytearray(whole.read_bytes())
    damaged[at + 50 : at + 80] = b"\xff" * 30
    whole.write_bytes(damaged)
    with pytest.raises(ModelError, match="cannot be unpacked"):
        install_package(whole)
    assert left(models) == []


def test_the_command_line_installs_and_lists(package: Path, models: Path, capsys) -> None:
    assert cli.main(["models", "--install", str(package)]) == 0
    said = capsys.readouterr()
    assert "installed lungs" in said.err
    assert "\nlungs " in said.out
    assert cli.main(["models", "--install", str(package / "none")]) == 1
    assert "does not exist" in capsys.readouterr().err
