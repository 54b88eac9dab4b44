"""Model packages: card, weights, preprocessing, geometry, device, calibrated scores, input check.

Importing this room costs no torch; the names that need it are loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cxr_desktop.classifiers.card import InputSpec, ModelCard, ModelLabel, read_card
from cxr_desktop.classifiers.geometry import ModelGeometry, lay_out
from cxr_desktop.classifiers.input_check import check_input
from cxr_desktop.classifiers.installing import install_package
from cxr_desktop.classifiers.packages import BrokenModel, available_models, broken_models, find_package

if TYPE_CHECKING:
    from cxr_desktop.classifiers.classifier import Classifier, load_model
    from cxr_desktop.classifiers.device import DeviceInfo, devices, select_device
    from cxr_desktop.classifiers.fallback import run_with_fallback
    from cxr_desktop.classifiers.preprocessing import preprocess_display

__all__ = [
    "BrokenModel",
    "Classifier",
    "DeviceInfo",
    "InputSpec",
    "ModelCard",
    "ModelGeometry",
    "ModelLabel",
    "available_models",
    "broken_models",
    "check_input",
    "devices",
    "find_package",
    "install_package",
    "lay_out",
    "load_model",
    "preprocess_display",
    "read_card",
    "run_with_fallback",
    "select_device",
]

_NEEDS_TORCH = {
    "Classifier": "classifier",
    "load_model": "classifier",
    "DeviceInfo": "device",
    "devices": "device",
    "run_with_fallback": "fallback",
    "select_device": "device",
    "preprocess_display": "preprocessing",
}


def __getattr__(name: str) -> Any:
    if name not in _NEEDS_TORCH:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_NEEDS_TORCH[name]}"), name)
