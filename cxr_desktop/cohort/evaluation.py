"""A data set through the engine: do the maps find what readers found, and do the scores tell images apart?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cxr_desktop.cohort.crew import outcomes
from cxr_desktop.cohort.examination import Check, Examiner, target_of
from cxr_desktop.cohort.examples import Examples
from cxr_desktop.cohort.groups import group_rows
from cxr_desktop.cohort.image_task import ImageTask, OpenModel, Outcome, examiner_for, load_package
from cxr_desktop.cohort.index import IndexRow, locate, read_index
from cxr_desktop.cohort.operating import operating_points
from cxr_desktop.cohort.parameters import parameters
from cxr_desktop.cohort.parquet import parquet_beside, require_parquet
from cxr_desktop.cohort.plan import EvaluationPlan, EvaluationResult, Failure
from cxr_desktop.cohort.prior_record import with_location_prior, without_prior
from cxr_desktop.cohort.protocol_tables import write_protocol_tables
from cxr_desktop.cohort.protocol_views import ProtocolView, protocol_view
from cxr_desktop.cohort.reason_tables import write_reason_tables, write_unit_table
from cxr_desktop.cohort.reason_units import WrongReasonUnits, unit_section
from cxr_desktop.cohort.reasons import Reasons, index_truth, reason_cases
from cxr_desktop.cohort.records import ImageRecord
from cxr_desktop.cohort.scoring import score_rows
from cxr_desktop.cohort.study_file import write_study_file
from cxr_desktop.cohort.summary_page import SummaryPage
from cxr_desktop.cohort.tables import (
    PAIRED,
    PER_IMAGE,
    PROBLEMS,
    SCORES,
    SUMMARY,
    paired_table_rows,
    per_image_rows,
    prediction_rows,
    problem_rows,
    score_table_rows,
    summary_rows,
    write_csv,
)
from cxr_desktop.cohort.tuning import Tuning, tuned, tuning_images
from cxr_desktop.domain import Progress
from cxr_desktop.domain.errors import AttributionError, ExportError
from cxr_desktop.domain.whole_file import write_text
from cxr_desktop.localization.box_file import names_of


def evaluate(
    plan: EvaluationPlan, progress: Progress | None = None, *, open_model: OpenModel | None = None
) -> EvaluationResult:
    """Examine every image of the index and write the tables into `plan.out`.

    per_image.csv, predictions.csv, summary.csv, significance.csv, problems.csv, summary.html, reasons.csv,
    regions.csv, groups.csv, protocols.csv with its tables, and scores.csv where the index holds truths. The same
    images, model and plan give the same bytes. An image or method that fails is among the result's failures, the
    rest is done. progress: told after each image, and again while the report is made.
    Raises IndexFileError, BoxFileError, ModelError, DeviceError, AttributionError for a method
    that does not exist, ExportError for a folder that cannot be written; Cancelled from progress.
    """
    opener = open_model or load_package
    plan = replace(plan, methods=tuple(dict.fromkeys(plan.methods)))
    lines: list[str] = []
    rows = read_index(plan.index, lines)
    several: dict[str, tuple[Path, ...]] = {}
    files = locate(rows, plan.images, several)
    _require_folder(plan.out)
    _require_methods(plan.methods)
    if plan.parquet:
        require_parquet()
    tuning_images(rows, plan.tune_on)  # a column that is not there is told now, not after hours
    examiner = examiner_for(plan, opener(plan.model, plan.device))
    found = _examined(examiner, rows, files, progress, opener)
    evaluated = [row for row in rows if isinstance(found.get(row.name), ImageRecord)]
    records = with_location_prior([record for record in found.values() if isinstance(record, ImageRecord)])
    tuning = tuned(evaluated, records, plan.tune_on)
    stated = examiner.classifier.card.thresholds
    views = tuple(protocol_view(one, plan, stated, records, tuning) for one in plan.protocols)
    evaluation = _Evaluation(
        examiner=examiner,
        rows=evaluated,
        records=tuple(views[0].records()),
        views=views,
        tuning=tuning,
        failures=(
            *(Failure(plan.index, told.removeprefix(f"{plan.index}: ")) for told in lines),
            *(Failure(plan.boxes, told.removeprefix(f"{plan.boxes}, ")) for told in examiner.box_problems),
            *_failures(plan, rows, files, found, several),
        ),
        notes=(*_notes(examiner, records), *_unlisted(examiner, rows, files, records)),
        files=files,
    )
    return evaluation.written(lambda: progress(1.0) if progress else None)


@dataclass(frozen=True, slots=True)
class _Evaluation:
    """All that the tables are made of. rows and records: of the same images in the index's order. files: by name.

    views: what was measured, under each protocol; records and all but their own tables follow the first.
    """

    examiner: Examiner
    rows: Sequence[IndexRow]
    records: Sequence[ImageRecord]
    views: tuple[ProtocolView, ...]
    tuning: Tuning
    failures: tuple[Failure, ...]
    notes: tuple[str, ...]
    files: Mapping[str, Path]

    def written(self, check: Check) -> EvaluationResult:
        plan, classifier = self.examiner.plan, self.examiner.classifier
        labels = classifier.labels
        summary, paired = self.views[0].summary, self.views[0].paired
        scores = score_rows(self.rows, self.records, labels, self.examiner.labels)
        reasons = self._reasons()
        units = WrongReasonUnits(self.examiner, self.files, plan.units, check).rows(reasons)
        examples = Examples(
            self.examiner, self.files, {r.image: r for r in self.records}, plan.examples, check
        )
        page = SummaryPage(
            model=classifier.identity,
            images=len(self.records),
            views=self.views,
            tuning=self.tuning,
            scores=scores,
            failures=self.failures,
            notes=self.notes,
            reasons=reasons,
            more=(*unit_section(units, plan.main.title), *examples.section(reasons)),
            facts=tuple(parameters(plan, classifier)),
        )
        predictions = prediction_rows(self.records, labels)
        files = [
            write_csv(plan.out / "per_image.csv", PER_IMAGE, per_image_rows(self.records)),
            write_csv(plan.out / "predictions.csv", ("image", "image_sha256", *labels), predictions),
            write_csv(plan.out / "summary.csv", SUMMARY, summary_rows(summary)),
            write_csv(plan.out / "significance.csv", PAIRED, paired_table_rows(paired)),
            write_csv(plan.out / "problems.csv", PROBLEMS, problem_rows(self.failures, self.notes)),
            write_text(plan.out / "summary.html", page.html()),
            *write_reason_tables(plan.out, reasons.cases, reasons.groups, reasons.rule),
            *write_unit_table(plan.out, units),
            *write_protocol_tables(plan.out, self.views, self.tuning.values),
            write_study_file(plan, classifier.identity.caption, self.files),
        ]
        if scores:
            files.append(write_csv(plan.out / "scores.csv", SCORES, score_table_rows(scores)))
        if plan.parquet:
            files += parquet_beside(files)
        _without_earlier(plan.out, files)
        return EvaluationResult(
            model=classifier.identity,
            images=len(self.records),
            summary=summary,
            scores=scores,
            failures=self.failures,
            notes=self.notes,
            files=tuple(files),
            document=page.document(),
        )

    def _reasons(self) -> Reasons:
        plan, classifier = self.examiner.plan, self.examiner.classifier
        points = operating_points(classifier.labels, classifier.card.operating_points)
        methods = tuple(dict.fromkeys(plan.methods))
        cases = reason_cases(self.rows, self.records, methods, points, self.examiner.labels)
        return Reasons(
            cases, group_rows(cases, plan.look), plan.look, tuple(points.values()), plan.main.title
        )


def _examined(
    examiner: Examiner,
    rows: Sequence[IndexRow],
    files: dict[str, Path],
    progress: Progress | None,
    open_model: OpenModel,
) -> dict[str, Outcome]:
    """Outcome of each image that there is, in the index's order."""
    tasks = [
        ImageTask(row.name, files[row.name], _negatives(row, examiner)) for row in rows if row.name in files
    ]
    found: dict[str, Outcome] = {}
    for task, result in outcomes(examiner, tasks, open_model):
        found[task.name] = result
        if progress is not None:
            progress(len(found) / len(tasks))
    return {task.name: found[task.name] for task in tasks}


