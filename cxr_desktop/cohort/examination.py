"""One image of a data set through the engine, piece by piece, each kept as it is done."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cxr_desktop import __version__
from cxr_desktop.cohort.case import explain_radiograph
from cxr_desktop.cohort.cuts import NO_CUTS, Cuts
from cxr_desktop.cohort.map_options import map_options
from cxr_desktop.cohort.operating import operating_points
from cxr_desktop.cohort.plan import RANDOM, EvaluationPlan
from cxr_desktop.cohort.records import (
    Comparison,
    ImageRecord,
    MethodRecord,
    as_document,
    edges,
    record_of,
)
from cxr_desktop.cohort.shards import ShardKey, Shards
from cxr_desktop.dicom import read_radiograph
from cxr_desktop.domain import AttributionMap, Box, InstanceHeader, Radiograph, Threshold
from cxr_desktop.domain.errors import AttributionError, CxrError, DeviceError
from cxr_desktop.domain.labels import LabelMap
from cxr_desktop.localization import (
    SWEEP,
    BoxTable,
    Evidence,
    IouCurve,
    Regions,
    average_precision,
    energy_inside,
    find_regions,
    iou_curve,
    localize,
    random_map,
    region_shares,
)

if TYPE_CHECKING:
    from cxr_desktop.attribution import Activations
    from cxr_desktop.classifiers import Classifier

Check = Callable[[], object]
"""Asks whether the work is still wanted; raises Cancelled where it is not."""

MEASURES = "4"
"""Changes when other figures of a map are kept, so that pieces without them are made anew."""

REGION_MODEL = "2"
"""Changes when the same image is parted in another way, so that shares of two ways are never mixed."""


@dataclass(frozen=True, slots=True)
class Examiner:
    """What stays the same from image to image. activations: of the classifier's network, None to keep none.

    box_problems: sentences on entries of the boxes' file that cannot be used.
    """

    plan: EvaluationPlan
    classifier: Classifier
    boxes: BoxTable
    labels: LabelMap
    shards: Shards
    activations: Activations | None = None
    box_problems: Sequence[str] = ()

    def begun(self, path: Path) -> StudyImage:
        """The image, read where it will be needed. What is wrong with it shows when it is examined."""
        image = StudyImage(path)
        with suppress(CxrError):
            if self.shards.load(self._key(image, "", {})) is None:
                _ = image.radiograph
        return image

    def examine(self, name: str, image: StudyImage, negatives: Collection[str] = ()) -> ImageRecord:
        """Scores, and each method against the image's boxes; a method that fails is named in `reasons`.

        negatives: labels that the image is known not to show. Where one is predicted all the same, maps tell
        what of the image that rests on, though there is no box to hold them against.
        Raises DicomReadError for an image that cannot be read, ModelError, ExportError.
        """
        prediction = self._kept(image, "", {}, lambda: self._predicted(name, image))
        given = self._given(name, image, prediction["uid"])
        references, reasons = _inside(given, prediction["columns"], prediction["rows"])
        records: list[MethodRecord] = []
        explained = [
            *self._by_target(references),
            *self._mistaken(prediction["scores"], negatives, references),
        ]
        for target, concerned in explained:
            for method in (*self.plan.methods, *([RANDOM] if concerned else [])):
                try:
                    records.append(self._method(image, prediction, method, target, concerned))
                except (AttributionError, DeviceError, ValueError) as error:
                    reasons.append(f"{method}: {error}")
        if self.activations is not None:
            self.activations.clear()
        told = self._regions(image) if explained else {}
        return ImageRecord(
            image=name,
            sha256=image.sha256,
            rows=prediction["rows"],
            columns=prediction["columns"],
            scores=prediction["scores"],
            methods=tuple(records),
            reasons=tuple(reasons),
            **told,
            header=prediction.get("header", {}),
            uid=prediction["uid"],
        )

    def keep(
        self, path: Path, method: str, parameters: Mapping[str, Any], compute: Callable[[Radiograph], Any]
    ) -> Any:
        """Something else of an image, kept like its maps and taken up when going on.

        Raises DicomReadError for an image that cannot be read, and what compute raises.
        """
        image = StudyImage(path)
        return self._kept(image, method, parameters, lambda: compute(image.radiograph))

    def _given(self, name: str, image: StudyImage, uid: str) -> Sequence[Box]:
        return self.boxes.boxes_for(image.path, uid) or self.boxes.get(name, ())

    def _by_target(self, references: Sequence[Box]) -> Iterator[tuple[str, tuple[Box, ...]]]:
        """Each label of the model that boxes speak of, with those boxes."""
        for label in self.classifier.labels:
            concerned = tuple(
                box
                for box in references
                if target_of(box.label, self.classifier.labels, self.labels) == label
            )
            if concerned:
                yield label, concerned

    def _mistaken(
        self, scores: Mapping[str, float], negatives: Collection[str], references: Sequence[Box]
    ) -> Iterator[tuple[str, tuple[Box, ...]]]:
        """Labels predicted at their operating point that the image does not show."""
        boxed = {label for label, _ in self._by_target(references)}
        for label, point in operating_points(
            self.classifier.labels, self.classifier.card.operating_points
        ).items():
            if label in negatives and label not in boxed and scores[label] >= point.threshold:
                yield label, ()

    def _regions(self, image: StudyImage) -> dict[str, Any]:
        def told() -> dict[str, Any]:
            return {"areas": image.regions.areas(), "no_lungs": image.regions.reason}

        return self._kept(image, "regions", {"regions": REGION_MODEL}, told)

    def _predicted(self, name: str, image: StudyImage) -> dict[str, Any]:
        radiograph = image.radiograph
        runs, run = self.activations, None
        if runs is not None and self._given(name, image, radiograph.header.sop_instance_uid):
            run = partial(runs.logits, methods=self.plan.methods)
        return {
            "uid": radiograph.header.sop_instance_uid,
            "rows": radiograph.rows,
            "columns": radiograph.columns,
            "scores": dict(self.classifier.predict(radiograph, run).scores),
            "header": _told(radiograph.header),
        }

    def _method(
        self,
        image: StudyImage,
        prediction: Mapping[str, Any],
        method: str,
        target: str,
        references: tuple[Box, ...],
    ) -> MethodRecord:
        threshold, others = self.plan.thresholds(method, self.classifier.card.thresholds)
        parameters = {
            "target": target,
            "threshold": str(threshold),
            "options": {
                name: str(value) for name, value in map_options(method, self.plan.options.get(method)).items()
            },
            "references": [(box.label, box.source, *edges(box)) for box in references],
            "regions": REGION_MODEL,
            "measures": MEASURES,
            "other thresholds": [str(other) for other in others],
        }

        def compute() -> dict[str, Any]:
            if method == RANDOM:
                found = self._random(image, prediction, target)
            else:
                options = self.plan.options.get(method)
                found = explain_radiograph(
                    image.radiograph,
                    self.classifier,
                    method,
                    target,
                    options=options,
                    activations=self.activations,
                )
            shares = region_shares(found.values, image.regions)
            kept = {str(r): share for r, share in shares.items() if not isnan(share)}
            return as_document(replace(compared(found, threshold, references, others), shares=kept))

        return record_of(self._kept(image, method, parameters, compute))

    def _random(self, image: StudyImage, prediction: Mapping[str, Any], target: str) -> AttributionMap:
        shape = (prediction["rows"], prediction["columns"])
        values = random_map(int(image.sha256[:8], 16), shape)
        return AttributionMap(values, RANDOM, target, self.classifier.identity)

    def _kept(
        self, image: StudyImage, method: str, parameters: Mapping[str, Any], compute: Callable[[], Any]
    ) -> Any:
        key = self._key(image, method, parameters)
        earlier = self.shards.load(key)
        return self.shards.store(key, compute()) if earlier is None else earlier

    def _key(self, image: StudyImage, method: str, parameters: Mapping[str, Any]) -> ShardKey:
        return ShardKey(
            image_sha256=image.sha256,
            weights_sha256=self.classifier.identity.weights_sha256,
            method=method,
            parameters={**parameters, "model": self.classifier.identity.version, "software": __version__},
        )


def target_of(box_label: str, model_labels: Sequence[str], labels: LabelMap) -> str | None:
    """The model's label that a box speaks of: its own finding if the model has it, else the first above it."""
    own = labels.canonical(box_label)
    same = (label for label in model_labels if labels.canonical(label) == own)
    above = (label for label in model_labels if labels.matches(box_label, label))
    return next(same, None) or next(above, None)


