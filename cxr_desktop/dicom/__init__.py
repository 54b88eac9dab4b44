"""Files to radiographs: the DICOM grayscale chain up to the monitor, and plain images."""

from cxr_desktop.dicom.decoders import missing_decoders
from cxr_desktop.dicom.header import read_header
from cxr_desktop.dicom.instances import find_instances
from cxr_desktop.dicom.reader import RadiographFile, read_radiograph
from cxr_desktop.dicom.refusal import Refused
from cxr_desktop.domain.errors import DicomReadError

__all__ = [
    "DicomReadError",
    "RadiographFile",
    "Refused",
    "find_instances",
    "missing_decoders",
    "read_header",
    "read_radiograph",
]
