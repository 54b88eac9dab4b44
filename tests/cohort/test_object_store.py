"""Results in an object store: what is sent, what is not sent again, and going on from there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cxr_desktop.cli import main
from cxr_desktop.cohort import examination
from cxr_desktop.cohort.object_store import MANIFEST, ObjectStore, is_address
from cxr_desktop.domain.errors import ExportError

fsspec = pytest.importorskip("fsspec")


@pytest.fixture
def memory():
    files = fsspec.filesystem("memory")
    yield files
    files.store.clear()


def command(data_set: Path, package: Path, out: str, work: Path, *more: str) -> int:
    given = [
        "evaluate",
        data_set / "index.csv",
        "--images",
        data_set / "images",
        "--boxes",
        data_set / "boxes.csv",
    ]
    options = [
        "--model",
        package,
        "--methods",
        "gradcam",
        "--units",
        "0",
        "--examples",
        "0",
        "--device",
        "cpu",
    ]
    where = ["--out", out, *(["--work", work] if is_address(out) else [])]
    return main([str(word) for word in (*given, *options, *where, *more)])


def folder(path: Path) -> dict[str, bytes]:
    return {
        file.name: file.read_bytes() for file in path.iterdir() if file.is_file() and file.name != MANIFEST
    }


@pytest.mark.parametrize(
    ("out", "address"),
    [
        ("s3://bucket/a", True),
        ("memory://a", True),
        ("results", False),
        ("C:\\results", False),
        ("/a/b", False),
    ],
)
def test_an_address_has_a_protocol(out, address):
    assert is_address(out) is address


def test_results_of_an_address_are_those_of_a_folder(data_set, package, tmp_path, memory):
    assert command(data_set, package, str(tmp_path / "plain"), tmp_path) == 0
    assert command(data_set, package, "memory://studies/one", tmp_path / "work") == 0
    there = {name.rpartition("/")[2]: name for name in memory.find("/studies/one", maxdepth=1)}
    assert set(there) - {MANIFEST} == set(folder(tmp_path / "plain"))
    for name, content in folder(tmp_path / "plain").items():
        assert memory.cat_file(there[name]) == content, name
    assert len(memory.find("/studies/one/cache")) == len(list((tmp_path / "work" / "cache").glob("*.json")))


def test_another_computer_goes_on_from_the_store(data_set, package, tmp_path, memory, monkeypatch):
    assert command(data_set, package, "memory://studies/two", tmp_path / "work") == 0
    first = folder(tmp_path / "work")
    shutil.rmtree(tmp_path / "work")

    def computed(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a map was made again")

    monkeypatch.setattr(examination, "explain_radiograph", computed)
    assert command(data_set, package, "memory://studies/two", tmp_path / "other", "--resume") == 0
    assert folder(tmp_path / "other") == first


def test_a_run_that_is_stopped_leaves_its_pieces_in_the_store(
    data_set, package, tmp_path, memory, monkeypatch
):
    real, seen = examination.explain_radiograph, []

    def stopping(*arguments: object, **options: object) -> object:
        seen.append(1)
        if len(seen) > 2:
            raise KeyboardInterrupt
        return real(*arguments, **options)

    monkeypatch.setattr(examination, "explain_radiograph", stopping)
    assert command(data_set, package, "memory://studies/three", tmp_path / "work") == 130
    assert len(memory.find("/studies/three/cache")) >= 2
    assert not memory.exists("/studies/three/summary.csv")


def test_what_the_store_has_is_not_sent_again(tmp_path):
    address = (tmp_path / "store").as_uri()
    work = tmp_path / "work"
    (work / "cache").mkdir(parents=True)
    (work / "cache" / "a.json").write_text("1")
    (work / "summary.csv").write_text("one")
    (work / "per_image.csv").write_text("two")
    store = ObjectStore(address, work)
    assert (store.publish(), store.publish()) == (2, 0)
    assert (ObjectStore(address, work).publish_pieces(), ObjectStore(address, work).publish()) == (0, 0)
    (work / "summary.csv").write_text("other")
    assert ObjectStore(address, work).publish() == 1
    assert (tmp_path / "store" / "summary.csv").read_text() == "other"
    (tmp_path / "store" / MANIFEST).write_text("no JSON")
    assert ObjectStore(address, work).publish() == 2
    assert ObjectStore(address, tmp_path / "elsewhere").fetch_pieces() == 1
    assert (tmp_path / "elsewhere" / "cache" / "a.json").read_text() == "1"


def test_a_store_that_cannot_be_reached_is_told_before_the_work(
    tmp_path, monkeypatch, capsys, data_set, package
):
    with pytest.raises(ExportError, match="is no address that fsspec knows"):
        ObjectStore("nowhere://bucket", tmp_path)
    monkeypatch.setattr(
        "fsspec.core.url_to_fs", lambda address: (_ for _ in ()).throw(ImportError("Install s3fs"))
    )
    assert command(data_set, package, "s3://bucket/x", tmp_path / "work") == 1
    assert "Install s3fs; for s3:// that is pip install 'cxr-desktop[s3]'" in capsys.readouterr().err
    assert not (tmp_path / "work").exists()


def test_a_store_that_refuses_is_told_with_its_address(tmp_path, memory, monkeypatch):
    def refused(*_arguments: object, **_options: object) -> None:
        raise PermissionError("Access Denied")

    (tmp_path / "summary.csv").write_text("one")
    store = ObjectStore("memory://bucket/study", tmp_path)
    monkeypatch.setattr(type(memory), "pipe_file", refused)
    with pytest.raises(ExportError, match=r"memory://bucket/study cannot be .*Access Denied.*--resume"):
        store.publish()


def test_a_cluster_needs_a_folder_that_its_workers_see(data_set, package, tmp_path, capsys):
    given = ["evaluate", data_set / "index.csv", "--images", data_set, "--boxes", data_set / "boxes.csv"]
    words = [str(word) for word in (*given, "--out", "memory://x", "--scheduler", "tcp://127.0.0.1:1")]
    assert main(words) == 2
    assert "needs --work" in capsys.readouterr().err
