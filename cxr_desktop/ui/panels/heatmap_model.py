"""Which map is shown, and how. No widget."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain import Threshold
from cxr_desktop.ui.engine import MethodChoice
from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.viewer.heat_image import HeatLook, Sign

PREFERRED = ("rap", "gradcam")
WHAT_MAPS_SHOW = {
    "activation": later("Coarse: shows which regions the last layer used for the score, not exact borders."),
    "gradient": later(
        "Shows where small changes of gray would change the score most; noisy, no map of disease."
    ),
    "propagation": later(
        "Shares the score out over the pixels: what the network used, not what is diseased."
    ),
    "perturbation": later("Shows how the score falls where parts are covered, for parts of that size alone."),
}
WHAT_ANY_MAP_SHOWS = later("Shows what the network's score depends on. It does not show disease.")


class HeatmapModel(QObject):
    """Setters signal only on change.

    choices_changed: other methods or targets to choose from. request_changed: another map is wanted.
    look_changed: the same map, shown otherwise. cut_changed: cut elsewhere, or for the other sign.
    """

    choices_changed = Signal()
    request_changed = Signal()
    look_changed = Signal()
    cut_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.methods: tuple[MethodChoice, ...] = ()
        self.targets: tuple[str, ...] = ()
        self.method = ""
        self.target = ""
        self.look = HeatLook()
        self.threshold = Threshold()
        self.problem = ""
        self._thresholds: dict[tuple[str, str], Threshold] = {}
        self._opacities: dict[tuple[str, str], float] = {}
        self.show_heat = True
        self.show_contour = True
        self.show_boxes = True

    def offer_methods(self, methods: tuple[MethodChoice, ...]) -> None:
        self.methods = methods
        names = [choice.name for choice in methods]
        if self.method not in names:
            self.method = next((name for name in PREFERRED if name in names), names[0] if names else "")
        self.choices_changed.emit()

    def offer_targets(self, targets: tuple[str, ...], first: str) -> None:
        """The model's labels; `first` is chosen unless the present one is among them."""
        if targets != self.targets or self.target not in targets:
            self.targets = targets
            self.target = first if first in targets else ""
            self.choices_changed.emit()

    def set_method(self, method: str) -> None:
        if method != self.method:
            self.method = method
            self._take_opacity()
            self.choices_changed.emit()
            self.request_changed.emit()

    def set_target(self, target: str) -> None:
        if target != self.target:
            self.target = target
            self._take_opacity()
            self.choices_changed.emit()
            self.request_changed.emit()

    def set_problem(self, problem: str) -> None:
        """Why the chosen map cannot be computed, empty where it can."""
        if problem != self.problem:
            self.problem = problem
            self.look_changed.emit()

    def set_opacity(self, opacity: float) -> None:
        """Of the maps of this method and target; others without one of their own follow when they are chosen."""
        opacity = min(max(opacity, 0.0), 1.0)
        self._opacities[self.method, self.target] = opacity
        self._set_look(replace(self.look, opacity=opacity))

    def set_colormap(self, name: str) -> None:
        self._set_look(self.look.with_colormap(name))

    def set_above_cut(self, above_cut: bool) -> None:
        self._set_look(replace(self.look, above_cut=above_cut))

    def set_sign(self, sign: Sign) -> None:
        if sign is not self.look.sign:
            self._set_look(replace(self.look, sign=sign))
            self.cut_changed.emit()

    def set_threshold(self, threshold: Threshold) -> None:
        """By hand: it comes back with this method and target."""
        self._thresholds[self.method, self.target] = threshold
        self._show_threshold(threshold)

    def offer_threshold(self, threshold: Threshold) -> None:
        """The model's own, where none was set by hand for this method and target."""
        self._show_threshold(self.threshold_for(self.method, threshold))

    def threshold_for(self, method: str, otherwise: Threshold) -> Threshold:
        """What was set by hand for a method's map of the chosen target."""
        return self._thresholds.get((method, self.target), otherwise)

    def forget_thresholds(self) -> None:
        """Those set by hand were for another model."""
        self._thresholds.clear()

    def _show_threshold(self, threshold: Threshold) -> None:
        if threshold != self.threshold:
            self.threshold = threshold
            self.cut_changed.emit()

    def set_visible(
        self, *, heat: bool | None = None, contour: bool | None = None, boxes: bool | None = None
    ) -> None:
        before = (self.show_heat, self.show_contour, self.show_boxes)
        self.show_heat = self.show_heat if heat is None else heat
        self.show_contour = self.show_contour if contour is None else contour
        self.show_boxes = self.show_boxes if boxes is None else boxes
        if before != (self.show_heat, self.show_contour, self.show_boxes):
            self.look_changed.emit()

    def title_of(self, method: str) -> str:
        return next((choice.title for choice in self.methods if choice.name == method), method)

    def caveat(self) -> str:
        """What a map of the chosen method can and cannot show."""
        family = next((choice.family for choice in self.methods if choice.name == self.method), "").casefold()
        for word, sentence in WHAT_MAPS_SHOW.items():
            if word in family:
                return tr(sentence)
        return tr(WHAT_ANY_MAP_SHOWS)

    def _take_opacity(self) -> None:
        opacity = self._opacities.get((self.method, self.target), self.look.opacity)
        self._set_look(replace(self.look, opacity=opacity))

    def _set_look(self, look: HeatLook) -> None:
        if look != self.look:
            self.look = look
            self.look_changed.emit()
