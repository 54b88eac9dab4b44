"""Finding images in files, folders, DICOMDIR media and archives."""

from __future__ import annotations

import copy
import errno
import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.uid import ColorSoftcopyPresentationStateStorage, GrayscaleSoftcopyPresentationStateStorage

from cxr_desktop.dicom import Refused, find_instances, read_header, read_radiograph
from cxr_desktop.domain.errors import Cancelled
from cxr_desktop.domain.study import group_studies

PIXELS = np.arange(600, dtype=np.uint16).reshape(20, 30)
MEDIA = Path(pydicom.__file__).parent / "data" / "test_files" / "dicomdirtests"


def split(found):
    found = list(found)
    refused = [item for item in found if isinstance(item, Refused)]
    return [item for item in found if not isinstance(item, Refused)], refused


@pytest.fixture
def folder(write_dicom, tmp_path):
    """b/one.dcm, a/two (no suffix), a/photo.png, a text, a hidden file, and a broken .dcm."""
    root = tmp_path / "studies"
    (root / "a").mkdir(parents=True)
    (root / "b").mkdir()
    shutil.move(write_dicom(PIXELS), root / "b" / "one.dcm")
    shutil.move(write_dicom(PIXELS, StudyDate="20240102"), root / "a" / "two")
    Image.fromarray(PIXELS.astype(np.uint8)).save(root / "a" / "photo.png")
    (root / "README").write_text("Not an image.")
    (root / "a" / ".DS_Store").write_bytes(b"hidden")
    (root / "broken.dcm").write_bytes(b"")
    return root


class TestFolders:
    def test_images_come_sorted_and_the_rest_is_passed_over(self, folder):
        headers, refused = split(find_instances([folder]))
        assert [header.path.relative_to(folder).as_posix() for header in headers] == [
            "a/photo.png",
            "a/two",
            "b/one.dcm",
        ]
        assert [(item.path.name, "empty" in item.reason) for item in refused] == [("broken.dcm", True)]

    def test_what_is_named_is_never_passed_over(self, folder):
        headers, refused = split(
            find_instances([folder / "README", folder / "b" / "one.dcm", folder / "absent"])
        )
        assert [header.path.name for header in headers] == ["one.dcm"]
        assert [item.path.name for item in refused] == ["README", "absent"]

    def test_objects_without_image_are_passed_over_in_a_folder_and_refused_by_name(self, tmp_path):
        report = MEDIA.parent / "reportsi.dcm"
        shutil.copy(report, tmp_path)
        assert list(find_instances([tmp_path])) == []
        (refused,) = find_instances([report])
        assert "Basic Text SR" in refused.reason

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
    def test_a_pipe_is_not_waited_for(self, folder):
        os.mkfifo(folder / "a" / "pipe.dcm")
        headers, refused = split(find_instances([folder]))
        assert len(headers) == 3
        assert [one.path.name for one in refused] == ["broken.dcm"]
        _, (pipe,) = split(find_instances([folder / "a" / "pipe.dcm"]))
        assert "not a file" in pipe.reason

    def test_progress_and_cancel(self, folder):
        told = []
        list(find_instances([folder], told.append))
        assert told == sorted(told)
        assert told[-1] == 1.0

        def stop(done):
            raise Cancelled("stopped")

        with pytest.raises(Cancelled):
            list(find_instances([folder], stop))


