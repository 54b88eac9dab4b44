"""Synthetic DICOM files, and the independent renderers they are compared with."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    generate_uid,
)

REPOSITORY = Path(__file__).parents[2]
SHARED = REPOSITORY.parent / "shared" / "data"

WriteDicom = Callable[..., Path]
RenderWithDcmtk = Callable[..., NDArray[np.uint8]]


def dicom_dataset(pixels: NDArray[np.generic], **attributes: object) -> Dataset:
    """A CR image of (rows, columns) or (frames, rows, columns) integer pixels, attributes laid over it."""
    dataset = Dataset()
    dataset.SOPClassUID = ComputedRadiographyImageStorage
    dataset.SOPInstanceUID = generate_uid(entropy_srcs=["instance"])
    dataset.StudyInstanceUID = generate_uid(entropy_srcs=["study"])
    dataset.SeriesInstanceUID = generate_uid(entropy_srcs=["series"])
    dataset.PatientName = "Secret^Person"
    dataset.PatientID = "SECRET"
    dataset.Modality = "CR"
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = pixels.shape[-2:]
    if pixels.ndim == 3:
        dataset.NumberOfFrames = pixels.shape[0]
    dataset.BitsAllocated = 8 * pixels.dtype.itemsize
    dataset.BitsStored = dataset.BitsAllocated
    dataset.HighBit = dataset.BitsAllocated - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    if "BitsStored" in attributes and "HighBit" not in attributes:
        dataset.HighBit = dataset.BitsStored - 1
    return dataset


@pytest.fixture
def write_dicom(tmp_path: Path) -> WriteDicom:
    """write_dicom(pixels, syntax=..., name=..., **attributes) -> path of the written file."""

    def write(
        pixels: NDArray[np.generic],
        syntax: UID = ExplicitVRLittleEndian,
        name: str = "image.dcm",
        **attributes: object,
    ) -> Path:
        dataset = dicom_dataset(pixels, **attributes)
        dataset.file_meta = FileMetaDataset()
        order = ">" if syntax == ExplicitVRBigEndian else "<"
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if syntax.is_encapsulated else syntax
        dataset.PixelData = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
        dataset["PixelData"].VR = "OB" if pixels.dtype.itemsize == 1 else "OW"
        if syntax.is_encapsulated:
            dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
            dataset.compress(syntax, generate_instance_uid=False)
        path = tmp_path / name
        dataset.save_as(path, enforce_file_format=True)
        return path

    return write


@pytest.fixture
def render_with_dcmtk(tmp_path: Path) -> RenderWithDcmtk:
    """render_with_dcmtk(path, *options) -> (rows, columns) uint8 as dcmj2pnm renders the file."""
    program = shutil.which("dcmj2pnm")
    if program is None:
        pytest.skip("dcmj2pnm (Debian package dcmtk) is not installed")

    def render(path: Path, *options: str) -> NDArray[np.uint8]:
        target = tmp_path / "rendered.pgm"
        command = [program, "--write-raw-pnm", "--no-overlays", *options, str(path), str(target)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        with Image.open(target) as image:
            return np.asarray(image.convert("L"))

    return render


@pytest.fixture
def shared_dicom() -> Path:
    """The folder of real DICOM files; the test is skipped where it is absent."""
    folder = SHARED / "dicom"
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent")
    return folder


@pytest.fixture
def dcmtk_tool() -> Callable[..., None]:
    """dcmtk_tool(program, *arguments) runs a program of dcmtk; the test is skipped without it."""

    def run(program: str, *arguments: object) -> None:
        if shutil.which(program) is None:
            pytest.skip(f"{program} (Debian package dcmtk) is not installed")
        subprocess.run([program, *map(str, arguments)], check=True, capture_output=True, timeout=60)

    return run
