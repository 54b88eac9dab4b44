"""A real Orthanc on the loopback, and nodes that misbehave."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cxr_desktop.resources import resource
from cxr_desktop.transfer.association import Caller, Patience
from cxr_desktop.transfer.node import LocalEntity, Node, NodeKind

PROGRAM = shutil.which("Orthanc", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
WEB = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
AE_TITLE = "ORTHANC"
READY_SECONDS = 20.0


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Orthanc:
    """A server of its own folder, which outlives being killed. own_port: where it finds us."""

    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)
    dicom_port: int = field(default_factory=free_port)
    http_port: int = field(default_factory=free_port)
    own_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def node(self) -> Node:
        return Node("pacs", "127.0.0.1", self.dicom_port, ae_title=AE_TITLE)

    @property
    def web_node(self) -> Node:
        return Node("web", "127.0.0.1", self.http_port, NodeKind.DICOMWEB, path="/dicom-web")

    @property
    def local(self) -> LocalEntity:
        return LocalEntity(port=self.own_port)

    def start(self) -> None:
        config = self.folder / "orthanc.json"
        config.write_text(json.dumps({**self._settings(), **self.settings}), encoding="utf-8")
        assert PROGRAM
        self.process = subprocess.Popen(
            [PROGRAM, str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder
        )
        tries = 0
        while not self._answers():
            tries += 1
            assert tries < READY_SECONDS / 0.05, "Orthanc does not get ready"
            try:
                code = self.process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            pytest.fail(f"Orthanc ended with {code}")

    def kill(self) -> None:
        """SIGKILL: as a power failure does it."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ask(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}{path}", timeout=10) as answer:
            return json.load(answer)

    def instances(self) -> list[str]:
        """SOP Instance UIDs it keeps, one for each thing kept."""
        return sorted(entry["MainDicomTags"]["SOPInstanceUID"] for entry in self.ask("/instances?expand"))

    def file(self, uid: str) -> bytes:
        (entry,) = [e for e in self.ask("/instances?expand") if e["MainDicomTags"]["SOPInstanceUID"] == uid]
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.http_port}/instances/{entry['ID']}/file", timeout=10
        ) as answer:
            return bytes(answer.read())

    def empty(self) -> None:
        for study in self.ask("/studies"):
            request = urllib.request.Request(
                f"http://127.0.0.1:{self.http_port}/studies/{study}", method="DELETE"
            )
            urllib.request.urlopen(request, timeout=10).close()

    def _answers(self) -> bool:
        try:
            self.ask("/system")
        except (urllib.error.URLError, OSError):
            return False
        return True

    def _settings(self) -> dict[str, Any]:
        storage = str(self.folder / "storage")
        return {
            "Name": "test", "StorageDirectory": storage, "IndexDirectory": storage,
            "HttpPort": self.http_port, "DicomPort": self.dicom_port, "DicomAet": AE_TITLE,
            "DicomCheckCalledAet": True, "RemoteAccessAllowed": False, "AuthenticationEnabled": False,
            "DicomModalities": {"us": ["CXRDESKTOP", "127.0.0.1", self.own_port]},
            "Plugins": [str(WEB)], "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
            "SynchronousCMove": True, "DefaultEncoding": "Utf8",
            "DicomAlwaysAllowFind": True, "DicomAlwaysAllowGet": True, "DicomAlwaysAllowMove": True,
        }  # fmt: skip


@pytest.fixture(scope="session")
def _running_orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    if PROGRAM is None or not WEB.exists():
        pytest.skip("Orthanc and its DICOMweb plugin are not installed (Debian: orthanc, orthanc-dicomweb)")
    server = Orthanc(tmp_path_factory.mktemp("orthanc"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def orthanc(_running_orthanc: Orthanc) -> Iterator[Orthanc]:
    """Running and empty."""
    yield _running_orthanc
    if _running_orthanc.process is None or _running_orthanc.process.poll() is not None:
        _running_orthanc.start()
    _running_orthanc.empty()


@pytest.fixture
def caller(orthanc: Orthanc) -> Caller:
    return Caller(orthanc.local, Patience(connect=5, answer=10))


@pytest.fixture
def hasty() -> Caller:
    """For nodes that are known never to answer."""
    return Caller(patience=Patience(connect=0.5, answer=0.5))


@pytest.fixture(scope="session")
def study() -> tuple[Path, ...]:
    """The demonstration study's files."""
    return tuple(sorted(resource("demo", "study").glob("*.dcm")))


Behaviour = Callable[[socket.socket], None]


@pytest.fixture
def misbehaving() -> Iterator[Callable[[Behaviour], Node]]:
    """Makes nodes that do what a function does with each connection."""
    ends: list[Callable[[], None]] = []

    def make(behaviour: Behaviour) -> Node:
        listener = socket.create_server(("127.0.0.1", 0))
        open_ones: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                open_ones.append(connection)
                behaviour(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()

        def end() -> None:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            for connection in open_ones:
                connection.close()
            thread.join()

        ends.append(end)
        return Node("odd", "127.0.0.1", int(listener.getsockname()[1]), ae_title="ODD")

    yield make
    for end in ends:
        end()


@pytest.fixture
def dying_after() -> Iterator[Callable[[Orthanc, int], Node]]:
    """Makes nodes that pass bytes on to a server, which is killed once so many came by."""
    threads: list[threading.Thread] = []
    listeners: list[socket.socket] = []

    def make(server: Orthanc, count: int) -> Node:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        thread = threading.Thread(target=_pass_on, args=(listener, server, count), daemon=True)
        thread.start()
        threads.append(thread)
        return Node("pacs", "127.0.0.1", int(listener.getsockname()[1]), ae_title=AE_TITLE)

    yield make
    for listener in listeners:
        listener.close()
    for thread in threads:
        thread.join()


def _pass_on(listener: socket.socket, server: Orthanc, count: int) -> None:
    here, _ = listener.accept()
    with here, socket.create_connection(("127.0.0.1", server.dicom_port)) as there:
        back = threading.Thread(target=_pass_back, args=(there, here), daemon=True)
        back.start()
        while count > 0 and (data := here.recv(min(count, 65536))):
            there.sendall(data)
            count -= len(data)
        server.kill()
        back.join()


def _pass_back(there: socket.socket, here: socket.socket) -> None:
    try:
        while data := there.recv(65536):
            here.sendall(data)
    except OSError:
        return


@pytest.fixture
def free_port_number() -> int:
    return free_port()
