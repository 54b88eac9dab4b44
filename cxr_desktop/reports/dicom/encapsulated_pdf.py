"""The PDF report inside a DICOM object (PS3.3 A.45.1)."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from pydicom.uid import EncapsulatedPDFStorage

from cxr_desktop.domain import Analysis
from cxr_desktop.reports.dicom.blank import blank, code_item, image_item
from cxr_desktop.reports.dicom.identity import Identity
from cxr_desktop.reports.dicom.source import INVENTED, subject_of
from cxr_desktop.reports.dicom.writing import NOTICE, line, save, series
from cxr_desktop.reports.pdf.document import write_pdf

TITLE = "Chest radiograph: network analysis"


def write(analysis: Analysis, path: Path) -> tuple[Path, ...]:
    """Write the document. A picture that is no DICOM gets a study of its own, which says so.

    Raises ExportError, or OSError.
    """
    identity = Identity.of(analysis)
    subject, invented = subject_of(analysis, identity.uid("study"))
    report = _report(analysis, path)
    described = series("encapsulated-pdf", identity, "Report", 1, hashlib.sha256(report).hexdigest())
    made = blank(subject, analysis, identity, EncapsulatedPDFStorage, "DOC", described)
    model = analysis.prediction.model
    made.ConversionType = "WSD"
    made.BurnedInAnnotation = "YES"
    made.AcquisitionDateTime = ""
    made.DocumentTitle = line(f"{TITLE}. {NOTICE}. {model.name} {model.version}", 1000)
    made.ConceptNameCodeSequence = [code_item("18748-4", "LN", "Diagnostic imaging report")]
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    made.VerificationFlag = "UNVERIFIED"
    if invented:
        made.StudyDescription = line(INVENTED)
    if "SOPInstanceUID" in subject and "SOPClassUID" in subject:
        made.SourceInstanceSequence = [image_item(subject)]
    made.EncapsulatedDocumentLength = len(report)
    made.add_new("EncapsulatedDocument", "OB", report if len(report) % 2 == 0 else report + b"\0")
    return save(made, identity, path)


def _report(analysis: Analysis, path: Path) -> bytes:
    """The bytes of the PDF report of that name."""
    with tempfile.TemporaryDirectory(prefix="cxr-pdf-", dir=path.parent) as folder:
        made = Path(folder) / path.name.removesuffix(".dcm")
        write_pdf(analysis, made)
        return made.read_bytes()
