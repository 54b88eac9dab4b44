"""Many files: what is found is put into the list without building it anew, and a search goes on."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cxr_desktop.dicom import find_instances
from cxr_desktop.domain import InstanceHeader
from cxr_desktop.domain.errors import Cancelled
from cxr_desktop.ui.engine import RefusedFile
from cxr_desktop.ui.local_engine import LocalEngine
from cxr_desktop.ui.panels.study_list_model import PAGE, PICTURES, StudyListModel


def header(number, study, instance):
    return InstanceHeader(
        Path(f"{number}.dcm"),
        study_uid=f"study {study}",
        instance_number=instance,
        patient_name=f"Doe^{study % 3}",
    )


class Follower:
    """The rows as somebody has them who only heard the model's signals."""

    def __init__(self, model):
        self.rows = list(model.entries)
        model.rowsInserted.connect(
            lambda _parent, first, last: self.insert(model.entries[first : last + 1], first)
        )
        model.dataChanged.connect(lambda first, _last: self.change(first.row(), model.entries[first.row()]))
        model.modelReset.connect(lambda: self.reset(model.entries))

    def insert(self, entries, first):
        self.rows[first:first] = entries

    def change(self, row, entry):
        self.rows[row] = entry

    def reset(self, entries):
        self.rows[:] = entries


found = st.builds(header, st.integers(0, 60), st.integers(0, 7), st.integers(0, 3)) | st.builds(
    lambda number: RefusedFile(Path(f"r{number}.dcm"), "no image."), st.integers(0, 9)
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(found, max_size=6), max_size=8), st.sampled_from(["", "doe, 1", "r"]))
def test_batch_by_batch_the_list_is_the_same_as_all_at_once(batches, query):
    piecemeal, whole = StudyListModel(), StudyListModel()
    followed = Follower(piecemeal)
    for model in (piecemeal, whole):
        model.search(query)
    for batch in batches:
        piecemeal.add(batch)
    everything = [item for batch in batches for item in batch]
    whole.add(everything)
    whole._rebuild()
    assert piecemeal.entries == whole.entries
    assert followed.rows == list(whole.entries), "what a view was told is what there is"


def test_new_rows_leave_the_others_and_the_choice_alone(make_hand, qtbot):
    hand = make_hand()
    hand.open("1.dcm")
    listed = hand.find("studyList")
    chosen = listed.currentIndex().data(Qt.ItemDataRole.UserRole)
    resets = []
    hand.parts.studies.modelReset.connect(lambda: resets.append(1))
    hand.parts.opening.open_paths([Path(f"{n}.dcm") for n in range(2, 400)], show=False)
    hand.until(lambda: len(hand.parts.studies.headers) == 399)
    assert not resets
    assert listed.currentIndex().data(Qt.ItemDataRole.UserRole) == chosen
    hand.find("studySearch").setText("jane 37")
    expected = {f"{n}.dcm" for n in range(1, 400) if "37" in str(n)}
    assert {h.path.name for h in hand.parts.studies.headers} == expected


def test_the_view_learns_of_more_rows_as_it_is_scrolled(make_hand, qtbot):
    hand = make_hand()
    studies, listed = hand.parts.studies, hand.find("studyList")
    studies.add(header(number, number // 2, number % 2) for number in range(1000))
    assert len(studies.headers) == 1000
    assert studies.rowCount() == PAGE
    qtbot.waitUntil(lambda: listed.verticalScrollBar().maximum() > 0)
    for _ in ("the first row", "the last one"):
        QTest.keyClick(listed, Qt.Key.Key_End)
    hand.until(lambda: studies.rowCount() > PAGE)
    hand.until(lambda: hand.parts.session.image is not None)
    last = Path("999.dcm")
    hand.window._studies.select(last)
    assert listed.currentIndex().data(Qt.ItemDataRole.UserRole).header.path == last
    assert studies.rowCount() == len(studies.headers) * 3 / 2


def test_pictures_of_very_many_images_make_room_for_one_another():
    studies, gray = StudyListModel(), np.zeros((2, 2), np.uint8)
    wanted = []
    studies.thumbnail_wanted.connect(wanted.append)
    for number in range(PICTURES + 1):
        studies.set_thumbnail(Path(f"{number}.dcm"), gray)
    assert studies.thumbnail(Path("1.dcm")) is gray
    assert studies.thumbnail(Path("0.dcm")) is None
    assert wanted == [Path("0.dcm")]


def test_an_image_that_is_found_again_leaves_the_list_alone():
    studies = StudyListModel()
    found = [header(number, 0, 50 - number) for number in range(50)]
    studies.add(found)
    told = []
    for signal in (studies.modelReset, studies.rowsInserted, studies.dataChanged):
        signal.connect(lambda *_: told.append(1))
    studies.add(found)
    assert not told


class TestGoingOn:
    @pytest.fixture
    def folder(self, tmp_path):
        import pydicom
        from pydicom.dataset import Dataset, FileMetaDataset

        made = tmp_path / "studies"
        made.mkdir()
        for number in range(30):
            dataset = Dataset()
            dataset.SOPClassUID = pydicom.uid.DigitalXRayImageStorageForPresentation
            dataset.SOPInstanceUID = f"1.2.{number + 1}"
            dataset.Rows = dataset.Columns = 2
            dataset.PixelData = np.zeros((2, 2), np.uint16).tobytes()
            dataset["PixelData"].VR = "OW"
            dataset.file_meta = FileMetaDataset()
            dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
            dataset.save_as(made / f"{number:02}.dcm", enforce_file_format=True)
        return made

    def test_a_cancelled_search_reads_no_header_twice(self, folder, tmp_path, monkeypatch):
        import cxr_desktop.dicom.instances as instances

        read = []
        original = instances.header_of
        monkeypatch.setattr(
            instances, "header_of", lambda path, start: read.append(path.name) or original(path, start)
        )
        engine = LocalEngine(data=tmp_path / "data")

        def stop(_done):
            if len(read) == 12:
                raise Cancelled("enough")

        search = engine.find([folder], stop, tmp_path / "unpacked")
        for _ in range(12):
            next(search)
        with pytest.raises(Cancelled):
            next(search)
        assert len(read) == 12
        again = list(engine.find([folder], lambda _done: None, tmp_path / "unpacked"))
        assert again == list(find_instances([folder]))
        assert len(read) == 30 + 30, "12 before, 18 after, and 30 by the search without memory"
        assert not (tmp_path / "data" / "search.jsonl").exists(), "a search that ended leaves nothing behind"

    def test_images_are_found_where_nothing_can_be_written(self, folder, tmp_path):
        (tmp_path / "data").write_text("a file stands in the place of the folder")
        archive = tmp_path / "study.zip"
        with zipfile.ZipFile(archive, "w") as opened:
            opened.write(folder / "00.dcm")
        engine = LocalEngine(data=tmp_path / "data")
        search = engine.find([folder, archive], lambda _done: None, tmp_path / "data" / "unpacked")
        *found, refused = search
        assert found == list(find_instances([folder]))
        assert isinstance(refused, RefusedFile)
        assert "Unpack it and open the folder" in refused.reason
