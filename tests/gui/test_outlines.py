"""Contours chained to outlines, and a finding snapped to one."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from cxr_desktop.domain import Box, Polygon, region_of
from cxr_desktop.domain.region_overlap import MaskRegion
from cxr_desktop.ui.viewer.contour_lines import contour_segments
from cxr_desktop.ui.viewer.outlines import loops, outline_under, simplified


def discs(*centres, radius=30.0, side=200):
    y, x = np.indices((side, side)) + 0.5
    nearest = np.min([np.hypot(x - cx, y - cy) for cx, cy in centres], axis=0)
    return (radius - nearest).astype(np.float32)


def test_every_segment_finds_its_loop():
    segments = contour_segments(discs((50, 50), (140, 120)), 0.0)
    found = loops(segments)
    assert sorted(len(loop) for loop in found) == sorted([len(segments) // 2] * 2)
    for loop in found:
        assert Polygon(tuple(map(tuple, loop))).area == pytest.approx(np.pi * 30**2, rel=0.01)


def test_the_outline_is_the_one_under_the_finding_and_close_to_the_contour():
    plane = discs((50, 50), (140, 120))
    segments = contour_segments(plane, 0.0, 2.0)
    outline = outline_under(segments, Box(230, 200, 60, 60), 2.0)
    assert outline is not None
    assert outline.bounding_box.centre == pytest.approx((280, 240), abs=2)
    assert len(outline.vertices) < 60
    corners = np.array(outline.vertices)
    assert np.hypot(*(corners - (280, 240)).T) == pytest.approx(60, abs=1)
    assert outline_under(segments, Box(0, 300, 20, 20), 2.0) is None
    assert outline_under(np.empty((0, 4), np.float32), Box(0, 0, 20, 20)) is None


def test_what_is_left_out_lies_near():
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    circle = np.stack([100 * np.cos(angle), 100 * np.sin(angle)], axis=1)
    kept = simplified(circle, 1.0)
    assert 12 < len(kept) < 40
    assert Polygon(tuple(map(tuple, kept))).area == pytest.approx(np.pi * 100**2, rel=0.02)


def test_one_key_snaps_a_finding_to_the_outline_of_the_map(hand):
    hand.key(Qt.Key.Key_D)
    hand.drag(hand.at(110, 90), hand.at(190, 160))
    hand.key(Qt.Key.Key_5)
    hand.key(Qt.Key.Key_B, Qt.KeyboardModifier.ShiftModifier)
    (found,) = hand.boxes
    assert isinstance(region_of(found), Polygon)
    assert found.label == "Mass"
    cut = hand.parts.session.cut
    assert MaskRegion(cut.region, cut.heat.step).overlap(found).iou > 0.9
    hand.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert type(hand.boxes[0]) is Box
