"""A report of the case on screen, written by a worker."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cxr_desktop.jobs import Context
from cxr_desktop.ui.engine import Engine, ExportRequest, FormatChoice
from cxr_desktop.ui.inference import Inference
from cxr_desktop.ui.job_bridge import JobBridge, Request
from cxr_desktop.ui.panels.heatmap_model import HeatmapModel
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.trusting import Trusting

VEILED = later(
    "A report would show what the network says of this image. Commit your reading first (Ctrl+Return); "
    "then it can be exported."
)
UNREAD = later("There is no analysed image to export; wait for its scores.")


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What was chosen last in the dialog."""

    formats: tuple[str, ...] = ("pdf", "json", "png")
    folder: Path = Path()


class Exporting(QObject):
    """formats_changed: the formats at hand are known. progressed, done (files), failed (sentence)."""

    formats_changed = Signal()
    progressed = Signal(float)
    done = Signal(object)
    failed = Signal(str)
    told = Signal(str)

    def __init__(
        self,
        engine: Engine,
        bridge: JobBridge,
        session: Session,
        heatmap: HeatmapModel,
        reading: ReadingModel,
        inference: Inference,
        trusting: Trusting,
        choice: ExportChoice,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._bridge = bridge
        self._session = session
        self._heatmap = heatmap
        self._reading = reading
        self._inference = inference
        self._trusting = trusting
        self.choice = choice
        self.formats: tuple[FormatChoice, ...] = ()

    @property
    def refusal(self) -> str:
        """Why nothing can be exported now; '' where something can."""
        if self._session.veiled:
            return tr(VEILED)
        return "" if self._session.scores_revealed else tr(UNREAD)

    def list_formats(self) -> None:
        """Have the formats at hand listed."""
        self._bridge.submit("", lambda _c, _r: self._engine.formats(), self._offer, self._fail, priority=10)

    def request(self, choice: ExportChoice) -> ExportRequest | None:
        """The case on screen: every map computed for the chosen target, the shown one first."""
        image, prediction, heat = self._session.image, self._session.prediction, self._session.heat
        if image is None or prediction is None or not self._session.scores_revealed:
            return None
        weights, target = prediction.model.weights_sha256, self._heatmap.target
        cached = self._inference.cache.of_image(image.key, weights, target)
        shown = heat.source.method if heat is not None else ""
        others = [known for known in cached if known.source.method != shown]
        maps = tuple(known.source for known in ([heat] if heat else []) + others)
        model = self._inference.model
        chosen = self._heatmap.threshold_for
        thresholds = {m.method: chosen(m.method, model.threshold(m.method)) for m in maps} if model else {}
        if heat is not None:
            thresholds[heat.source.method] = self._heatmap.threshold
        reading = self._reading.history.present
        readings = (reading,) if reading.tells else ()
        return ExportRequest(
            image.radiograph, prediction, maps, thresholds, self._session.references,
            readings, choice.formats, choice.folder, reader=reading.reader,
            trust=self._trusting.of_maps(maps),
        )  # fmt: skip

    def start(self, choice: ExportChoice) -> None:
        """Write the case; a later `start` takes its place."""
        self.choice = choice
        request = self.request(choice)
        if request is None:
            self.failed.emit(self.refusal)
            return

        def work(context: Context, asked: Request) -> tuple[Path, ...]:
            def report(share: float) -> None:
                context.report(share)
                asked.part(share)

            return self._engine.export(request, report)

        self._bridge.submit(
            tr("Exporting the report"),
            work,
            self._finish,
            self._fail,
            partial=self.progressed.emit,
            channel="export",
            priority=12,
        )

    def cancel(self) -> None:
        self._bridge.cancel("export")

    def _offer(self, formats: tuple[FormatChoice, ...]) -> None:
        self.formats = formats
        self.formats_changed.emit()

    def _finish(self, files: tuple[Path, ...]) -> None:
        self.done.emit(files)
        if files:
            self.told.emit(tr("Report written to {parent}").format(parent=files[0].parent))

    def _fail(self, error: BaseException) -> None:
        self.failed.emit(str(error))
