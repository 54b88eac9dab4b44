"""Parts of a chest radiograph that relevance can lie on."""

from __future__ import annotations

from enum import StrEnum


class Region(StrEnum):
    """Parts of an image that share it without overlap, in the order of their codes."""

    RIGHT_LUNG = "right lung"
    LEFT_LUNG = "left lung"
    HEART = "heart and mediastinum"
    BODY = "rest of the body"
    UNPARTED = "body, lungs not found"
    OUTSIDE = "outside the body"
    BORDER = "border"
    LETTERING = "text and markers"
