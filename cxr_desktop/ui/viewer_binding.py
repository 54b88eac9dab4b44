"""Keeps the layers of the canvas in step with the state."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from cxr_desktop.domain import Verdict
from cxr_desktop.domain.presentation import Presentation
from cxr_desktop.ui.captions import captions
from cxr_desktop.ui.comparing import Comparing, Look
from cxr_desktop.ui.comparing_sources import OWN, marks
from cxr_desktop.ui.panels.heatmap_model import HeatmapModel
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.viewer.box_layer import BoxGroup, BoxLayer
from cxr_desktop.ui.viewer.canvas import Canvas
from cxr_desktop.ui.viewer.caption_layer import CaptionLayer
from cxr_desktop.ui.viewer.comparison_layer import ComparisonLayer
from cxr_desktop.ui.viewer.contour_layer import ContourLayer
from cxr_desktop.ui.viewer.glide import Glide
from cxr_desktop.ui.viewer.heatmap_layer import HeatmapLayer
from cxr_desktop.ui.viewer.image_layer import ImageLayer
from cxr_desktop.ui.viewer.layer_stack import LayerStack
from cxr_desktop.ui.viewer.magnifier_layer import MagnifierLayer
from cxr_desktop.ui.viewer.measurement import AREAS
from cxr_desktop.ui.viewer.measurement_layer import MeasurementLayer, ShownMeasurement
from cxr_desktop.ui.viewer.measurement_model import MeasurementModel
from cxr_desktop.ui.viewer.measurement_words import told
from cxr_desktop.ui.viewer.orientation_layer import OrientationLayer
from cxr_desktop.ui.viewer.overlay_layer import OverlayLayer
from cxr_desktop.ui.viewer.state_layer import StateLayer
from cxr_desktop.ui.viewer.tools import tools
from cxr_desktop.ui.viewer.viewer_model import ViewerModel


class ViewerBinding(QObject):
    """Builds the canvas with its layers from the bottom up, and listens."""

    def __init__(
        self,
        viewer: ViewerModel,
        session: Session,
        heatmap: HeatmapModel,
        reading: ReadingModel,
        measurements: MeasurementModel,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._viewer, self._session, self._heatmap, self._reading = viewer, session, heatmap, reading
        self._measurements = measurements
        self._comparing: Comparing | None = None
        self._image, self._heat, self._contour = ImageLayer(), HeatmapLayer(), ContourLayer()
        self._state = StateLayer()
        self._boxes, self._measured, self._captions = (
            BoxLayer(self._state),
            MeasurementLayer(),
            CaptionLayer(),
        )
        self._letters, self._lens, self._planes = OrientationLayer(), MagnifierLayer(), OverlayLayer()
        self._compared = ComparisonLayer()
        drawn = (self._boxes, self._compared, self._measured, self._letters, self._captions, self._lens)
        layers = (self._image, self._heat, self._planes, self._state, self._contour, *drawn)
        stack = LayerStack(layers, Glide(self._image, self._heat))
        self.canvas = Canvas(viewer, tools(viewer, reading, measurements), stack, parent)
        session.image_changed.connect(self._show_image)
        session.passing_changed.connect(self._show_passing)
        viewer.picture_changed.connect(self._show_picture)
        viewer.file_overlays_changed.connect(self._show_planes)
        session.veil_changed.connect(self._show_planes)
        viewer.tool_changed.connect(reading.drop_draft)
        viewer.presentation_changed.connect(self._show_gray)
        viewer.view_changed.connect(self._show_captions)
        viewer.lens_changed.connect(self._show_lens)
        heatmap.look_changed.connect(self.canvas.hurry)
        for signal in (session.heat_changed, session.cut_changed, heatmap.look_changed):
            signal.connect(self._show_map)
        for signal in (
            session.cut_changed,
            session.references_changed,
            reading.changed,
            reading.selection_changed,
            heatmap.look_changed,
        ):
            signal.connect(self._show_boxes)
        measurements.selection_changed.connect(self._select_measurement)
        reading.selection_changed.connect(self._select_box)
        for signal in (measurements.changed, measurements.selection_changed):
            signal.connect(self._show_measurements)

    def compare_with(self, comparing: Comparing) -> None:
        """Show two sources of boxes in place of all others whenever they are held against each other."""
        self._comparing = comparing
        for signal in (comparing.changed, comparing.look_changed):
            signal.connect(self._show_boxes)

    def _show_image(self) -> None:
        self._viewer.show_image(self._session.image)
        self._show_marks()

    def _show_passing(self) -> None:
        self._viewer.show_picture(self._session.passing)
        self._show_marks()

    def _show_marks(self) -> None:
        """Marks belong to the image that is read; none lies on one that goes by."""
        self._show_map()
        self._show_boxes()
        self._show_measurements()

    def _show_picture(self) -> None:
        image = self._viewer.image
        for layer in (self._image, self._lens, self._planes):
            layer.show(image)
        self._letters.show(image.radiograph.orientation if image else ("", ""))

    def show_state(self, presentation: Presentation | None) -> None:
        """Shapes, text and shutters of a presentation state; None for none."""
        image = self._session.image
        size = (image.radiograph.columns, image.radiograph.rows) if image else (0, 0)
        self._state.show(presentation, *size)
        self.canvas.update()

    def _show_planes(self) -> None:
        self._planes.visible = self._viewer.file_overlays and not self._session.veiled
        self._show_captions()

    def _show_gray(self) -> None:
        self._image.present(self._viewer.presentation)
        self._show_lens()
        self._show_captions()

    def _show_map(self) -> None:
        cut, look = self._session.cut, self._heatmap.look
        self._heat.show(
            self._session.heat if self._heatmap.show_heat else None, look, cut.region if cut else None
        )
        self._contour.show(cut.segments if cut and self._heatmap.show_contour else None)
        self._show_captions()

    def _show_boxes(self) -> None:
        comparing, passing = self._comparing, self._session.passing is not None
        own = BoxGroup("reader", self._reading.shown.boxes, self._reading.selected)
        if passing:
            self._boxes.show(())
            self._compared.clear()
        elif comparing is not None and comparing.active:
            self._boxes.show(() if OWN in (comparing.first, comparing.second) else (own,))
            self._show_compared(comparing)
        else:
            self._boxes.show((*self._others(), own))
            self._compared.clear()
        self.canvas.update()

    def _others(self) -> tuple[BoxGroup, BoxGroup]:
        """What the network, with the reader's verdict for a label, and the reference mark; nothing rejected."""
        cut, reading = self._session.cut, self._reading.shown
        offered = cut.boxes if cut and self._heatmap.show_boxes else ()
        judged = ((box, reading.verdict_on(box)) for box in offered)
        network = tuple(
            replace(box, label=verdict or "") for box, verdict in judged if verdict is not Verdict.REJECTED
        )
        return BoxGroup("network", network), BoxGroup("reference", self._session.references)

    def _show_compared(self, comparing: Comparing) -> None:
        pair, sides = comparing.pair, comparing.sides
        if pair is None or sides is None:
            self._compared.clear()
            return
        self._compared.show(
            [mark for mark in marks(sides) if comparing.focus is None or mark.box in comparing.focus],
            (pair[0].title, pair[1].title),
            comparing.second_phase if comparing.look is Look.BLINK else None,
            comparing.swipe if comparing.look is Look.SWIPE else None,
        )

    def _select_measurement(self) -> None:
        """A measurement or a box is selected, never both."""
        if self._measurements.selected is not None:
            self._reading.select(None)

    def _select_box(self) -> None:
        if self._reading.selected is not None:
            self._measurements.select(None)

    def _show_measurements(self) -> None:
        model = self._measurements
        present = model.shown if self._session.passing is None else ()
        shown = [
            ShownMeasurement(
                item,
                told(
                    item,
                    model.calibration,
                    model.view_position,
                    model.statistics.get(item),
                    pending=item.kind in AREAS and item not in model.statistics,
                ),
                index == model.selected,
            )
            for index, item in enumerate(present)
        ]
        self._measured.show(shown, model.calibration)
        self.canvas.update()

    def _show_lens(self) -> None:
        self._lens.place(self._viewer.lens, self._viewer.presentation)
        self.canvas.update()

    def _show_captions(self) -> None:
        title = self._heatmap.title_of(self._session.heat.source.method) if self._session.heat else ""
        self._captions.show(captions(self._viewer, self._session, title, self._heatmap.look.sign))
        self.canvas.update()
