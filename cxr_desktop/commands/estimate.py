"""`estimate`: how long an evaluation of many images will take, from unit costs measured on a few."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cxr_desktop.commands.console import Console
from cxr_desktop.domain.errors import IndexFileError

if TYPE_CHECKING:
    from cxr_desktop.cohort.unit_costs import UnitCosts
    from cxr_desktop.localization import BoxTable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("index", type=Path, metavar="INDEX.csv", help="as for evaluate")
    parser.add_argument("--images", type=Path, required=True, metavar="DIR")
    parser.add_argument("--boxes", type=Path, metavar="FILE", help="readers' boxes, where there are any")
    parser.add_argument("--model", default="demo", metavar="NAME|DIR")
    parser.add_argument("--methods", metavar="NAME[,NAME]", help="default: the five of analyze")
    parser.add_argument(
        "--sample", type=int, default=3, metavar="N", help="images measured, evenly over the index"
    )
    parser.add_argument("--count", type=int, default=112_120, metavar="N", help="images to estimate for")
    parser.add_argument(
        "--mapped", type=float, default=1.0, metavar="SHARE", help="of the images that get maps"
    )
    parser.add_argument(
        "--cores", type=int, default=0, metavar="N", help="of the workstation; default: as here"
    )
    parser.add_argument("--workers", type=int, default=32, metavar="N", help="of a cluster")
    parser.add_argument(
        "--efficiency", type=float, default=0.9, metavar="SHARE", help="of its speed that a core keeps"
    )
    parser.add_argument(
        "--gpu-factor",
        type=float,
        metavar="F",
        help="how many times quicker the network is on a GPU (default: measured with --device cuda, else assumed 20)",
    )
    parser.add_argument("--device", default="cpu", help="cuda measures the network there, too")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    from cxr_desktop.cohort.box_input import read_box_input
    from cxr_desktop.cohort.case import DEFAULT_METHODS
    from cxr_desktop.cohort.estimate import Assumptions, estimate, told
    from cxr_desktop.cohort.index import locate, read_index
    from cxr_desktop.cohort.threads import cores
    from cxr_desktop.localization import BoxTable

    rows = read_index(arguments.index)
    files = list(locate(rows, arguments.images).values())
    if not files:
        raise IndexFileError(
            f"none of the {len(rows)} images of the index is in {arguments.images}; check --images"
        )
    table = read_box_input(arguments.boxes) if arguments.boxes else BoxTable({})
    boxed = sum(bool(table.boxes_for(path)) for path in files) / len(files)
    named = tuple(part.strip() for part in (arguments.methods or "").split(",") if part.strip())
    chosen = files[:: max(1, len(files) // max(1, arguments.sample))][: max(1, arguments.sample)]
    assumed = Assumptions(
        images=arguments.count,
        mapped=arguments.mapped,
        boxed=boxed,
        cores=arguments.cores or cores(),
        workers=arguments.workers,
        efficiency=arguments.efficiency,
    )
    methods = named or DEFAULT_METHODS
    costs = _measured(arguments, "cpu", chosen, methods, table, console)
    if arguments.gpu_factor:
        assumed = replace(assumed, gpu_factor=arguments.gpu_factor)
    elif arguments.device.startswith("cuda"):
        card = _measured(arguments, arguments.device, chosen, methods, table, console)
        assumed = replace(
            assumed,
            gpu_factor=costs.network(assumed.mapped) / card.network(assumed.mapped),
            gpu_measured=True,
        )
    found = estimate(costs, assumed)
    console.clear()
    lines = tuple(told(found))
    for line in lines:
        console.say(line)
    console.document({**asdict(found), "told": lines})
    return console.exit_code


def _measured(
    arguments: argparse.Namespace,
    device: str,
    files: Sequence[Path],
    methods: Sequence[str],
    boxes: BoxTable,
    console: Console,
) -> UnitCosts:
    """One process on one thread, as a worker has it."""
    from cxr_desktop.classifiers import load_model
    from cxr_desktop.cohort.unit_costs import measure_costs

    return measure_costs(
        load_model(arguments.model, device),
        files,
        methods,
        boxes.boxes_for,
        progress=lambda done: console.progress(done, f"measuring on {device}"),
    )
