"""The DICOM formats by name; what makes an object is loaded when one is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cxr_desktop.domain import Analysis
from cxr_desktop.reports.exporter import named

Writer = Callable[[Analysis, Path], tuple[Path, ...]]


@dataclass(frozen=True, slots=True)
class DicomExporter:
    """`<stem>` with the suffix; formats with an object a method write further ones beside it.

    writer: gives the function that writes, importing the libraries that it needs.
    """

    id: str
    title: str
    suffix: str
    writer: Callable[[], Writer]

    def write(self, analysis: Analysis, stem: Path) -> tuple[Path, ...]:
        from cxr_desktop.reports.dicom.foreign import translated

        with translated():
            return self.writer()(analysis, named(stem, self.suffix))


def _structured_report() -> Writer:
    from cxr_desktop.reports.dicom import structured_report

    return structured_report.write


def _presentation_state() -> Writer:
    from cxr_desktop.reports.dicom import presentation_state

    return presentation_state.write


def _segmentation() -> Writer:
    from cxr_desktop.reports.dicom import segmentation

    return segmentation.write


def _secondary_capture() -> Writer:
    from cxr_desktop.reports.dicom import secondary_capture

    return secondary_capture.write


def _encapsulated_pdf() -> Writer:
    from cxr_desktop.reports.dicom import encapsulated_pdf

    return encapsulated_pdf.write


def _key_objects() -> Writer:
    from cxr_desktop.reports.dicom import key_objects

    return key_objects.write


def _parametric_map() -> Writer:
    from cxr_desktop.reports.dicom import parametric_map

    return parametric_map.write


DICOM_EXPORTERS = (
    DicomExporter("sr", "Structured report (DICOM SR)", ".sr.dcm", _structured_report),
    DicomExporter("gsps", "Boxes on image (DICOM GSPS)", ".gsps.dcm", _presentation_state),
    DicomExporter("seg", "Regions and maps (DICOM SEG)", ".seg.dcm", _segmentation),
    DicomExporter("sc", "Figure (DICOM SC)", ".sc.dcm", _secondary_capture),
    DicomExporter("encapsulated-pdf", "Report (PDF in DICOM)", ".pdf.dcm", _encapsulated_pdf),
    DicomExporter("kos", "Key image (DICOM KOS)", ".kos.dcm", _key_objects),
    DicomExporter("pmap", "Maps as numbers (DICOM PM)", ".pmap.dcm", _parametric_map),
)
