"""Reasons why a score of an image should not be believed, said before any score is shown."""

from __future__ import annotations

from cxr_desktop.domain.grayscale import Gray
from cxr_desktop.domain.prediction import InputConcern, Severity
from cxr_desktop.domain.radiograph import Radiograph

SMALLEST_SIDE = 224


def check_input(radiograph: Radiograph) -> tuple[InputConcern, ...]:
    """What speaks against classifying this image as a frontal chest radiograph, worst first."""
    return check_display(radiograph.display(), radiograph)


def check_display(gray: Gray, radiograph: Radiograph) -> tuple[InputConcern, ...]:
    """As `check_input`, of an image already rendered: gray (rows, columns) as shown by default."""
    if radiograph.colour or min(gray.shape) < SMALLEST_SIDE:
        sentence = f"The image is only {gray.shape[1]} x {gray.shape[0]} pixels."
        return (InputConcern("too-small", sentence, Severity.REFUSE),)
    return ()
