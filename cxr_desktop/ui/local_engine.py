"""The engine in this process. Libraries are imported by the calls that need them, on the worker's thread."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cxr_desktop.domain import (
    Agreement,
    AttributionMap,
    Box,
    InstanceHeader,
    MapTrust,
    Prediction,
    Progress,
    Radiograph,
    Threshold,
)
from cxr_desktop.domain.errors import DicomReadError
from cxr_desktop.domain.presentation import PresentationState
from cxr_desktop.domain.reasons import StudyResults
from cxr_desktop.domain.units import NetworkUnits
from cxr_desktop.resources import resource
from cxr_desktop.ui.engine import (
    Cut,
    EvaluationRequest,
    ExportRequest,
    FormatChoice,
    LungField,
    MethodChoice,
    ModelChoice,
    RefusedFile,
)
from cxr_desktop.ui.last_evidence import LastEvidence
from cxr_desktop.ui.last_file import LastFile
from cxr_desktop.ui.quiet_loading import collection_paused, preload_libraries

if TYPE_CHECKING:
    from cxr_desktop.attribution import Activations
    from cxr_desktop.dicom.tags import TagNode
    from cxr_desktop.library import UnfinishedSearch
    from cxr_desktop.localization import IouCurve

LARGE_LIBRARIES = (
    (
        "torch",
        (
            "lib/libc10.so",
            "lib/libtorch_cpu.so",
            "lib/libtorch.so",
            "lib/libshm.so",
            "lib/libtorch_python.so",
        ),
    ),
    ("triton", ("_C/libtriton.so",)),
)
"""In the order of their dependencies."""
DECODERS = ("_shared*.so", "_imcd*.so", "_jpeg8*.so", "_jpegls*.so", "_jpeg2k*.so")


def load_reading() -> None:
    """Load what reading DICOM needs, so that the window goes on meanwhile."""
    if "cxr_desktop.dicom" not in sys.modules:
        preload_libraries(
            "_gdcm", ("_gdcmswig*.so",), local=True
        )  # pydicom loads it wherever it is installed
        preload_libraries("imagecodecs", DECODERS, local=True)
        with collection_paused():
            from cxr_desktop.dicom import missing_decoders

            missing_decoders()  # loads those that are there
            import cxr_desktop.localization  # noqa: F401 -- boxes are read beside images


def _state(path: Path) -> PresentationState | RefusedFile:
    from cxr_desktop.dicom.presentation_state import read_presentation_state

    try:
        return read_presentation_state(path)
    except DicomReadError as error:
        return RefusedFile(path, str(error).removeprefix(f"{path}: "))


def _folder(path: Path) -> Path | None:
    """The folder, made where it is not there; None where it cannot be: images open without a place to write."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return path


