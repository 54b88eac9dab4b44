"""Earlier images of the patient beside the one being read, moving together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from cxr_desktop.domain import InstanceHeader, VoiFunction, Window
from cxr_desktop.ui.priors import doubt, priors_of, relation
from cxr_desktop.ui.side_by_side import NO_PRIOR
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.relative import RelativeGray

CURRENT, NEAR, FAR, OTHER = "7-20240131.dcm", "7-20231201.dcm", "7-20200101.dcm", "8-20230101.dcm"
SHIFT = Qt.KeyboardModifier.ShiftModifier
widths = st.floats(1, 1e5)
centres = st.floats(-1e4, 1e5)


def header(name, **fields):
    return InstanceHeader(Path(name), **{"patient_id": "P", "view_position": "PA", **fields})


def test_priors_are_of_the_patient_like_views_first_then_the_nearest_earlier():
    current = header("now", study_date="20240110", view_position="AP")
    others = (
        header("later", study_date="20240301"),
        header("lateral", study_date="20240109", view_position="LL"),
        header("old", study_date="20200101"),
        header("stranger", study_date="20240109", patient_id="Q"),
        header("recent", study_date="20231230"),
        header("undated"),
    )
    names = [found.path.name for found in priors_of(current, (current, *others))]
    assert names[:2] == ["recent", "old"]
    assert names[-1] == "lateral"
    assert set(names[2:4]) == {"later", "undated"}


def test_without_a_patient_id_only_the_same_study_counts():
    current = header("now", patient_id="", study_uid="1", patient_name="Doe")
    same = header("same", patient_id="", study_uid="1")
    namesake = header("namesake", patient_id="", study_uid="2", patient_name="Doe")
    assert priors_of(current, (current, same, namesake)) == (same,)


def test_one_number_given_by_two_institutions_is_of_two_patients():
    here = header("now", patient_issuer="HOSPITAL A")
    elsewhere = header("elsewhere", patient_issuer="HOSPITAL B")
    unsaid = header("unsaid")
    assert priors_of(here, (elsewhere, unsaid)) == (unsaid,)
    assert set(priors_of(unsaid, (here, elsewhere))) == {here, elsewhere}


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("20240109", "Prior, 1 day earlier"), ("20240112", "Follow-up, 2 days later"),
        ("20240110", "Same day"), ("", "Other image, date not known"),
    ],
)  # fmt: skip
def test_the_corner_says_how_the_images_stand_in_time(date, words):
    assert relation(header("a", study_date="20240110"), header("b", study_date=date)) == words


@pytest.mark.parametrize(
    ("name", "warned"),
    [
        ("Roe^Jane", True), ("DOE^JANE=Ｄｏｅ", False), ("Doe Jane", False), ("Doe^Jane^Maria", False),
        ("Döe^Jané", False), ("", False),
    ],
)  # fmt: skip
def test_a_prior_under_another_name_is_questioned(name, warned):
    current, other = header("a", patient_name="Doe^Jane"), header("b", patient_name=name)
    assert bool(doubt(current, other)) == warned


@given(centres, widths, centres, widths)
def test_a_window_taken_over_and_back_is_the_same(centre, width, other_centre, other_width):
    default = Window(2000, 4000)
    gray = RelativeGray.between(Window(centre, width), default, False)
    assert gray.of(default).centre == pytest.approx(centre, abs=1e-6)
    assert gray.of(default).width == pytest.approx(max(width, 1), rel=1e-9)
    other = Window(other_centre, other_width, VoiFunction.LINEAR_EXACT)
    there = gray.of(other)
    assert (there.centre - other_centre) / other_width == pytest.approx((centre - 2000) / 4000, abs=1e-6)


@pytest.mark.parametrize("shown", [True, False])
def test_a_brighter_window_is_brighter_where_black_and_white_are_declared_the_other_way_round(shown):
    default = Window(2000, 1000)
    gray = RelativeGray.between(Window(1800, 1000), default, False, opposite=shown)
    assert gray.of(default, opposite=shown).centre == 1800
    assert gray.of(default, opposite=not shown).centre == 2200


@pytest.fixture
def beside(make_hand):
    """The current image with its nearest prior on the right."""
    hand = make_hand()
    hand.start()
    hand.open(CURRENT, FAR, OTHER, NEAR)
    hand.until(lambda: len(hand.parts.studies.headers) == 4)
    hand.canvas.setFocus()
    hand.key(Qt.Key.Key_P)
    hand.until(lambda: hand.window._beside._sides[0].viewer.image is not None)
    return hand


def side(hand, number=0):
    return hand.window._beside._sides[number]


def shown(hand, number=0):
    image = side(hand, number).viewer.image
    return image.radiograph.header.path.name if image else None


def test_the_nearest_prior_of_the_same_patient_comes_up(beside):
    assert shown(beside) == NEAR
    assert side(beside).canvas.isVisible()
    assert "Prior, 61 days earlier" in side(beside)._captions._captions.top_right
    assert not side(beside, 1).canvas.isVisible()
    beside.key(Qt.Key.Key_P)
    assert not side(beside).canvas.isVisible()


def test_a_prior_stays_in_sight_as_the_layout_changes_and_more_is_opened(beside):
    beside.parts.layout.toggle(4)
    beside.until(lambda: lit(side(beside)) > 0.05)
    beside.parts.opening.open_paths([Path(OTHER)], show=False)
    beside.until(lambda: len(beside.parts.studies.headers) == 4)
    with beside.qtbot.waitSignal(beside.parts.opening.searched, timeout=30_000):
        beside.parts.opening.open_paths([Path(OTHER)], show=False)
    assert lit(side(beside)) > 0.05


def lit(view):
    """Share of the view that is not black."""
    picture = view.canvas.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine())
    return float((rows[:, : picture.width()] > 20).mean())


def test_two_by_two_shows_the_others_and_says_where_there_are_none(beside):
    beside.key(Qt.Key.Key_P, SHIFT)
    beside.until(lambda: shown(beside, 1) == FAR)
    assert shown(beside, 2) is None
    assert "No further image" in beside.find("sideNote3").text()


def test_a_patient_with_one_image_has_nothing_beside_it(hand):
    hand.key(Qt.Key.Key_P)
    assert hand.find("sideNote1").text() == NO_PRIOR
    assert hand.find("sideNote1").isVisible()


def middle(viewer):
    place = viewer.place()
    return place.zoom, place.x, place.y


def test_zoom_pan_and_window_go_together_in_both_directions(beside):
    main, other = beside.parts.viewer, side(beside).viewer
    main.zoom(2.0)
    main.pan(30, -20)
    assert middle(other) == pytest.approx(middle(main))
    canvas = side(beside).canvas
    QTest.mousePress(canvas, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, QPoint(100, 100))
    QTest.mouseMove(canvas, QPoint(160, 130))
    QTest.mouseRelease(canvas, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, QPoint(160, 130))
    assert main.window().width == pytest.approx(other.window().width)
    assert main.window() != main.image.radiograph.default_voi()
    beside.key(Qt.Key.Key_R)
    assert other.presentation.voi == other.image.radiograph.default_voi()
    assert other.place().fitted


def test_linked_windows_brighten_together_whatever_the_polarity(beside):
    view = side(beside).viewer
    image = view.image
    inverted = replace(image.radiograph, grayscale=replace(image.radiograph.grayscale, inverted=True))
    side(beside).show(LoadedImage.prepare(inverted), "")
    before = brightness(beside.parts.viewer), brightness(view)
    at = beside.at(250, 200)
    beside.drag(at, at + QPoint(0, 60), Qt.MouseButton.RightButton)
    after = brightness(beside.parts.viewer), brightness(view)
    assert after[0] < before[0] - 10
    assert after[1] < before[1] - 10


def brightness(viewer):
    return float(viewer.image.radiograph.display(viewer.presentation.voi).mean())


def test_a_prior_is_found_past_the_search_of_the_list(beside):
    beside.find("studySearch").setText("2024-01-31")
    beside.until(lambda: len(beside.parts.studies.headers) == 1)
    beside.parts.layout.toggle(4)
    beside.until(lambda: shown(beside, 1) == FAR)
    assert shown(beside) == NEAR


def test_unlinked_views_move_alone_and_come_together_when_linked_again(beside):
    main, other = beside.parts.viewer, side(beside).viewer
    beside.key(Qt.Key.Key_K)
    main.zoom(2.0)
    assert other.place().fitted
    beside.key(Qt.Key.Key_K)
    assert middle(other) == pytest.approx(middle(main))


def test_the_side_shows_its_own_gray(beside):
    canvas, viewer = side(beside).canvas, side(beside).viewer
    picture = QImage(canvas.size(), QImage.Format.Format_RGB888)
    canvas.render(picture)
    rows = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine())
    x, y = viewer.view.to_view(250.5, 200.5)
    expected = viewer.image.radiograph.display()[200, 250]
    assert int(rows[int(y), 3 * int(x)]) == pytest.approx(int(expected), abs=2)


def test_a_new_image_to_read_brings_its_own_prior(beside):
    from cxr_desktop.ui.panels.study_list import StudyList

    beside.window.findChild(StudyList).select(Path(NEAR))
    beside.until(lambda: shown(beside) == FAR)
    assert beside.parts.session.image.radiograph.header.path.name == NEAR
