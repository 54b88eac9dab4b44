"""C-ECHO and C-STORE against a real server, through the queue and without it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

from cxr_desktop.domain.errors import Cancelled
from cxr_desktop.transfer.association import Caller, Patience
from cxr_desktop.transfer.delivery import deliver
from cxr_desktop.transfer.failure import NodeRefused, NodeUnreachable
from cxr_desktop.transfer.node import LocalEntity, Node
from cxr_desktop.transfer.node_book import NodeBook
from cxr_desktop.transfer.outgoing import read_outgoing
from cxr_desktop.transfer.queue import SendQueue, State
from cxr_desktop.transfer.storing import Verdict
from cxr_desktop.transfer.verification import echo


def queued(folder: Path, files: tuple[Path, ...], node: str = "pacs") -> SendQueue:
    queue = SendQueue(folder)
    for path in files:
        queue.add(node, read_outgoing(path))
    return queue


def test_echo_measures_the_answer(orthanc, caller: Caller) -> None:
    assert 0 < echo(orthanc.node, caller) < 5


def test_every_file_of_a_study_arrives_equal(orthanc, caller: Caller, study, tmp_path: Path) -> None:
    book = NodeBook(orthanc.local, (orthanc.node,))
    with closing(queued(tmp_path, study)) as queue:
        told = list(deliver(queue, book, caller))
        assert [entry.state for entry in queue.entries()] == [State.SENT] * len(study)
        assert not list((tmp_path / "outbox").iterdir())
    assert [t.verdict for t in told] == [Verdict.TAKEN] * len(study)
    assert (told[-1].number, told[-1].total) == (len(study), len(study))
    for path in study:
        ours = pydicom.dcmread(path)
        assert pydicom.dcmread(BytesIO(orthanc.file(ours.SOPInstanceUID))) == ours


def test_what_was_sent_is_not_sent_again(orthanc, caller: Caller, study, tmp_path: Path) -> None:
    book = NodeBook(orthanc.local, (orthanc.node,))
    for expected in (len(study), 0):
        with closing(queued(tmp_path, study)) as queue:
            assert len(list(deliver(queue, book, caller))) == expected
    assert len(orthanc.instances()) == len(study)


def test_a_server_killed_in_the_middle_loses_and_doubles_nothing(
    orthanc, caller: Caller, study, tmp_path: Path
) -> None:
    book = NodeBook(orthanc.local, (orthanc.node,))
    now = [1000.0]
    with closing(SendQueue(tmp_path, clock=lambda: now[0])) as queue:
        for path in study:
            queue.add("pacs", read_outgoing(path))
        sending = deliver(queue, book, caller)
        assert [next(sending).verdict for _ in range(3)] == [Verdict.TAKEN] * 3
        orthanc.kill()
        rest = list(sending)
        assert {told.verdict for told in rest} == {Verdict.LATER}
        assert len(rest) == len(study) - 3
        waiting = queue.entries(State.WAITING)
        assert len(waiting) == len(study) - 3
        assert all("pacs" in entry.reason and entry.attempts == 1 for entry in waiting)
        assert list(deliver(queue, book, caller)) == []  # the pause is not over
        orthanc.start()
        now[0] += queue.next_due() or 0
        assert [told.verdict for told in deliver(queue, book, caller)] == [Verdict.TAKEN] * (len(study) - 3)
    assert orthanc.instances() == sorted(str(pydicom.dcmread(path).SOPInstanceUID) for path in study)


def test_a_server_killed_within_an_object_loses_and_doubles_nothing(
    orthanc, caller: Caller, study, tmp_path: Path, dying_after: Callable
) -> None:
    """The connection carries two objects and half of the third when the server dies."""
    passed = sum(path.stat().st_size for path in study[:2]) + study[2].stat().st_size // 2
    node = dying_after(orthanc, passed)
    book = NodeBook(orthanc.local, (node,))
    now = [1000.0]
    with closing(SendQueue(tmp_path, clock=lambda: now[0])) as queue:
        for path in study:
            queue.add("pacs", read_outgoing(path))
        verdicts = [told.verdict for told in deliver(queue, book, caller)]
        assert verdicts == [Verdict.TAKEN] * 2 + [Verdict.LATER] * (len(study) - 2)
        assert "dropped the connection in the middle" in queue.entries(State.WAITING)[0].reason
        orthanc.start()
        now[0] += queue.next_due() or 0
        again = list(deliver(queue, replace(book, nodes=(orthanc.node,)), caller))
        assert [told.verdict for told in again] == [Verdict.TAKEN] * (len(study) - 2)
    assert orthanc.instances() == sorted(str(pydicom.dcmread(path).SOPInstanceUID) for path in study)


def test_wrong_called_title_is_said(orthanc, caller: Caller) -> None:
    with pytest.raises(NodeRefused, match="AE title 'ELSEWHERE'"):
        echo(replace(orthanc.node, ae_title="ELSEWHERE"), caller)


def test_a_store_nobody_there_takes_is_refused(orthanc, caller: Caller, study, tmp_path: Path) -> None:
    """Orthanc accepts no context for a class that it does not know."""
    dataset = pydicom.dcmread(study[0])
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = "1.2.3.4.5.6"
    dataset.save_as(tmp_path / "odd.dcm")
    book = NodeBook(orthanc.local, (orthanc.node,))
    with closing(queued(tmp_path, (tmp_path / "odd.dcm", study[1]))) as queue:
        verdicts = [told.verdict for told in deliver(queue, book, caller)]
        assert verdicts == [Verdict.NEVER, Verdict.TAKEN]
        (refused,) = queue.entries(State.REFUSED)
        assert "takes no" in refused.reason
        assert queue.content(refused).is_file()


def test_nobody_listens(hasty: Caller) -> None:
    with pytest.raises(NodeUnreachable, match="nothing listens on port 1"):
        echo(Node("gone", "127.0.0.1", 1, ae_title="X"), hasty)


def test_unknown_host(hasty: Caller) -> None:
    with pytest.raises(NodeUnreachable, match=r"host name 'nowhere\.invalid' is not known"):
        echo(Node("gone", "nowhere.invalid", 104, ae_title="X"), hasty)


def test_a_node_that_hangs_keeps_its_objects_waiting(
    misbehaving: Callable, hasty: Caller, study, tmp_path: Path
) -> None:
    node = misbehaving(lambda connection: None)
    with closing(queued(tmp_path, study[:2], "odd")) as queue:
        told = list(deliver(queue, NodeBook(LocalEntity(), (node,)), hasty))
        assert [t.verdict for t in told] == [Verdict.LATER] * 2
        assert all("gives no answer" in entry.reason for entry in queue.entries(State.WAITING))


def test_a_node_that_hangs_in_the_middle_keeps_its_objects_waiting(
    free_port_number: int, caller: Caller, study, tmp_path: Path
) -> None:
    """It takes the association and the first object, and never answers for that."""
    from pynetdicom import AE, evt
    from pynetdicom.presentation import build_context

    done = threading.Event()
    parcels = [read_outgoing(path) for path in study[:2]]
    kinds = [build_context(p.sop_class_uid, p.transfer_syntax_uid) for p in parcels]
    entity = AE("SLOW")

    def hang(_event: object) -> int:
        done.wait(20)
        return 0

    server = entity.start_server(
        ("127.0.0.1", free_port_number), block=False, contexts=kinds, evt_handlers=[(evt.EVT_C_STORE, hang)]
    )
    node = Node("slow", "127.0.0.1", free_port_number, ae_title="SLOW")
    impatient = replace(caller, patience=Patience(connect=2, answer=0.5))
    try:
        with closing(queued(tmp_path, study[:2], "slow")) as queue:
            told = list(deliver(queue, NodeBook(nodes=(node,)), impatient))
            assert [t.verdict for t in told] == [Verdict.LATER] * 2
            assert "gave no answer within 0.5 seconds" in queue.entries(State.WAITING)[0].reason
    finally:
        done.set()
        server.shutdown()


def test_a_node_that_drops_is_said(misbehaving: Callable, hasty: Caller) -> None:
    with pytest.raises(NodeUnreachable, match="odd"):
        echo(misbehaving(lambda connection: connection.close()), hasty)


def test_cancel_leaves_the_rest_waiting(orthanc, caller: Caller, study, tmp_path: Path) -> None:
    wanted = [True]

    def check() -> None:
        if not wanted[0]:
            raise Cancelled("no longer wanted")

    book = NodeBook(orthanc.local, (orthanc.node,))
    with closing(queued(tmp_path, study)) as queue:
        sending = deliver(queue, book, replace(caller, check=check))
        next(sending)
        wanted[0] = False
        with pytest.raises(Cancelled):
            list(sending)
        assert len(queue.entries(State.WAITING)) >= len(study) - 2
