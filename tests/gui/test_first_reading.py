"""Commit, then reveal: what is hidden, what lifts the veil, and what is recorded of it."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QLabel, QWidget

from cxr_desktop.domain import Box, ReadingState, Verdict
from cxr_desktop.library import AddBox, Amend, Commit, ReadingStore, Reveal
from cxr_desktop.ui.captions import KEPT_BACK, captions
from cxr_desktop.ui.viewer.heat_image import Sign

CTRL = Qt.KeyboardModifier.ControlModifier
SHA = "sha of 1.dcm"


def commit(hand):
    hand.key(Qt.Key.Key_Return, CTRL)


def draw(hand, x0=200, y0=100, x1=300, y1=200):
    hand.key(Qt.Key.Key_D)
    hand.drag(hand.at(x0, y0), hand.at(x1, y1))


def say(hand, button):
    """Click a button of the dialog that is open; then the window is at hand again."""
    hand.qtbot.mouseClick(hand.find(button), Qt.MouseButton.LeftButton)
    hand.activate(hand.window)


def pictures(hand):
    """All that is said of an image; the strip of work under way comes and goes by the clock."""
    names = ("canvas", "readingStrip", "findings", "comparison", "findingDetails", "device")
    return {name: hand.find(name).grab().toImage() for name in names}


def answered(hand):
    """The network has said what it has to say of the open image."""
    hand.until(lambda: hand.parts.session._prediction is not None)


def revealed(hand):
    hand.until(lambda: hand.parts.session.cut is not None)


def kept(tmp_path, reader="reader A"):
    with closing(ReadingStore(tmp_path / "data")) as store:
        return store.events(SHA, reader)


@pytest.fixture
def blind(make_hand):
    """A window in the mode, with the network's answer at hand and hidden."""
    hand = make_hand(blinded=True)
    hand.start()
    hand.parts.opening.open_boxes(hand.engine.demo() / "boxes.csv")
    hand.open("1.dcm")
    answered(hand)
    hand.until(lambda: hand.parts.session._references != ())
    return hand


def test_the_window_shows_the_same_with_and_without_the_networks_answer(make_hand, engine):
    engine.hold_scores.clear()
    hand = make_hand(blinded=True)
    hand.start()
    hand.open("1.dcm")
    before = pictures(hand)
    engine.hold_scores.set()
    answered(hand)
    hand.parts.opening.open_boxes(engine.demo() / "boxes.csv")
    hand.until(lambda: hand.parts.session._references != ())
    assert pictures(hand) == before
    assert engine.explained == [], "no map is computed that its title could tell of"


def test_no_widget_text_tells_a_score_before_the_commit(blind):
    texts = [label.text() for label in blind.window.findChildren(QLabel)]
    texts += [widget.toolTip() for widget in blind.window.findChildren(QWidget)]
    texts += [widget.accessibleName() for widget in blind.window.findChildren(QWidget)]
    assert not [text for text in texts if "0.80" in text or "80 %" in text or "NIH" in text]
    assert not blind.window.findChildren(QWidget, "score:Lung Opacity")
    assert blind.find("heatmap").isHidden()
    for name in ("accept", "reject", "snap", "compare", "trust", "units", "toggle-map", "study"):
        assert not blind.window.findChild(QAction, f"action:{name}").isEnabled(), name


def test_the_export_dialog_says_why_it_waits(blind):
    blind.window.findChild(QObject, "action:export").trigger()
    assert "Commit your reading first" in blind.find("exportOutcome").text()
    assert not blind.find("exportStart").isEnabled()
    blind.find("exportDialog").reject()


def test_one_key_locks_the_reading_and_then_everything_is_shown(blind, tmp_path):
    draw(blind)
    seen = []
    blind.parts.session.veil_changed.connect(lambda: seen.append(kept(tmp_path)[-1]))
    commit(blind)
    assert blind.parts.reading.history.locked
    revealed(blind)
    assert len(seen) == 1
    assert isinstance(seen[0], Commit), "on disk before anything is revealed"
    assert seen[0].blinded
    assert blind.find("readingState").text() == "Committed"
    assert "before the network was seen" in blind.find("readingSentence").text()
    assert blind.find("heatmap").isVisible()
    assert [box.source for box in blind.parts.session.references] == ["NIH"]


def test_an_empty_reading_is_committed_only_when_it_is_meant(blind):
    commit(blind)
    assert not blind.parts.reading.history.locked
    blind.find("emptyDialog").reject()
    assert blind.parts.session.veiled
    commit(blind)
    say(blind, "emptyOk")
    assert blind.parts.reading.history.locked
    revealed(blind)


