"""The present state of the window; everything shown is drawn from here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain import Box, Prediction, Threshold
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
    """

    image_changed = Signal()
    passing_changed = Signal()
    prediction_changed = Signal()
    heat_changed = Signal()
    cut_changed = Signal()
    references_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.image: LoadedImage | None = None
        self.passing: LoadedImage | None = None
        self.prediction: Prediction | None = None
        self.scores_revealed = False
        self.heat: HeatImage | None = None
        self.cut: CutMap | None = None
        self.references: tuple[Box, ...] = ()

    @property
    def shown(self) -> LoadedImage | None:
        """What is on the canvas."""
        return self.passing or self.image

    def set_image(self, image: LoadedImage | None) -> None:
        """Another image: what was said of the last one goes first."""
        self.set_prediction(None)
        self.set_references(())
        self.image, self.passing = image, None
        self.image_changed.emit()

    def pass_by(self, image: LoadedImage) -> None:
        """Put an image on the canvas before, or without, its being the one that is read."""
        if self.prediction is not None:
            self.set_prediction(None)
        self.set_references(())
        self.passing = image
        self.passing_changed.emit()

    def set_prediction(self, prediction: Prediction | None) -> None:
        self.prediction = prediction
        self.scores_revealed = prediction is not None and not prediction.refused
        if prediction is None:
            self.set_heat(None)
        self.prediction_changed.emit()

    def reveal_scores(self) -> None:
        """Show the scores of a refused image: the reader's own decision."""
        if self.prediction is not None and not self.scores_revealed:
            self.scores_revealed = True
            self.prediction_changed.emit()

    def set_heat(self, heat: HeatImage | None) -> None:
        if heat is not self.heat:
            self.set_cut(None)
            self.heat = heat
            self.heat_changed.emit()

    def set_cut(self, cut: CutMap | None) -> None:
        if cut is not self.cut:
            self.cut = cut
            self.cut_changed.emit()

    def set_references(self, references: tuple[Box, ...]) -> None:
        if references != self.references:
            self.references = references
            self.references_changed.emit()