def _negatives(row: IndexRow, examiner: Examiner) -> tuple[str, ...]:
    """Labels of the model that the index says the image does not show."""
    labels = examiner.classifier.labels
    return tuple(label for label in labels if index_truth(row, label, examiner.labels) is False)


def _failures(
    plan: EvaluationPlan,
    rows: Sequence[IndexRow],
    files: Mapping[str, Path],
    found: Mapping[str, Outcome],
    several: Mapping[str, Sequence[Path]],
) -> Iterator[Failure]:
    if not rows:
        yield Failure(plan.index, "lists no image; check that it is the right file")
    elif not files:
        yield Failure(plan.index, _another_set(plan, rows))
    for row in rows:
        if row.lines > 1:
            yield Failure(plan.index, f"{row.name} is listed {row.lines} times; its first line counts")
        if row.name not in files:
            yield Failure(plan.images / row.name, _not_found(plan, several.get(row.name, ())))
            continue
        result = found[row.name]
        reasons = (result,) if isinstance(result, str) else result.reasons
        yield from (Failure(files[row.name], reason) for reason in reasons)


def _not_found(plan: EvaluationPlan, alike: Sequence[Path]) -> str:
    if not alike:
        return f"is not in {plan.images.name}; check --images and the index"
    places = [path.relative_to(plan.images).as_posix() for path in alike]
    return (
        f"is the name of {len(alike)} files in {plan.images.name} ({_some(places)}), so that none was taken; write the "
        "folder into the index and the boxes, too"
    )


