"""C-FIND, C-GET and C-MOVE against a real server."""

from __future__ import annotations

import errno
import logging
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest

from cxr_desktop.domain.errors import Cancelled
from cxr_desktop.transfer.association import Caller
from cxr_desktop.transfer.failure import NodeRefused, NodeUnreachable, NotKept, TransferError
from cxr_desktop.transfer.finding import find_studies
from cxr_desktop.transfer.inbox import Inbox
from cxr_desktop.transfer.listening import listening
from cxr_desktop.transfer.node import LocalEntity, Node
from cxr_desktop.transfer.query import Query
from cxr_desktop.transfer.retrieving import get_study, move_study
from cxr_desktop.transfer.storing import Parcel, Verdict, store
from cxr_desktop.transfer.verification import echo
from cxr_desktop.transfer.web_fetching import fetch_study_from_web, find_studies_on_web


def parcel(path: Path) -> Parcel:
    dataset = pydicom.dcmread(path, stop_before_pixels=True)
    return Parcel(path, str(dataset.SOPClassUID), str(dataset.file_meta.TransferSyntaxUID))


@pytest.fixture
def filled(orthanc, caller: Caller, study):
    """The server with the demonstration study in it."""
    assert {outcome.verdict for outcome in store(orthanc.node, [parcel(p) for p in study], caller)} == {
        Verdict.TAKEN
    }
    return orthanc


def untold(_came: int, _expected: int) -> None:
    """For those who do not look at the progress."""


def require_equal(inbox: Inbox, wanted: list[pydicom.Dataset]) -> None:
    assert sorted(inbox.received) == sorted(str(dataset.SOPInstanceUID) for dataset in wanted)
    for dataset in wanted:
        came = pydicom.dcmread(inbox.received[str(dataset.SOPInstanceUID)].path)
        assert came == dataset
        assert came.file_meta.TransferSyntaxUID == dataset.file_meta.TransferSyntaxUID


def of_one_study(files) -> tuple[str, list[pydicom.Dataset]]:
    datasets = [pydicom.dcmread(path) for path in files]
    uid = datasets[0].StudyInstanceUID
    return str(uid), [dataset for dataset in datasets if dataset.StudyInstanceUID == uid]


def test_find_by_patient_and_date(filled, caller: Caller, study) -> None:
    wanted = pydicom.dcmread(study[0])
    found = find_studies(filled.node, Query(patient_id=wanted.PatientID), caller)
    uids = {str(d.StudyInstanceUID) for d in map(pydicom.dcmread, study) if d.PatientID == wanted.PatientID}
    assert {one.study_uid for one in found} == uids
    by_date = find_studies(filled.node, Query(date=wanted.StudyDate, patient_id=wanted.PatientID), caller)
    (one,) = [one for one in by_date if one.study_uid == wanted.StudyInstanceUID]
    assert (one.patient_id, one.date) == (wanted.PatientID, wanted.StudyDate)
    assert one.instances == 1
    assert find_studies(filled.node, Query(patient_id="nobody"), caller) == ()


def test_nothing_of_the_patient_is_logged(filled, caller: Caller, study, tmp_path: Path, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    uid, (dataset, *_) = of_one_study(study)
    query = Query(patient_id=dataset.PatientID, study_uid=uid)
    assert find_studies(filled.node, query, caller) == find_studies_on_web(filled.web_node, query, caller)
    get_study(filled.node, uid, Inbox(tmp_path), caller, untold)
    move_study(filled.node, uid, Inbox(tmp_path), caller, untold)
    fetch_study_from_web(filled.web_node, uid, Inbox(tmp_path), caller, untold)
    for word in (uid, str(dataset.PatientID), str(dataset.PatientName), str(dataset.SOPInstanceUID)):
        assert word not in caplog.text


def test_names_of_other_scripts_are_found(orthanc, caller: Caller, study, tmp_path: Path) -> None:
    dataset = pydicom.dcmread(study[0])
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName = "Yamada^Tarou=山田^太郎"
    dataset.save_as(tmp_path / "one.dcm")
    list(store(orthanc.node, [parcel(tmp_path / "one.dcm")], caller))
    (one,) = find_studies(orthanc.node, Query(patient_name="*山田*"), caller)
    assert one.patient_name == "Yamada^Tarou=山田^太郎"


@pytest.mark.parametrize(("fetch", "count"), [(get_study, None), (move_study, 2)])
def test_every_study_comes_back_equal(
    filled, caller: Caller, study, tmp_path: Path, fetch: Callable, count: int | None
) -> None:
    datasets = [pydicom.dcmread(path) for path in study]
    asked = sorted({str(dataset.StudyInstanceUID) for dataset in datasets})[:count]
    for uid in asked:
        inbox, told = Inbox(tmp_path), []
        fetch(
            filled.node, uid, inbox, caller, lambda came, expected, told=told: told.append((came, expected))
        )
        wanted = [dataset for dataset in datasets if dataset.StudyInstanceUID == uid]
        require_equal(inbox, wanted)
        assert told[-1] == (len(wanted), len(wanted))
    again = Inbox(tmp_path)
    fetch(filled.node, uid, again, caller, untold)
    assert not any(received.new for received in again.received.values())
    assert len(list(tmp_path.rglob("*.dcm"))) == sum(
        dataset.StudyInstanceUID in asked for dataset in datasets
    )
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.rglob("*.dcm"))


