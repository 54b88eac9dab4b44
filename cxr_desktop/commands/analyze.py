"""`analyze`: classify, attribute, localise and export, without a screen."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxr_desktop.attribution import methods
from cxr_desktop.cohort.box_input import BOX_FORMATS, read_box_input
from cxr_desktop.commands.console import Console, wrong_usage
from cxr_desktop.commands.templates import add_template, chosen_template
from cxr_desktop.domain import Analysis, Box, InstanceHeader, Radiograph, Threshold
from cxr_desktop.domain.errors import CxrError, DicomReadError
from cxr_desktop.domain.labels import LabelMap
from cxr_desktop.localization.box_file import BoxTable
from cxr_desktop.resources import resource

if TYPE_CHECKING:
    from cxr_desktop.classifiers import Classifier
    from cxr_desktop.cohort.case import CaseRequest
    from cxr_desktop.reports.template import Template

DEFAULT_FORMATS = "pdf,json,png"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files, folders, DICOMDIR or .zip; "
                        "without one, the bundled study")  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the results go")
    parser.add_argument("--model", default="demo", metavar="NAME|DIR", help="installed model, or a package")
    parser.add_argument("--method", default=None, metavar="NAME[,NAME]", help="attribution methods")
    parser.add_argument("--target", default="top", metavar="LABEL|top", help="the label to explain")
    parser.add_argument(
        "--boxes",
        type=Path,
        metavar="FILE",
        help="readers' boxes: CSV, COCO, VOC, YOLO, LabelMe, Label Studio or a DICOM structured report",
    )
    parser.add_argument(
        "--boxes-format", default="", metavar="NAME", help="how to read them, if not as their content tells"
    )
    parser.add_argument("--label-map", type=Path, metavar="FILE.csv", help="box labels to model labels")
    parser.add_argument(
        "--formats", default=DEFAULT_FORMATS, metavar="F[,F]", help=f"default {DEFAULT_FORMATS}"
    )
    parser.add_argument(
        "--threshold", metavar="KIND:VALUE", help="percentile:P, relative:R, absolute:V or otsu"
    )
    parser.add_argument(
        "--frame",
        type=frame_number,
        default=1,
        metavar="N",
        help="which frame of a file with several; default 1",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    parser.add_argument("--override-input-check", action="store_true",
                        help="score images that the input check refuses; the reason stays in the report")  # fmt: skip
    parser.add_argument("--trust", action="store_true",
                        help="measure how far each map can be trusted; makes each map eleven times more")  # fmt: skip
    add_template(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Exit code: 0 all done, 1 some input failed, each named with its reason."""
    from cxr_desktop.classifiers import load_model
    from cxr_desktop.cohort.case import DEFAULT_METHODS, CaseRequest
    from cxr_desktop.reports.export import prepare_folder

    formats = chosen_formats(arguments.formats)
    template = chosen_template(arguments)
    chosen = chosen_methods(arguments.method) or DEFAULT_METHODS
    request = CaseRequest(
        methods=chosen,
        target=arguments.target,
        threshold=Threshold.parse(arguments.threshold) if arguments.threshold else None,
        override=arguments.override_input_check,
        trust=arguments.trust,
    )
    paths, boxes = _inputs(arguments.paths, arguments.boxes)
    form = chosen_boxes_format(arguments.boxes_format)
    table = _boxes(boxes, form, console) if boxes else None
    classifier = load_model(arguments.model, arguments.device)
    require_target(arguments.target, classifier)
    prepare_folder(arguments.out)
    labels = LabelMap.load(arguments.label_map)
    with tempfile.TemporaryDirectory(prefix="cxr-desktop-") as unpacked:
        headers = list(_headers(paths, Path(unpacked), console))
        if not headers and not console.failures:
            console.fail(", ".join(map(str, paths)), "no image is in there")
        session = _Session(
            classifier, request, table, labels, formats, arguments.out, console, template, arguments.frame - 1
        )
        results = session.run(headers)
    if table is not None:
        _warn_of_unused(table, headers, console)
    console.document(
        {"results": results, "failures": [{"input": a, "reason": b} for a, b in console.failures]}
    )
    return console.exit_code


