"""What the viewer shows and how: image, gray, place, tool. No widget."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from cxr_desktop.domain import Voi, VoiFunction, VoiTable, Window
from cxr_desktop.ui.viewer.gray_pyramid import Presentation
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.relative import RelativeGray, RelativePlace
from cxr_desktop.ui.viewer.view_transform import LARGEST_SCALE, SMALLEST_SCALE, UPRIGHT, Turn, ViewTransform

DRAG_SPAN = 800.0
NARROWEST_SHARE = 1000


class ToolKind(StrEnum):
    """What the left button does."""

    EDIT = "edit"
    WINDOW = "window"
    PAN = "pan"
    ZOOM = "zoom"
    DRAW = "draw"
    DRAW_ELLIPSE = "draw ellipse"
    DRAW_POLYGON = "draw polygon"
    DRAW_POINT = "draw point"
    LENGTH = "length"
    ANGLE = "angle"
    ELLIPSE = "ellipse"
    RECTANGLE = "rectangle"
    CARDIOTHORACIC = "cardiothoracic"


@dataclass(frozen=True, slots=True)
class Look:
    """How an image lies on the canvas, and in which gray."""

    presentation: Presentation
    view: ViewTransform
    fitting: bool


class ViewerModel(QObject):
    """Setters signal only on change.

    picture_changed: other pixels are on the canvas; True where they are not of the file shown before.
    image_changed: the image has come to rest, so that it can be measured and drawn on.
    """

    picture_changed = Signal(bool)
    image_changed = Signal()
    presentation_changed = Signal()
    view_changed = Signal()
    tool_changed = Signal()
    hidden_changed = Signal()
    lens_changed = Signal()
    file_overlays_changed = Signal()
    step_wanted = Signal(int)
    frame_wanted = Signal(int)
    rest_wanted = Signal()
    probed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.image: LoadedImage | None = None
        self.presentation = Presentation(Window(128, 256))
        self.view = ViewTransform()
        self.tool = ToolKind.EDIT
        self.overlays_hidden = False
        self.magnifying = False
        self.at_rest = True
        self.turns_frames = False
        self.file_overlays = True
        self.pointer: tuple[float, float] | None = None
        self._size = (1.0, 1.0)
        self._fitting = True
        self._range = 256.0

    def show_image(self, image: LoadedImage | None) -> None:
        """An image at rest, in its own default gray and fitted; a frame of the file on show keeps both."""
        if image is None or image is not self.image:
            self.show_picture(image)
        self.at_rest = True
        self.image_changed.emit()

    def show_picture(self, image: LoadedImage | None) -> None:
        """As `show_image`, of an image that only goes by."""
        before, self.image = self.image, image
        self.at_rest = False
        goes_on = image is not None and image.goes_on_from(before)
        if image is not None:
            low, high = image.value_range
            self._range = high - low if high > low else 1.0
            default = image.radiograph.default_voi()
            usual = before is None or self.presentation.voi == before.radiograph.default_voi()
            if not goes_on:
                self.presentation = Presentation(default)
            elif usual:
                self.presentation = replace(self.presentation, voi=default)
        self.picture_changed.emit(not goes_on)
        self.presentation_changed.emit()
        if not goes_on:
            self.turn_to(UPRIGHT)
            self.fit()

    @property
    def frames(self) -> int:
        """How many frames the wheel turns over; 1 where it enlarges instead."""
        return self.image.radiograph.header.frames if self.image and self.turns_frames else 1

    def set_tool(self, tool: ToolKind) -> None:
        if tool is not self.tool:
            self.tool = tool
            self.tool_changed.emit()

    def set_overlays_hidden(self, hidden: bool) -> None:
        if hidden != self.overlays_hidden:
            self.overlays_hidden = hidden
            self.hidden_changed.emit()

    def set_file_overlays(self, shown: bool) -> None:
        """Whether bit planes of the file lie on the image."""
        if shown != self.file_overlays:
            self.file_overlays = shown
            self.file_overlays_changed.emit()

    def set_magnifying(self, magnifying: bool) -> None:
        if magnifying != self.magnifying:
            self.magnifying = magnifying
            self.lens_changed.emit()

    def set_pointer(self, at: tuple[float, float] | None) -> None:
        """Where the mouse is, in device pixels; None off the canvas."""
        self.pointer = at
        if self.magnifying:
            self.lens_changed.emit()

    @property
    def lens(self) -> tuple[float, float] | None:
        """Middle of the magnifier in device pixels, None where there is none."""
        return self.pointer if self.magnifying else None

    # Gray

    def set_voi(self, voi: Voi) -> None:
        self._present(replace(self.presentation, voi=voi))

    def show_central(self) -> None:
        """The window of the image's central part."""
        window = self.image.central if self.image else None
        if window is not None:
            self.set_voi(window)

    def invert(self) -> None:
        self._present(replace(self.presentation, inverted=not self.presentation.inverted))

    def drag_window(self, dx: float, dy: float) -> None:
        """Logical pixels: to the right widens, downwards raises the centre and so darkens."""
        window = self.window()
        gain = max(window.width, self._range / 64) / DRAG_SPAN * 2
        width = max(window.width + dx * gain, self.narrowest)
        self.set_voi(replace(window, centre=window.centre + dy * gain, width=width, explanation="custom"))

    def window(self) -> Window:
        """The present window; a table stands for the range of values that it tells apart."""
        return _window_of(self.presentation.voi)

    @property
    def narrowest(self) -> float:
        """The smallest width that a hand gives the window: one value, or a small share where values are fractions."""
        whole = self.image is None or self.image.radiograph.pixels.dtype.kind in "iub"
        return 1.0 if whole or self.window().function is VoiFunction.LINEAR else self._range / NARROWEST_SHARE

    def reset(self) -> None:
        """The file's own gray, upright, and the whole image."""
        if self.image is not None:
            self._present(Presentation(self.image.radiograph.default_voi()))
            self.turn_to(UPRIGHT)
            self.fit()

    def _present(self, presentation: Presentation) -> None:
        if presentation != self.presentation:
            self.presentation = presentation
            self.presentation_changed.emit()

    def show_gray_of(self, voi: Voi, inverted: bool) -> None:
        """A VOI transformation and whether it is shown inverted, on top of what the file declares."""
        self._present(Presentation(voi, inverted))

    @property
    def look(self) -> Look:
        """All that the hand has done to the picture, to come back to."""
        return Look(self.presentation, self.view, self._fitting)

    def show_look(self, look: Look) -> None:
        self._present(look.presentation)
        self._move(look.view, fitting=look.fitting)
        if look.fitting:
            self.fit()

    # Place

    def set_canvas_size(self, width: float, height: float) -> None:
        """Device pixels. A fitted image stays fitted, another keeps its middle."""
        old, self._size = self._size, (width, height)
        if self._fitting:
            self.fit()
        else:
            self._move(self.view.panned((width - old[0]) / 2, (height - old[1]) / 2))

    def fit(self) -> None:
        if self.image is not None:
            self._move(ViewTransform.fitted(*self._place()), fitting=True)

    def one_to_one(self) -> None:
        if self.image is not None:
            self._move(ViewTransform.one_to_one(*self._place()))

    def show_area(
        self, left: float, top: float, right: float, bottom: float, scale: float | None = None
    ) -> None:
        """A part of the image in stored pixels, as it is turned now; fitted unless a scale is given."""
        if self.image is None or right <= left or bottom <= top:
            return
        width, height = self._size
        columns, rows = (right - left), (bottom - top) * self.image.aspect
        across, down = (rows, columns) if self.view.turn.sideways else (columns, rows)
        fitted = min(width / across, height / down)
        view = replace(
            self.view, scale=min(max(scale or fitted, SMALLEST_SCALE), LARGEST_SCALE), left=0.0, top=0.0
        )
        x, y = view.to_view((left + right) / 2, (top + bottom) / 2)
        self._move(view.panned(width / 2 - x, height / 2 - y))

    def pan(self, dx: float, dy: float) -> None:
        self._move(self.view.panned(dx, dy))

    def zoom(self, factor: float, x: float | None = None, y: float | None = None) -> None:
        """About a device pixel, by default the canvas's middle."""
        width, height = self._size
        self._move(self.view.zoomed(factor, width / 2 if x is None else x, height / 2 if y is None else y))

    def turn_to(self, turn: Turn) -> None:
        """Rotate or flip about the canvas's middle; a fitted image stays fitted."""
        width, height = self._size
        if self._fitting and self.image is not None:
            self._move(ViewTransform.fitted(*self._place()[:-1], turn), fitting=True)
        else:
            self._move(self.view.turned(turn, width / 2, height / 2))

    # Relative to the image, for linked viewers

    def place(self) -> RelativePlace:
        """Where the image lies; there must be one."""
        columns, rows, width, height, *_ = self._place()
        x, y = self.view.to_image(width / 2, height / 2)
        zoom = self.view.scale / ViewTransform.fitted(*self._place()).scale
        return RelativePlace(zoom, x / columns, y / rows, self._fitting)

    def show_place(self, place: RelativePlace) -> None:
        """Lie as another image lies."""
        if place.fitted:
            self.fit()
            return
        columns, rows, width, height, *_ = self._place()
        fitted = ViewTransform.fitted(*self._place())
        view = fitted.zoomed(place.zoom, width / 2, height / 2)
        x, y = view.to_view(place.x * columns, place.y * rows)
        self._move(view.panned(width / 2 - x, height / 2 - y))

    def gray(self) -> RelativeGray:
        """The gray of the image; there must be one."""
        return RelativeGray.between(
            self.window(), self._default(), self.presentation.inverted, opposite=self._opposite()
        )

    def show_gray(self, gray: RelativeGray) -> None:
        """Show the image as another one is shown."""
        assert self.image is not None
        usual = self.image.radiograph.default_voi()
        voi = usual if gray.usual else gray.of(self._default(), opposite=self._opposite())
        self._present(Presentation(voi, gray.inverted))

    def _default(self) -> Window:
        assert self.image is not None
        return _window_of(self.image.radiograph.default_voi())

    def _opposite(self) -> bool:
        assert self.image is not None
        return self.image.radiograph.grayscale.inverted

    def _move(self, view: ViewTransform, *, fitting: bool = False) -> None:
        self._fitting = fitting
        if view != self.view and math.isfinite(view.scale):
            self.view = view
            self.view_changed.emit()

    def _place(self) -> tuple[int, int, float, float, float, Turn]:
        assert self.image is not None
        radiograph = self.image.radiograph
        return radiograph.columns, radiograph.rows, *self._size, self.image.aspect, self.view.turn


def _window_of(voi: Voi) -> Window:
    if isinstance(voi, VoiTable):
        return Window.spanning(voi.first_value, voi.first_value + len(voi.entries) - 1)
    return voi
