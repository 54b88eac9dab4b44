"""A second image beside the one being read: no marks, no network, for comparison alone."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cxr_desktop.ui.captions import captions
from cxr_desktop.ui.panels.section import note
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.translation import tr
from cxr_desktop.ui.viewer.canvas import Canvas
from cxr_desktop.ui.viewer.caption_layer import CaptionLayer
from cxr_desktop.ui.viewer.glide import Glide
from cxr_desktop.ui.viewer.heat_image import Sign
from cxr_desktop.ui.viewer.image_layer import ImageLayer
from cxr_desktop.ui.viewer.layer_stack import LayerStack
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.orientation_layer import OrientationLayer
from cxr_desktop.ui.viewer.overlay_layer import OverlayLayer
from cxr_desktop.ui.viewer.tools import looking_tools
from cxr_desktop.ui.viewer.viewer_model import ViewerModel


class SideView(QObject):
    """Tools that look work as on the main image; those that draw or measure move it instead."""

    def __init__(self, number: int, main: ViewerModel, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.viewer = ViewerModel(self)
        self._main, self._session, self._nothing = main, session, Session(self)
        self._told: tuple[str, ...] = ()
        self._image, self._letters, self._captions = ImageLayer(), OrientationLayer(), CaptionLayer()
        self._planes = OverlayLayer()
        layers = (self._image, self._planes, self._letters, self._captions)
        stack = LayerStack(layers, Glide(self._image))
        self.canvas = Canvas(self.viewer, looking_tools(self.viewer), stack, parent)
        self.canvas.setObjectName(f"sideCanvas{number}")
        self.canvas.setAccessibleName(tr("Radiograph for comparison"))
        self._words = note("", "empty", f"sideNote{number}")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        QVBoxLayout(self.canvas).addWidget(self._words)
        self.viewer.presentation_changed.connect(self._show_gray)
        self.viewer.view_changed.connect(self._caption)
        self.viewer.probed.connect(main.probed)
        main.tool_changed.connect(self._take_tool)
        main.file_overlays_changed.connect(self._show_planes)
        session.veil_changed.connect(self._show_planes)

    def tell(self, sentence: str) -> None:
        """Show a sentence instead of an image."""
        self.show(None)
        self._words.setText(sentence)
        self._words.show()

    def show(self, image: LoadedImage | None, *told: str) -> None:
        """told: how it stands to the main image, written in its corner, a line each."""
        self._told = told
        self._words.setVisible(image is None)
        self._image.show(image)
        self._planes.show(image)
        self._letters.show(image.radiograph.orientation if image else ("", ""))
        self.viewer.show_image(image)
        self._show_gray()  # the viewer says nothing anew of an image that it has already

    def _take_tool(self) -> None:
        self.viewer.set_tool(self._main.tool)

    def _show_gray(self) -> None:
        self._image.present(self.viewer.presentation)
        self._caption()

    def _show_planes(self) -> None:
        veiled, shown = self._session.veiled, self._main.file_overlays
        self._nothing.set_veiled(veiled)
        self._planes.visible = shown and not veiled
        self.viewer.set_file_overlays(shown)
        self._caption()

    def _caption(self) -> None:
        told = captions(self.viewer, self._nothing, "", Sign.POSITIVE)
        if self.viewer.image is not None:
            told = replace(told, top_right=(*filter(None, self._told), *told.top_right))
        self._captions.show(told)
        self.canvas.update()
