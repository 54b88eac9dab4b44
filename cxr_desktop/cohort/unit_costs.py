"""What one image and one map cost, measured step by step here and now on the data at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import TYPE_CHECKING, TypeVar

from cxr_desktop.cohort.case import explain_radiograph, threshold_for
from cxr_desktop.cohort.examination import compared, regions_of
from cxr_desktop.cohort.records import as_document
from cxr_desktop.cohort.shards import ShardKey, Shards
from cxr_desktop.dicom import read_radiograph
from cxr_desktop.domain import AttributionMap, Box, Progress, Radiograph
from cxr_desktop.localization import random_map, region_shares

if TYPE_CHECKING:
    from torch import Tensor

    from cxr_desktop.attribution import Activations
    from cxr_desktop.classifiers import Classifier

Made = TypeVar("Made")

_BLOCK = 4096
"""What the smallest file takes on most file systems."""


@dataclass(frozen=True, slots=True)
class UnitCosts:
    """Median seconds of one image or one map, in one process on so many threads.

    decode: hash and read the file. preprocess, forward: parts of classify, which checks the image besides and
    keeps for the maps what they begin with.
    regions: part the image. methods: one map each, in the order in which they share what the network computed.
    scoring: cut one map at every threshold and compare it with boxes. baseline: the random map, scored. write: one
    piece. image_bytes, map_bytes: on disk, of an image without maps and of a map, in whole blocks. share: of the
    time that this process had the processor while it measured; the rest went to other work.
    """

    images: int
    threads: int
    device: str
    decode: float
    preprocess: float
    forward: float
    classify: float
    regions: float
    methods: Mapping[str, float]
    scoring: float
    baseline: float
    write: float
    image_bytes: float
    map_bytes: float
    share: float = 1.0

    def network(self, mapped: float) -> float:
        """Seconds of the network in one image: its forward pass, and the maps of the share that gets them."""
        return self.forward + mapped * sum(self.methods.values())


def measure_costs(
    classifier: Classifier,
    files: Sequence[Path],
    methods: Sequence[str],
    references: Callable[[Path], Sequence[Box]],
    threads: int = 1,
    progress: Progress | None = None,
) -> UnitCosts:
    """Take each file through the steps of an evaluation; the first once more before, so that nothing is cold.

    references: readers' boxes of a file; a box in the middle stands in where there are none. The threads that torch
    may use are as before afterwards. Raises DicomReadError, AttributionError, ModelError, DeviceError for what an
    evaluation could not do either; Cancelled from progress.
    """
    import torch

    from cxr_desktop.attribution import Activations

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    clock = _Clock(str(classifier.device))
    runs = Activations(classifier.network, many=True)
    try:
        with TemporaryDirectory() as folder:
            for place, path in enumerate((files[0], *files)):
                if place == 1:
                    clock.forget()
                pieces = Shards(Path(folder) / str(place), reading=False)
                _Case(clock, classifier, runs, pieces, path).run(methods, tuple(references(path)))
                if progress is not None:
                    progress((place + 1) / (len(files) + 1))
    finally:
        torch.set_num_threads(before)
    return UnitCosts(
        images=len(files),
        threads=threads,
        device=str(classifier.device),
        methods={method: clock.median(method) for method in methods},
        share=min(1.0, clock.worked / (clock.passed * threads)),
        **{
            name: clock.median(name)
            for name in (
                *("decode", "preprocess", "forward", "classify", "regions", "scoring", "baseline", "write"),
                *("image_bytes", "map_bytes"),
            )
        },
    )


class _Clock:
    """Measured values by name. device: work on it is waited for."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._told: dict[str, list[float]] = {}
        self.passed, self.worked = 0.0, 0.0

    def timed(self, name: str, work: Callable[[], Made]) -> Made:
        begun, worked = perf_counter(), process_time()
        made = work()
        self._wait()
        seconds = perf_counter() - begun
        self.passed += seconds
        self.worked += process_time() - worked
        self.tell(name, seconds)
        return made

    def tell(self, name: str, value: float) -> None:
        self._told.setdefault(name, []).append(value)

    def forget(self) -> None:
        self._told.clear()

    def median(self, name: str) -> float:
        return median(self._told[name])

    def _wait(self) -> None:
        if self._device.startswith("cuda"):
            import torch

            torch.cuda.synchronize()


@dataclass(frozen=True, slots=True)
class _Case:
    """One image through all steps."""

    clock: _Clock
    classifier: Classifier
    runs: Activations
    shards: Shards
    path: Path

    def run(self, methods: Sequence[str], references: tuple[Box, ...]) -> None:
        timed, classifier = self.clock.timed, self.classifier
        digest, radiograph = timed("decode", self._decoded)
        inputs = timed("preprocess", lambda: classifier.preprocess(radiograph))
        timed("forward", lambda: _forward(classifier, inputs))
        prediction = timed(
            "classify", lambda: classifier.predict(radiograph, partial(self.runs.logits, methods=methods))
        )
        regions = timed("regions", lambda: regions_of(radiograph))
        kept = {"scores": dict(prediction.scores), "areas": regions.areas()}
        self.clock.tell("image_bytes", 2 * self._stored(digest, "", kept))
        boxes = references or (_middle(radiograph),)

        def score(found: AttributionMap) -> dict[str, object]:
            region_shares(found.values, regions)
            threshold = threshold_for(found.method, classifier.card.thresholds)
            return as_document(compared(found, threshold, boxes))

        for method in methods:
            found = timed(
                method,
                lambda method=method: explain_radiograph(  # type: ignore[misc]
                    radiograph, classifier, method, prediction.top, activations=self.runs
                ),
            )
            document = timed("scoring", lambda found=found: score(found))  # type: ignore[misc]
            self.clock.tell("map_bytes", self._stored(digest, method, document))
        shape = (radiograph.rows, radiograph.columns)
        timed(
            "baseline",
            lambda: score(
                AttributionMap(random_map(7, shape), "random", prediction.top, classifier.identity)
            ),
        )
        self.runs.clear()

    def _decoded(self) -> tuple[str, Radiograph]:
        with self.path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return digest, read_radiograph(self.path)

    def _stored(self, digest: str, method: str, document: Mapping[str, object]) -> int:
        """Bytes of a finished piece on disk."""
        key = ShardKey(digest, self.classifier.identity.weights_sha256, method, {})
        self.clock.timed("write", lambda: self.shards.store(key, document))
        size = (self.shards.folder / key.name).stat().st_size
        return -(-size // _BLOCK) * _BLOCK


def _forward(classifier: Classifier, inputs: Tensor) -> Tensor:
    import torch

    with torch.no_grad():
        return classifier.network(inputs)


def _middle(radiograph: Radiograph) -> Box:
    rows, columns = radiograph.rows, radiograph.columns
    return Box(columns / 4, rows / 4, columns / 4, rows / 4)