def test_a_locked_reading_changes_only_by_an_amendment(blind, tmp_path):
    draw(blind)
    commit(blind)
    revealed(blind)
    (box,) = blind.boxes
    draw(blind, 20, 20, 90, 90)
    blind.key(Qt.Key.Key_Delete)
    blind.key(Qt.Key.Key_6)
    blind.key(Qt.Key.Key_Z, CTRL)
    assert blind.boxes == (box,)
    assert "Amend it" in blind.window.statusBar().currentMessage()
    commit(blind)
    blind.find("amendReason").setEditText("  missed the left base ")
    say(blind, "amendOk")
    assert blind.find("readingState").text() == "Amending"
    draw(blind, 20, 20, 90, 90)
    assert len(blind.boxes) == 2
    blind.key(Qt.Key.Key_Z, CTRL)
    blind.key(Qt.Key.Key_Z, CTRL)
    assert blind.boxes == (box,), "undo stops at the lock"
    draw(blind, 20, 20, 90, 90)
    commit(blind)
    assert blind.find("readingState").text() == "Amended"
    first, second = blind.parts.reading.history.present.commitments
    assert (first.boxes, first.blinded, first.reason) == ((box,), True, "")
    assert (len(second.boxes), second.blinded, second.reason) == (2, False, "missed the left base")
    blind.until(lambda: len([e for e in kept(tmp_path) if isinstance(e, Commit)]) == 2)
    assert [e.reason for e in kept(tmp_path) if isinstance(e, Amend)] == ["missed the left base"]


def test_a_verdict_after_the_reveal_is_one_key_recorded_and_undoable(blind, tmp_path):
    draw(blind)
    commit(blind)
    revealed(blind)
    blind.key(Qt.Key.Key_Y)
    reading = blind.parts.reading
    assert [one.verdict for one in reading.history.present.judgements] == [Verdict.ACCEPTED]
    assert reading.history.state is ReadingState.AMENDING
    blind.key(Qt.Key.Key_Z, CTRL)
    assert reading.history.present.judgements == ()
    blind.key(Qt.Key.Key_N)
    commit(blind)
    blind.until(lambda: len(kept(tmp_path)) == 7)
    kinds = [type(event).__name__ for event in kept(tmp_path)]
    assert kinds == ["AddBox", "Commit", "Amend", "JudgeBox", "Undo", "JudgeBox", "Commit"]
    assert reading.history.present.commitments[0].judgements == ()


@pytest.mark.parametrize("committed", [False, True])
def test_a_restart_goes_on_where_the_reading_stood(blind, make_hand, committed):
    draw(blind)
    drawn = blind.boxes
    if committed:
        commit(blind)
        revealed(blind)
    blind.window.close()
    again = make_hand(blinded=True)
    again.start()
    again.open("1.dcm")
    answered(again)
    assert again.boxes == drawn
    assert again.parts.session.veiled is not committed
    assert again.parts.reading.history.locked is committed


def test_another_reader_starts_hidden_and_empty(blind, tmp_path):
    draw(blind)
    commit(blind)
    revealed(blind)
    blind.window.findChild(QObject, "action:reader").trigger()
    blind.find("readerName").setText("B-07")
    blind.find("readerRole").setCurrentText("Resident")
    say(blind, "readerOk")
    assert blind.parts.session.veiled
    blind.until(lambda: blind.parts.reading.ready)
    assert blind.boxes == ()
    assert blind.find("readingReader").text() == "B-07 · Resident"
    draw(blind, 50, 50, 90, 90)
    commit(blind)
    revealed(blind)
    assert [type(event) for event in kept(tmp_path, "B-07")] == [AddBox, Commit]
    assert blind.parts.reading.history.present.first.role == "Resident"
    blind.window.findChild(QObject, "action:reader").trigger()
    blind.find("readerName").setText("reader A")
    say(blind, "readerOk")
    blind.until(lambda: blind.parts.reading.ready)
    assert blind.parts.reading.history.locked
    assert not blind.parts.session.veiled


def test_whoever_lifts_the_veil_early_has_not_read_blind(make_hand, tmp_path):
    hand = make_hand()
    hand.start()
    mode = hand.window.findChild(QAction, "action:blinded")
    mode.trigger()
    assert mode.isChecked()
    hand.open("1.dcm")
    answered(hand)
    assert hand.parts.session.veiled
    mode.trigger()
    revealed(hand)
    mode.trigger()
    assert hand.parts.session.veiled
    draw(hand)
    commit(hand)
    revealed(hand)
    assert not hand.parts.reading.history.present.first.blinded
    assert [type(event) for event in kept(tmp_path)] == [Reveal, AddBox, Commit]
    assert "with the network in sight" in hand.find("readingSentence").text()


