"""The present state of the window; everything shown is drawn from here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain import Box, Prediction, Threshold
from cxr_desktop.domain.overlay import Overlay
from cxr_desktop.ui.viewer.heat_image import HeatImage, Sign
from cxr_desktop.ui.viewer.loaded_image import LoadedImage


@dataclass(frozen=True, slots=True, eq=False)
class CutMap:
    """A map at a threshold.

    level: the relevance. region: (h, w) at the map's screen size, what reaches it; segments: its
    outline, (n, 4) in stored pixels.
    """

    heat: HeatImage
    threshold: Threshold
    sign: Sign
    level: float
    boxes: tuple[Box, ...]
    region: NDArray[np.bool_]
    segments: NDArray[np.float32]


class Session(QObject):
    """Setters replace one part of the present and say so.

    image: the one that is read and analysed. passing: what is on the canvas instead of it, a frame that goes
    by or an image whose digest is still in the making; nothing is said of it, and nothing can be drawn on it.
    blinded: whether an image opens veiled. veiled: what the network and other readers say of the image is
    kept back, here at the one place that everything shown is drawn from. The rule:

    - Kept back: scores and maps of the network, references, other readers' boxes and totals of agreement,
      presentation states, and DICOM overlays (groups 60xx), for no file says who drew those or when.
    - Images beside the one that is read keep back their overlays with it.
    - Shown: the pixels, letters, the header's texts, and the reader's own marks. What is burnt into the pixels
      cannot be taken off; the canvas says so where the header tells of it.
    - It ends for an image when the first reading of it is committed and kept.
    """

    image_changed = Signal()
    passing_changed = Signal()
    prediction_changed = Signal()
    heat_changed = Signal()
    cut_changed = Signal()
    references_changed = Signal()
    veil_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.image: LoadedImage | None = None
        self.passing: LoadedImage | None = None
        self.heat: HeatImage | None = None
        self.cut: CutMap | None = None
        self.blinded = False
        self.veiled = False
        self._prediction: Prediction | None = None
        self._insisted = False
        self._references: tuple[Box, ...] = ()

    @property
    def prediction(self) -> Prediction | None:
        """None while there is none to be seen."""
        return None if self.veiled else self._prediction

    @property
    def scores_revealed(self) -> bool:
        """Whether the scores may be shown: those of a refused image only when the reader insists."""
        prediction = self.prediction
        return prediction is not None and (self._insisted or not prediction.refused)

    @property
    def references(self) -> tuple[Box, ...]:
        """Other people's boxes, as far as they are to be seen."""
        return () if self.veiled else self._references

    @property
    def overlays(self) -> tuple[Overlay, ...]:
        """Bit planes of what is on the canvas, as far as they are to be seen."""
        shown = self.shown
        return () if self.veiled or shown is None else shown.radiograph.overlays

    @property
    def shown(self) -> LoadedImage | None:
        """What is on the canvas."""
        return self.passing or self.image

    def set_image(self, image: LoadedImage | None) -> None:
        """Another image: what was said of the last one goes first."""
        self.set_prediction(None)
        self.set_references(())
        self.image, self.passing = image, None
        self.set_veiled(self.blinded and image is not None)
        self.image_changed.emit()

    def pass_by(self, image: LoadedImage) -> None:
        """Put an image on the canvas before, or without, its being the one that is read."""
        if self._prediction is not None:
            self.set_prediction(None)
        self.set_references(())
        self.passing = image
        self.passing_changed.emit()

    def set_veiled(self, veiled: bool) -> None:
        """Keep back what network and others say of the image, or let it be seen."""
        if veiled == self.veiled:
            return
        self.veiled = veiled
        if veiled:
            self.set_heat(None)
        self.prediction_changed.emit()
        self.references_changed.emit()
        self.veil_changed.emit()

    def set_prediction(self, prediction: Prediction | None) -> None:
        self._prediction, self._insisted = prediction, False
        if prediction is None:
            self.set_heat(None)
        self.prediction_changed.emit()

    def reveal_scores(self) -> None:
        """Show the scores of a refused image: the reader's own decision."""
        if self.prediction is not None and not self.scores_revealed:
            self._insisted = True
            self.prediction_changed.emit()

    def set_heat(self, heat: HeatImage | None) -> None:
        """A map to show; none can be while the image is veiled."""
        if self.veiled:
            heat = None
        if heat is not self.heat:
            self.set_cut(None)
            self.heat = heat
            self.heat_changed.emit()

    def set_cut(self, cut: CutMap | None) -> None:
        if self.veiled:
            cut = None
        if cut is not self.cut:
            self.cut = cut
            self.cut_changed.emit()

    def set_references(self, references: tuple[Box, ...]) -> None:
        if references != self._references:
            self._references = references
            self.references_changed.emit()