def compared(
    found: AttributionMap,
    threshold: Threshold,
    references: tuple[Box, ...],
    others: Sequence[Threshold] = SWEEP,
) -> MethodRecord:
    """A map's boxes at its threshold against the references, with the boxes that other thresholds give.

    best_iou of a comparison: what the best of all these thresholds, chosen for that reference alone, would reach.
    """
    evidence = Evidence(found.values)
    evidence.at_each((threshold, *others) if references else (threshold,))
    localized, comparisons = localize(found, threshold, references, evidence)
    curve = iou_curve(evidence, references, others) if references and others else None
    bounds = np.zeros(len(references)) if curve is None else curve.upper_bounds
    return MethodRecord(
        method=found.method,
        target=found.target,
        threshold=str(threshold),
        cut=localized.cut,
        comparisons=tuple(
            Comparison.of(comparison, max(float(bound), comparison.iou))
            for comparison, bound in zip(comparisons, bounds, strict=True)
        ),
        energy=energy_inside(found.values, references) if references else None,
        auprc=_told_or_none(average_precision(found.values, references)),
        cuts=NO_CUTS if curve is None else _cuts(curve),
    )


def _cuts(curve: IouCurve) -> Cuts:
    """The predicted box for each reference, by threshold."""
    boxes = curve.predicted.copy()
    boxes[..., 2:] -= boxes[..., :2]
    return Cuts.of([str(threshold) for threshold in curve.thresholds], boxes)


