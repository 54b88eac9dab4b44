"""Scores, maps and their controls; refusal and override; work that is cancelled or superseded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt

from cxr_desktop.domain import Box, ThresholdKind
from cxr_desktop.domain.errors import AttributionError
from cxr_desktop.library import Override, ReadingStore, Reveal
from cxr_desktop.ui.captions import captions
from cxr_desktop.ui.viewer.heat_image import Sign


def chosen(combo, text) -> None:
    """Choose an entry of a list as a click on it does."""
    row = combo.findText(text)
    assert row >= 0, [combo.itemText(r) for r in range(combo.count())]
    combo.setCurrentIndex(row)
    combo.activated.emit(row)
    combo.textActivated.emit(text)


def test_the_preferred_method_is_computed_when_an_image_opens(hand):
    assert hand.engine.explained == ["rap"]
    assert hand.parts.session.cut.boxes == (Box(100, 80, 120, 100),)
    bar = hand.find("score:Lung Opacity")
    assert "0.80" in bar.accessibleName()
    assert "high" in bar.accessibleName()


def test_an_image_that_cannot_be_classified_says_so_until_another_is_open(make_hand, engine, monkeypatch):
    predict = engine.predict

    def fails_once(model, radiograph):
        if radiograph.header.path.name == "1.dcm":
            raise AttributionError("the network gave no numbers. Choose another model.")
        return predict(model, radiograph)

    monkeypatch.setattr(engine, "predict", fails_once)
    hand = make_hand()
    hand.start()
    hand.open("1.dcm", "2.dcm")
    state = hand.find("findingsState")
    hand.until(lambda: "the network gave no numbers" in state.text())
    hand.key(Qt.Key.Key_BracketRight)
    hand.until(lambda: hand.parts.session.scores_revealed)
    assert not state.isVisible()


def test_a_method_computed_before_comes_back_at_once(hand):
    first = hand.parts.session.heat
    chosen(hand.find("method"), "Grad-CAM")
    hand.until(lambda: hand.engine.explained == ["rap", "gradcam"] and hand.parts.session.heat is not None)
    chosen(hand.find("method"), "RAP")
    assert hand.parts.session.heat is first
    assert hand.engine.explained == ["rap", "gradcam"]


def test_superseded_work_is_cancelled_and_its_result_dropped(hand):
    hand.engine.hold.clear()
    hand.engine.explaining.clear()
    chosen(hand.find("method"), "Grad-CAM")
    hand.until(hand.engine.explaining.is_set)
    chosen(hand.find("method"), "RAP")
    assert hand.parts.session.heat.source.method == "rap"
    hand.engine.hold.set()
    with hand.qtbot.waitSignal(hand.parts.bridge.finished, timeout=5000, raising=False):
        pass
    assert hand.parts.session.heat.source.method == "rap"


def test_a_map_that_all_methods_ask_for_is_computed_once(hand):
    hand.engine.hold.clear()
    hand.engine.explaining.clear()
    chosen(hand.find("method"), "Grad-CAM")
    hand.until(hand.engine.explaining.is_set)
    hand.parts.inference.request_all()
    chosen(hand.find("method"), "RAP")
    chosen(hand.find("method"), "Grad-CAM")
    hand.engine.hold.set()
    hand.until(lambda: hand.parts.session.heat is not None and idle(hand))
    assert hand.parts.session.heat.source.method == "gradcam"
    assert hand.engine.explained.count("gradcam") == 1


def test_another_image_ends_the_maps_that_all_methods_asked_for(hand):
    methods = len(hand.parts.heatmap.methods)
    hand.engine.hold.clear()
    hand.engine.explaining.clear()
    hand.parts.inference.request_all()
    hand.until(hand.engine.explaining.is_set)
    hand.open("2.dcm")
    hand.until(lambda: hand.parts.session.image.radiograph.header.path.name == "2.dcm")
    hand.engine.hold.set()
    hand.until(lambda: hand.parts.session.heat is not None and idle(hand))
    assert methods > 1
    assert hand.engine.explained == ["rap", "rap"], "of either image the chosen method's alone"


def idle(hand):
    return _shown_row(hand) is None


def test_the_cancel_button_ends_a_job(hand):
    hand.engine.hold.clear()
    chosen(hand.find("method"), "Grad-CAM")
    hand.until(lambda: _shown_row(hand) is not None)
    button = _shown_row(hand).findChild(object, "cancelJob")
    hand.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    hand.until(lambda: _shown_row(hand) is None)
    assert hand.parts.session.heat is None
    assert hand.engine.explained == ["rap"]


def _shown_row(hand):
    from PySide6.QtWidgets import QWidget

    rows = hand.window.findChildren(QWidget, "jobRow")
    return next((row for row in rows if row.isVisible()), None)


def test_opacity_and_evidence_act_on_the_picture_at_once(hand):
    look = hand.parts.heatmap.look
    hand.find("opacity").setValue(25)
    assert hand.parts.heatmap.look.opacity == 0.25
    assert hand.find("opacityValue").text() == "25%"
    hand.qtbot.mouseClick(hand.find("sign:negative"), Qt.MouseButton.LeftButton)
    assert hand.parts.heatmap.look.sign is Sign.NEGATIVE
    hand.until(lambda: hand.parts.session.cut.boxes == (Box(400, 300, 40, 40),))
    colours = hand.parts.session.heat.colours(hand.parts.heatmap.look)
    assert colours[320, 420] >> 24 == round(255 * 0.25)
    assert colours[130, 160] == 0
    assert look.sign is Sign.POSITIVE


def test_the_threshold_follows_kind_and_slider(hand):
    chosen(hand.find("thresholdKind"), "Share of maximum")
    hand.find("threshold").setValue(700)
    threshold = hand.parts.heatmap.threshold
    assert threshold.kind is ThresholdKind.RELATIVE
    assert threshold.value == 0.7
    hand.until(lambda: hand.parts.session.cut.threshold == threshold)
    chosen(hand.find("thresholdKind"), "Otsu")
    assert not hand.find("threshold").isEnabled()


def test_opacity_and_threshold_set_by_hand_come_back_with_their_method(hand):
    heatmap = hand.parts.heatmap
    own = heatmap.threshold
    hand.find("threshold").setValue(400)
    chosen_by_hand = heatmap.threshold
    hand.find("opacity").setValue(25)
    chosen(hand.find("method"), "Grad-CAM")
    assert heatmap.threshold == own
    hand.find("opacity").setValue(80)
    chosen(hand.find("method"), "RAP")
    assert heatmap.threshold == chosen_by_hand != own
    assert heatmap.look.opacity == 0.25
    assert hand.find("opacityValue").text() == "25%"
    chosen(hand.find("method"), "Grad-CAM")
    assert heatmap.look.opacity == 0.8
    hand.until(lambda: hand.parts.session.heat is not None)
    request = hand.parts.exporting.request(hand.parts.exporting.choice)
    assert request.thresholds == {"gradcam": own, "rap": chosen_by_hand}, "the report cuts as the screen does"


def test_the_contour_lies_on_the_edge_of_what_reaches_the_threshold(hand):
    segments = hand.parts.session.cut.segments
    xs, ys = segments[:, 0::2], segments[:, 1::2]
    assert np.allclose([xs.min(), xs.max(), ys.min(), ys.max()], [100, 220, 80, 180], atol=0.51)


def test_a_refusal_is_shown_before_any_score_and_the_override_is_recorded(
    make_hand, engine, refusal, tmp_path
):
    engine.concerns = (refusal,)
    hand = make_hand()
    hand.start()
    hand.open("1.dcm")
    hand.until(lambda: hand.parts.session.prediction is not None)
    assert hand.find("refusal").text() == refusal.sentence
    assert hand.window.findChild(object, "score:Lung Opacity") is None
    assert engine.explained == []
    hand.qtbot.mouseClick(hand.find("showScores"), Qt.MouseButton.LeftButton)
    hand.until(lambda: hand.parts.session.heat is not None)
    assert hand.find("score:Lung Opacity").isVisible()
    assert hand.find("refusal").isVisible(), "the reason stays in sight"
    hand.window.close()
    store = ReadingStore(tmp_path / "data")
    event, look = store.events("sha of 1.dcm", "reader A")
    assert isinstance(look, Reveal)
    store.close()
    assert isinstance(event, Override)
    assert event.concerns == ("lateral",)


def test_export_writes_what_is_on_screen_and_remembers_the_choice(hand, tmp_path):
    hand.key(Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = hand.find("exportDialog")
    hand.until(lambda: hand.parts.exporting.formats != ())
    hand.find("format:json").setChecked(False)
    hand.find("exportFolder").setText(str(tmp_path / "reports"))
    with hand.qtbot.waitSignal(hand.parts.exporting.done, timeout=30_000):
        hand.qtbot.mouseClick(hand.find("exportStart"), Qt.MouseButton.LeftButton)
    assert "1.pdf" in hand.find("exportOutcome").text()
    (request,) = hand.engine.exported
    assert request.formats == ("pdf",)
    assert [found.method for found in request.maps] == ["rap"]
    dialog.reject()
    hand.window.close()
    saved = hand.parts.settings.export_choice()
    assert saved.formats == ("pdf",)
    assert saved.folder == tmp_path / "reports"


def test_boxes_of_a_low_score_are_not_passed_for_findings(hand):
    session, viewer = hand.parts.session, hand.parts.viewer
    hand.until(lambda: session.heat is not None)
    words = "score below every operating point"
    assert words not in captions(viewer, session, "RAP", Sign.POSITIVE).bottom_right
    session.set_prediction(replace(session.prediction, scores={"Lung Opacity": 0.2}))
    hand.until(lambda: session.heat is not None)
    assert words in captions(viewer, session, "RAP", Sign.POSITIVE).bottom_right
