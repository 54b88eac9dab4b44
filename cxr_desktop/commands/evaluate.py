"""`evaluate`: a data set through the engine, into tables."""

from __future__ import annotations

import argparse
from pathlib import Path

from cxr_desktop.commands.analyze import chosen_boxes_format, chosen_methods
from cxr_desktop.commands.console import Console
from cxr_desktop.domain.reasons import LookRule

PROTOCOLS = "own,tuned,otsu,best"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "index", type=Path, metavar="INDEX.csv", help="CSV with the column image; others are groups"
    )
    parser.add_argument("--images", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--boxes",
        type=Path,
        required=True,
        metavar="FILE",
        help="CSV (NIH's, RSNA's, VinDr's and SIIM-ACR's lists too), COCO, ChestX-Det, CheXlocalize, VOC, YOLO, "
        "LabelMe, Label Studio, or a DICOM structured report or segmentation",
    )
    parser.add_argument(
        "--boxes-format",
        default="",
        metavar="NAME",
        help="csv, nih, rsna, vindr, siim, coco, labelme, label-studio, chestx-det, chexlocalize, voc, yolo, "
        "dicom-sr or dicom-seg; told by the content otherwise",
    )
    parser.add_argument(
        "--out",
        required=True,
        metavar="DIR|ADDRESS",
        help="a folder, or an object store such as s3://bucket/study",
    )
    parser.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        help="where the work for an address is done; with --scheduler a folder that its workers see",
    )
    parser.add_argument(
        "--tables", default="csv", metavar="csv[,parquet]", help="kinds of tables (default: csv)"
    )
    parser.add_argument("--model", default="demo", metavar="NAME|DIR")
    parser.add_argument("--methods", metavar="NAME[,NAME]", help="default: the five of analyze")
    parser.add_argument("--label-map", type=Path, metavar="FILE.csv", help="box labels to model labels")
    cut = parser.add_mutually_exclusive_group()
    cut.add_argument(
        "--threshold", metavar="KIND:VALUE", help="in place of the model's own, beside the other protocols"
    )
    cut.add_argument(
        "--thresholds",
        default=PROTOCOLS,
        metavar="PROTOCOL[,PROTOCOL]",
        help="own, tuned, otsu, best, percentile:P, relative:R, absolute:V; tables and pictures follow the first "
        f"(default: {PROTOCOLS}; best is an upper bound)",
    )
    parser.add_argument(
        "--tune-on",
        metavar="COLUMN=VALUE[,VALUE]",
        help="images to tune thresholds on; default: the index's column split, else parts of the patients in turn",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--workers", type=_some, default=1, metavar="N", help="processes")
    where.add_argument(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help="of a Dask cluster whose workers see the same folders, such as tcp://host:8786",
    )
    parser.add_argument("--resume", action="store_true", help="keep what an earlier run has finished")
    parser.add_argument(
        "--look",
        default="iou:0.25",
        metavar="iou:T|pointing",
        help="when a map looked at the finding: IoU with a box from T on, or its maximum in one",
    )
    parser.add_argument(
        "--units", type=_count, default=6, metavar="N", help="images followed through the units, 0 for none"
    )
    parser.add_argument(
        "--examples", type=_count, default=4, metavar="N", help="pictures of each kind in the report"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    from cxr_desktop.cohort.case import DEFAULT_METHODS
    from cxr_desktop.cohort.evaluation import evaluate
    from cxr_desktop.cohort.object_store import ObjectStore, is_address
    from cxr_desktop.cohort.plan import EvaluationPlan
    from cxr_desktop.cohort.protocols import parse_protocols
    from cxr_desktop.reports.pdf.study import save_study_pdf

    out = _folder(arguments)
    store = ObjectStore(arguments.out, out) if is_address(arguments.out) else None
    plan = EvaluationPlan(
        index=arguments.index,
        images=arguments.images,
        boxes=arguments.boxes,
        out=out,
        model=arguments.model,
        methods=chosen_methods(arguments.methods) or DEFAULT_METHODS,
        workers=arguments.workers,
        scheduler=arguments.scheduler,
        resume=arguments.resume,
        device=arguments.device,
        protocols=parse_protocols(_protocols(arguments)),
        tune_on=_tune_on(arguments.tune_on or ""),
        label_map=arguments.label_map,
        boxes_format=chosen_boxes_format(arguments.boxes_format),
        look=_look(arguments.look),
        examples=arguments.examples,
        units=arguments.units,
        parquet=_parquet(arguments.tables),
    )
    if store and plan.resume:
        store.fetch_pieces()

    def tell(done: float) -> None:
        console.progress(done, "evaluating")
        if store:
            store.publish_now_and_then()

    try:
        result = evaluate(plan, tell)
        save_study_pdf(result.document, out / "study.pdf")
    finally:
        if store:  # stopped or failed, another computer can go on
            store.publish_pieces()
    if store:
        store.publish()
    for failure in result.failures:
        console.fail(str(failure.path), failure.reason)
    for note in result.notes:
        console.note(note)
    console.clear()
    table = out / "summary.csv"
    if table.exists():
        console.say(table.read_text(encoding="utf-8").rstrip("\n"))
    console.document(
        {
            "out": arguments.out,
            "files": sorted(path.name for path in out.iterdir() if path.is_file()),
            "failures": [{"input": a, "reason": b} for a, b in console.failures],
        }
    )
    return console.exit_code


def _folder(arguments: argparse.Namespace) -> Path:
    """Where the work is done: the folder asked for, or one here for an address."""
    from cxr_desktop.cohort.object_store import is_address, working_folder

    if not is_address(arguments.out):
        return Path(arguments.out)
    if arguments.scheduler and not arguments.work:
        raise ValueError("--scheduler with an address as --out needs --work, a folder that its workers see")
    return arguments.work or working_folder(arguments.out)


def _count(text: str, least: int = 0) -> int:
    """Raises ArgumentTypeError for anything but a whole number from `least` on."""
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of {least} or more")
    return int(text)


def _some(text: str) -> int:
    return _count(text, 1)


def _parquet(text: str) -> bool:
    """Whether Parquet is among the kinds; CSV always is. Raises ValueError for another kind."""
    kinds = [part.strip() for part in text.split(",")]
    if unknown := [kind for kind in kinds if kind not in ("csv", "parquet")]:
        raise ValueError(f"--tables {unknown[0]!r} is neither csv nor parquet")
    return "parquet" in kinds


def _look(text: str) -> LookRule:
    """Raises ValueError for anything else than 'iou:T' and 'pointing'."""
    if text == "pointing":
        return LookRule(pointing=True)
    kind, _, value = text.partition(":")
    try:
        limit = float(value)
    except ValueError:
        limit = 0.0
    if kind != "iou" or not 0 < limit <= 1:
        raise ValueError(f"--look {text!r} is neither 'pointing' nor 'iou:T' with T above 0 and at most 1")
    return LookRule(iou=limit)


def _protocols(arguments: argparse.Namespace) -> str:
    """A single threshold stands in the place of the model's own."""
    return PROTOCOLS.replace("own", arguments.threshold) if arguments.threshold else arguments.thresholds


def _tune_on(text: str) -> tuple[str, ...]:
    """The column and its values. Raises ValueError for a text without either."""
    column, _, values = text.partition("=")
    found = (column.strip(), *(value.strip() for value in values.split(",") if value.strip()))
    if text and (len(found) < 2 or not found[0]):
        raise ValueError(f"--tune-on {text!r} is not COLUMN=VALUE[,VALUE], such as split=val")
    return found if text else ()
