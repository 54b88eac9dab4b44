"""The optional library TorchXRayVision, where it is installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from cxr_desktop.domain.errors import ModelError


def torchxrayvision_models() -> Any:
    """The optional library's module of networks. Raises ModelError where it is not installed."""
    try:
        return import_module("torchxrayvision.models")
    except ImportError as error:
        raise ModelError(
            "this model needs the library TorchXRayVision; install it with: pip install 'cxr-desktop[xrv]'"
        ) from error
