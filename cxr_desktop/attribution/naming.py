"""Plain names of torch functions, and their twins that work out of place."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 -- the name everyone knows
from torch import Tensor

_ALIASES = {
    "__add__": "add",
    "__radd__": "add",
    "__mul__": "mul",
    "__rmul__": "mul",
    "__sub__": "sub",
    "__rsub__": "sub",
    "__neg__": "neg",
    "__pow__": "pow",
    "negative": "neg",
    "__truediv__": "div",
    "__getitem__": "getitem",
    "__matmul__": "matmul",
    "concat": "cat",
    "concatenate": "cat",
    "_max_pool2d": "max_pool2d",
    "_adaptive_max_pool2d": "adaptive_max_pool2d",
    "multiply": "mul",
}


def _with_items(x: Tensor, index: Any, values: Any) -> Tensor:
    """`x[index] = values`, on a copy."""
    changed = x.clone()
    changed[index] = values
    return changed


_AUGMENTED: dict[Any, Callable[..., Any]] = {
    Tensor.__iadd__: torch.add,
    Tensor.__imul__: torch.mul,
    Tensor.__isub__: torch.sub,
    Tensor.__itruediv__: torch.div,
    Tensor.__setitem__: _with_items,
    operator.iadd: operator.add,
}


def plain_name(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", str(function))
    if name == "fn":
        name = getattr(function, "__qualname__", name)
    if name == "__get__":
        name = getattr(getattr(function, "__self__", None), "__name__", name)
    return _ALIASES.get(name, name)


@lru_cache(maxsize=4096)
def without_in_place(function: Callable[..., Any]) -> tuple[Callable[..., Any], str]:
    """The function that does the same on a copy, and its plain name; the function itself where it is one."""
    if function in _AUGMENTED:
        twin = _AUGMENTED[function]
        return twin, plain_name(twin)
    name = getattr(function, "__name__", "")
    if name.endswith("_") and not name.startswith("_"):
        base = name[:-1]
        for home in (Tensor, torch, F):
            found = getattr(home, base, None)
            if found is not None:
                return found, plain_name(found)
    return function, plain_name(function)
