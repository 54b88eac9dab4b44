"""Reasons why a score of an image should not be believed, said before any score is shown.

The header is taken at its word; what it leaves open is judged from the image as shown. A lateral
view that its header does not declare may pass: no lateral radiographs were at hand to fit or to
measure that on. A left-right flip is not detected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from cxr_desktop.classifiers.chest_view import View, view_discriminant
from cxr_desktop.domain.grayscale import Gray
from cxr_desktop.domain.prediction import InputConcern, Severity
from cxr_desktop.domain.radiograph import InstanceHeader, Radiograph

SMALLEST_SIDE = 224
LARGEST_ASPECT = 2.0
SMALLEST_CONTRAST = 4.0
REFUSED_BELOW = 0.05
DOUBTED_BELOW = 0.5

PROJECTION_MODALITIES = frozenset(("", "CR", "DX", "DR", "RG", "RF", "SC", "OT"))
_CHEST = re.compile(r"CHEST|THORA|TORAX|LUNG|RIB|PULM|HEART|STERN")
_UNTOLD_PART = frozenset(("", "UNKNOWN", "OTHER", "NONE", "WHOLEBODY", "WHOLE BODY", "DEFAULT"))
_LATERAL_VIEWS = frozenset(("LL", "RL", "LAT", "LATERAL", "LLAT", "RLAT", "LEFT LATERAL", "RIGHT LATERAL"))
_OBLIQUE_VIEWS = frozenset(("LAO", "RAO", "LPO", "RPO", "LLO", "RLO", "LLD", "RLD", "OBLIQUE"))
_LATERAL_WORDS = re.compile(r"\b(LAT|LAT[EÉ]RAL[EO]?|LL|PROFILE?|PERFIL|SEITL(ICH)?|ZIJDELINGS)\b")
_FRONTAL_WORDS = re.compile(r"\b(PA|AP|FRONTAL|DECUB\w*)\b")

_TURNS = {
    View.QUARTER_TURN: "turned a quarter counter-clockwise",
    View.UPSIDE_DOWN: "upside down",
    View.THREE_QUARTER_TURN: "turned a quarter clockwise",
}


def check_input(radiograph: Radiograph) -> tuple[InputConcern, ...]:
    """What speaks against classifying this image as a frontal chest radiograph, refusals first."""
    return check_display(radiograph.display(), radiograph)


def check_display(gray: Gray, radiograph: Radiograph) -> tuple[InputConcern, ...]:
    """As `check_input`, of an image already rendered: gray (rows, columns) as shown by default."""
    concerns = [*_of_header(radiograph.header)]
    unusable = [*_of_extent(gray)]
    concerns += unusable or _of_content(gray, colour=radiograph.colour)
    return tuple(sorted(concerns, key=lambda concern: concern.severity is not Severity.REFUSE))


def _of_header(header: InstanceHeader) -> Iterator[InputConcern]:
    modality = header.modality.strip().upper()
    if modality not in PROJECTION_MODALITIES:
        yield _refuse(
            "modality",
            f"The file declares modality {modality}, which is no radiograph. Choose a CR or DX image.",
        )
    part = header.body_part.strip().upper()
    if part not in _UNTOLD_PART and not _CHEST.search(part):
        yield _refuse(
            "body-part", f"The file declares the body part {part}, not the chest. Choose a chest radiograph."
        )
    view = header.view_position.strip().upper()
    if view in _LATERAL_VIEWS or _told_lateral(view or header.series_description):
        yield _refuse(
            "lateral",
            "The file declares a lateral view, and the model reads frontal ones alone. "
            "Choose the PA or AP image.",
        )
    elif view in _OBLIQUE_VIEWS:
        yield _warn(
            "oblique", f"The file declares the view {view}. The model was made for upright PA and AP views."
        )


def _told_lateral(description: str) -> bool:
    words = description.upper().replace("_", " ")
    return bool(_LATERAL_WORDS.search(words)) and not _FRONTAL_WORDS.search(words)


def _of_extent(gray: Gray) -> Iterator[InputConcern]:
    rows, columns = gray.shape
    if min(rows, columns) < SMALLEST_SIDE:
        yield _refuse(
            "too-small",
            f"The image has {columns} x {rows} pixels; below {SMALLEST_SIDE} on a side too little detail "
            "is left. Choose the original, not a thumbnail.",
        )
    elif max(rows, columns) > LARGEST_ASPECT * min(rows, columns):
        yield _refuse(
            "aspect",
            f"The image has {columns} x {rows} pixels, one side more than {LARGEST_ASPECT:g} times the "
            "other: no chest radiograph is laid out so. Choose the uncut image.",
        )
    elif (contrast := float(np.ptp(np.percentile(gray, (1, 99))))) < SMALLEST_CONTRAST:
        yield _refuse(
            "blank",
            f"The image is blank: nearly all of it lies within {contrast:.0f} of 255 gray levels. "
            "Check the window of the file, or choose another image.",
        )


def _of_content(gray: Gray, *, colour: bool) -> Iterator[InputConcern]:
    views = view_discriminant().probabilities(gray)
    frontal = views[View.FRONTAL]
    if colour and frontal >= DOUBTED_BELOW:
        yield _warn(
            "colour", "The file holds colour, perhaps marks or a screen copy; only its brightness is used."
        )
    elif colour:
        yield _refuse(
            "colour", "The file is a colour picture, not a radiograph. Choose the original radiograph."
        )
    elif frontal < REFUSED_BELOW:
        yield _no_frontal_chest(max(views, key=lambda view: views[view]))
    elif frontal < DOUBTED_BELOW:
        yield _warn(
            "unusual",
            "The image is unlike the frontal chest radiographs that this check knows; mistrust the score.",
        )


def _no_frontal_chest(likeliest: View) -> InputConcern:
    if likeliest in _TURNS:
        return _refuse(
            "rotated",
            f"The chest seems to be {_TURNS[likeliest]}. "
            "Turn the image upright in its file and open it again.",
        )
    if likeliest is View.INVERTED:
        return _refuse(
            "inverted",
            "The polarity seems inverted: lungs bright, bone dark. Correct the file's Photometric "
            "Interpretation, or invert the picture, and open it again.",
        )
    return _refuse(
        "not-frontal-chest",
        "This does not look like a frontal chest radiograph, so the model's score would mean nothing. "
        "Choose a PA or AP chest image.",
    )


def _refuse(code: str, sentence: str) -> InputConcern:
    return InputConcern(code, sentence, Severity.REFUSE)


def _warn(code: str, sentence: str) -> InputConcern:
    return InputConcern(code, sentence, Severity.WARN)