def test_without_the_mode_a_drag_survives_the_networks_answer(make_hand, engine):
    engine.hold_scores.clear()
    hand = make_hand()
    hand.start()
    hand.open("1.dcm")
    hand.key(Qt.Key.Key_D)
    hand.press(hand.at(50, 50))
    hand.move(hand.at(90, 90))
    engine.hold_scores.set()
    answered(hand)
    hand.move(hand.at(120, 120))
    hand.release(hand.at(120, 120))
    assert len(hand.boxes) == 1


def test_the_policy_leaves_no_choice(blind):
    assert not blind.window.findChild(QAction, "action:blinded").isEnabled()
    blind.parts.first.set_on(False)
    assert blind.parts.session.veiled


def test_the_mode_and_the_reader_are_kept(make_hand):
    hand = make_hand()
    hand.window.findChild(QAction, "action:blinded").trigger()
    hand.parts.first.set_reader("C", "Radiologist")
    hand.window.close()
    again = make_hand()
    assert again.parts.first.on
    assert again.parts.settings.reader() == ("C", "Radiologist")


def test_an_image_without_a_commit_is_hidden_again_on_the_way_through_the_list(blind):
    draw(blind)
    commit(blind)
    revealed(blind)
    blind.open("2.dcm")
    blind.until(lambda: len(blind.parts.studies.headers) == 2)
    blind.key(Qt.Key.Key_BracketRight)
    blind.until(lambda: blind.parts.session.image.radiograph.header.path.name == "2.dcm")
    assert blind.parts.session.veiled
    blind.key(Qt.Key.Key_BracketLeft)
    blind.until(lambda: blind.parts.session.image.radiograph.header.path.name == "1.dcm")
    blind.until(lambda: not blind.parts.session.veiled)
    assert blind.boxes
    assert blind.boxes[0] != Box(0, 0, 0, 0)


def test_the_readers_agreement_waits_for_the_commit(blind):
    action = blind.window.findChild(QAction, "action:agreement")
    blind.key(Qt.Key.Key_M, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert not action.isEnabled()
    assert blind.window.findChild(QWidget, "agreementDialog") is None
    draw(blind)
    commit(blind)
    blind.until(lambda: not blind.parts.session.veiled)
    assert action.isEnabled()


class TestOverlaysOfTheFile:
    """Groups 60xx: no file says who drew them, so they wait for the first reading as all others' marks do."""

    def test_they_wait_for_the_commit_and_no_key_brings_them_sooner(self, make_hand):
        hand = make_hand(blinded=True)
        hand.start()
        hand.open("drawn1.dcm")
        at, action = hand.at(330, 220), hand.window.findChild(QAction, "action:file-overlays")

        def colour():
            pixel = hand.canvas.grab().toImage().pixelColor(at)
            return max(pixel.getRgb()[:3]) - min(pixel.getRgb()[:3])

        def told():
            return captions(hand.parts.viewer, hand.parts.session, "", Sign.BOTH).bottom_left

        assert colour() == 0
        assert KEPT_BACK in told()
        assert not any("technician" in line for line in told())
        hand.key(Qt.Key.Key_O)
        hand.key(Qt.Key.Key_O)
        assert not action.isEnabled()
        assert colour() == 0
        draw(hand, 100, 100, 150, 150)
        commit(hand)
        hand.until(lambda: not hand.parts.session.veiled)
        assert action.isEnabled()
        assert colour() > 60
        assert any("Marked by the technician" in line for line in told())

    def test_an_image_beside_keeps_its_own_back_too(self, make_hand):
        hand = make_hand(blinded=True)
        hand.start()
        hand.open("drawn7-20240131.dcm", "drawn7-20231201.dcm")
        hand.until(lambda: len(hand.parts.studies.headers) == 2)
        hand.canvas.setFocus()
        hand.key(Qt.Key.Key_P)
        side = hand.find("sideCanvas1")
        hand.until(lambda: side.isVisible() and not hand.find("sideNote1").isVisible())

        def coloured():
            picture = side.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
            bits = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), -1)
            pixels = bits[:, : 3 * picture.width()].reshape(picture.height(), picture.width(), 3)
            return int((np.ptp(pixels.astype(int), axis=2) > 60).sum())

        assert coloured() == 0
        draw(hand, 100, 100, 150, 150)
        commit(hand)
        hand.until(lambda: not hand.parts.session.veiled)
        assert coloured() > 50