def _another_set(plan: EvaluationPlan, rows: Sequence[IndexRow]) -> str:
    there = sorted(path.name for path in plan.images.iterdir())
    return (
        f"none of its {len(rows)} images is in {plan.images.name}: looked for {_some([row.name for row in rows])}, "
        f"found {_some(there) or 'nothing'} there; is it the index of another data set? check --images"
    )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _notes(examiner: Examiner, records: Sequence[ImageRecord]) -> Iterator[str]:
    """What of the boxes was not compared, and why."""
    labels = examiner.classifier.labels
    unspoken = Counter(
        box.label
        for boxes in examiner.boxes.values()
        for box in boxes
        if target_of(box.label, labels, examiner.labels) is None
    )
    for label, count in sorted(unspoken.items()):
        subject = f"1 box of {label!r} fits" if count == 1 else f"{count} boxes of {label!r} fit"
        yield f"{subject} no label of the model ({', '.join(labels)}); see --label-map."
    for label, source in without_prior(records):
        reader = f" by {source}" if source else ""
        yield f"Boxes of {label!r}{reader} lie on one image alone: no location prior can be fitted for them."
    if not any(method.comparisons for record in records for method in record.methods):
        yield "No image of the index has a box that speaks of the model's labels: nothing was localised."


def _unlisted(
    examiner: Examiner, rows: Sequence[IndexRow], files: Mapping[str, Path], records: Sequence[ImageRecord]
) -> Iterator[str]:
    """Boxes of images that the index does not list: usual where it is a part of a set, telling where it is all."""
    known = {name for row in rows for name in names_of(files.get(row.name, Path(row.name)))}
    known |= {row.name for row in rows} | {record.uid for record in records}
    others = [image for image in examiner.boxes if image not in known]
    if not others:
        return
    count = sum(len(examiner.boxes[image]) for image in others)
    some = ", ".join(sorted(others)[:3]) + (", ..." if len(others) > 3 else "")
    boxes = "1 box lies" if count == 1 else f"{count} boxes lie"
    images = "1 image" if len(others) == 1 else f"{len(others)} images"
    yield f"{boxes} on {images} that the index does not list ({some}): not used."
    if rows and len(others) == len(examiner.boxes):
        listed = ", ".join(row.name for row in rows[:3])
        yield (
            f"No box of {examiner.plan.boxes.name} is of an image of {examiner.plan.index.name}, which lists "
            f"{listed}: are they of two different sets?"
        )


def _without_earlier(out: Path, files: Sequence[Path]) -> None:
    """No table of an earlier evaluation in the same folder stays beside those of this one; what else is there does."""
    tables = {out / "scores.csv", *(path for path in files if path.suffix == ".csv")}
    for path in tables | {table.with_suffix(".parquet") for table in tables}:
        if path not in files:
            path.unlink(missing_ok=True)


def _require_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(
            f"{out} cannot be made ({error.strerror}); choose a folder that can be written as --out"
        ) from error


def _require_methods(methods: Sequence[str]) -> None:
    from cxr_desktop.attribution import methods as installed

    unknown = [method for method in methods if method not in installed()]
    if unknown:
        raise AttributionError(
            f"unknown attribution method {', '.join(unknown)}; installed are {', '.join(installed())}"
        )
