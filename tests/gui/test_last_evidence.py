"""Evidence is smoothed once for a moving threshold, and anew for whatever else changes."""

from __future__ import annotations

import numpy as np

from cxr_desktop.domain import Threshold
from cxr_desktop.localization.map_boxes import cut_into_boxes
from cxr_desktop.localization.smoothing import evidence
from cxr_desktop.ui.last_evidence import LastEvidence
from cxr_desktop.ui.local_engine import LocalEngine

MAP = np.random.default_rng(1).normal(size=(200, 160)).astype(np.float32)


def test_made_once_in_a_row_and_anew_for_another_question() -> None:
    last = LastEvidence()
    first = last.of(MAP, "positive", 0.015)
    assert last.of(MAP, "positive", 0.015) is first
    np.testing.assert_array_equal(first, evidence(MAP, "positive", 0.015))
    np.testing.assert_array_equal(last.of(MAP, "negative", 0.015), evidence(MAP, "negative", 0.015))
    np.testing.assert_array_equal(last.of(MAP, "negative", 0.0), evidence(MAP, "negative", 0.0))
    np.testing.assert_array_equal(last.of(-MAP, "negative", 0.0), evidence(-MAP, "negative", 0.0))


def test_the_windows_cuts_are_those_of_a_report() -> None:
    engine = LocalEngine()
    for text in ("percentile:80", "percentile:95", "relative:0.3", "absolute:0.5", "otsu"):
        for sign in ("positive", "negative", "absolute"):
            cut = engine.cut(MAP, Threshold.parse(text), sign)
            level, boxes = cut_into_boxes(MAP, text, sign=sign)
            assert (cut.level, cut.boxes) == (level, boxes)
