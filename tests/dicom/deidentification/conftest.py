"""Images full of identifiers, and the validator that their copies must please."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

from cxr_desktop.dicom.deidentification import Pseudonyms


@pytest.fixture
def radiograph() -> Callable[..., Dataset]:
    """radiograph(study, instance, patient) -> a small CR image of a patient, its UIDs after the names."""
    return _radiograph


def _radiograph(study: str = "study", instance: str = "instance", patient: str = "4711-22") -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID = ComputedRadiographyImageStorage
    dataset.SOPInstanceUID = generate_uid(entropy_srcs=[instance])
    dataset.StudyInstanceUID = generate_uid(entropy_srcs=[study])
    dataset.SeriesInstanceUID = generate_uid(entropy_srcs=[study, "series"])
    dataset.PatientName, dataset.PatientID = "Secret^Person", patient
    dataset.PatientBirthDate, dataset.PatientSex, dataset.PatientAge = "19310412", "F", "093Y"
    dataset.StudyDate, dataset.StudyTime, dataset.Modality = "20240131", "101112", "CR"
    dataset.Rows = dataset.Columns = 64
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    values = np.random.default_rng(1).integers(0, 4096, (64, 64), dtype=np.uint16)
    dataset.add_new("PixelData", "OW", values.tobytes())
    return dataset


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """save(dataset, name, syntax=...) -> path of the file written below the test's own folder."""

    def write(dataset: Dataset, name: str = "in.dcm", syntax: UID = ExplicitVRLittleEndian) -> Path:
        if not hasattr(dataset, "file_meta"):
            dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian if syntax.is_compressed else syntax
        if syntax.is_compressed:
            dataset.compress(syntax, generate_instance_uid=False)
        folder = tmp_path / "originals"
        folder.mkdir(exist_ok=True)
        dataset.save_as(folder / name, enforce_file_format=True)
        return folder / name

    return write


@pytest.fixture
def pseudonyms() -> Pseudonyms:
    return Pseudonyms(b"a key of the tests, thirty two b.")


@pytest.fixture
def errors_of() -> Callable[[Path], set[str]]:
    """errors_of(path) -> what dciodvfy finds wrong; the test is skipped without it."""
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy (Debian package dicom3tools) is not installed")

    def validate(path: Path) -> set[str]:
        done = subprocess.run([program, str(path)], capture_output=True, text=True, timeout=60, check=False)
        return {line for line in (done.stdout + done.stderr).splitlines() if line.startswith("Error")}

    return validate
