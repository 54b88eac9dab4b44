"""Which side of the patient lies at which edge of the screen. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from cxr_desktop.ui.viewer.view_transform import Turn

_OPPOSITE = str.maketrans("APRLHF", "PALRFH")


@dataclass(frozen=True, slots=True)
class EdgeLetters:
    """Letters of Patient Orientation at each edge; '' where the file says nothing."""

    left: str = ""
    top: str = ""
    right: str = ""
    bottom: str = ""


def edge_letters(orientation: tuple[str, str], turn: Turn) -> EdgeLetters:
    """orientation: towards what rows and columns of the image run, as in its header."""
    at = {}
    for letters, direction in zip(orientation, ((1.0, 0.0), (0.0, 1.0)), strict=True):
        x, y = turn.vector(*direction)
        at[round(x), round(y)] = letters
        at[round(-x), round(-y)] = letters.translate(_OPPOSITE)
    return EdgeLetters(at[-1, 0], at[0, -1], at[1, 0], at[0, 1])
