"""QIDO-RS, WADO-RS and STOW-RS against a real server."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

from cxr_desktop.transfer.association import Caller
from cxr_desktop.transfer.delivery import deliver
from cxr_desktop.transfer.failure import NodeRefused, NodeUnreachable
from cxr_desktop.transfer.inbox import Inbox
from cxr_desktop.transfer.node import Node, NodeKind
from cxr_desktop.transfer.node_book import NodeBook
from cxr_desktop.transfer.outgoing import read_outgoing
from cxr_desktop.transfer.query import Query
from cxr_desktop.transfer.queue import SendQueue, State
from cxr_desktop.transfer.storing import Verdict
from cxr_desktop.transfer.web_fetching import fetch_study_from_web, find_studies_on_web


def queued(folder: Path, files: tuple[Path, ...]) -> SendQueue:
    queue = SendQueue(folder)
    for path in files:
        queue.add("web", read_outgoing(path))
    return queue


def test_a_study_goes_there_is_found_and_comes_back_equal(
    orthanc, caller: Caller, study, tmp_path: Path
) -> None:
    node = orthanc.web_node
    with closing(queued(tmp_path / "data", study)) as queue:
        verdicts = [told.verdict for told in deliver(queue, NodeBook(nodes=(node,)), caller)]
    assert verdicts == [Verdict.TAKEN] * len(study)
    datasets = [pydicom.dcmread(path) for path in study]
    for ours in datasets:
        assert pydicom.dcmread(BytesIO(orthanc.file(ours.SOPInstanceUID))) == ours
    first = datasets[0]
    (found,) = find_studies_on_web(
        node, Query(patient_id=first.PatientID, study_uid=first.StudyInstanceUID), caller
    )
    assert (found.study_uid, found.date, found.instances) == (first.StudyInstanceUID, first.StudyDate, 1)
    inbox, told = Inbox(tmp_path / "in"), []
    for uid in {str(dataset.StudyInstanceUID) for dataset in datasets}:
        fetch_study_from_web(node, uid, inbox, caller, lambda came, expected: told.append((came, expected)))
    for ours in datasets:
        came = pydicom.dcmread(inbox.received[str(ours.SOPInstanceUID)].path)
        assert came == ours
        assert came.file_meta.TransferSyntaxUID == ours.file_meta.TransferSyntaxUID
    assert told


def test_a_server_killed_between_two_objects(orthanc, caller: Caller, study, tmp_path: Path) -> None:
    book, now = NodeBook(nodes=(orthanc.web_node,)), [1000.0]
    with closing(SendQueue(tmp_path, clock=lambda: now[0])) as queue:
        for path in study:
            queue.add("web", read_outgoing(path))
        sending = deliver(queue, book, caller)
        next(sending)
        orthanc.kill()
        assert {told.verdict for told in sending} == {Verdict.LATER}
        assert "nothing listens" in queue.entries(State.WAITING)[0].reason
        orthanc.start()
        now[0] += queue.next_due() or 0
        assert {told.verdict for told in deliver(queue, book, caller)} == {Verdict.TAKEN}
    assert orthanc.instances() == sorted(str(pydicom.dcmread(path).SOPInstanceUID) for path in study)


def test_wrong_path_and_unknown_study(orthanc, caller: Caller, tmp_path: Path) -> None:
    with pytest.raises(NodeRefused, match="path is right"):
        find_studies_on_web(replace(orthanc.web_node, path="/elsewhere"), Query(patient_id="1"), caller)
    with pytest.raises(NodeRefused, match=r"no such study|knows no study"):
        fetch_study_from_web(orthanc.web_node, "1.2.3", Inbox(tmp_path), caller, lambda came, expected: None)


def test_a_service_that_hangs(misbehaving: Callable, hasty: Caller) -> None:
    odd = misbehaving(lambda connection: None)
    with pytest.raises(NodeUnreachable, match="gives no answer within"):
        find_studies_on_web(Node("odd", odd.host, odd.port, NodeKind.DICOMWEB), Query(patient_id="1"), hasty)