class TestDicomdir:
    @pytest.mark.parametrize("name", ["DICOMDIR", "DICOMDIR-bigEnd", "DICOMDIR-implicit"])
    def test_its_images(self, name):
        headers, refused = split(find_instances([MEDIA / name]))
        assert len(headers) == 31
        assert not refused
        listed = {
            str(path.relative_to(MEDIA)) for path in MEDIA.rglob("*") if path.parent.parent.parent == MEDIA
        }
        assert {str(header.path.relative_to(MEDIA)) for header in headers} <= listed

    def test_groups_into_studies_in_order(self):
        headers, _ = split(find_instances([MEDIA / "DICOMDIR"]))
        studies = group_studies(headers)
        assert sum(len(study.instances) for study in studies) == 31
        for study in studies:
            numbers = [(header.series_number, header.instance_number) for header in study.instances]
            assert numbers == sorted(numbers)

    @pytest.fixture
    def medium(self, tmp_path):
        """A DICOMDIR of one image and two presentation states, one grayscale and one of colours."""
        shutil.copytree(MEDIA, tmp_path / "medium")
        root = tmp_path / "medium"
        listing = pydicom.dcmread(root / "DICOMDIR")
        records = listing.DirectoryRecordSequence
        image = next(r for r in records if r.DirectoryRecordType == "IMAGE")
        source = pydicom.dcmread(root.joinpath(*image.ReferencedFileID))
        kept = [image]
        for name, kind in (
            ("GRAY", GrayscaleSoftcopyPresentationStateStorage),
            ("COLOUR", ColorSoftcopyPresentationStateStorage),
        ):
            state = pydicom.Dataset()
            state.file_meta = copy.deepcopy(source.file_meta)
            state.file_meta.MediaStorageSOPClassUID = state.SOPClassUID = kind
            state.file_meta.MediaStorageSOPInstanceUID = state.SOPInstanceUID = f"1.2.3.{len(kept)}"
            state.save_as(root / name, enforce_file_format=True)
            record = pydicom.Dataset()
            record.DirectoryRecordType, record.ReferencedFileID = "PRESENTATION", name
            kept.append(record)
        listing.DirectoryRecordSequence = kept
        listing.save_as(root / "DICOMDIR", enforce_file_format=True)
        return root

    def test_presentation_states_come_with_their_images(self, medium):
        states: list[Path] = []
        headers, refused = split(find_instances([medium / "DICOMDIR"], state=states.append))
        assert len(headers) == 1
        assert states == [medium / "GRAY"]
        assert not refused, "the other one was not asked for by the reader"

    def test_a_missing_presentation_state_is_told(self, medium):
        (medium / "GRAY").unlink()
        _, refused = split(find_instances([medium / "DICOMDIR"], state=lambda _path: None))
        assert [item.reason for item in refused] == [
            "the listed presentation state GRAY is not there. Copy the whole medium."
        ]

    def test_missing_images_are_refused(self, tmp_path):
        shutil.copy(MEDIA / "DICOMDIR", tmp_path)
        found = list(find_instances([tmp_path / "DICOMDIR"]))
        assert len(found) == 31
        assert all(isinstance(item, Refused) and "is not there" in item.reason for item in found)


