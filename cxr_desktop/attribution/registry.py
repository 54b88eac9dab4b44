"""Which methods are installed: the program's own and those of plug-ins. Imports no torch."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from cxr_desktop.attribution.catalogue import METHODS
from cxr_desktop.attribution.method_info import MethodInfo
from cxr_desktop.domain.errors import AttributionError

GROUP = "cxr_desktop.attribution"
_log = logging.getLogger(__name__)

Plugin = tuple[MethodInfo, Callable[..., Any]]


@cache
def plugins() -> Mapping[str, Plugin]:
    """Methods of the entry points: each loads to (MethodInfo, function(network, inputs, targets, **options)).

    One that cannot be loaded, or takes a name that exists, is left out and named in the log.
    """
    found: dict[str, Plugin] = {}
    taken = {info.name for info in METHODS}
    for entry in entry_points(group=GROUP):
        try:
            info, function = _checked(entry.load())
        except Exception as error:  # noqa: BLE001 -- importing another's code may raise anything
            _log.warning("attribution plug-in %s cannot be loaded: %s", entry.name, error)
            continue
        if info.name in taken:
            _log.warning("attribution plug-in %s is left out: %s exists already", entry.name, info.name)
            continue
        taken.add(info.name)
        found[info.name] = (info, function)
    return found


def _checked(loaded: object) -> Plugin:
    match loaded:
        case (MethodInfo() as info, function) if callable(function):
            return info, function
    raise TypeError("it is no pair of a MethodInfo and a function")


def methods() -> dict[str, MethodInfo]:
    """Every installed method by name, the program's own first."""
    return {
        **{info.name: info for info in METHODS},
        **{name: info for name, (info, _) in plugins().items()},
    }


def method_info(name: str) -> MethodInfo:
    """Raises AttributionError listing the names where `name` is none of them."""
    known = methods()
    if name not in known:
        raise AttributionError(f"unknown attribution method {name!r}; installed are {', '.join(known)}")
    return known[name]


def filled(info: MethodInfo, options: Mapping[str, object]) -> dict[str, object]:
    """The options with defaults filled in. Raises AttributionError for an unknown one or a bad value."""
    known = {option.name: option for option in info.options}
    for name, value in options.items():
        if name not in known:
            allowed = ", ".join(known) or "none"
            raise AttributionError(f"{info.name} has no option {name!r}; it takes {allowed}")
        problem = known[name].problem(value)
        if problem:
            raise AttributionError(f"{info.name}: {problem}")
    return {option.name: options.get(option.name, option.default) for option in info.options}
