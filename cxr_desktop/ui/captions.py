"""What the corners of the canvas say. No Qt."""

from __future__ import annotations

from cxr_desktop.domain import InstanceHeader, Radiograph, VoiTable
from cxr_desktop.ui.panels.map_words import through_words
from cxr_desktop.ui.panels.study_list_model import day, person, side
from cxr_desktop.ui.session import Session
from cxr_desktop.ui.translation import later, tr
from cxr_desktop.ui.viewer.caption_layer import Captions
from cxr_desktop.ui.viewer.figures import window_words
from cxr_desktop.ui.viewer.heat_image import Sign
from cxr_desktop.ui.viewer.view_transform import Turn
from cxr_desktop.ui.viewer.viewer_model import ViewerModel

SIGN_WORDS = {
    Sign.POSITIVE: later("supporting"),
    Sign.NEGATIVE: later("opposing"),
    Sign.BOTH: later("supporting and opposing"),
}

KEPT_BACK = later("DICOM overlay hidden until you commit your reading")
FRAMES_PASS = later("No scores or marks while frames pass")


def captions(viewer: ViewerModel, session: Session, method_title: str, sign: Sign) -> Captions:
    """Patient and study above, gray and map below."""
    if viewer.image is None:
        return Captions()
    radiograph = viewer.image.radiograph
    header = radiograph.header
    return Captions(
        top_left=(
            person(header.patient_name) or header.path.name,
            header.patient_id,
            _sex_and_age(header),
        ),
        top_right=(
            header.study_description or header.series_description,
            day(header.study_date),
            _view(header),
            _frame(radiograph),
        ),
        bottom_left=(
            *radiograph.notes[:2],
            _planes(viewer, session.veiled),
            _turn(viewer.view.turn),
            _gray(viewer),
        ),
        bottom_right=(tr(FRAMES_PASS),)
        if session.passing and header.frames > 1
        else _map(session, method_title, sign),
    )


def _frame(radiograph: Radiograph) -> str:
    frames = radiograph.header.frames
    return (
        tr("Frame {frame} of {frames}").format(frame=radiograph.frame + 1, frames=frames)
        if frames > 1
        else ""
    )


def _planes(viewer: ViewerModel, veiled: bool) -> str:
    """That the file drew into its image, and whether that is shown."""
    overlays = viewer.image.radiograph.overlays if viewer.image else ()
    if not overlays:
        return ""
    if veiled:
        return tr(KEPT_BACK)
    names = ", ".join(dict.fromkeys(one.label for one in overlays if one.label))
    told = tr("DICOM overlay") if viewer.file_overlays else tr("DICOM overlay hidden")
    return f"{told}: {names}" if names else told


def _view(header: InstanceHeader) -> str:
    return " ".join(part for part in (header.modality, header.view_position, side(header)) if part)


def _sex_and_age(header: InstanceHeader) -> str:
    """As spoken, of an age string (PS3.5 6.2) such as 022Y."""
    age = header.patient_age
    if len(age) == 4 and age[:3].isdigit():
        age = f"{int(age[:3])} {age[3].lower()}"
    return "  ".join(part for part in (header.patient_sex, age) if part)


def _gray(viewer: ViewerModel) -> str:
    voi, window = viewer.presentation.voi, viewer.window()
    told = tr("VOI LUT") if isinstance(voi, VoiTable) else window_words(window)
    inverted = tr("inverted") if viewer.presentation.inverted else ""
    return "  ".join(part for part in (told, voi.explanation, inverted) if part)


def _turn(turn: Turn) -> str:
    """How the image was turned away from the way it is stored."""
    rotated = tr("rotated {value}°").format(value=90 * turn.quarters) if turn.quarters else ""
    return "  ".join(part for part in (tr("mirrored") if turn.mirrored else "", rotated) if part)


def _map(session: Session, method_title: str, sign: Sign) -> tuple[str, ...]:
    heat = session.heat
    if heat is None:
        return ()
    target = heat.source.target
    return (
        method_title,
        through_words(heat.source),
        f"{tr(SIGN_WORDS[sign])} {target}",
        _below(session, target),
    )


def _below(session: Session, label: str) -> str:
    """That the network does not find what its map explains, so that its boxes are not taken for findings."""
    prediction = session.prediction
    points = prediction.points(label) if prediction is not None else ()
    if prediction is None or not points or prediction.scores[label] >= min(p.threshold for p in points):
        return ""
    return tr("score below every operating point")
