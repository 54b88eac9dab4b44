"""`pack`: a pack there and its readings home, from the command line alone."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cxr_desktop.cli import main
from cxr_desktop.domain import Box
from cxr_desktop.library import AddBox, Commit, ReadingStore, StoredEvent

MASS = Box(1, 2, 3, 4, "Mass")


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(2):
        Image.fromarray(np.full((20, 30), 90 * number, np.uint8)).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def at(tmp_path, monkeypatch, capsys):
    """Runs a command on a machine of its own; returns the JSON that it printed."""

    def run(machine: str, *arguments: object, code: int = 0) -> Any:
        monkeypatch.setenv("CXR_DESKTOP_DATA", str(tmp_path / machine))
        monkeypatch.setenv("CXR_DESKTOP_READER", machine)
        capsys.readouterr()
        assert main(["pack", *map(str, arguments), "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return run


def read(folder: Path, reader: str, sha256: str) -> None:
    with closing(ReadingStore(folder)) as store:
        for event in (AddBox(MASS), Commit()):
            store.append(StoredEvent(sha256, reader, event))


def trail(folder: Path) -> list[str]:
    with closing(ReadingStore(folder)) as store:
        return [entry.entry["action"] for entry in store.trail.entries()]


def test_a_round_of_two_readers(at, images, tmp_path):
    table = tmp_path / "who.csv"
    table.write_text("reader,image\nDr. A,1.png\nDr. A,0.png\nDr. B,0.png\n")
    pack = tmp_path / "round.cxrpack"
    made = at("home", "make", images, "--out", pack, "--assign", table, "--labels", "rsna", "--title", "One")
    assert at("home", "show", pack)["key"] == made["key"]
    for machine, reader, cases in (("anna", "Dr. A", 2), ("ben", "Dr. B", 1)):
        opened = at(machine, "open", pack, "--reader", reader, "--key", made["key"])
        assert len(opened["images"]) == cases
        hashes = {one["file"]: one["sha256"] for one in opened["manifest"]["images"]}
        for assignment in opened["manifest"]["assignments"]:
            if assignment["reader"] == reader:
                for file in assignment["cases"]:
                    read(tmp_path / machine, machine, hashes[file])
        back = at(machine, "return", pack, "--out", tmp_path / f"{machine}.cxrread")
        assert (back["committed"], back["drafts"], back["unread"], back["events"]) == (cases, 0, 0, 2 * cases)
    found = at("home", "merge", tmp_path / "ben.cxrread", tmp_path / "anna.cxrread", tmp_path / "ben.cxrread")
    assert [one["new"] for one in found["merged"]] == [2, 4, 0]
    assert trail(tmp_path / "home") == ["pack made", "readings merged", "readings merged"]
    assert trail(tmp_path / "anna") == ["readings handed back"]
    with closing(ReadingStore(tmp_path / "home")) as store:
        assert [store.readers(image) for image in store.images()] in (
            [("Dr. A",), ("Dr. B", "Dr. A")],
            [("Dr. B", "Dr. A"), ("Dr. A",)],
        )


def test_what_fails_is_said_and_the_rest_done(at, images, tmp_path, capsys, monkeypatch):
    pack = tmp_path / "round.cxrpack"
    at("home", "make", images, "--out", pack, "--reader", "anna")
    (one,) = at("anna", "open", pack)["manifest"]["images"][:1]
    read(tmp_path / "anna", "anna", one["sha256"])
    assert main(["pack", "return", str(pack), "--out", str(tmp_path / "a.cxrread")]) == 1
    assert "1 of 2 cases are not committed yet (0002.png)" in capsys.readouterr().err
    at("anna", "return", pack, "--out", tmp_path / "a.cxrread", "--unfinished")
    (tmp_path / "b.cxrread").write_bytes((tmp_path / "a.cxrread").read_bytes()[:-1] + b"x")
    found = at("home", "merge", tmp_path / "b.cxrread", tmp_path / "a.cxrread", code=1)
    assert [one["new"] for one in found["merged"]] == [2]
    assert found["failures"][0]["input"].endswith("b.cxrread")
    assert "was changed after it was signed" in found["failures"][0]["reason"]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--reader", "A", "--labels", "nothing"], 2, "there is no label set 'nothing'"),
        ([], 1, "nobody is to read the pack"),
    ],
)
def test_a_pack_that_cannot_be_made_is_a_sentence(at, images, tmp_path, capsys, options, code, said):
    assert main(["pack", "make", str(images), "--out", str(tmp_path / "x.cxrpack"), *options]) == code
    assert said in capsys.readouterr().err


def test_a_table_that_names_no_such_image_is_refused(images, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("CXR_DESKTOP_DATA", str(tmp_path / "home"))
    table = tmp_path / "who.csv"
    table.write_text("reader,image\nA,7.png\n")
    arguments = ["pack", "make", str(images), "--out", str(tmp_path / "x.cxrpack"), "--assign", str(table)]
    assert main(arguments) == 1
    assert "line 2: the image '7.png' is not among those given" in capsys.readouterr().err


def test_images_of_one_name_are_told_apart_by_their_folders(at, images, tmp_path, capsys):
    for number in range(2):
        (images / f"patient{number}").mkdir()
        (images / f"{number}.png").rename(images / f"patient{number}" / "IM1.png")
    table = tmp_path / "who.csv"
    make = ("make", images, "--out", tmp_path / "x.cxrpack", "--assign", table)
    table.write_text("reader,image\nA,IM1.png\n")
    assert main(["pack", *map(str, make)]) == 1
    assert "the image 'IM1.png' is 2 of those given; write its folder, too" in capsys.readouterr().err
    table.write_text("reader,image\nA,patient0/IM1.png\nB,D:\\scans\\patient1\\IM1.png\n")
    assert main(["pack", *map(str, make)]) == 1
    assert "line 3" in capsys.readouterr().err
    table.write_text("reader,image\nA,patient0/IM1.png\nB,patient1\\IM1.png\n")
    manifest = at("home", *make)["manifest"]
    hashes = [hashlib.sha256((images / f"patient{n}/IM1.png").read_bytes()).hexdigest() for n in range(2)]
    assert [image["sha256"] for image in manifest["images"]] == hashes
    assert [one["reader"] for one in manifest["assignments"]] == ["A", "B"]
