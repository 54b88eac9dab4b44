"""Files to radiographs: the DICOM grayscale chain up to the monitor, and plain images."""

from cxr_desktop.dicom.header import read_header
from cxr_desktop.dicom.reader import read_radiograph
from cxr_desktop.domain.errors import DicomReadError

__all__ = ["DicomReadError", "read_header", "read_radiograph"]