def _inside(boxes: Sequence[Box], columns: int, rows: int) -> tuple[tuple[Box, ...], list[str]]:
    """The parts of boxes that lie on the image, and a sentence for each box that reaches beyond by a pixel."""
    kept: list[Box] = []
    told: list[str] = []
    for box in boxes:
        left, top, right, bottom = (
            max(box.x, 0),
            max(box.y, 0),
            min(box.right, columns),
            min(box.bottom, rows),
        )
        where = f"box of {box.label!r} at {box.x:g}, {box.y:g}, {box.width:g} x {box.height:g},"
        size = f"the image of {columns} x {rows} pixels"
        if right <= left or bottom <= top:
            told.append(
                f"{where} lies outside {size} and was left out; are the boxes of other images, or of another size?"
            )
            continue
        if max(left - box.x, top - box.y, box.right - right, box.bottom - bottom) >= 1:
            told.append(f"{where} reaches beyond {size} and was cut at its edge")
        if (left, top, right, bottom) == (box.x, box.y, box.right, box.bottom):
            kept.append(box)
        else:
            kept.append(replace(box, x=left, y=top, width=right - left, height=bottom - top))
    return tuple(kept), told


def _told_or_none(value: float) -> float | None:
    return None if isnan(value) else value


def _told(header: InstanceHeader) -> dict[str, str]:
    """What of a header parts patients into groups; the patient by a digest, so that no identity is kept."""
    patient = hashlib.sha256(header.patient_id.encode()).hexdigest()[:12] if header.patient_id else ""
    told = {
        "view": header.view_position,
        "sex": header.patient_sex,
        "age": header.patient_age,
        "manufacturer": header.manufacturer,
        "patient": patient,
    }
    return {name: value for name, value in told.items() if value}


class StudyImage:
    """A file, hashed at once and decoded when a piece is missing."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def sha256(self) -> str:
        try:
            with self.path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            return self.radiograph.sha256  # raises DicomReadError with the reason

    @cached_property
    def radiograph(self) -> Radiograph:
        return read_radiograph(self.path)

    @cached_property
    def regions(self) -> Regions:
        return regions_of(self.radiograph)


def regions_of(radiograph: Radiograph) -> Regions:
    """As the radiograph shows itself, with the patient's sides where its orientation says they are."""
    mirrored = radiograph.orientation[0] == "R"
    return find_regions(radiograph.display(), radiograph.valid, patient_left_on_right=not mirrored)
