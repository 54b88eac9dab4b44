"""One image of the demo study as a Digital X-Ray Image, For Presentation (PS3.3 A.26)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import UID, DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, JPEGLSLossless

# All identifiers follow from this and from names, so that they are the same at every run.
_NAMESPACE = uuid.UUID("5f1f4a2e-8f0b-4c56-9d0e-0c1b7a6f2d11")
_IMPLEMENTATION = "CXR_DESKTOP"


@dataclass(frozen=True, slots=True)
class DemoImage:
    """A row of images.toml. width, height (pixels) and spacing (mm): of the original NIH reduced."""

    file: str
    source: str
    patient: str
    patient_id: str
    sex: str
    age: str
    date: str
    view: str
    width: int
    height: int
    spacing: float


def demo_uid(*names: str) -> UID:
    """A UID of the root 2.25 (PS3.5 B.2) that is the same for the same names."""
    return UID(f"2.25.{uuid.uuid5(_NAMESPACE, '/'.join(names)).int}")


def dx_object(image: DemoImage, pixels: NDArray[np.uint8]) -> FileDataset:
    """A complete DX object of (rows, columns) 8-bit pixels, in lossless JPEG-LS."""
    dataset = FileDataset(image.file, {}, file_meta=_file_meta(), preamble=b"\0" * 128)
    for module in (_patient, _study, _series, _sop_common, _acquisition):
        module(dataset, image)
    _general_image(dataset, image)
    _image_pixels(dataset, pixels)
    _anatomy_and_view(dataset, image)
    _detector(dataset, image, pixels.shape)
    dataset.compress(JPEGLSLossless, encoding_plugin="pyjpegls", generate_instance_uid=False)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return dataset


def _file_meta() -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = demo_uid(_IMPLEMENTATION)
    meta.ImplementationVersionName = _IMPLEMENTATION
    return meta


def _patient(dataset: Dataset, image: DemoImage) -> None:
    dataset.PatientName = image.patient
    dataset.PatientID = image.patient_id
    dataset.PatientBirthDate = ""
    dataset.PatientSex = image.sex
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "Released de-identified by NIH; identity and dates invented"
    dataset.LongitudinalTemporalInformationModified = "MODIFIED"


def _study(dataset: Dataset, image: DemoImage) -> None:
    dataset.StudyInstanceUID = demo_uid("study", image.patient_id, image.date)
    dataset.StudyDate = image.date
    dataset.StudyTime = "090000"
    dataset.ReferringPhysicianName = ""
    dataset.StudyID = image.date
    dataset.AccessionNumber = ""
    dataset.StudyDescription = "Chest radiograph (demonstration)"
    dataset.PatientAge = image.age


def _series(dataset: Dataset, image: DemoImage) -> None:
    dataset.Modality = "DX"
    dataset.SeriesInstanceUID = demo_uid("series", image.source)
    dataset.SeriesNumber = 1
    dataset.SeriesDescription = f"Chest {image.view}"
    dataset.PresentationIntentType = "FOR PRESENTATION"


def _sop_common(dataset: Dataset, image: DemoImage) -> None:
    dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID = demo_uid("instance", image.source)
    dataset.InstanceNumber = 1


def _acquisition(dataset: Dataset, image: DemoImage) -> None:
    dataset.Manufacturer = ""
    dataset.PositionerType = ""
    dataset.AcquisitionContextSequence = []
    dataset.ContentDate = image.date
    dataset.ContentTime = "090000"


def _general_image(dataset: Dataset, image: DemoImage) -> None:
    dataset.ImageType = ["DERIVED", "PRIMARY", ""]
    dataset.PatientOrientation = ["L", "F"]
    dataset.DerivationDescription = (
        f"{image.source} of NIH ChestX-ray14: 8 bit, reduced by NIH from {image.width} x {image.height} "
        "to 1024 x 1024"
    )
    dataset.BurnedInAnnotation = "NO"  # side markers, nothing of the patient (PS3.3 C.7.6.1.1.7)
    dataset.LossyImageCompression = "00"
    dataset.ImageComments = "NIH Clinical Center, ChestX-ray14. For demonstration and research."


def _image_pixels(dataset: Dataset, pixels: NDArray[np.uint8]) -> None:
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.PixelRepresentation = 0
    dataset.PixelIntensityRelationship = "LOG"
    dataset.PixelIntensityRelationshipSign = -1
    dataset.RescaleIntercept = 0
    dataset.RescaleSlope = 1
    dataset.RescaleType = "US"
    dataset.PresentationLUTShape = "IDENTITY"
    dataset.WindowCenter = 128
    dataset.WindowWidth = 256
    dataset.WindowCenterWidthExplanation = "AS PUBLISHED"
    dataset.PixelData = pixels.tobytes()


def _anatomy_and_view(dataset: Dataset, image: DemoImage) -> None:
    dataset.BodyPartExamined = "CHEST"
    dataset.AnatomicRegionSequence = [_coded(codes.cid4009.Chest)]
    dataset.ImageLaterality = "U"
    dataset.ViewPosition = image.view
    view = codes.cid4010.PosteroAnterior if image.view == "PA" else codes.cid4010.AnteroPosterior
    dataset.ViewCodeSequence = [_coded(view)]
    dataset.ViewCodeSequence[0].ViewModifierCodeSequence = []


def _detector(dataset: Dataset, image: DemoImage, shape: tuple[int, ...]) -> None:
    """NIH reduced every image to a square, so its pixels are as oblong as the original was."""
    dataset.DetectorType = ""
    rows, columns = shape
    dataset.ImagerPixelSpacing = [
        f"{image.height * image.spacing / rows:.6g}",
        f"{image.width * image.spacing / columns:.6g}",
    ]


def _coded(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return item
