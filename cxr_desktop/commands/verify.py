"""`verify`: replay a report and say what is the same and what differs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxr_desktop.commands.console import DONE, FAILED, Console
from cxr_desktop.commands.recorded import check_recorded
from cxr_desktop.domain.errors import CxrError, ModelError
from cxr_desktop.reports.carried import Carried, carried_by
from cxr_desktop.reports.check import Check, Verdict
from cxr_desktop.reports.integrity import MANIFEST, check_file, check_files, check_manifest
from cxr_desktop.reports.manifest import Manifest, ManifestError, parse_manifest
from cxr_desktop.resources import resource

if TYPE_CHECKING:
    from cxr_desktop.classifiers import ModelCard


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a report's PDF, JSON, manifest or other file"
    )
    parser.add_argument("--image", type=Path, metavar="PATH", help="where the image is now")
    parser.add_argument(
        "--model", metavar="NAME|DIR", help="the model, where it is not installed by its name"
    )
    parser.add_argument("--hashes-only", action="store_true", help="compare bytes, compute nothing again")
    parser.add_argument("--device", default="cpu", help="auto, cpu, cuda, cuda:N or mps; default cpu")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Exit code: 0 everything is the same, 1 something differs or could not be found."""
    checks: list[Check] = []
    for check in _checks(arguments, console):
        checks.append(check)
        console.clear()
        console.say(f"{check.verdict.value:8} {check.subject}{': ' if check.detail else ''}{check.detail}")
    same = all(check.passed for check in checks)
    console.say("same" if same else "differs: " + "; ".join(c.subject for c in checks if not c.passed))
    console.document(
        {
            "file": str(arguments.file),
            "same": same,
            "recomputed": not arguments.hashes_only,
            "tolerances": _tolerances(),
            "checks": [asdict(check) for check in checks],
        }
    )
    return DONE if same else FAILED


def _checks(arguments: argparse.Namespace, console: Console) -> Iterator[Check]:
    carried = carried_by(arguments.file)
    try:
        case, stated = _case(carried, console)
    except ManifestError as error:
        yield Check(MANIFEST, Verdict.DIFFERS, f"{carried.source}: {error}")
        return
    yield from stated
    image, about_image = _image(case, arguments)
    yield about_image
    card, about_weights = _weights(case, arguments.model)
    yield about_weights
    if arguments.hashes_only or image is None or card is None:
        return
    known = (*(check for check in stated if check.subject.startswith(MANIFEST)), about_image, about_weights)
    if not all(check.passed for check in known):
        yield Check("recomputed", Verdict.NOTED, "not done: what the report was made of is not what it names")
        return
    yield from _again(case, carried, image, card, arguments, console)


def _case(carried: Carried, console: Console) -> tuple[Mapping[str, Any], list[Check]]:
    """The case, and what its hashes say."""
    if not carried.sealed:
        noted = Check(carried.of, Verdict.NOTED, "no manifest lies beside it: its own bytes are not checked")
        return json.loads(carried.content), [noted]
    manifest: Manifest = parse_manifest(carried.content)
    checks = [*check_manifest(manifest, carried), *check_files(manifest, carried)]
    # a PDF's own attachment is older than the manifest that the trail names
    return manifest.case, [*checks, check_recorded(manifest, console)] if manifest.files else checks


def _image(case: Mapping[str, Any], arguments: argparse.Namespace) -> tuple[Path | None, Check]:
    """The image at the path given, at its old place, beside the report or in the bundled study.

    The first of these that is there is judged: an untouched copy elsewhere does not excuse a changed one.
    """
    try:
        recorded, sha256 = Path(case["image"]["path"]), str(case["image"]["sha256"])
    except (KeyError, TypeError) as error:
        return None, Check("image", Verdict.DIFFERS, f"the report names no image ({error})")
    if arguments.image is not None:
        return arguments.image, check_file("image", arguments.image, sha256)
    folders = (recorded.parent, arguments.file.parent, resource("demo", "study"))
    places = [place for folder in folders if (place := folder / recorded.name).is_file()]
    if not places:
        return None, Check("image", Verdict.MISSING, f"{recorded} is not there; say where with --image PATH")
    return places[0], check_file("image", places[0], sha256)


def _weights(case: Mapping[str, Any], model: str | None) -> tuple[ModelCard | None, Check]:
    from cxr_desktop.classifiers import find_package, read_card

    try:
        name, sha256 = str(case["model"]["name"]), str(case["model"]["weights_sha256"])
        card = read_card(find_package(model or name))
    except (KeyError, TypeError) as error:
        return None, Check("weights", Verdict.DIFFERS, f"the report names no model ({error})")
    except ModelError as error:
        return None, Check("weights", Verdict.MISSING, f"{error}; or say where with --model DIR")
    return card, check_file("weights", card.weights_path, sha256)


def _again(
    case: Mapping[str, Any],
    carried: Carried,
    image: Path,
    card: ModelCard,
    arguments: argparse.Namespace,
    console: Console,
) -> Iterator[Check]:
    from cxr_desktop.classifiers import load_model
    from cxr_desktop.classifiers.stated import stated_preprocessing
    from cxr_desktop.cohort.replay import recording_of, replay
    from cxr_desktop.dicom import read_radiograph
    from cxr_desktop.reports.recomputed import check_recomputed, check_stated

    try:
        yield from check_stated(case, stated_preprocessing(card))
        recording = recording_of(case)
        radiograph = read_radiograph(image, int(case["image"].get("frame", 1)) - 1)
        classifier = load_model(card.directory, arguments.device)
        again = replay(radiograph, classifier, recording, lambda done: console.progress(done, image.name))
        yield from check_recomputed(case, again, carried.folder)
    except CxrError as error:
        yield Check("recomputed", Verdict.DIFFERS, f"it cannot be computed again: {error}")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        yield Check("recomputed", Verdict.DIFFERS, f"the report is damaged ({type(error).__name__}: {error})")


def _tolerances() -> str:
    from cxr_desktop.reports.recomputed import TOLERANCES

    return TOLERANCES
