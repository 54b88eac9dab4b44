"""The network's commands against a real server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydicom
import pytest

from cxr_desktop.cli import main
from cxr_desktop.resources import resource

PROGRAM = shutil.which("Orthanc", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
STUDY = tuple(sorted(resource("demo", "study").glob("*.dcm")))


@dataclass(frozen=True)
class Outcome:
    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Outcome]


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "CXR_DESKTOP_DATA": str(tmp_path / "data")}


@pytest.fixture
def run(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Run:
    """Runs a command here; those that are killed get a process of their own."""
    monkeypatch.setenv("CXR_DESKTOP_DATA", environment["CXR_DESKTOP_DATA"])

    def call(*arguments: object) -> Outcome:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        return Outcome(code, *capfd.readouterr())

    return call


@pytest.fixture
def server(tmp_path: Path) -> Iterator[dict[str, int]]:
    if PROGRAM is None:
        pytest.skip("Orthanc is not installed (Debian: orthanc)")
    ports = {"dicom": free_port(), "http": free_port(), "own": free_port()}
    settings = {
        "StorageDirectory": str(tmp_path / "orthanc"), "IndexDirectory": str(tmp_path / "orthanc"),
        "HttpPort": ports["http"], "DicomPort": ports["dicom"], "DicomAet": "ORTHANC", "DicomCheckCalledAet": True,
        "RemoteAccessAllowed": False, "AuthenticationEnabled": False, "SynchronousCMove": True, "Plugins": [],
        "DicomModalities": {"us": ["CXRDESKTOP", "127.0.0.1", ports["own"]]},
    }  # fmt: skip
    config = tmp_path / "orthanc.json"
    config.write_text(json.dumps(settings))
    with subprocess.Popen(
        [PROGRAM, str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        for _ in range(400):
            try:
                kept(ports)
                break
            except OSError:
                with pytest.raises(subprocess.TimeoutExpired):
                    process.wait(0.05)
        yield ports
        process.kill()


def kept(ports: dict[str, int]) -> list[Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{ports['http']}/instances", timeout=5) as answer:
        return json.load(answer)


def add(run: Run, ports: dict[str, int]) -> None:
    words = ("nodes", "add", "pacs", "--host", "127.0.0.1", "--port", ports["dicom"], "--ae-title", "ORTHANC")
    assert run(*words).returncode == 0
    assert run("nodes", "local", "--port", ports["own"]).returncode == 0


def test_from_the_node_to_the_study_and_back(run: Run, server: dict[str, int], tmp_path: Path) -> None:
    add(run, server)
    echoed = run("nodes", "echo", "--json")
    assert echoed.returncode == 0, echoed.stderr
    assert [one["answers"] for one in json.loads(echoed.stdout)] == [True]
    sent = run("send", STUDY[0].parent, "--node", "pacs", "--commit", "--json")
    assert (sent.returncode, sent.stderr) == (0, "")
    assert [one["state"] for one in json.loads(sent.stdout)["objects"]] == ["sent"] * len(STUDY)
    assert all(one["committed"] for one in json.loads(sent.stdout)["objects"])
    again = run("send", STUDY[0].parent, "--node", "pacs")
    assert (
        again.stdout
        == f"{len(STUDY)} of {len(STUDY)} objects are with pacs, {len(STUDY)} of them since earlier\n"
    )
    assert len(kept(server)) == len(STUDY)
    ours = pydicom.dcmread(STUDY[0])
    found = json.loads(run("find", "--node", "pacs", "--study-uid", ours.StudyInstanceUID, "--json").stdout)
    assert [one["patient_id"] for one in found] == [ours.PatientID]
    for way in ("--get", "--move"):
        out = tmp_path / way
        fetched = run("fetch", ours.StudyInstanceUID, "--node", "pacs", "--out", out, way, "--json")
        assert (fetched.returncode, fetched.stderr) == (0, "")
        (file,) = json.loads(fetched.stdout)["files"]
        assert pydicom.dcmread(file["path"]) == ours


def test_a_sender_that_is_killed_goes_on_where_it_was(
    run: Run, server: dict[str, int], environment: dict[str, str]
) -> None:
    """The node hangs in the middle, the sender is killed; later the node is well and all is there once."""
    add(run, server)
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        run(
            "nodes",
            "add",
            "pacs",
            "--host",
            "127.0.0.1",
            "--port",
            hanging.getsockname()[1],
            "--ae-title",
            "ORTHANC",
        )
        words = [sys.executable, "-m", "cxr_desktop", "send", *map(str, STUDY), "--node", "pacs"]
        sender = subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL)
        connection, _ = hanging.accept()
        assert connection.recv(1)
        sender.send_signal(signal.SIGKILL)
        assert sender.wait() == -signal.SIGKILL
        connection.close()
    listed = json.loads(run("queue", "--json").stdout)
    assert [entry["state"] for entry in listed] == ["waiting"] * len(STUDY)
    add(run, server)
    assert run("queue", "--send").returncode == 0
    assert len(kept(server)) == len(STUDY)
    assert {entry["state"] for entry in json.loads(run("queue", "--json").stdout)} == {"sent"}


def test_what_cannot_be_sent_waits_with_its_reason(run: Run, tmp_path: Path) -> None:
    words = ("nodes", "add", "pacs", "--host", "127.0.0.1", "--port", 1, "--ae-title", "X")
    assert run(*words).returncode == 0
    (tmp_path / "notes.txt").write_text("no object")
    sent = run("send", STUDY[0], tmp_path / "notes.txt", "--node", "pacs", "--json")
    assert sent.returncode == 1
    assert "nothing listens on port 1" in sent.stderr
    assert "no DICOM object" in sent.stderr
    (entry,) = json.loads(sent.stdout)["objects"]
    assert (entry["state"], entry["attempts"]) == ("waiting", 1)


def test_wrong_usage(run: Run) -> None:
    assert run("find", "--node", "pacs").returncode == 2
    assert run("nodes", "add", "x", "--host", "h", "--port", "0", "--ae-title", "X").returncode == 2
    unknown = run("send", STUDY[0], "--node", "nowhere")
    assert unknown.returncode == 1
    assert "there is no node 'nowhere'" in unknown.stderr


def test_the_listener_takes_files(run: Run, environment: dict[str, str], tmp_path: Path) -> None:
    port = free_port()
    words = [
        sys.executable,
        "-m",
        "cxr_desktop",
        "listen",
        "--port",
        str(port),
        "--out",
        str(tmp_path / "in"),
        "--json",
    ]
    with subprocess.Popen(
        words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as listener:
        assert listener.stderr is not None
        assert "on 127.0.0.1" in listener.stderr.readline()
        run("nodes", "add", "us", "--host", "127.0.0.1", "--port", port, "--ae-title", "CXRDESKTOP")
        sent = run("send", STUDY[0], "--node", "us")
        assert sent.returncode == 0, sent.stderr
        listener.send_signal(signal.SIGTERM)
        out, _ = listener.communicate(timeout=20)
    (file,) = json.loads(out)["files"]
    assert pydicom.dcmread(file) == pydicom.dcmread(STUDY[0])
