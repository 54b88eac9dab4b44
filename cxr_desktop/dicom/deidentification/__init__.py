"""De-identified copies of images by the Basic Profile of PS3.15 Annex E, with its options."""

from cxr_desktop.dicom.deidentification.changes import Action, Change
from cxr_desktop.dicom.deidentification.copying import Deidentified, deidentify
from cxr_desktop.dicom.deidentification.options import Dates, Options
from cxr_desktop.dicom.deidentification.pseudonyms import Pseudonyms
from cxr_desktop.dicom.deidentification.report import report_document, report_text
from cxr_desktop.dicom.deidentification.text_regions import suggested_text

__all__ = [
    "Action",
    "Change",
    "Dates",
    "Deidentified",
    "Options",
    "Pseudonyms",
    "deidentify",
    "report_document",
    "report_text",
    "suggested_text",
]
