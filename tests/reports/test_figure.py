"""The PNG of a case."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from cxr_desktop.domain import Box
from cxr_desktop.domain.palette import NETWORK
from cxr_desktop.reports import export
from cxr_desktop.reports.figure import HEADER, MARGIN, WIDTH, case_figure
from cxr_desktop.reports.rendering import clean, fitted


def test_the_clean_panel_is_the_displayed_image_untouched(make_analysis):
    analysis = make_analysis(methods=("gradcam",), rows=300, columns=300)
    pixels = np.asarray(case_figure(analysis))
    side = (WIDTH - 2 * MARGIN - 20) // 2
    panel = pixels[HEADER : HEADER + side, MARGIN : MARGIN + side]
    expected = clean(analysis.radiograph.display(), fitted(300, 300, side))
    assert np.array_equal(panel, expected)
    annotated = pixels[HEADER : HEADER + side, MARGIN + side + 20 : MARGIN + 2 * side + 20]
    assert not np.array_equal(annotated, expected)
    box = analysis.localized[0].boxes[0]
    scale = side / 300
    assert tuple(annotated[round(box.bottom * scale) - 2, round(box.centre[0] * scale)]) == NETWORK.colour


def test_metadata_tells_the_origin_and_no_patient(make_analysis, tmp_path):
    (path,) = export(make_analysis(), ["png"], tmp_path)
    with Image.open(path) as picture:
        assert picture.width == WIDTH
        told = dict(picture.text)
    assert told["Model"] == "demo 1.2.0"
    assert told["Weights SHA-256"] == "ab12" * 16
    assert told["Image SHA-256"] == "cd34" * 16
    assert told["Software"] == "CXR Desktop 0.1.0"
    assert told["Methods"] == "gradcam, rap"
    assert "Not for diagnostic use" in told["Disclaimer"]
    assert "Doe" not in str(told)


def test_equal_cases_give_equal_bytes(make_analysis, tmp_path):
    first = export(make_analysis(), ["png"], tmp_path / "a")[0].read_bytes()
    assert export(make_analysis(), ["png"], tmp_path / "b")[0].read_bytes() == first


@pytest.mark.parametrize("size", [(1, 500), (500, 1), (1, 1), (3000, 40)])
def test_extreme_shapes(make_analysis, size):
    analysis = make_analysis(pixels=np.full(size, 128, dtype=np.uint8), references=(Box(0, 0, 1, 1, "x"),))
    figure = case_figure(analysis)
    assert figure.width == WIDTH
    assert figure.height < 4 * WIDTH


def test_every_method_gets_a_panel(make_analysis):
    names = tuple(f"method{n}" for n in range(11))
    few, many = (case_figure(make_analysis(methods=names[:n])).height for n in (5, 11))
    assert many > 1.7 * few
