"""What a canvas shows while a hand moves image and map: what it shows at rest, and no frame waits for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage, QPainter

from cxr_desktop.domain import AttributionMap, InstanceHeader, Radiograph, Window
from cxr_desktop.domain.prediction import ModelIdentity
from cxr_desktop.domain.presentation import Presentation as State
from cxr_desktop.domain.presentation import Shutter, ShutterShape
from cxr_desktop.ui.panels.heatmap_model import HeatmapModel
from cxr_desktop.ui.reading_model import ReadingModel
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.viewer import glide
from cxr_desktop.ui.viewer.glide import Glide
from cxr_desktop.ui.viewer.gray_pyramid import Presentation
from cxr_desktop.ui.viewer.heat_image import HeatImage, HeatLook
from cxr_desktop.ui.viewer.heatmap_layer import HeatmapLayer
from cxr_desktop.ui.viewer.image_layer import ImageLayer
from cxr_desktop.ui.viewer.layer import Frame
from cxr_desktop.ui.viewer.layer_stack import LayerStack
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.measurement_model import MeasurementModel
from cxr_desktop.ui.viewer.view_transform import Turn, ViewTransform
from cxr_desktop.ui.viewer.viewer_model import ViewerModel
from cxr_desktop.ui.viewer_binding import ViewerBinding

pytestmark = pytest.mark.usefixtures("qapp")
ROWS, COLUMNS = 1201, 1407
WIDTH, HEIGHT = 320, 260


def smooth(rows: int, columns: int) -> np.ndarray:
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    return np.sin(x / 90) * np.cos(y / 110)


@pytest.fixture
def image() -> ImageLayer:
    pixels = (30000 + 25000 * smooth(ROWS, COLUMNS)).astype(np.uint16)
    header = InstanceHeader(Path("x.dcm"), rows=ROWS, columns=COLUMNS)
    layer = ImageLayer()
    layer.show(LoadedImage.prepare(Radiograph(pixels, header, bits_stored=16, sha256="x")))
    layer.present(Presentation(Window(30000, 60000)))
    return layer


@pytest.fixture
def heat() -> HeatmapLayer:
    layer = HeatmapLayer()
    source = AttributionMap(
        smooth(ROWS, COLUMNS)[::-1].copy(), "rap", "Mass", ModelIdentity("m", "1", "0" * 64)
    )
    layer.show(HeatImage.build(source), HeatLook(), None)
    return layer


def painted(stack: LayerStack, frame: Frame, overlays: bool = True) -> np.ndarray:
    target = QImage(frame.width, frame.height, QImage.Format.Format_RGB32)
    painter = QPainter(target)
    stack.paint(painter, frame, overlays=overlays)
    painter.end()
    stack.go_on()  # as the canvas does between two frames
    return (
        np.frombuffer(target.constBits(), np.uint8).reshape(frame.height, frame.width, 4)[..., :3].astype(int)
    )


def off(stack: LayerStack, frame: Frame, *layers) -> int:
    """The largest difference from the same layers painted anew at rest."""
    shown = painted(stack, frame)
    return int(np.abs(shown - painted(LayerStack(layers), replace(frame, moving=False))).max())


@pytest.mark.parametrize("aspect", [1.0, 1.6])
@pytest.mark.parametrize("turn", [Turn(), Turn(1), Turn(2, mirrored=True), Turn(3)])
def test_a_zoom_shows_image_and_map_as_they_are_at_rest(image, heat, turn, aspect, monkeypatch):
    monkeypatch.setattr(glide, "PIXELS_A_TURN", 60_000)
    stack = LayerStack((image, heat), Glide(image, heat))
    view = ViewTransform.fitted(COLUMNS, ROWS, WIDTH, HEIGHT, aspect, turn)
    painted(stack, Frame(view, WIDTH, HEIGHT))
    worst = 0
    for step in range(90):
        view = view.zoomed(1.07 if step < 45 else 1 / 1.07, 130, 140).panned(1.25, -0.75)
        worst = max(worst, off(stack, Frame(view, WIDTH, HEIGHT, moving=True), image, heat))
    assert worst <= 6  # of 255: the map is laid on the image before both are scaled, not after


def test_no_frame_waits_for_a_picture_and_none_takes_long_between_two(image, heat, monkeypatch):
    """From the fitted image into its details, where what is at hand always shows what is asked for."""
    made = []
    gray = image.gray
    monkeypatch.setattr(image, "gray", lambda place: made.append(place) or gray(place))
    monkeypatch.setattr(glide, "PIXELS_A_TURN", 30_000)
    stack = LayerStack((image, heat), Glide(image, heat))
    view = ViewTransform.fitted(COLUMNS, ROWS, WIDTH, HEIGHT)
    painted(stack, Frame(view, WIDTH, HEIGHT))
    made.clear()
    for number in range(70):
        view = view.zoomed(1.02, 160, 130)
        painted(stack, Frame(view, WIDTH, HEIGHT, moving=True))
        assert len(made) <= number + 1  # in go_on alone
    assert {place.level for place in made} == {0, 1, 2}
    assert max((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (place.region for place in made)) <= 30_000


def test_a_hand_that_stops_for_a_moment_sees_what_was_made_meanwhile(image, heat, monkeypatch):
    monkeypatch.setattr(glide, "PIXELS_A_TURN", 20_000)
    view = ViewTransform.fitted(COLUMNS, ROWS, WIDTH, HEIGHT)
    stack = LayerStack((image, heat), Glide(image, heat))
    painted(stack, Frame(view, WIDTH, HEIGHT))
    frame = Frame(view.zoomed(1.02, 160, 130), WIDTH, HEIGHT, moving=True)
    painted(stack, frame)
    turns = 0
    while stack.unfinished:
        stack.go_on()
        turns += 1
    assert turns
    assert off(stack, frame, image, heat) <= 6


def test_what_is_out_of_sight_of_all_pictures_is_made_at_once(image, heat):
    stack = LayerStack((image, heat), Glide(image, heat))
    view = ViewTransform(3.0, -900.0, -900.0)
    painted(stack, Frame(view, WIDTH, HEIGHT))
    for view in (ViewTransform(3.0, -2000.0, -2200.0), ViewTransform(0.2, 5.0, 7.0)):
        assert off(stack, Frame(view, WIDTH, HEIGHT, moving=True), image, heat) <= 12


def test_a_change_of_gray_or_of_the_map_in_mid_move_is_shown_at_once(image, heat):
    stack = LayerStack((image, heat), Glide(image, heat))
    view = ViewTransform.fitted(COLUMNS, ROWS, WIDTH, HEIGHT)
    for step in range(24):
        view = view.zoomed(1.03, 160, 130)
        if step == 8:
            image.present(Presentation(Window(20000, 30000)))
        if step == 16:
            heat.show(heat._heat, HeatLook(opacity=0.9), None)
        assert off(stack, Frame(view, WIDTH, HEIGHT, moving=True), image, heat) <= 12


def test_hidden_marks_stay_hidden_while_the_image_moves(image, heat):
    stack = LayerStack((image, heat), Glide(image, heat))
    view = ViewTransform.fitted(COLUMNS, ROWS, WIDTH, HEIGHT)
    for step in range(12):
        frame = Frame(view.panned(step, 0), WIDTH, HEIGHT, moving=True)
        shown = painted(stack, frame, overlays=step < 6)
    assert (shown == shown[..., :1]).all()  # gray alone


def test_single_pixels_are_as_sharp_in_a_move_as_at_rest(image, heat):
    stack = LayerStack((image, heat), Glide(image, heat))
    for step in range(6):
        frame = Frame(ViewTransform(10.0, -4000.0 + 3 * step, -4000.0), WIDTH, HEIGHT, moving=True)
        assert off(stack, frame, image, heat) == 0


def test_a_shutter_hides_the_map_beside_it():
    viewer, session, heatmap = ViewerModel(), Session(), HeatmapModel()
    binding = ViewerBinding(viewer, session, heatmap, ReadingModel("A"), MeasurementModel())
    binding.canvas.resize(WIDTH, HEIGHT)
    viewer.set_canvas_size(WIDTH, HEIGHT)
    header = InstanceHeader(Path("x.dcm"), rows=200, columns=200)
    pixels = np.full((200, 200), 900, np.uint16)
    session.set_image(LoadedImage.prepare(Radiograph(pixels, header, sha256="x", bits_stored=10)))
    session.set_heat(
        HeatImage.build(
            AttributionMap(np.ones((200, 200), np.float32), "rap", "Mass", ModelIdentity("m", "1", "0" * 64))
        )
    )
    binding.show_state(State(shutters=(Shutter(ShutterShape.RECTANGULAR, ((50, 50), (150, 150))),)))
    target = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    binding.canvas.render(target)
    inside, outside = (QPoint(*map(round, viewer.view.to_view(*at))) for at in ((100, 100), (30, 100)))
    assert target.pixelColor(outside) == QColor(0, 0, 0)
    assert target.pixelColor(inside).red() != target.pixelColor(inside).blue()
