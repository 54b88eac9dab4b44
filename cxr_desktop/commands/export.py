"""`export`: reports of a study of the library, with the readings that were drawn on it."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxr_desktop.app import data_folder, reader_name
from cxr_desktop.commands.analyze import (
    DEFAULT_FORMATS,
    chosen_formats,
    chosen_methods,
    require_target,
    summary,
    summary_lines,
)
from cxr_desktop.commands.console import Console
from cxr_desktop.commands.opened_store import opened_store
from cxr_desktop.commands.templates import add_template, chosen_template
from cxr_desktop.domain import Reading
from cxr_desktop.domain.errors import CxrError, DicomReadError
from cxr_desktop.library import KeptImage, Override, ReadingStore, StoreError

if TYPE_CHECKING:
    from cxr_desktop.classifiers import Classifier
    from cxr_desktop.cohort.case import CaseRequest
    from cxr_desktop.reports.template import Template


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY_UID", help="as 'cxr-desktop library' lists it")
    parser.add_argument(
        "--formats", default=DEFAULT_FORMATS, metavar="F[,F]", help=f"default {DEFAULT_FORMATS}"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the reports go")
    parser.add_argument("--model", default="demo", metavar="NAME|DIR", help="installed model, or a package")
    parser.add_argument("--method", default=None, metavar="NAME[,NAME]", help="attribution methods")
    parser.add_argument("--target", default="top", metavar="LABEL|top", help="the label to explain")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    add_template(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Exit code: 0 all images done, 1 some failed, each named with its reason."""
    from cxr_desktop.classifiers import load_model
    from cxr_desktop.cohort.case import DEFAULT_METHODS, CaseRequest

    formats = chosen_formats(arguments.formats)
    template = chosen_template(arguments)
    chosen = chosen_methods(arguments.method) or DEFAULT_METHODS
    with opened_store(data_folder(), console) as store:
        images = _images(store, arguments.study)
        classifier = load_model(arguments.model, arguments.device)
        require_target(arguments.target, classifier)
        request = CaseRequest(methods=chosen, target=arguments.target)
        results = _Export(store, classifier, request, formats, arguments.out, console, template).run(images)
    console.document(
        {"results": results, "failures": [{"input": a, "reason": b} for a, b in console.failures]}
    )
    return console.exit_code


def _images(store: ReadingStore, study: str) -> tuple[KeptImage, ...]:
    images = store.studies.images(study) if study else ()  # no study is not every study
    if not images:
        raise StoreError(
            f"there is no study {study!r} in the library; 'cxr-desktop library' lists those there are, "
            "'cxr-desktop library --add PATH' adds one"
        )
    return images


@dataclass(frozen=True, slots=True)
class _Export:
    """One call's images through one model, each export an entry of the audit trail."""

    store: ReadingStore
    classifier: Classifier
    request: CaseRequest
    formats: Sequence[str]
    out: Path
    console: Console
    template: Template | None = None

    def run(self, images: Sequence[KeptImage]) -> list[dict[str, Any]]:
        from cxr_desktop.reports import stems_of

        stems = stems_of([image.header.path for image in images])
        results = []
        for done, (image, stem) in enumerate(zip(images, stems, strict=True)):
            try:
                results.append(self._one(image, stem, done, len(images)))
            except CxrError as error:
                self.console.fail(str(image.header.path), str(error))
        self.console.clear()
        return results

    def _one(self, image: KeptImage, stem: str, done: int, count: int) -> dict[str, Any]:
        from cxr_desktop.classifiers import run_with_fallback
        from cxr_desktop.cohort.case import analyze_file
        from cxr_desktop.reports import issue

        path = image.header.path
        sha256 = unchanged(image)

        def tell(part: float) -> None:
            self.console.progress((done + part) / count, path.name)

        for number in _further_frames(self.store, sha256):
            self.console.note(
                f"{path}: frame {number} was read, too; this report is of the first alone. Export it from the window"
            )
        readings, insisted = _readings(self.store, sha256)
        request = replace(self.request, readings=readings, override=insisted)
        analysis, fallback = run_with_fallback(
            self.classifier, lambda classifier: analyze_file(path, classifier, request, tell)
        )
        if fallback:
            self.console.note(f"{path}: {fallback}")
            analysis = replace(analysis, notes=(*analysis.notes, fallback))
        issued = issue(
            analysis, self.formats, self.out, stem, previous=self.store.trail.head(), template=self.template
        )
        self.store.trail.append("export", {"reader": reader_name(), **issued.facts})
        for line in summary_lines(analysis, issued.files):
            self.console.say(line)
        return summary(analysis, issued.files)


def unchanged(image: KeptImage) -> str:
    """The SHA-256 of an image's file. Raises DicomReadError where it is gone or no longer what was opened."""
    path = image.header.path
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DicomReadError(
            f"{path} is not there any more ({error.strerror}); put it back, or take the study out with "
            "'cxr-desktop library --forget STUDY_UID'"
        ) from error
    if image.sha256 and found != image.sha256:
        raise DicomReadError(
            f"{path} has changed since it was opened; open it again to go on with what it is now"
        )
    return found


def _further_frames(store: ReadingStore, sha256: str) -> list[int]:
    """Numbers of the frames but the first that somebody read; what belongs to them is kept under `Radiograph.key`."""
    mark = f"{sha256}#frame"
    return sorted(int(key.removeprefix(mark)) for key in store.images() if key.startswith(mark))


def _readings(store: ReadingStore, sha256: str) -> tuple[tuple[Reading, ...], bool]:
    """What readers drew on an image, and whether one of them insisted on its scores."""
    readers = store.readers(sha256)
    readings = tuple(store.history(sha256, reader).present for reader in readers)
    insisted = any(
        isinstance(event, Override) for reader in readers for event in store.events(sha256, reader)
    )
    return tuple(reading for reading in readings if reading.tells), insisted
