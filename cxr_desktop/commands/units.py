"""`units`: single units of the network: what passes through them, what they answer to."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cxr_desktop.commands.console import Console
from cxr_desktop.commands.unit_words import about, layer_facts, layer_lines, share, unit_facts, unit_lines
from cxr_desktop.domain import Prediction, Progress, Radiograph, Severity
from cxr_desktop.domain.errors import CxrError, ExportError, InputRefused
from cxr_desktop.domain.units import LayerUnits, NetworkUnits, units_named

if TYPE_CHECKING:
    from cxr_desktop.classifiers import Classifier
    from cxr_desktop.reports.unit_sheet import UnitCard

TOP = "top"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help="a radiograph")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the results go")
    parser.add_argument(
        "--list-layers", action="store_true", help="name the layers and what passes them, no more"
    )
    parser.add_argument("--layer", metavar="NAME", help="default: the one with the last feature map")
    parser.add_argument(
        "--unit", type=_channels, action="append", metavar="N[,N]", dest="groups",
        help="this unit, or several as one concept, instead of the top ones; may be given again",
    )  # fmt: skip
    parser.add_argument("--count", type=_count, default=8, metavar="K", help="top units, default 8")
    parser.add_argument(
        "--method", default="rap", metavar="NAME", help="of the propagation family; default rap"
    )
    parser.add_argument("--target", default=TOP, metavar="LABEL|top", help="the label to explain")
    parser.add_argument("--model", default="demo", metavar="NAME|DIR", help="installed model, or a package")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    parser.add_argument("--override-input-check", action="store_true",
                        help="go on with an image that the input check refuses")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Exit code: 0 done, 1 the image failed, or a choice that does not fit the network.

    Raises ValueError for a method or label that does not exist, and where --out is wanted and missing.
    """
    from cxr_desktop.classifiers import load_model, run_with_fallback
    from cxr_desktop.commands.analyze import chosen_methods, require_target

    if arguments.out is None and not arguments.list_layers:
        raise ValueError("units: --out DIR is needed, or --list-layers")
    chosen_methods(arguments.method)
    classifier = load_model(arguments.model, arguments.device)
    require_target(arguments.target, classifier)
    document: dict[str, Any] = {}
    try:
        document, fallback = run_with_fallback(classifier, lambda used: _one(used, arguments, console))
        if fallback:
            console.note(f"{arguments.path}: {fallback}")
    except CxrError as error:
        console.fail(str(arguments.path), str(error))
    console.clear()
    failures = [{"input": a, "reason": b} for a, b in console.failures]
    console.document({**document, "failures": failures})
    return console.exit_code


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """One image with what passes every unit for its target."""

    radiograph: Radiograph
    classifier: Classifier
    prediction: Prediction
    found: NetworkUnits


def _one(classifier: Classifier, arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    def tell(done: float) -> None:
        console.progress(done, arguments.path.name)

    case = _case(classifier, arguments, lambda done: tell(0.2 * done))
    told = about(case.radiograph, case.prediction, case.found)
    if arguments.list_layers:
        for line in layer_lines(case.found):
            console.say(line)
        return {**told, "layers": [layer_facts(layer) for layer in case.found.layers]}
    layer = case.found.layer(arguments.layer or case.found.deepest)
    groups = arguments.groups or [(unit.channel,) for unit in layer.top(arguments.count)]
    for group in groups:
        for channel in group:
            layer.unit(channel)
    files = _write(case, layer, groups, arguments.out, lambda done: tell(0.2 + 0.8 * done))
    for line in unit_lines(case.found, layer, groups, case.prediction.scores[case.found.target]):
        console.say(line)
    console.say("  wrote " + ", ".join(str(path) for path in files))
    document = {**told, **layer_facts(layer), "units": [unit_facts(layer, group) for group in groups]}
    _save(arguments.out / "units.json", json.dumps(document, indent=2, default=str))
    return {**document, "files": [str(path) for path in (*files, arguments.out / "units.json")]}


def _case(classifier: Classifier, arguments: argparse.Namespace, progress: Progress) -> _Case:
    from cxr_desktop.cohort.units import network_units
    from cxr_desktop.dicom import read_radiograph

    radiograph = read_radiograph(arguments.path)
    prediction = classifier.predict(radiograph)
    if prediction.refused and not arguments.override_input_check:
        raise InputRefused(" ".join(c.sentence for c in prediction.concerns if c.severity is Severity.REFUSE))
    label = prediction.top if arguments.target == TOP else arguments.target
    found = network_units(radiograph, classifier, arguments.method, label, progress=progress)
    return _Case(radiograph, classifier, prediction, found)


def _write(
    case: _Case, layer: LayerUnits, groups: Sequence[Sequence[int]], out: Path, progress: Progress
) -> list[Path]:
    """units.csv, the maps and the contact sheet. Raises ExportError where the folder cannot be written to."""
    from cxr_desktop.reports.unit_sheet import unit_sheet

    try:
        out.mkdir(parents=True, exist_ok=True)
        files = [_table(layer, out / "units.csv")]
        cards: list[UnitCard] = []
        for place, (name, card) in enumerate(_cards(case, layer, groups)):
            progress((place + 1) / (len(groups) + 1))
            cards.append(card)
            for kind, values in (("activation", card.activation), ("map", card.map.values)):
                if name and values is not None:
                    files.append(out / f"{name}-{kind}.npy")
                    np.save(files[-1], values)
        score = case.prediction.scores[case.found.target]
        files.append(out / "units.png")
        unit_sheet(case.radiograph, case.found, layer.layer, score, cards).save(files[-1], "PNG")
    except OSError as error:
        raise ExportError(f"{out} cannot be written to ({error}); choose another folder for --out") from error
    return files


def _cards(case: _Case, layer: LayerUnits, groups: Sequence[Sequence[int]]) -> Iterator[tuple[str, UnitCard]]:
    """First the whole map, without a file's name, then each group of units."""
    from cxr_desktop.attribution import Activations
    from cxr_desktop.cohort.case import explain_radiograph
    from cxr_desktop.cohort.units import unit_activations, unit_map
    from cxr_desktop.reports.unit_sheet import UnitCard

    found, used = case.found, (case.radiograph, case.classifier)
    runs = Activations(case.classifier.network)
    whole = explain_radiograph(*used, found.method, found.target, activations=runs)
    yield "", UnitCard("All units", None, None, whole)
    for group in groups:
        name = units_named(group)
        planes = unit_activations(*used, layer.layer, group, activations=runs) if layer.spatial else ()
        activation = np.stack(planes).sum(0) if planes else None
        map = unit_map(*used, found.method, found.target, layer.layer, group, activations=runs)
        file = f"{'unit' if len(group) == 1 else 'units'}-{'-'.join(str(c) for c in group)}"
        yield file, UnitCard(name.capitalize(), share(layer, group), activation, map)


def _table(layer: LayerUnits, path: Path) -> Path:
    """Every unit of the layer, the highest relevance first."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("layer", "channel", "relevance", "share"))
        for unit in layer.top(layer.channels):
            rows.writerow((unit.layer, unit.channel, repr(unit.relevance), repr(unit.share)))
    return path


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise ExportError(f"{path} cannot be written ({error})") from error


def _channels(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no channel; whole numbers from 0 on are, such as 12 or 3,7"
        )
    return tuple(dict.fromkeys(int(part) for part in parts))


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of units; 1 or more is needed")
    return int(text)
