"""Presentation states: offered, applied on request alone, told, and taken off again."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from cxr_desktop.domain import Window
from cxr_desktop.domain.presentation import (
    DisplayedArea,
    Graphic,
    GraphicKind,
    ImageReference,
    PresentationState,
    Scoped,
    Shutter,
    ShutterShape,
    Units,
    Words,
)
from cxr_desktop.ui.local_engine import LocalEngine
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.shown_states import ShownStates
from cxr_desktop.ui.viewer.loaded_image import LoadedImage
from cxr_desktop.ui.viewer.view_transform import Turn
from cxr_desktop.ui.viewer.viewer_model import ViewerModel

SHIFT = Qt.KeyboardModifier.ShiftModifier
UID = "uid of 1.dcm"


def state(number=1, uid=UID, **asked):
    return PresentationState(
        f"state {number}", "study", label=f"STATE{number}", creator="Roe^Richard", created=f"2024010{number}",
        images=(ImageReference(uid),), **asked,
    )  # fmt: skip


MARKED = state(
    1,
    vois=(Scoped(Window(1000, 500)),),
    areas=(Scoped(DisplayedArea(100, 50, 300, 250)),),
    graphics=(
        Scoped(Graphic(GraphicKind.CIRCLE, ((200, 150), (230, 150)), filled=True)),
        Scoped(Graphic(GraphicKind.POLYLINE, ((0.05, 0.05), (0.3, 0.05)), Units.DISPLAY)),
    ),
    words=(Scoped(Words("Look here", anchor=(120, 220))),),
    notes=("A graphic was left out.",),
)
TURNED = state(2, rotation=90, flipped=True, inverted=True)
OTHER = state(3, uid="uid of another image")


@pytest.fixture
def states(make_hand, engine):
    engine.states[:] = [TURNED, OTHER, MARKED]
    hand = make_hand()
    hand.open("1.dcm")
    hand.until(lambda: len(hand.parts.states.offered) == 2)
    return hand


def grabbed(hand):
    image = QImage(hand.canvas.size(), QImage.Format.Format_RGB888)
    hand.canvas.render(image)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).astype(int)


def colour_at(hand, x, y):
    at = hand.at(x, y)
    return int(np.ptp(grabbed(hand)[at.y(), at.x()]))


def test_nothing_is_applied_unasked_and_only_states_of_the_image_are_offered(states):
    viewer = states.parts.viewer
    assert [found.label for found in states.parts.states.offered] == ["STATE1", "STATE2"]
    assert viewer.presentation.voi == states.parts.session.image.radiograph.default_voi()
    assert viewer.view.turn == Turn()
    assert (
        "2 presentation states are at hand for this image; none is applied."
        in states.find("stateText").text()
    )
    assert not states.find("stateBack").isVisible()


def test_while_others_are_hidden_no_state_is_offered_or_stays_applied(states):
    """A state may hold what a network or another reader drew."""
    states.parts.states.apply(MARKED)
    states.parts.first.set_on(True)
    assert states.parts.states.offered == ()
    assert states.parts.states.applied is None
    assert states.parts.viewer.presentation.voi == states.parts.session.image.radiograph.default_voi()
    states.parts.first.set_on(False)
    assert len(states.parts.states.offered) == 2


def test_a_key_applies_one_after_the_other_and_then_the_own_view_again(states):
    viewer = states.parts.viewer
    states.drag(states.at(200, 200), states.at(230, 230), Qt.MouseButton.RightButton)
    own = viewer.look
    states.key(Qt.Key.Key_S, SHIFT)
    assert (viewer.window().centre, viewer.window().width) == (1000, 500)
    assert "STATE1 (Roe, Richard, 2024-01-01)" in states.find("stateText").text()
    assert "Not all of it can be shown" in states.find("stateText").text()
    assert "A graphic was left out." in states.window.statusBar().currentMessage()
    states.key(Qt.Key.Key_S, SHIFT)
    assert viewer.view.turn == Turn().rotated(1).flipped_across()
    assert viewer.presentation.inverted
    states.key(Qt.Key.Key_S, SHIFT)
    assert viewer.look == own
    assert states.parts.states.applied is None


def test_the_displayed_area_fills_the_canvas(states):
    states.key(Qt.Key.Key_S, SHIFT)
    middle = states.stored(states.canvas.rect().center())
    assert middle == pytest.approx((200, 150), abs=1)
    left, right = (
        states.stored(point)[0] for point in (states.canvas.rect().topLeft(), states.canvas.rect().topRight())
    )
    assert (left, right) == pytest.approx((100, 300), abs=1)


def test_marks_are_drawn_in_both_kinds_of_units_and_hidden_by_the_held_key(states):
    assert colour_at(states, 200, 150) == 0
    states.key(Qt.Key.Key_S, SHIFT)
    assert colour_at(states, 200, 150) > 60, "the circle, in pixels of the image"
    assert colour_at(states, 226, 150) > 60
    assert colour_at(states, 240, 150) == 0
    assert colour_at(states, 100 + 0.2 * 200, 50 + 0.05 * 200) > 60, (
        "the line, in shares of the displayed area"
    )
    QTest.keyPress(states.canvas, Qt.Key.Key_H)
    assert colour_at(states, 200, 150) == 0
    QTest.keyRelease(states.canvas, Qt.Key.Key_H)


def test_the_button_takes_it_off_and_the_menu_puts_it_on(states):
    own = states.parts.viewer.look
    menu = states.find("stateMenu")
    menu.aboutToShow.emit()
    assert [action.text()[:6] for action in menu.actions()] == ["STATE1", "STATE2"]
    menu.actions()[1].trigger()
    assert states.parts.states.applied is TURNED
    states.qtbot.mouseClick(states.find("stateBack"), Qt.MouseButton.LeftButton)
    assert states.parts.states.applied is None
    assert states.parts.viewer.look == own


def test_a_frame_that_the_state_is_not_for_is_in_the_reader_s_own_view(make_hand, engine):
    first = ImageReference("uid of cine1.dcm", (1,))
    engine.states = [replace(MARKED, images=(first,))]
    hand = make_hand()
    hand.start()
    hand.open("cine1.dcm")
    hand.until(lambda: bool(hand.parts.states.offered))
    own = hand.parts.viewer.look
    hand.key(Qt.Key.Key_S, SHIFT)
    assert hand.parts.viewer.look != own
    hand.parts.frames.step(1)
    hand.until(lambda: hand.parts.session.image.radiograph.frame == 1)
    assert hand.parts.states.applied is None
    assert hand.parts.viewer.place().fitted is own.fitting is True
    assert hand.parts.viewer.presentation.voi.explanation != "presentation state STATE1"


def test_another_image_begins_in_its_own_view(states):
    states.key(Qt.Key.Key_S, SHIFT)
    states.parts.opening.open_paths([Path("2.dcm")])
    states.until(lambda: len(states.parts.studies.headers) == 2)
    states.key(Qt.Key.Key_BracketRight)
    states.until(lambda: states.parts.session.image.radiograph.header.path.name == "2.dcm")
    assert states.parts.states.applied is None
    assert not states.find("stateBar").isVisible()
    assert states.parts.viewer.window() == states.parts.session.image.radiograph.default_voi()


@pytest.mark.parametrize(
    ("shutter", "open_at", "shut_at"),
    [
        (Shutter(ShutterShape.RECTANGULAR, ((100, 100), (200, 200)), 1.0), (150, 150), (300, 300)),
        (Shutter(ShutterShape.CIRCULAR, ((250, 200), (300, 200)), 1.0), (280, 220), (310, 210)),
        (Shutter(ShutterShape.POLYGONAL, ((10, 10), (400, 10), (10, 300)), 1.0), (30, 30), (390, 290)),
    ],
)
def test_shutters_hide_what_lies_outside(make_hand, engine, shutter, open_at, shut_at):
    engine.states.append(state(shutters=(shutter,)))
    hand = make_hand()
    hand.open("1.dcm")
    hand.until(lambda: bool(hand.parts.states.offered))
    hand.key(Qt.Key.Key_S, SHIFT)
    shown = [grabbed(hand)[hand.at(*at).y(), hand.at(*at).x()] for at in (open_at, shut_at)]
    assert shown[0].max() < 250
    assert shown[1].min() == 255


class TestAgainstDcmtk:
    """The very pixels that dcmp2pgm renders through the state."""

    PIXELS = np.random.default_rng(6).integers(0, 4096, (40, 60), dtype=np.uint16)

    def write(self, folder, photometric, shape, rotation, flip):
        image, asked = Dataset(), Dataset()
        image.SOPClassUID, image.SOPInstanceUID = ComputedRadiographyImageStorage, generate_uid()
        image.SamplesPerPixel, image.PhotometricInterpretation = 1, photometric
        image.Rows, image.Columns, image.Modality = *self.PIXELS.shape, "CR"
        image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 12, 11, 0
        image.PixelData = self.PIXELS.tobytes()
        asked.SOPClassUID, asked.Modality = "1.2.840.10008.5.1.4.1.1.11.1", "PR"
        asked.SOPInstanceUID, asked.SeriesInstanceUID = generate_uid(), generate_uid()
        for one in (image, asked):
            one.StudyInstanceUID = "1.2.3"
            one.PatientName, one.PatientID, one.StudyID = "Doe^Jane", "P1", "1"
            for keyword in ("PatientBirthDate", "PatientSex", "ReferringPhysicianName"):
                setattr(one, keyword, "")
            one.StudyDate = one.StudyTime = one.AccessionNumber = ""
            one.SeriesNumber = one.InstanceNumber = 1
            one.file_meta = FileMetaDataset()
            one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        image.SeriesInstanceUID = "1.2.3.4"
        asked.ContentLabel, asked.ContentDescription, asked.ContentCreatorName = "STATE", "", "Roe"
        asked.PresentationCreationDate, asked.PresentationCreationTime = "20240101", "120000"
        asked.Manufacturer = "Maker"
        reference, series, area, voi = Dataset(), Dataset(), Dataset(), Dataset()
        reference.ReferencedSOPClassUID = image.SOPClassUID
        reference.ReferencedSOPInstanceUID = image.SOPInstanceUID
        series.SeriesInstanceUID, series.ReferencedImageSequence = image.SeriesInstanceUID, [reference]
        asked.ReferencedSeriesSequence = [series]
        area.DisplayedAreaTopLeftHandCorner, area.DisplayedAreaBottomRightHandCorner = [1, 1], [60, 40]
        area.PresentationSizeMode, area.PresentationPixelAspectRatio = "SCALE TO FIT", [1, 1]
        asked.DisplayedAreaSelectionSequence = [area]
        voi.WindowCenter, voi.WindowWidth = 1800, 2500
        asked.SoftcopyVOILUTSequence = [voi]
        asked.PresentationLUTShape, asked.ImageRotation, asked.ImageHorizontalFlip = shape, rotation, flip
        image.save_as(folder / "image.dcm", enforce_file_format=True)
        asked.save_as(folder / "state.dcm", enforce_file_format=True)

    @pytest.mark.parametrize(
        ("photometric", "shape", "rotation", "flip"),
        [
            *product(["MONOCHROME2"], ["IDENTITY"], [0, 90, 180, 270], ["N", "Y"]),
            ("MONOCHROME2", "INVERSE", 0, "N"),
            ("MONOCHROME1", "IDENTITY", 0, "N"),
            ("MONOCHROME1", "INVERSE", 90, "Y"),
        ],
    )
    def test_gray_and_turn(self, tmp_path, photometric, shape, rotation, flip):
        if shutil.which("dcmp2pgm") is None:
            pytest.skip("dcmp2pgm (Debian package dcmtk) is not installed")
        self.write(tmp_path, photometric, shape, rotation, flip)
        command = ["dcmp2pgm", "-p", "state.dcm", "image.dcm", "out.pgm"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
        with Image.open(tmp_path / "out.pgm") as rendered:
            expected = np.asarray(rendered).astype(int)
        header, asked = LocalEngine().find([tmp_path], lambda _done: None, tmp_path / "unpacked")
        session, viewer = Session(), ViewerModel()
        viewer.set_canvas_size(300, 300)
        states = ShownStates(session, viewer)
        states.add(asked)
        image = LoadedImage.prepare(LocalEngine().read(header.path))
        viewer.show_image(image)
        session.set_image(image)
        states.apply(states.offered[0])
        gray = image.radiograph.display(viewer.presentation.voi).astype(int)
        gray = 255 - gray if viewer.presentation.inverted else gray
        assert np.abs(viewer.view.turn.turned(gray) - expected).max() <= 1