def test_unknown_study(filled, caller: Caller, tmp_path: Path) -> None:
    with pytest.raises(NodeRefused, match=r"knows no study 1\.2\.3"):
        get_study(filled.node, "1.2.3", Inbox(tmp_path), caller, untold)


def test_move_to_a_program_the_node_does_not_know(filled, caller: Caller, study, tmp_path: Path) -> None:
    uid, _ = of_one_study(study)
    stranger = replace(caller, local=replace(caller.local, ae_title="STRANGER"))
    with pytest.raises(NodeRefused, match="administrator"):
        move_study(filled.node, uid, Inbox(tmp_path), stranger, untold)


def test_full_disk_while_fetching(filled, caller: Caller, study, tmp_path: Path, monkeypatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    uid, _ = of_one_study(study)
    for fetch in (get_study, move_study):
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            with pytest.raises(NotKept, match=r"No space left on device.*free space"):
                fetch(filled.node, uid, Inbox(tmp_path), caller, untold)
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_folder_that_cannot_be_written(filled, caller: Caller, study, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotKept, match="permissions"):
        get_study(filled.node, of_one_study(study)[0], Inbox(tmp_path / "file"), caller, untold)


def test_cancelled_fetch(filled, caller: Caller, study, tmp_path: Path) -> None:
    def cancel(_came: int, _expected: int) -> None:
        raise Cancelled("no longer wanted")

    with pytest.raises(Cancelled):
        get_study(filled.node, of_one_study(study)[0], Inbox(tmp_path), caller, cancel)


def test_a_node_that_hangs_is_given_up(misbehaving: Callable, hasty: Caller, tmp_path: Path) -> None:
    node = misbehaving(lambda connection: None)
    with pytest.raises(NodeUnreachable, match="gives no answer"):
        get_study(node, "1.2.3", Inbox(tmp_path), hasty, untold)


def test_the_listener_takes_what_is_sent_and_only_while_it_listens(
    caller: Caller, study, tmp_path: Path
) -> None:
    us = Node("us", "127.0.0.1", caller.local.port, ae_title=caller.local.ae_title)
    inbox = Inbox(tmp_path)
    with listening(caller.local, inbox):
        echo(us, caller)
        assert {o.verdict for o in store(us, [parcel(path) for path in study], caller)} == {Verdict.TAKEN}
        with pytest.raises(NodeRefused):
            echo(replace(us, ae_title="OTHER"), caller)
        with pytest.raises(TransferError, match="nothing can listen"), listening(caller.local, inbox):
            pass
    require_equal(inbox, [pydicom.dcmread(path) for path in study])
    with pytest.raises(NodeUnreachable, match="nothing listens"):
        echo(us, caller)


def test_a_listener_others_can_reach_wants_to_know_its_callers(caller: Caller, study, tmp_path: Path) -> None:
    outside = replace(caller.local, bind="0.0.0.0")
    with pytest.raises(TransferError, match="whole network"), listening(outside, Inbox(tmp_path)):
        pass
    us = Node("us", "127.0.0.1", outside.port, ae_title=outside.ae_title)
    with listening(outside, Inbox(tmp_path), callers=["FRIEND"]):
        with pytest.raises(NodeRefused, match="does not know this program as 'CXRDESKTOP'"):
            echo(us, caller)
        echo(us, replace(caller, local=replace(caller.local, ae_title="FRIEND")))


def test_uids_do_not_lead_out_of_the_folder(study, tmp_path: Path) -> None:
    dataset = pydicom.dcmread(study[0])
    dataset["StudyInstanceUID"]._value = "../../outside"
    with tempfile.TemporaryFile() as stream:
        dataset.save_as(stream)
        stream.seek(0)
        received = Inbox(tmp_path / "in").take(stream.read())
    assert received.path.resolve().is_relative_to(tmp_path / "in")


@pytest.mark.parametrize("asked", [{}, {"patient_id": "*"}, {"date": "last week"}, {"date": "2024-01"}])
def test_what_is_no_query(asked: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"give at least|is no date"):
        Query(**asked)


def test_dates_of_queries() -> None:
    given = {"2024-01-31": "20240131", "2024-01-01..2024-01-31": "20240101-20240131", "20240101-": "20240101-",
             "..2024-01-31": "-20240131"}  # fmt: skip
    assert {date: Query(date=date).criteria()["StudyDate"] for date in given} == given


def test_local_entity_is_on_the_loopback() -> None:
    assert LocalEntity().bind == "127.0.0.1"
