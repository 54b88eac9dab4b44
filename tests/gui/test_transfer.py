"""Sending, finding and fetching by hand, against a listener of our own and invented answers."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pydicom
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit

from cxr_desktop.resources import resource
from cxr_desktop.transfer.inbox import Inbox
from cxr_desktop.transfer.listening import listening
from cxr_desktop.transfer.node import LocalEntity, Node
from cxr_desktop.transfer.node_book import read_book
from cxr_desktop.transfer.query import FoundStudy

IMAGE = resource("demo", "study") / "two.dcm"


@pytest.fixture
def port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def inbox(tmp_path: Path, port: int) -> Iterator[Inbox]:
    """What a listener beside the window took."""
    inbox = Inbox(tmp_path / "there")
    with listening(LocalEntity("THERE", port=port), inbox):
        yield inbox


def keep(hand: Any, node: Node) -> None:
    with hand.qtbot.waitSignal(hand.parts.transferring.nodes_changed):
        hand.parts.transferring.keep_node(node)


def write(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def click(hand: Any, name: str) -> None:
    QTest.mouseClick(hand.find(name), Qt.MouseButton.LeftButton)


def test_a_node_is_entered_tested_and_sent_to(hand: Any, port: int, inbox: Inbox, tmp_path: Path) -> None:
    hand.opened_by("nodes")
    for name, text in (("nodeName", "archive"), ("nodeHost", "127.0.0.1"), ("nodeAeTitle", "THERE")):
        write(hand.find(name), text)
    write(hand.find("nodePort"), str(port))
    click(hand, "nodeEcho")
    hand.until(lambda: "answers in" in hand.find("nodeOutcome").text())
    click(hand, "nodeSave")
    hand.until(lambda: hand.find("nodeOutcome").text() == "archive is saved.")
    assert [node.name for node in read_book(tmp_path / "data").nodes] == ["archive"]
    hand.find("nodesDialog").close()
    hand.parts.transferring.note_exported((IMAGE, Path("report.pdf")))
    hand.opened_by("send")
    files = hand.find("sendFiles")
    assert [files.item(row).text() for row in range(files.count())] == ["two.dcm", "1.dcm"]
    files.item(1).setCheckState(Qt.CheckState.Unchecked)
    click(hand, "sendStart")
    hand.until(lambda: "archive took 1 object" in hand.find("sendOutcome").text())
    (received,) = inbox.received.values()
    assert pydicom.dcmread(received.path) == pydicom.dcmread(IMAGE)
    click(hand, "sendStart")
    hand.until(lambda: "nothing was sent twice" in hand.find("sendOutcome").text())


def test_what_cannot_be_sent_is_said_and_kept(hand: Any) -> None:
    keep(hand, Node("gone", "127.0.0.1", 1, ae_title="X"))
    hand.parts.transferring.note_exported((IMAGE,))
    hand.opened_by("send")
    hand.find("sendFiles").item(1).setCheckState(Qt.CheckState.Unchecked)
    click(hand, "sendStart")
    hand.until(lambda: "kept in the queue" in hand.find("sendOutcome").text())
    assert "nothing listens on port 1" in hand.find("sendOutcome").text()
    assert hand.parts.transferring.waiting == 1
    files = hand.find("sendFiles")
    files.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert hand.find("sendStart").isEnabled(), "what waits can be tried without anything new"


def test_a_damaged_file_does_not_hold_the_others_up(
    hand: Any, port: int, inbox: Inbox, tmp_path: Path
) -> None:
    (tmp_path / "cut.dcm").write_bytes(IMAGE.read_bytes()[:300])
    keep(hand, Node("archive", "127.0.0.1", port, ae_title="THERE"))
    hand.parts.transferring.note_exported((tmp_path / "cut.dcm", IMAGE))
    hand.opened_by("send")
    click(hand, "sendStart")
    hand.until(lambda: "archive took 1 object" in hand.find("sendOutcome").text())
    assert "cut.dcm" in hand.find("sendOutcome").text()
    assert "1.dcm" in hand.find("sendOutcome").text()
    assert len(inbox.received) == 1


def test_a_found_study_is_fetched_and_opened(hand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from cxr_desktop.transfer import services

    asked: list[Any] = []

    def find(_node: Node, query: Any, *_rest: Any) -> tuple[FoundStudy, ...]:
        asked.append(query.criteria())
        return (FoundStudy("1.2.3", "P1", "Doe^Jane", date="20240131", modalities=("DX",), instances=1),)

    def fetch(
        _node: Node, study: str, inbox: Inbox, _book: Any, tell: Callable[[int, int], None], *_rest: Any
    ) -> None:
        asked.append(study)
        inbox.take(IMAGE.read_bytes())
        tell(1, 1)

    monkeypatch.setattr(services, "find", find)
    monkeypatch.setattr(services, "fetch", fetch)
    keep(hand, Node("archive", "127.0.0.1", 1, ae_title="X"))
    opened: list[Any] = []
    hand.parts.transferring.fetched.connect(opened.append)
    hand.opened_by("find-studies")
    click(hand, "findStart")
    assert "at least one thing" in hand.find("findOutcome").text()
    write(hand.find("findPatientId"), "P1")
    QTest.keyClick(hand.find("findPatientId"), Qt.Key.Key_Return)
    hand.until(lambda: hand.find("findTable").rowCount() == 1)
    shown = [hand.find("findTable").item(0, column).text() for column in range(4)]
    assert shown == ["2024-01-31", "P1", "Doe Jane", "DX"]
    dialog = hand.find("findDialog")
    assert isinstance(dialog, QDialog)
    click(hand, "findFetch")
    hand.until(lambda: bool(opened))
    assert asked == [{"PatientID": "P1"}, "1.2.3"]
    ((path,),) = opened
    assert "received" in path.parts
    hand.until(lambda: hand.parts.session.image.radiograph.header.path.name in ("1.dcm", path.name))