class _Session:
    """One call's images through one model."""

    def __init__(
        self,
        classifier: Classifier,
        request: CaseRequest,
        table: BoxTable | None,
        labels: LabelMap,
        formats: Sequence[str],
        out: Path,
        console: Console,
        template: Template | None,
        frame: int,
    ) -> None:
        self.classifier, self.request, self.table, self.labels = classifier, request, table, labels
        self.formats, self.out, self.console, self.template = formats, out, console, template
        self.frame = frame

    def run(self, headers: Sequence[InstanceHeader]) -> list[dict[str, Any]]:
        from cxr_desktop.reports import stems_of

        stems = stems_of([header.path for header in headers])
        results = []
        for index, (header, stem) in enumerate(zip(headers, stems, strict=True)):
            try:
                results.append(self._one(header, stem, index / len(headers), 1 / len(headers)))
            except CxrError as error:
                self.console.fail(str(header.path), str(error))
        self.console.clear()
        return results

    def _one(self, header: InstanceHeader, stem: str, done: float, share: float) -> dict[str, Any]:
        from cxr_desktop.classifiers import run_with_fallback
        from cxr_desktop.cohort.case import analyze_file
        from cxr_desktop.reports import issue

        if self.frame >= header.frames:
            raise DicomReadError(
                f"{header.path}: there is no frame {self.frame + 1}; the file holds {header.frames}"
            )

        def tell(part: float) -> None:
            self.console.progress(done + part * share, header.path.name)

        request = replace(self.request, references=self._references(header))
        analysis, fallback = run_with_fallback(
            self.classifier,
            lambda classifier: analyze_file(header.path, classifier, request, tell, frame=self.frame),
        )
        if fallback:
            self.console.note(f"{header.path}: {fallback}")
            analysis = replace(analysis, notes=(*analysis.notes, fallback))
        files = issue(analysis, self.formats, self.out, stem, template=self.template).files
        for line in summary_lines(analysis, files):
            self.console.say(line)
        return summary(analysis, files)

    def _references(self, header: InstanceHeader) -> tuple[Box, ...]:
        """The file's boxes of that image; a label that the map places under one of the model's takes its name."""
        if self.table is None:
            return ()
        boxes = self.table.boxes_for(header.path, header.sop_instance_uid)
        return tuple(
            box for box in boxes if any(self.labels.matches(box.label, own) for own in self.classifier.labels)
        )


def summary_lines(analysis: Analysis, files: Sequence[Path]) -> Iterator[str]:
    scores = ", ".join(f"{label} {score:.3f}" for label, score in analysis.prediction.scores.items())
    yield f"{analysis.radiograph.header.path.name}{_of_frames(analysis.radiograph)}: {scores}"
    for concern in analysis.prediction.concerns:
        yield f"  {concern.severity.value}: {concern.sentence}"
    best: dict[str, float] = {}
    for found in analysis.localizations:
        best[found.method] = max(best.get(found.method, 0.0), found.iou)
    if best:
        yield "  best IoU: " + ", ".join(f"{method} {value:.2f}" for method, value in best.items())
    yield "  wrote " + ", ".join(str(path) for path in files)


def summary(analysis: Analysis, files: Sequence[Path]) -> dict[str, Any]:
    header = analysis.radiograph.header
    return {
        "image": str(header.path),
        "sop_instance_uid": header.sop_instance_uid,
        **({"frame": analysis.radiograph.frame + 1} if header.frames > 1 else {}),
        "scores": dict(analysis.prediction.scores),
        "files": [str(path) for path in files],
    }


def _of_frames(radiograph: Radiograph) -> str:
    frames = radiograph.header.frames
    return f", frame {radiograph.frame + 1} of {frames}" if frames > 1 else ""


def frame_number(text: str) -> int:
    """A frame, counted from 1. Raises ValueError for anything else."""
    number = int(text)
    if number < 1:
        raise ValueError("frames are counted from 1")
    return number


def listed(text: str) -> list[str]:
    """The parts of an option with commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def chosen_boxes_format(name: str) -> str:
    """Raises ValueError for an unknown one."""
    if name and name not in BOX_FORMATS:
        raise ValueError(f"--boxes-format {name!r} is none of {', '.join(BOX_FORMATS)}")
    return name


def _boxes(path: Path, form: str, console: Console) -> BoxTable:
    """The boxes that can be used; each of the others is named."""
    problems: list[str] = []
    table = read_box_input(path, form=form, problems=problems)
    for told in problems:
        console.fail(str(path), told.removeprefix(f"{path}, "))
    return table


def chosen_methods(text: str | None) -> tuple[str, ...]:
    """The methods of an option, none where it is not given. Raises ValueError for a name that no method has."""
    if text is None:
        return ()
    known, names = methods(), listed(text)
    for name in names or [text]:
        if name not in known:
            raise ValueError(f"unknown method {name!r}; installed are {', '.join(known)}")
    return tuple(names)


def chosen_formats(text: str) -> list[str]:
    """Raises ValueError for a format that does not exist, or none at all."""
    from cxr_desktop.reports.registry import exporter

    names = listed(text)
    with wrong_usage():
        for name in names or [text]:
            exporter(name)
    return names


def require_target(label: str, classifier: Classifier) -> None:
    """Raises ValueError for a label that the model does not have."""
    if label != "top":
        with wrong_usage():
            classifier.target_index(label)


def _inputs(paths: Sequence[Path], boxes: Path | None) -> tuple[list[Path], Path | None]:
    """The paths given, or the bundled study with its boxes."""
    if paths:
        return list(paths), boxes
    study = resource("demo", "study")
    own = study / "boxes.csv"
    return [study], boxes or (own if own.exists() else None)


def _headers(paths: Sequence[Path], unpacked: Path, console: Console) -> Iterator[InstanceHeader]:
    from cxr_desktop.dicom import Refused, find_instances

    for found in find_instances(paths, unpack=unpacked):
        if isinstance(found, Refused):
            console.fail(str(found.path), found.reason)
        else:
            yield found


def _warn_of_unused(table: BoxTable, headers: Sequence[InstanceHeader], console: Console) -> None:
    if headers and not any(table.boxes_for(h.path, h.sop_instance_uid) for h in headers):
        console.note("the box file names none of these images; its column 'image' wants file names or UIDs")
