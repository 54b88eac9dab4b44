"""The labels of boxes are read wherever their boxes are seen."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from cxr_desktop.domain import Box
from cxr_desktop.ui.viewer.box_tags import Tags
from cxr_desktop.ui.viewer.layer import Frame
from cxr_desktop.ui.viewer.view_transform import ViewTransform

WIDTH, HEIGHT = 400, 300
INK = (240, 228, 66)


def drawn(box: Box, others: tuple[Box, ...] = ()) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is drawn of the last label; all labels say the same."""
    picture = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    picture.fill(0)
    painter = QPainter(picture)
    frame = Frame(ViewTransform(), WIDTH, HEIGHT)
    tags = [(other, "Mass", QColor("#ff0000")) for other in others]
    Tags().place(painter, frame, [*tags, (box, "Mass", QColor(*INK))])
    painter.end()
    pixels = np.frombuffer(picture.constBits(), np.uint8).reshape(HEIGHT, WIDTH, 4)[..., 2::-1]
    rows, columns = np.nonzero((np.abs(pixels.astype(int) - INK) < 60).all(-1))
    return columns.min(), rows.min(), columns.max(), rows.max()


pytestmark = pytest.mark.usefixtures("qapp")
FREE = Box(100, 100, 80, 60)


@pytest.mark.parametrize(
    "box",
    [
        Box(-300, 100, 350, 80),
        Box(380, 100, 500, 80),
        Box(100, -200, 80, 260),
        Box(-50, -50, 900, 900),
        Box(-300, -200, 360, 900),
    ],
)
def test_a_label_is_whole_wherever_its_box_goes_on_off_the_canvas(box):
    left, top, right, bottom = drawn(box)
    whole = drawn(FREE)
    assert (right - left, bottom - top) == (whole[2] - whole[0], whole[3] - whole[1])


def test_above_its_box_where_there_is_room():
    assert drawn(FREE)[3] < FREE.y


def test_labels_of_boxes_that_cover_the_canvas_do_not_lie_on_one_another():
    one, other = drawn(Box(-50, -50, 900, 900)), drawn(Box(-60, -60, 950, 950), (Box(-50, -50, 900, 900),))
    assert other[0] > one[2] or other[1] > one[3]


def test_a_label_keeps_away_from_what_is_taken():
    picture = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    picture.fill(0)
    painter = QPainter(picture)
    above = QRectF(90, 70, 100, 30)
    tags = Tags(taken=[above])
    tags.place(painter, Frame(ViewTransform(), WIDTH, HEIGHT), [(FREE, "Mass", QColor(*INK))])
    painter.end()
    lowest = drawn(FREE)[1]
    assert lowest < above.bottom()
    pixels = np.frombuffer(picture.constBits(), np.uint8).reshape(HEIGHT, WIDTH, 4)[..., 2::-1]
    rows, _columns = np.nonzero((np.abs(pixels.astype(int) - INK) < 60).all(-1))
    assert rows.min() > above.bottom()
