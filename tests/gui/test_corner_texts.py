"""What the corners of the canvas say stays legible on a narrow view."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage, QPainter

from cxr_desktop.ui.viewer.caption_layer import GAP, CaptionLayer, Captions
from cxr_desktop.ui.viewer.caption_rows import rows, shared
from cxr_desktop.ui.viewer.layer import Frame
from cxr_desktop.ui.viewer.view_transform import ViewTransform

LONG = "Thorax anteroposterior in bed, portable, after the operation of 2024-01-31"


def characters(text: str) -> float:
    return float(len(text))


def cut(text: str, width: float) -> str:
    return text[: int(width)]


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ("abc", "defg", ("abc", "defg")),
        ("abc", "defghijklm", ("abc", "defghij")),
        ("abcdefghij", "klm", ("abcdefg", "klm")),
        ("abcdefghij", "klmnopqrst", ("abcde", "klmno")),
        ("abcdefghijkl", "", ("abcdefghij", "")),
    ],
)
def test_two_lines_of_a_row_share_its_room(left, right, found):
    assert shared(left, right, 10, characters, cut) == found


def test_rows_are_counted_from_the_edge():
    assert list(rows(("a", "", "b"), ("c",), from_below=False)) == [("a", "c"), ("b", "")]
    assert list(rows(("a", "", "b"), ("c",), from_below=True)) == [("b", "c"), ("a", "")]


@pytest.mark.parametrize("corners", [("top_left", "top_right"), ("bottom_left", "bottom_right")])
@pytest.mark.parametrize("ratio", [1.0, 1.5, 3.0])
def test_nothing_is_painted_between_two_long_lines(qapp, corners, ratio):
    layer = CaptionLayer()
    layer.show(Captions(**dict.fromkeys(corners, (LONG,))))
    width = round(300 * ratio)
    picture = QImage(width, width, QImage.Format.Format_Grayscale8)
    picture.fill(0)
    painter = QPainter(picture)
    layer.paint(painter, Frame(ViewTransform(), width, width, ratio))
    painter.end()
    columns = [
        x for x in range(width) if any(picture.pixelColor(x, y).value() > 60 for y in range(0, width, 1))
    ]
    middle = [x for x in columns if abs(x - width / 2) < GAP * ratio / 2 - 1]
    assert columns
    assert not middle
