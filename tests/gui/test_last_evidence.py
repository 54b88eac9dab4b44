"""Evidence is smoothed once for a moving threshold, and anew for whatever else changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

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


def test_a_map_is_made_once_and_found_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cxr_desktop.cohort import case
    from cxr_desktop.resources import resource

    engine = LocalEngine("cpu", data=tmp_path)
    model = engine.load_model("demo")
    radiograph = engine.read(resource("demo", "study") / "two.dcm")
    first = engine.explain(model, radiograph, "gradcam", "Lung Opacity", lambda _done: None)
    monkeypatch.setattr(case, "explain_radiograph", None, raising=False)
    again = LocalEngine("cpu", data=tmp_path).explain(
        model, radiograph, "gradcam", "Lung Opacity", lambda _done: None
    )
    assert (again.values == first.values).all()
    assert again.parameters == first.parameters
