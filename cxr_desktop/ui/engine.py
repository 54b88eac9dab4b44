"""What the window asks of the engine below it. Every call may be slow and belongs on a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

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
    Reading,
    Threshold,
    Trust,
)
from cxr_desktop.domain.presentation import PresentationState
from cxr_desktop.domain.reasons import StudyResults
from cxr_desktop.domain.units import NetworkUnits

if TYPE_CHECKING:
    from cxr_desktop.dicom.tags import TagNode
    from cxr_desktop.localization import IouCurve


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that cannot be shown, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model package as menus name it. thresholds: by method, '' for the others."""

    name: str
    title: str
    version: str
    labels: tuple[str, ...]
    intended_use: str = ""
    limits: tuple[str, ...] = ()
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)

    def threshold(self, method: str) -> Threshold:
        """Where the model's author cuts a map of the method."""
        return self.thresholds.get(method) or self.thresholds.get("") or Threshold()


@dataclass(frozen=True, slots=True)
class MethodChoice:
    """An attribution method as menus name it."""

    name: str
    title: str
    family: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class FormatChoice:
    """An export format as the dialog names it."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """A case as the window shows it, to be written to disk."""

    radiograph: Radiograph
    prediction: Prediction
    maps: tuple[AttributionMap, ...]
    thresholds: Mapping[str, Threshold]
    references: tuple[Box, ...]
    readings: tuple[Reading, ...]
    formats: tuple[str, ...]
    folder: Path
    threshold: Threshold | None = None
    reader: str = ""
    trust: Trust = field(default=Trust())


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """A data set to examine. model: name or folder. resume: take up what `out` holds already."""

    index: Path
    images: Path
    boxes: Path
    out: Path
    methods: tuple[str, ...]
    model: str
    resume: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class LungField:
    """mask: (rows, columns) True on both lungs. reason: why none were found, empty where they were."""

    mask: NDArray[np.bool_]
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Where a map is cut. evidence: (rows, columns), not negative, what was cut. level: relevance."""

    level: float
    boxes: tuple[Box, ...]
    evidence: NDArray[np.float32]


class Engine(Protocol):
    """The rooms below the window, as plain calls. Errors are those of `cxr_desktop.domain.errors`."""

    def find(
        self, paths: Sequence[Path], progress: Progress, unpack: Path
    ) -> Iterator[InstanceHeader | RefusedFile | PresentationState]: ...

    def read(self, path: Path, frame: int = 0) -> Radiograph:
        """A frame, counted from 0."""
        ...

    def lung_field(self, radiograph: Radiograph) -> LungField: ...

    def tags(self, path: Path, check: Callable[[], object]) -> tuple[TagNode, ...]:
        """Every DICOM element of a file; check is called between them and may raise to break off."""
        ...

    def demo(self) -> Path:
        """The bundled study's folder."""
        ...

    def boxes(self, path: Path) -> Mapping[str, tuple[Box, ...]]:
        """Reference boxes of a CSV file by image: file name or SOP Instance UID."""
        ...

    def models(self) -> tuple[ModelChoice, ...]: ...

    def methods(self) -> tuple[MethodChoice, ...]: ...

    def warm_up(self) -> None:
        """Load the libraries that the networks need, without holding up other threads."""
        ...

    def load_model(self, name: str) -> Any: ...

    def predict(self, model: Any, radiograph: Radiograph) -> Prediction: ...

    def explain(
        self, model: Any, radiograph: Radiograph, method: str, label: str, progress: Progress
    ) -> AttributionMap: ...

    def units(
        self, model: Any, radiograph: Radiograph, method: str, label: str, progress: Progress
    ) -> NetworkUnits: ...

    def unit_activations(
        self, model: Any, radiograph: Radiograph, layer: str, channels: Sequence[int]
    ) -> tuple[NDArray[np.float32], ...]:
        """What channels of a layer answer, each (rows, columns) of the stored image."""
        ...

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
        """What flows through some units of a layer alone."""
        ...

    def cut(self, values: NDArray[np.float32], threshold: Threshold, sign: str) -> Cut:
        """Cut a map's 'positive', 'negative' or 'absolute' evidence."""
        ...

    def iou_curve(self, values: NDArray[np.float32], boxes: Sequence[Box]) -> IouCurve:
        """How the overlap with boxes depends on where a map is cut."""
        ...

    def trust(
        self,
        model: Any,
        radiograph: Radiograph,
        found: AttributionMap,
        threshold: Threshold,
        boxes: Sequence[Box],
        progress: Progress,
    ) -> Iterator[MapTrust]:
        """Growing figures of how far a map can be trusted; the last are whole."""
        ...

    def agreement(self, maps: Sequence[AttributionMap]) -> Agreement: ...

    def evaluate(self, request: EvaluationRequest, progress: Progress) -> Path:
        """Examine a data set; the folder of its results."""
        ...

    def study_results(self, folder: Path) -> StudyResults:
        """What an evaluation wrote into a folder."""
        ...

    def formats(self) -> tuple[FormatChoice, ...]: ...

    def export(self, request: ExportRequest, progress: Progress) -> tuple[Path, ...]: ...
