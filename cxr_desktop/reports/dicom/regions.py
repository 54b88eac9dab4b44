"""The measurement groups of a report: a score for each label, a region for each box (TID 1501 and 1410)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from highdicom.sr import (
    AlgorithmIdentification,
    FindingSite,
    ImageRegion,
    Measurement,
    MeasurementsAndQualitativeEvaluations,
    ObserverContext,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    SourceImageForMeasurementGroup,
    SourceImageForRegion,
    TextContentItem,
    TrackingIdentifier,
)

from cxr_desktop.domain import Analysis, Box, Certainty, Finding, Laterality, Reading, StudyFinding
from cxr_desktop.reports.dicom import codes, observers
from cxr_desktop.reports.dicom.identity import Identity
from cxr_desktop.reports.dicom.outlines import outline
from cxr_desktop.reports.dicom.source import Source
from cxr_desktop.reports.dicom.writing import CHEST_PARTS, line

LONGEST_COMMENT = 1000
Group = MeasurementsAndQualitativeEvaluations | PlanarROIMeasurementsAndQualitativeEvaluations


class Groups:
    """Groups of one case, each with a tracking identifier that no other has."""

    def __init__(self, analysis: Analysis, source: Source, identity: Identity) -> None:
        self._analysis, self._source, self._identity = analysis, source, identity
        self._named: Counter[str] = Counter()

    def regions(self) -> list[Group]:
        """The boxes of methods, references and readers."""
        return [*self._network_boxes(), *self._references(), *self._readings()]

    def statements(self) -> list[Group]:
        """What is said of the whole image: scores in the model's order, then readers' findings of the study."""
        return [*self._scores(), *self._study_findings()]

    def _scores(self) -> Iterator[Group]:
        prediction = self._analysis.prediction
        for label, score in prediction.scores.items():
            if not np.isfinite(score):
                continue
            yield MeasurementsAndQualitativeEvaluations(
                tracking_identifier=self._tracking(f"{label}, score of the image"),
                finding_type=codes.finding(label),
                algorithm_id=observers.network(self._analysis),
                finding_sites=self._sites(),
                measurements=[Measurement(codes.CERTAINTY, 100.0 * float(score), codes.PER_CENT)],
                qualitative_evaluations=[
                    QualitativeEvaluation(
                        codes.operating_point(point.name, point.threshold),
                        codes.ABOVE if score >= point.threshold else codes.BELOW,
                    )
                    for point in prediction.points(label)
                ],
                source_images=[SourceImageForMeasurementGroup(*self._image(), self._source.frames)],
            )

    def _network_boxes(self) -> Iterator[Group]:
        analysis = self._analysis
        for found, localized in zip(analysis.maps, analysis.localized, strict=True):
            for box in localized.boxes:
                algorithm = observers.method(analysis, found, localized)
                label = box.label or localized.target
                verdicts = list(self._verdicts(box))
                name = f"{label}, {found.method}"
                yield self._region(box, label, name, algorithm=algorithm, evaluations=verdicts)

    def _verdicts(self, box: Box) -> Iterator[QualitativeEvaluation]:
        """What readers made of a network's box."""
        for reading in self._analysis.readings:
            verdict = reading.verdict_on(box)
            if verdict is not None:
                yield QualitativeEvaluation(
                    codes.verdict_of(reading.reader or "Reader"), codes.VERDICTS[verdict]
                )

    def _references(self) -> Iterator[Group]:
        for box in self._analysis.references:
            source = box.source or "Reference"
            yield self._region(box, box.label, f"{box.label}, {source}", source=source)

    def _readings(self) -> Iterator[Group]:
        for reading in self._analysis.readings:
            reader = reading.reader or "Reader"
            for box in reading.boxes:
                name = f"{box.label}, {reader}"
                yield self._region(
                    box,
                    box.label,
                    name,
                    source=reader,
                    observer=observers.person(reader),
                    session=_session(reading, box),
                )

    def _study_findings(self) -> Iterator[Group]:
        for reading in self._analysis.readings:
            for said in reading.study_findings:
                yield self._of_the_study(said, reading.reader or "Reader")

    def _of_the_study(self, said: StudyFinding, reader: str) -> Group:
        """What a reader said of the whole study, which has no region."""
        group = MeasurementsAndQualitativeEvaluations(
            tracking_identifier=self._tracking(f"{said.label}, {reader}, whole study"),
            finding_type=codes.finding(said.label),
            finding_sites=self._sites(said),
            qualitative_evaluations=self._evaluations(said) or None,
            source_images=[SourceImageForMeasurementGroup(*self._image(), self._source.frames)],
        )
        _add_source(group, reader, observers.person(reader), said)
        return group

    def _region(
        self,
        box: Box,
        label: str,
        name: str,
        *,
        algorithm: AlgorithmIdentification | None = None,
        source: str = "",
        observer: ObserverContext | None = None,
        evaluations: list[QualitativeEvaluation] | None = None,
        session: str | None = None,
    ) -> Group:
        kind, points = outline(box)
        said = box if isinstance(box, Finding) else None
        group = PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=self._tracking(name),
            referenced_region=ImageRegion(
                kind, points, SourceImageForRegion(*self._image(), self._source.frames)
            ),
            finding_type=codes.finding(label),
            algorithm_id=algorithm,
            session=session,
            finding_sites=self._sites(said),
            measurements=list(self._measurements(box)) or None,
            qualitative_evaluations=[*(evaluations or ()), *self._evaluations(said)] or None,
            geometric_purpose=codes.BOUNDED_BY if kind != "POINT" else None,
        )
        _add_source(group, source, observer, said)
        return group

    def _measurements(self, box: Box) -> Iterator[Measurement]:
        """Score, extents where the image is calibrated, and how well each method's box fits a person's."""
        if box.score is not None and np.isfinite(box.score):
            yield Measurement(codes.BOX_SCORE, float(box.score), codes.NO_UNITS)
        spacing = self._analysis.radiograph.spacing
        if spacing is not None and box.area > 0:
            yield Measurement(codes.WIDTH, float(box.width * spacing.column), codes.MILLIMETRE)
            yield Measurement(codes.HEIGHT, float(box.height * spacing.row), codes.MILLIMETRE)
        yield from self._overlaps(box)

    def _overlaps(self, box: Box) -> Iterator[Measurement]:
        analysis = self._analysis
        pairs = list(zip(analysis.maps, analysis.localized, strict=True))
        for found in analysis.localizations:
            if found.reference != box:
                continue
            maker = next((pair for pair in pairs if pair[0].method == found.method), None)
            algorithm = None if maker is None else observers.method(analysis, *maker)
            for name, value in ((codes.IOU, found.iou), (codes.IOBB, found.iobb)):
                if np.isfinite(value):
                    yield Measurement(name, float(value), codes.NO_UNITS, algorithm_id=algorithm)

    def _tracking(self, name: str) -> TrackingIdentifier:
        self._named[name] += 1
        numbered = f"{name} {self._named[name]}" if self._named[name] > 1 else name
        return TrackingIdentifier(self._identity.uid("tracking", numbered), line(numbered))

    def _image(self) -> tuple[str, str]:
        subject = self._source.subject
        return str(subject.SOPClassUID), str(subject.SOPInstanceUID)

    def _sites(self, said: Finding | StudyFinding | None = None) -> list[FindingSite] | None:
        """The chest where the image says so, and the side where a reader does; neither is ever worked out."""
        if self._source.body_part.upper() not in CHEST_PARTS:
            return None
        return [FindingSite(codes.CHEST, None if said is None else codes.SIDES.get(said.laterality))]

    def _evaluations(self, said: Finding | StudyFinding | None) -> list[QualitativeEvaluation]:
        """How sure the reader is, and of which side where there is no site to say it of."""
        found = []
        if said is not None and said.certainty is not Certainty.UNSTATED:
            found.append(QualitativeEvaluation(codes.READER_CERTAINTY, codes.CERTAINTIES[said.certainty]))
        if said is not None and said.laterality is not Laterality.UNSTATED and self._sites() is None:
            found.append(QualitativeEvaluation(codes.LATERALITY, codes.SIDES[said.laterality]))
        return found


def _add_source(
    group: Group, source: str, observer: ObserverContext | None, said: Finding | StudyFinding | None
) -> None:
    """Who drew or said it, and the comment on it."""
    content = group[0].ContentSequence
    if observer is not None:
        content.extend(observer)
    if source:
        content.append(TextContentItem(codes.REGION_SOURCE, line(source), "CONTAINS"))
    if said is not None and said.comment:
        content.append(TextContentItem(codes.COMMENT, line(said.comment, LONGEST_COMMENT), "CONTAINS"))


def _session(reading: Reading, box: Box) -> str | None:
    """Whether the box was there before the reader could see the network; None for a reading not committed."""
    if reading.first is None:
        return None
    if box not in reading.first.boxes:
        return "Amended reading"
    return "First reading, network not shown" if reading.first.blinded else "First reading"