class TestArchives:
    @pytest.fixture
    def unpack(self, tmp_path):
        (tmp_path / "unpacked").mkdir()
        return tmp_path / "unpacked"

    def test_images_are_unpacked_and_the_rest_left(self, folder, unpack, tmp_path):
        archive = tmp_path / "study.zip"
        with zipfile.ZipFile(archive, "w") as opened:
            for path in sorted(folder.rglob("*")):
                opened.write(path, path.relative_to(folder))
        headers, refused = split(find_instances([archive], unpack=unpack))
        assert [header.path.name for header in headers] == ["photo.png", "two", "one.dcm"]
        assert not refused
        assert all(header.path.is_relative_to(unpack) for header in headers)
        np.testing.assert_array_equal(read_radiograph(headers[1].path).pixels, PIXELS)
        assert not list(unpack.rglob("README"))

    def test_a_time_in_a_name_leads_nowhere(self, write_dicom, unpack, tmp_path):
        archive = tmp_path / "times.zip"
        with zipfile.ZipFile(archive, "w") as opened:
            opened.write(write_dicom(PIXELS), "scan/2024-01-31 10:30:05.dcm")
        (header,), refused = split(find_instances([archive], unpack=unpack))
        assert not refused
        assert header.path.name == "2024-01-31 10_30_05.dcm"

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_images_of_one_name_are_both_there(self, write_dicom, unpack, tmp_path):
        archive = tmp_path / "twice.zip"
        with zipfile.ZipFile(archive, "w") as opened:
            for number in (1, 2):
                opened.write(write_dicom(PIXELS * number), "scan/1.dcm")
        headers, refused = split(find_instances([archive], unpack=unpack))
        assert not refused
        assert {header.path.name for header in headers} == {"1.dcm", "1 (2).dcm"}
        ratios = {int(read_radiograph(header.path).pixels.max()) // int(PIXELS.max()) for header in headers}
        assert ratios == {1, 2}

    @pytest.mark.parametrize(
        "name", ["../evil.dcm", "/evil.dcm", "a/../../evil.dcm", "..\\evil.dcm", "C:evil.dcm"]
    )
    def test_nothing_is_written_outside(self, write_dicom, unpack, tmp_path, name):
        archive = tmp_path / "slip.zip"
        with zipfile.ZipFile(archive, "w") as opened:
            opened.writestr(name, write_dicom(PIXELS).read_bytes())
        before = set(tmp_path.rglob("*"))
        _, (refused,) = split(find_instances([archive], unpack=unpack))
        assert "leads out of the archive" in refused.reason
        assert not [path for path in set(tmp_path.rglob("*")) - before if path.is_file()]

    def test_a_bomb_is_stopped_while_it_grows(self, write_dicom, unpack, tmp_path, monkeypatch):
        monkeypatch.setattr("cxr_desktop.dicom.archive.LARGEST_FILE", 2**20)
        archive = tmp_path / "bomb.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
            opened.writestr("bomb.dcm", write_dicom(PIXELS).read_bytes() + bytes(2**24))
        _, (refused,) = split(find_instances([archive], unpack=unpack))
        assert "grows too large" in refused.reason
        assert not [path for path in unpack.rglob("*") if path.is_file()]

    def test_a_bomb_that_tells_its_size_is_not_begun(self, write_dicom, unpack, tmp_path, monkeypatch):
        archive = tmp_path / "bomb.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
            opened.writestr("bomb.dcm", write_dicom(PIXELS).read_bytes() + bytes(80 * 2**20))
        monkeypatch.setattr("cxr_desktop.dicom.archive._copied", None)
        _, (refused,) = split(find_instances([archive], unpack=unpack))
        assert "grows too large" in refused.reason

    def test_a_damaged_member_leaves_the_others(self, write_dicom, unpack, tmp_path):
        image = write_dicom(PIXELS).read_bytes()
        archive = tmp_path / "study.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
            for name in ("1.dcm", "2.dcm", "2.dcm/3.dcm", "4.dcm"):
                opened.writestr(name, image)
        with zipfile.ZipFile(archive) as opened:
            at = opened.getinfo("1.dcm").header_offset + 80
        data = bytearray(archive.read_bytes())
        data[at : at + 40] = bytes(40)
        archive.write_bytes(data)
        headers, refused = split(find_instances([archive], unpack=unpack))
        assert [header.path.name for header in headers] == ["2.dcm", "4.dcm"]
        assert [item.path.name for item in refused] == ["1.dcm", "3.dcm"], "3 lies below a file"
        assert all("damaged in the archive" in item.reason for item in refused)
        assert len([path for path in unpack.rglob("*") if path.is_file()]) == 2

    def test_an_archive_in_the_archive_and_one_without_images(self, write_dicom, unpack, tmp_path):
        inner, outer, empty = (tmp_path / f"{name}.zip" for name in ("inner", "outer", "empty"))
        with zipfile.ZipFile(inner, "w") as opened:
            opened.write(write_dicom(PIXELS))
        with zipfile.ZipFile(outer, "w") as opened:
            opened.write(inner, "inner.zip")
        with zipfile.ZipFile(empty, "w") as opened:
            opened.writestr("readme.txt", "nothing")
        _, refused = split(find_instances([outer, empty], unpack=unpack))
        assert [item.path for item in refused] == [outer / "inner.zip", empty]
        assert "Unpack that one first" in refused[0].reason
        assert "holds no image" in refused[1].reason

    def test_a_full_disk_is_called_so(self, write_dicom, unpack, tmp_path, monkeypatch):
        archive = tmp_path / "study.zip"
        with zipfile.ZipFile(archive, "w") as opened:
            opened.write(write_dicom(PIXELS), "1.dcm")

        def full(*_):
            raise OSError(errno.ENOSPC, "no space")

        monkeypatch.setattr("cxr_desktop.dicom.archive._copied", full)
        _, (refused,) = split(find_instances([archive], unpack=unpack))
        assert "no room on the disk" in refused.reason
        assert not [path for path in unpack.rglob("*") if path.is_file()]

    def test_a_damaged_archive(self, unpack, tmp_path):
        archive = tmp_path / "damaged.zip"
        archive.write_bytes(b"PK\x03\x04" + bytes(500))
        (refused,) = find_instances([archive], unpack=unpack)
        assert "cannot be unpacked" in refused.reason

    def test_without_a_folder_to_unpack_to(self, tmp_path):
        archive = tmp_path / "study.zip"
        with zipfile.ZipFile(archive, "w") as opened:
            opened.writestr("a.txt", "a")
        (refused,) = find_instances([archive])
        assert "Unpack it" in refused.reason


class TestHeaders:
    def test_equal_pydicoms(self):
        for path in sorted(MEDIA.rglob("CR*/*")):
            header, dataset = read_header(path), pydicom.dcmread(path)
            assert header.sop_instance_uid == dataset.SOPInstanceUID
            assert header.study_uid == dataset.StudyInstanceUID
            assert header.patient_name == str(dataset.PatientName)
            assert (header.rows, header.columns) == (dataset.Rows, dataset.Columns)
            assert header.view_position == dataset.get("ViewPosition", "")
            assert header.transfer_syntax == dataset.file_meta.TransferSyntaxUID

    def test_is_that_of_the_radiograph(self, write_dicom):
        path = write_dicom(PIXELS, ViewPosition="PA", ImageLaterality="U", BodyPartExamined="CHEST")
        assert read_header(path) == read_radiograph(path).header


@pytest.mark.skipif(os.name != "posix", reason="other systems keep names as characters")
def test_a_name_that_is_no_text_is_refused_and_stops_nothing(folder):
    odd = os.fsencode(folder / "a") + b"/odd\xff.png"
    shutil.copy(folder / "a" / "photo.png", odd)
    found, refused = split(find_instances([folder, Path(os.fsdecode(odd))]))
    assert len(found) == 3
    assert [item.reason for item in refused if "UTF-8" in item.reason] == [
        "its path is not UTF-8, so that no report can name it. Rename the file."
    ] * 2
