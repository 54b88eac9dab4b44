"""A Secondary Capture: the figure of the case, with heat, boxes and captions burned in, as RGB."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from pydicom.uid import SecondaryCaptureImageStorage

from cxr_desktop.domain import DISCLAIMER, Analysis
from cxr_desktop.reports.dicom.blank import blank, code_item, image_item
from cxr_desktop.reports.dicom.identity import Identity
from cxr_desktop.reports.dicom.source import INVENTED, subject_of
from cxr_desktop.reports.dicom.writing import add_body_part, line, save, series
from cxr_desktop.reports.figure import case_figure
from cxr_desktop.reports.wording import parameters_text


def write(analysis: Analysis, path: Path) -> tuple[Path, ...]:
    """Write the capture. A picture that is no DICOM gets a study of its own, which says so.

    Raises ExportError, or OSError.
    """
    identity = Identity.of(analysis)
    subject, invented = subject_of(analysis, identity.uid("study"))
    pixels = np.ascontiguousarray(case_figure(analysis).convert("RGB"))
    digest = hashlib.sha256(pixels.data).hexdigest()
    described = series("sc", identity, "Figure of maps and boxes", 1, digest)
    made = blank(subject, analysis, identity, SecondaryCaptureImageStorage, "OT", described)
    made.ConversionType = "WSD"
    made.DateOfSecondaryCapture, made.TimeOfSecondaryCapture = identity.date, identity.time
    made.SecondaryCaptureDeviceManufacturer = made.Manufacturer
    made.SecondaryCaptureDeviceSoftwareVersions = made.SoftwareVersions
    made.ImageType = ["DERIVED", "SECONDARY"]
    made.BurnedInAnnotation = "YES"
    made.PatientOrientation = ""
    add_body_part(made, "", sided=True)
    if invented:
        made.StudyDescription = line(INVENTED)
    made.ImageComments = "\n".join(_comments(analysis, invented))
    made.DerivationDescription = line("Figure drawn of the image, attribution maps and boxes", 1000)
    made.SamplesPerPixel, made.PhotometricInterpretation, made.PlanarConfiguration = 3, "RGB", 0
    made.Rows, made.Columns = pixels.shape[:2]
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    made.LossyImageCompression = "00"
    if "SOPInstanceUID" in subject and "SOPClassUID" in subject:
        reference = image_item(subject, analysis.radiograph.frame + 1 if _frames(analysis) else None)
        reference.PurposeOfReferenceCodeSequence = [
            code_item("121322", "DCM", "Source image for image processing operation")
        ]
        made.SourceImageSequence = [reference]
    data = pixels.tobytes()
    made.add_new("PixelData", "OW", data if len(data) % 2 == 0 else data + b"\0")
    return save(made, identity, path)


def _frames(analysis: Analysis) -> bool:
    return analysis.radiograph.header.frames > 1


def _comments(analysis: Analysis, invented: bool) -> tuple[str, ...]:
    """Where the figure comes from; what nobody told is said to be made up."""
    model = analysis.prediction.model
    methods = [f"Method {found.method} ({parameters_text(found)})" for found in analysis.maps]
    return (
        DISCLAIMER,
        f"Model {model.name} {model.version}, weights SHA-256 {model.weights_sha256 or 'unknown'}.",
        *methods,
        *((INVENTED,) if invented else ()),
    )
