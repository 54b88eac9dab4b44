"""Weights files: checked against their SHA-256, read without running anything in them."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from torch import Tensor

from cxr_desktop.classifiers.card import ModelCard
from cxr_desktop.classifiers.torchxrayvision import torchxrayvision_models
from cxr_desktop.domain.errors import ModelError

PICKLED = (".pt", ".pth", ".bin", ".ckpt", ".tar")
_WRAPPERS = ("state_dict", "model_state_dict", "model_state", "model", "net", "network", "module")
_SAFE_MODULE_FIELDS = ("_parameters", "_buffers", "_modules")


def verified_bytes(card: ModelCard) -> bytes:
    """The weights file's content. Raises ModelError where it is missing or not the card's own."""
    path = card.weights_path
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}); restore the weights file") from error
    found = hashlib.sha256(content).hexdigest()
    if found != card.weights_sha256:
        raise ModelError(
            f"{path} is not the file that its card describes: SHA-256 is {found[:16]}..., "
            f"the card says {card.weights_sha256[:16]}...; fetch the package again or correct weights.sha256 "
            "if the file is your own"
        )
    return content


def read_state(card: ModelCard) -> dict[str, Tensor]:
    """The tensors of a package's weights file by parameter name, floating ones as float32, on the CPU.

    Reads safetensors, or PyTorch's own format through its restricted unpickler; wrappers such
    as 'state_dict' and a 'module.' prefix are taken off.
    Raises ModelError for a wrong hash, a format that cannot be read without running code, and
    values that are not finite.
    """
    content = verified_bytes(card)
    path = card.weights_path
    suffix = path.suffix.lower()
    if suffix == ".safetensors":
        state = _read_safetensors(content, path)
    elif suffix in PICKLED:
        state = _unwrapped(_read_pickled(content, path, card.architecture), path)
    else:
        raise ModelError(f"{path} is none of .safetensors, {', '.join(PICKLED)}; convert it to safetensors")
    return {name: _checked(tensor, name, path) for name, tensor in _without_prefix(state).items()}


def _read_safetensors(content: bytes, path: Path) -> dict[str, Tensor]:
    try:
        return load_safetensors(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise ModelError(f"{path} is no valid safetensors file ({error}); fetch it again") from error


def _read_pickled(content: bytes, path: Path, architecture: str) -> object:
    try:
        with _allowed_classes(architecture):
            return torch.load(BytesIO(content), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ModelError(
            f"{path} holds more than tensors and would have to run code to be read, which is refused; "
            "convert it to safetensors"
        ) from error
    except (RuntimeError, OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"{path} is no readable PyTorch weights file ({reason}); fetch it again") from error


def _allowed_classes(architecture: str) -> AbstractContextManager[object]:
    """TorchXRayVision publishes whole pickled networks: allow the layer classes of those, no more."""
    if architecture != "torchxrayvision:DenseNet":
        return nullcontext()
    from torch import nn

    library = torchxrayvision_models()
    own = [library.DenseNet, library._DenseBlock, library._DenseLayer, library._Transition]
    layers = [nn.Sequential, nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d, nn.AvgPool2d, nn.Linear]
    return torch.serialization.safe_globals([*own, *layers])


def _unwrapped(loaded: object, path: Path) -> dict[str, Tensor]:
    while True:
        if isinstance(loaded, torch.nn.Module):
            return _module_tensors(loaded)
        if not isinstance(loaded, Mapping):
            raise ModelError(
                f"{path} holds a {type(loaded).__name__}, not tensors by name; save a state dict"
            )
        inner = next(
            (loaded[key] for key in _WRAPPERS if isinstance(loaded.get(key), Mapping | torch.nn.Module)), None
        )
        if inner is None:
            break
        loaded = inner
    state = {str(name): value for name, value in loaded.items() if isinstance(value, Tensor)}
    if not state:
        raise ModelError(f"{path} holds no tensors by name; save the network's state dict")
    return state


def _module_tensors(module: torch.nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers, read from the fields themselves: nothing of an unpickled object is called."""
    fields: dict[str, Any] = {name: module.__dict__.get(name) or {} for name in _SAFE_MODULE_FIELDS}
    state = {
        name: value.detach()
        for kind in ("_parameters", "_buffers")
        for name, value in fields[kind].items()
        if isinstance(value, Tensor)
    }
    for child_name, child in fields["_modules"].items():
        if isinstance(child, torch.nn.Module):
            state |= {f"{child_name}.{name}": value for name, value in _module_tensors(child).items()}
    return state


def _without_prefix(state: dict[str, Tensor]) -> dict[str, Tensor]:
    for prefix in ("module.", "_orig_mod.", "model."):
        if state and all(name.startswith(prefix) for name in state):
            state = {name.removeprefix(prefix): value for name, value in state.items()}
    return state


def _checked(tensor: Tensor, name: str, path: Path) -> Tensor:
    if not tensor.is_floating_point():
        return tensor
    if not bool(torch.isfinite(tensor).all()):
        raise ModelError(
            f"{path}: {name} holds values that are not finite; the training failed or the file is damaged"
        )
    return tensor.float()