class LocalEngine:
    """device: as the classifiers name it. model: a name or folder to put before the installed ones.

    data: the folder of the library whose audit trail exports are written to, None for none.
    """

    def __init__(self, device: str = "auto", model: str = "", data: Path | None = None) -> None:
        self._device = device
        self._model = model
        self._data = data
        self._evidence = LastEvidence()
        self._file = LastFile()
        self._activations: Activations | None = None

    def find(
        self, paths: Sequence[Path], progress: Progress, unpack: Path
    ) -> Iterator[InstanceHeader | RefusedFile | PresentationState]:
        load_reading()
        from cxr_desktop.dicom import Refused, find_instances

        place = _folder(unpack)
        search = self._search(paths)
        try:
            states: list[Path] = []
            found = find_instances(paths, progress, unpack=place, earlier=search, state=states.append)
            for item in found:
                yield RefusedFile(item.path, item.reason) if isinstance(item, Refused) else item
            yield from map(_state, states)
            if search is not None:
                search.finish()
        finally:
            if search is not None:
                search.break_off()

    def _search(self, paths: Sequence[Path]) -> UnfinishedSearch | None:
        if self._data is None:
            return None
        from cxr_desktop.library import UnfinishedSearch

        return UnfinishedSearch(self._data / "search.jsonl", paths)

    def read(self, path: Path, frame: int = 0) -> Radiograph:
        load_reading()
        return self._file.frame(path, frame)

    def lung_field(self, radiograph: Radiograph) -> LungField:
        with collection_paused():
            from cxr_desktop.localization.regions import find_regions

        found = find_regions(radiograph.display(), radiograph.valid)
        return LungField(found.lung_field, found.reason)

    def tags(self, path: Path, check: Callable[[], object]) -> tuple[TagNode, ...]:
        from cxr_desktop.dicom.tags import read_tags

        return read_tags(path, check)

    def demo(self) -> Path:
        return resource("demo", "study")

    def boxes(self, path: Path) -> Mapping[str, tuple[Box, ...]]:
        with collection_paused():
            from cxr_desktop.cohort.box_input import read_box_input

        return {image: tuple(found) for image, found in read_box_input(path).items()}

    def models(self) -> tuple[ModelChoice, ...]:
        with collection_paused():
            from cxr_desktop.classifiers import available_models, find_package, read_card

        cards = list(available_models())
        if self._model:
            wanted = read_card(find_package(self._model))
            cards = [wanted, *(card for card in cards if card.name != wanted.name)]
        return tuple(
            ModelChoice(
                name=str(card.directory),
                title=card.title or card.name,
                version=card.version,
                labels=card.label_names,
                intended_use=card.intended_use,
                limits=card.limits,
                thresholds=card.thresholds,
            )
            for card in cards
        )

    def methods(self) -> tuple[MethodChoice, ...]:
        with collection_paused():
            from cxr_desktop.attribution import methods

        return tuple(
            MethodChoice(name, info.title, str(info.family), info.source) for name, info in methods().items()
        )

    def warm_up(self) -> None:
        load_reading()
        for package, names in LARGE_LIBRARIES:
            preload_libraries(package, names)
        with collection_paused():
            import torch

            import cxr_desktop.reports  # noqa: F401 -- dialogs and exports ask for it, on the window's thread too

        # One core is left to the window, so that it answers while a map is computed.
        torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))

    def load_model(self, name: str) -> Any:
        from cxr_desktop.classifiers import load_model

        with collection_paused():  # builders of architectures are imported here
            return load_model(name, self._device)

    def predict(self, model: Any, radiograph: Radiograph) -> Prediction:
        if self._activations is not None:
            self._activations.clear()  # of the image before
        return model.predict(radiograph)

    def explain(
        self, model: Any, radiograph: Radiograph, method: str, label: str, progress: Progress
    ) -> AttributionMap:
        with collection_paused():
            import torch

            from cxr_desktop import __version__
            from cxr_desktop.cohort.case import explain_radiograph
            from cxr_desktop.library.kept_maps import KeptMaps, MapKey

        versions = (__version__, torch.__version__)
        key = MapKey(radiograph.key, model.identity, method, label, str(model.device), versions)
        kept = None if self._data is None else KeptMaps(self._data)
        found = kept.load(key) if kept else None
        if found is None:
            runs = self._runs(model)
            found = explain_radiograph(radiograph, model, method, label, progress=progress, activations=runs)
            if kept:
                kept.keep(key, found)
        return found

    def _runs(self, model: Any) -> Activations:
        """What the network computed on this image, so that the next method need not run it again."""
        from cxr_desktop.attribution import Activations

        runs = self._activations
        if runs is None or runs.network is not model.network:
            runs = self._activations = Activations(model.network)
        return runs

    def units(
        self, model: Any, radiograph: Radiograph, method: str, label: str, progress: Progress
    ) -> NetworkUnits:
        from cxr_desktop.cohort.units import network_units

        runs = self._runs(model)
        return network_units(radiograph, model, method, label, progress=progress, activations=runs)

    def unit_activations(
        self, model: Any, radiograph: Radiograph, layer: str, channels: Sequence[int]
    ) -> tuple[NDArray[np.float32], ...]:
        from cxr_desktop.cohort.units import unit_activations

        return unit_activations(radiograph, model, layer, channels, activations=self._runs(model))

    def unit_map(
        self,
        model: Any,
        radiograph: Radiograph,
        method: str,
        label: str,
        layer: str,
        channels: Sequence[int],
        progress: Progress,
    ) -> AttributionMap:
        from cxr_desktop.cohort.units import unit_map

        runs = self._runs(model)
        return unit_map(
            radiograph, model, method, label, layer, channels, progress=progress, activations=runs
        )

    def cut(self, values: NDArray[np.float32], threshold: Threshold, sign: str) -> Cut:
        from cxr_desktop.localization.map_boxes import boxes_from_mask, smoothing_for
        from cxr_desktop.localization.thresholding import cut_value, mask_at

        found = self._evidence.of(values, sign, smoothing_for(threshold))
        level = cut_value(found, threshold)
        return Cut(level, boxes_from_mask(mask_at(found, level), found), found)

    def iou_curve(self, values: NDArray[np.float32], boxes: Sequence[Box]) -> IouCurve:
        from cxr_desktop.localization import iou_curve

        return iou_curve(values, boxes)

    def trust(
        self,
        model: Any,
        radiograph: Radiograph,
        found: AttributionMap,
        threshold: Threshold,
        boxes: Sequence[Box],
        progress: Progress,
    ) -> Iterator[MapTrust]:
        with collection_paused():
            from cxr_desktop.cohort.trust import trust_in_map

        yield from trust_in_map(radiograph, model, found, threshold, boxes, progress=progress)

    def agreement(self, maps: Sequence[AttributionMap]) -> Agreement:
        from cxr_desktop.cohort.trust import agreement

        return agreement(maps)

    def evaluate(self, request: EvaluationRequest, progress: Progress) -> Path:
        from cxr_desktop.cohort.evaluation import evaluate
        from cxr_desktop.cohort.plan import EvaluationPlan
        from cxr_desktop.reports.pdf.study import save_study_pdf

        plan = EvaluationPlan(
            index=request.index,
            images=request.images,
            boxes=request.boxes,
            out=request.out,
            model=request.model,
            methods=request.methods,
            resume=request.resume,
            device=self._device,
        )
        save_study_pdf(evaluate(plan, progress).document, request.out / "study.pdf")
        return request.out

    def study_results(self, folder: Path) -> StudyResults:
        from cxr_desktop.cohort.study_file import read_study

        return read_study(folder)

    def formats(self) -> tuple[FormatChoice, ...]:
        with collection_paused():
            from cxr_desktop.reports import exporters

        return tuple(FormatChoice(id, exporter.title) for id, exporter in exporters().items())

    def export(self, request: ExportRequest, progress: Progress) -> tuple[Path, ...]:
        from cxr_desktop.library import ReadingStore
        from cxr_desktop.reports import issue
        from cxr_desktop.reports.template import kept_template

        analysis = self._analysis(request)
        if self._data is None:
            return issue(analysis, request.formats, request.folder, progress=progress).files
        template = kept_template(self._data)
        with closing(ReadingStore(self._data)) as store:
            head = store.trail.head()
            issued = issue(
                analysis, request.formats, request.folder, previous=head, progress=progress, template=template
            )
            store.trail.append("export", {"reader": request.reader, **issued.facts})
        progress(1.0)
        return issued.files

    def _analysis(self, request: ExportRequest) -> Any:
        from cxr_desktop.cohort.case import CaseRequest, assemble

        case = CaseRequest(references=request.references, readings=request.readings)
        made = assemble(request.radiograph, request.prediction, request.maps, request.thresholds, case)
        return replace(made, trust=request.trust)
