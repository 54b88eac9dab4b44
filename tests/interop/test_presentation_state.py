"""Presentation states: valid to other makers, showing the image as we do, read back as they were written."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset

from cxr_desktop.dicom import DicomReadError
from cxr_desktop.dicom.presentation_state import read_presentation_state
from cxr_desktop.domain import Box, Ellipse, Finding, Point, Polygon, Reading, VoiTable, Window
from cxr_desktop.domain.presentation import GraphicKind, ShutterShape, SizeMode, Units
from cxr_desktop.reports import export

UID = "1.2.840.10008.5.1.4.1.1.11.1"


def test_dciodvfy_finds_no_error(exported, validator):
    assert "Error" not in validator("dciodvfy", exported.files["gsps"][0])


def test_dcmpschk_passes_it(exported, validator):
    told = validator("dcmpschk", exported.files["gsps"][0])
    assert "Test passed" in told
    assert "E:" not in told


def test_dcmtk_shows_the_image_as_we_do(exported, validator, tmp_path):
    """Window, Modality LUT and polarity at once, on MONOCHROME2 and on MONOCHROME1."""
    plain, shown = tmp_path / "plain.dcm", tmp_path / "shown.pgm"
    dataset = pydicom.dcmread(exported.analysis.radiograph.header.path)
    dataset.decompress(generate_instance_uid=False)
    dataset.save_as(plain)
    validator("dcmp2pgm", "-p", exported.files["gsps"][0], plain, shown)
    theirs = np.asarray(Image.open(shown)).astype(int)
    assert np.abs(theirs - exported.analysis.radiograph.display()).max() <= 1


def _table(count: int, bits: int) -> Dataset:
    """A lookup table that rises like a square root."""
    entries = np.sqrt(np.arange(count) / (count - 1)) * (2**bits - 1)
    made = Dataset()
    made.add_new("LUTDescriptor", "US", [count, 0, bits])
    made.add_new("LUTData", "OW", entries.astype("<u2").tobytes())
    return made


def _modality_table(dataset: Dataset) -> None:
    del dataset.RescaleSlope, dataset.RescaleIntercept, dataset.RescaleType
    dataset.ModalityLUTSequence = [_table(256, 16)]
    dataset.ModalityLUTSequence[0].ModalityLUTType = "US"
    dataset.WindowCenter, dataset.WindowWidth = 30000, 40000


def _voi_table(dataset: Dataset) -> None:
    del dataset.WindowCenter, dataset.WindowWidth, dataset.WindowCenterWidthExplanation
    dataset.VOILUTSequence = [_table(256, 12)]


def _rescaled(dataset: Dataset) -> None:
    dataset.RescaleIntercept, dataset.RescaleSlope = "-500", "3.5"
    dataset.WindowCenter, dataset.WindowWidth = "-100", "700"


def _sigmoid(dataset: Dataset) -> None:
    dataset.VOILUTFunction, dataset.WindowWidth = "SIGMOID", "100"


def _exact(dataset: Dataset) -> None:
    dataset.VOILUTFunction, dataset.WindowCenter, dataset.WindowWidth = "LINEAR_EXACT", "100", "120"


def _without_window(dataset: Dataset) -> None:
    del dataset.WindowCenter, dataset.WindowWidth, dataset.WindowCenterWidthExplanation


@pytest.mark.parametrize(
    "change", [_modality_table, _voi_table, _rescaled, _sigmoid, _exact, _without_window]
)
def test_every_gray_chain_is_shown_by_dcmtk_as_by_us(make_case, demo_image, validator, tmp_path, change):
    dataset = pydicom.dcmread(demo_image)
    dataset.decompress(generate_instance_uid=False)
    change(dataset)
    image, shown = tmp_path / "image.dcm", tmp_path / "shown.pgm"
    dataset.save_as(image)
    analysis = make_case(image)
    (state,) = export(analysis, ["gsps"], tmp_path / "out")
    assert "Error" not in validator("dciodvfy", state)
    validator("dcmp2pgm", "-p", state, image, shown)
    theirs = np.asarray(Image.open(shown)).astype(int)
    assert np.abs(theirs - analysis.radiograph.display()).max() <= 1


def test_what_was_written_is_read_back(exported):
    analysis = exported.analysis
    radiograph = analysis.radiograph
    state = read_presentation_state(exported.files["gsps"][0])
    shown = state.on(radiograph.header.sop_instance_uid)
    assert shown is not None
    assert state.on("1.2.3") is None
    assert not state.notes
    assert isinstance(shown.voi, Window)
    assert np.array_equal(
        shown.voi.apply(radiograph.pixels), radiograph.default_voi().apply(radiograph.pixels)
    )
    assert shown.inverted == radiograph.grayscale.inverted
    assert shown.area is not None
    assert (shown.area.left, shown.area.top) == (0, 0)
    assert (shown.area.right, shown.area.bottom) == (radiograph.columns, radiograph.rows)
    boxes = [box for one in analysis.localized for box in one.boxes]
    boxes += [*analysis.references, *analysis.readings[0].boxes]
    assert len(shown.graphics) == len(boxes)
    for graphic, box in zip(shown.graphics, boxes, strict=True):
        assert (graphic.kind, graphic.units) == (GraphicKind.POLYLINE, Units.PIXEL)
        assert graphic.points[0] == pytest.approx((box.x, box.y), abs=1e-3)
        assert graphic.points[2] == pytest.approx((box.right, box.bottom), abs=1e-3)
    told = " ".join(words.text for words in shown.words)
    for part in ("Dr. Jörg Müller", "NIH", "rap", "Not for diagnostic use", "demo 1.2.0"):
        assert part in told


def test_shapes_of_readers_are_drawn_as_they_are(demo_case, tmp_path, validator):
    drawn = (
        Finding.around(Ellipse(100, 200, 300, 150)),
        Finding.around(Ellipse(-50, 200, 300, 150)),
        Finding.around(Polygon(((10, 20), (2000, 40), (150, 300)))),
        Finding.around(Point(33, 44)),
        Box(-10, -10, 5, 5),
    )
    analysis = demo_case(
        readings=(Reading("A", drawn),), references=(), localized=(), maps=(), localizations=()
    )
    (path,) = export(analysis, ["gsps"], tmp_path)
    assert "Error" not in validator("dciodvfy", path)
    assert "Test passed" in validator("dcmpschk", path)
    shown = read_presentation_state(path).on(analysis.radiograph.header.sop_instance_uid)
    assert shown is not None
    ellipse, cut, polygon, point = shown.graphics
    assert ellipse.points == ((100, 275), (400, 275), (250, 200), (250, 350))
    assert cut.kind is GraphicKind.POLYLINE
    assert min(x for x, _ in cut.points) == 0
    assert polygon.points == ((10, 20), (1024, 40), (150, 300), (10, 20))
    assert (point.kind, point.points) == (GraphicKind.POINT, ((33, 44),))


@pytest.fixture
def theirs(tmp_path):
    """A function that writes a presentation state of another maker with the given attributes and reads it."""

    def read(**fields: object):
        image = Dataset()
        image.ReferencedSOPInstanceUID = "1.2.3"
        other = Dataset()
        other.ReferencedSOPInstanceUID, other.ReferencedFrameNumber = "1.2.4", [2, 5]
        series = Dataset()
        series.ReferencedImageSequence = [image, other]
        dataset = Dataset()
        dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.ReferencedSeriesSequence = UID, "1.2.9", [series]
        for keyword, value in fields.items():
            setattr(dataset, keyword, value)
        path = tmp_path / "theirs.dcm"
        dataset.save_as(path, implicit_vr=False, little_endian=True)
        return read_presentation_state(path)

    return read


def item(**fields: object) -> Dataset:
    made = Dataset()
    for keyword, value in fields.items():
        setattr(made, keyword, value)
    return made


def test_each_image_gets_its_own_window_and_graphics(theirs):
    only = [item(ReferencedSOPInstanceUID="1.2.4", ReferencedFrameNumber=5)]
    state = theirs(
        SoftcopyVOILUTSequence=[
            item(
                WindowCenter=40,
                WindowWidth=400,
                ReferencedImageSequence=[item(ReferencedSOPInstanceUID="1.2.3")],
            ),
            item(WindowCenter=50, WindowWidth=500, ReferencedImageSequence=only),
        ],
        GraphicLayerSequence=[
            item(GraphicLayer="UPPER", GraphicLayerOrder=2),
            item(GraphicLayer="LOWER", GraphicLayerOrder=1),
        ],
        GraphicAnnotationSequence=[
            item(GraphicLayer="UPPER", GraphicObjectSequence=[graphic("ELLIPSE", [1, 5, 9, 5, 5, 3, 5, 7])]),
            item(
                GraphicLayer="LOWER",
                ReferencedImageSequence=only,
                GraphicObjectSequence=[graphic("CIRCLE", [5, 5, 5, 9]), graphic("SQUIGGLE", [1, 1])],
            ),
        ],
    )
    first, fifth = state.on("1.2.3"), state.on("1.2.4", 5)
    assert state.on("1.2.4", 3) is None
    assert first is not None
    assert fifth is not None
    assert (first.voi, fifth.voi) == (
        Window(40, 400, explanation="window 1"),
        Window(50, 500, explanation="window 1"),
    )
    assert [one.kind for one in first.graphics] == [GraphicKind.ELLIPSE]
    assert [one.kind for one in fifth.graphics] == [GraphicKind.CIRCLE, GraphicKind.ELLIPSE]
    assert "malformed or not supported" in state.notes[0]


def graphic(kind: str, data: list[float]) -> Dataset:
    return item(
        GraphicAnnotationUnits="PIXEL",
        GraphicDimensions=2,
        NumberOfGraphicPoints=len(data) // 2,
        GraphicData=data,
        GraphicType=kind,
        GraphicFilled="N",
    )


def test_turning_shutters_area_and_table(theirs):
    state = theirs(
        ImageRotation=90,
        ImageHorizontalFlip="Y",
        PresentationLUTShape="INVERSE",
        ShutterShape=["RECTANGULAR", "CIRCULAR", "POLYGONAL"],
        ShutterLeftVerticalEdge=11,
        ShutterRightVerticalEdge=90,
        ShutterUpperHorizontalEdge=21,
        ShutterLowerHorizontalEdge=80,
        CenterOfCircularShutter=[51, 41],
        RadiusOfCircularShutter=30,
        VerticesOfThePolygonalShutter=[1, 1, 1, 10, 10, 10],
        ShutterPresentationValue=65535,
        DisplayedAreaSelectionSequence=[
            item(
                DisplayedAreaTopLeftHandCorner=[11, 6],
                DisplayedAreaBottomRightHandCorner=[20, 30],
                PresentationSizeMode="MAGNIFY",
                PresentationPixelMagnificationRatio=2.0,
            )
        ],
        SoftcopyVOILUTSequence=[
            item(VOILUTSequence=[item(LUTDescriptor=[4, 0, 8], LUTData=b"\x00\x00\x10\x00\x80\x00\xff\x00")])
        ],
    )
    shown = state.on("1.2.3")
    assert shown is not None
    assert (shown.rotation, shown.flipped, shown.inverted) == (90, True, True)
    rectangle, circle, polygon = shown.shutters
    assert (rectangle.shape, rectangle.points, rectangle.gray) == (
        ShutterShape.RECTANGULAR,
        ((10, 20), (90, 80)),
        1.0,
    )
    assert circle.points == ((40.5, 50.5), (70.5, 50.5))
    assert polygon.points == ((0.5, 0.5), (9.5, 0.5), (9.5, 9.5))
    area = shown.area
    assert area is not None
    assert (area.left, area.top, area.right, area.bottom) == (10, 5, 20, 30)
    assert (area.mode, area.magnification) == (SizeMode.MAGNIFY, 2.0)
    assert isinstance(shown.voi, VoiTable)
    assert shown.voi.entries.tolist() == [0, 16, 128, 255]


def test_damage_is_told_and_left_out(theirs):
    state = theirs(
        ShutterShape="CIRCULAR",
        DisplayedAreaSelectionSequence=[item(PresentationSizeMode="TRUE SIZE")],
        SoftcopyVOILUTSequence=[item(WindowCenter=40, WindowWidth=0)],
    )
    shown = state.on("1.2.3")
    assert shown is not None
    assert (shown.voi, shown.area, shown.shutters) == (None, None, ())
    assert len(state.notes) == 3


def test_true_size_and_compound_graphics_are_told_as_not_applied(theirs):
    state = theirs(
        DisplayedAreaSelectionSequence=[
            item(
                DisplayedAreaTopLeftHandCorner=[1, 1],
                DisplayedAreaBottomRightHandCorner=[20, 10],
                PresentationSizeMode="TRUE SIZE",
                PresentationPixelSpacing=[0.2, 0.2],
            )
        ],
        GraphicAnnotationSequence=[
            item(GraphicLayer="A", CompoundGraphicSequence=[item(CompoundGraphicType="ARROW")])
        ],
    )
    shown = state.on("1.2.3")
    assert shown is not None
    assert shown.area is not None
    assert (shown.area.right, shown.area.bottom) == (20, 10)
    assert shown.graphics == ()
    told = " ".join(state.notes)
    assert "True size is not supported" in told
    assert "Compound graphics of the presentation state are not supported" in told


def test_an_image_is_refused(exported):
    with pytest.raises(DicomReadError, match="not a grayscale softcopy presentation state"):
        read_presentation_state(exported.analysis.radiograph.header.path)
