"""What a model's card states of the way from an image to a probability, in plain values."""

from __future__ import annotations

from dataclasses import asdict

from cxr_desktop.classifiers.card import ModelCard


def stated_preprocessing(card: ModelCard) -> dict[str, object]:
    """Architecture, input (size in pixels, fit, normalisation), activation, calibration, attention.

    Two cards that give equal values here treat an image alike, given equal weights. JSON's own types.
    """
    layout = {
        key: list(value) if isinstance(value, tuple) else value for key, value in asdict(card.input).items()
    }
    return {
        "architecture": card.architecture,
        "input": {**layout, "fit": card.input.fit.value, "normalisation": card.input.normalisation.value},
        "activation": card.activation.value,
        "calibration": asdict(card.calibration),
        "attention": card.attention,
    }
