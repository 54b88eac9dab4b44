"""A Comprehensive 3D SR by TID 1500: scores, regions, how well they agree, who and what observed them."""

from __future__ import annotations

from pathlib import Path

from highdicom.sr import Comprehensive3DSR, MeasurementReport, ObservationContext, TextContentItem

from cxr_desktop.domain import DISCLAIMER, Analysis
from cxr_desktop.domain.errors import ExportError
from cxr_desktop.reports.dicom import codes, observers
from cxr_desktop.reports.dicom.evaluations import evaluations
from cxr_desktop.reports.dicom.identity import Identity
from cxr_desktop.reports.dicom.regions import Groups
from cxr_desktop.reports.dicom.source import Source, source_of
from cxr_desktop.reports.dicom.writing import MANUFACTURER, equipment, save, series
from cxr_desktop.reports.wording import LIMITS, calibration


def write(analysis: Analysis, path: Path) -> tuple[Path, ...]:
    """Write the report. Raises ExportError, or OSError."""
    identity = Identity.of(analysis)
    return save(structured_report(analysis, source_of(analysis), identity), identity, path)


def structured_report(analysis: Analysis, source: Source, identity: Identity) -> Comprehensive3DSR:
    """The report as a data set, not verified and preliminary. Raises ExportError where there is nothing to report."""
    groups = Groups(analysis, source, identity)
    statements, regions = groups.statements(), groups.regions()
    if not statements and not regions:
        raise ExportError("there is neither a score nor a box to report; analyse the image or draw a box")
    content = MeasurementReport(
        observation_context=_observers(analysis, identity),
        procedure_reported=codes.IMAGING_PROCEDURE,
        imaging_measurements=regions if len(regions) == 1 else [*statements, *regions],
    )
    if len(regions) == 1 and statements:
        content[0].ContentSequence.append(evaluations(statements))
    for sentence in _comments(analysis):
        content[0].ContentSequence.append(TextContentItem(codes.COMMENT, sentence, "CONTAINS"))
    described = series("sr", identity, "Findings of network and readers")
    return Comprehensive3DSR(
        evidence=[source.subject],
        content=content,
        manufacturer=MANUFACTURER,
        is_complete=True,
        is_final=False,
        is_verified=False,
        coding_schemes=[codes.own_scheme()],
        **described,
        **{key: value for key, value in equipment(analysis).items() if key != "manufacturer"},
    )


def _observers(analysis: Analysis, identity: Identity) -> ObservationContext:
    context = ObservationContext(observer_device_context=observers.device(analysis, identity))
    for reader in dict.fromkeys(reading.reader or "Reader" for reading in analysis.readings):
        context.extend(observers.person(reader))
    return context


def _comments(analysis: Analysis) -> tuple[str, ...]:
    """What a reader of the report must know, as far as no code says it."""
    notes = (*analysis.notes, *(concern.sentence for concern in analysis.prediction.concerns))
    return (DISCLAIMER, LIMITS, f"Lengths: {calibration(analysis.radiograph.spacing)}", *notes)
