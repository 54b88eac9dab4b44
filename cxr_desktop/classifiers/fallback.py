"""Step back to the CPU when the memory of a device runs out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch

from cxr_desktop.classifiers.classifier import Classifier
from cxr_desktop.classifiers.device import is_out_of_memory
from cxr_desktop.domain.errors import DeviceError

Result = TypeVar("Result")


def run_with_fallback(classifier: Classifier, work: Callable[[Classifier], Result]) -> tuple[Result, str]:
    """Do `work` on the classifier's device, and on the CPU where that device's memory does not suffice.

    Returns the result and a sentence that tells of the fallback, empty where there was none.
    Raises DeviceError where the CPU's memory does not suffice either.
    """
    try:
        return work(classifier), ""
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        if classifier.device.type == "cpu":
            raise _exhausted() from error
    # Outside the handler: the failed attempt's tensors are held by its traceback until here.
    _free_cached(classifier.device)
    note = f"{classifier.device} ran out of memory; computed on the CPU instead"
    try:
        return work(classifier.to("cpu")), note
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise _exhausted() from error


def _exhausted() -> DeviceError:
    return DeviceError(
        "the memory of this machine does not suffice for this computation; close other programs"
    )


def _free_cached(device: torch.device) -> None:
    if device.type == "cuda" and torch.cuda.is_available():
        torch.cuda.empty_cache()
    if device.type == "mps" and torch.backends.mps.is_available():
        torch.mps.empty_cache()
