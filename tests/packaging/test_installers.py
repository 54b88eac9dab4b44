"""The installers' own files: what a desktop and an administrator read of them."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cxr_desktop.policy import read_policy

LINUX = Path("installers/linux")


def test_the_menu_entry_starts_the_program_with_files_or_without(packaging) -> None:
    from cxr_desktop.cli import build_parser

    entry = configparser.ConfigParser(interpolation=None, strict=True)
    entry.optionxform = str  # type: ignore[assignment, method-assign]
    entry.read(packaging / LINUX / "cxr-desktop.desktop", encoding="utf-8")
    command, *arguments = entry["Desktop Entry"]["Exec"].split()
    assert (command, arguments[-1]) == ("cxr-desktop", "%F")
    assert build_parser().parse_args(arguments[:-1]).paths == []
    assert len(build_parser().parse_args([*arguments[:-1], "a.dcm", "b.dcm"]).paths) == 2
    named = ElementTree.parse(packaging / LINUX / "cxr-desktop-mime.xml").getroot()
    known = [kind.get("type") for kind in named]
    assert entry["Desktop Entry"]["MimeType"] == "".join(f"{kind};" for kind in known)


def test_dicom_files_are_known_by_name_and_by_content(packaging) -> None:
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    root = ElementTree.parse(packaging / LINUX / "cxr-desktop-mime.xml").getroot()
    kind = root.find(f"{space}mime-type")
    assert kind is not None
    assert kind.get("type") == "application/dicom"
    match = kind.find(f"{space}magic/{space}match")
    assert match is not None
    assert (match.get("offset"), match.get("value")) == ("128", "DICM")


def test_the_example_of_a_policy_is_one(packaging, tmp_path: Path) -> None:
    text = (packaging / "installers" / "policy.toml.example").read_text(encoding="utf-8")
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    assert read_policy(path).model == ""
    path.write_text(re.sub(r"^#(?=\w+ = )", "", text, flags=re.MULTILINE), encoding="utf-8")
    policy = read_policy(path)
    assert policy.data_folder is not None
    assert (policy.model, policy.device, policy.export_formats) == ("demo", "cpu", ("pdf", "json"))
    assert policy.commit_then_reveal
    assert policy.nodes == ("pacs.example:104",)
    named = {field.name for field in fields(policy)} - {"path"}
    assert named == set(re.findall(r"^#(\w+) = ", text, re.MULTILINE))  # every rule there is


def test_case_packs_are_known_by_the_names_that_the_window_takes(packaging) -> None:
    from cxr_desktop.ui.opening import PACK_ENDING, READ_ENDING

    text = (packaging / LINUX / "cxr-desktop-mime.xml").read_text(encoding="utf-8")
    script = (packaging / "installers" / "windows" / "cxr-desktop.nsi").read_text(encoding="utf-8")
    for ending in (PACK_ENDING, READ_ENDING):
        assert f'<glob pattern="*{ending}"/>' in text
        assert f"Software\\Classes\\{ending}" in script


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    (folder / "_internal").mkdir(parents=True)
    (folder / "cxr-desktop").write_text("#!/bin/sh\necho started\n")
    (folder / "cxr-desktop").chmod(0o755)
    (folder / "_internal" / "part").write_text("x")
    (folder / "LICENCES.html").write_text("x")
    return folder


@pytest.fixture
def icons(tmp_path: Path) -> Path:
    folder = tmp_path / "icons"
    folder.mkdir()
    for name in ("16x16.png", "256x256.png", "cxr-desktop.svg"):
        (folder / name).write_text("x")
    return folder


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="needs dpkg-deb")
def test_the_deb_holds_menu_types_icons_and_command_and_is_the_same_each_time(
    packaging, bundle: Path, icons: Path, tmp_path: Path
) -> None:
    made = []
    for name in ("one.deb", "two.deb"):
        target = tmp_path / name
        command = [
            "sh",
            str(packaging / LINUX / "make_deb.sh"),
            str(bundle),
            str(icons),
            "1.2.3",
            str(target),
        ]
        subprocess.run(command, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})
        made.append(target.read_bytes())
    assert made[0] == made[1]
    listed = subprocess.run(
        ["dpkg-deb", "-c", str(tmp_path / "one.deb")], capture_output=True, text=True, check=True
    )
    for wanted in (
        "./usr/bin/cxr-desktop -> /opt/cxr-desktop/cxr-desktop",
        "./opt/cxr-desktop/_internal/part",
        "./usr/share/applications/cxr-desktop.desktop",
        "./usr/share/mime/packages/cxr-desktop.xml",
        "./usr/share/icons/hicolor/256x256/apps/cxr-desktop.png",
        "./usr/share/doc/cxr-desktop/policy.toml.example",
    ):
        assert wanted in listed.stdout
    assert all(line.split()[1] == "root/root" for line in listed.stdout.splitlines())
    told = subprocess.run(
        ["dpkg-deb", "-f", str(tmp_path / "one.deb")], capture_output=True, text=True, check=True
    )
    assert "Version: 1.2.3" in told.stdout
    assert "python" not in told.stdout.lower()


def test_the_archive_adds_itself_to_the_users_menu_and_takes_itself_away(
    packaging, bundle: Path, icons: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "a.tar.xz"
    subprocess.run(
        ["sh", str(packaging / LINUX / "make_archive.sh"), str(bundle), str(icons), str(archive)], check=True
    )
    place = tmp_path / "my programs"
    place.mkdir()
    subprocess.run(["tar", "-xf", str(archive), "-C", str(place)], check=True)
    home = tmp_path / "home"
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    kept = home / ".local/share/cxr-desktop/settings.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("{}")
    installer = place / "cxr-desktop" / "install-for-me"
    subprocess.run([str(installer)], check=True, env=environment)
    started = subprocess.run(
        [str(home / ".local/bin/cxr-desktop")], capture_output=True, text=True, check=True
    )
    assert started.stdout == "started\n"
    entry = home / ".local/share/applications/cxr-desktop.desktop"
    assert f'Exec="{place}/cxr-desktop/cxr-desktop" open %F' in entry.read_text()
    subprocess.run([str(installer), "remove"], check=True, env=environment)
    assert not entry.exists()
    assert not (home / ".local/bin/cxr-desktop").is_symlink()
    assert kept.exists()


@pytest.mark.skipif(not shutil.which("makensis"), reason="needs makensis")
def test_the_script_for_windows_compiles(packaging, bundle: Path, program, tmp_path: Path) -> None:
    """Compiled only: what the installer does is not tried without Windows."""
    (bundle / "CXR Desktop.exe").write_text("x")
    icons = tmp_path / "drawn"
    drawing = [sys.executable, str(packaging / "installers" / "icons.py"), str(icons)]
    subprocess.run(drawing, check=True, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    target = tmp_path / "cxr-desktop-1.2.3-setup.exe"
    defined = {"VERSION": "1.2.3", "BUNDLE": bundle, "ICON": icons / "cxr-desktop.ico", "OUT": target}
    script = packaging / "installers" / "windows" / "cxr-desktop.nsi"
    command = ["makensis", "-WX", *(f"-D{key}={value}" for key, value in defined.items()), str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert target.read_bytes()[:2] == b"MZ"
