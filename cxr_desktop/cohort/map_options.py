"""What the program's own maps are made with where nothing else is asked."""

from __future__ import annotations

from collections.abc import Mapping

_OWN: Mapping[str, Mapping[str, object]] = {
    name: {"start": "magnitude"} for name in ("rap", "excitation_backprop")
}


def map_options(method: str, asked: Mapping[str, object] | None = None) -> dict[str, object]:
    """The method's keyword options: what is asked, over the program's own choice.

    RAP and excitation backpropagation give each unit a share of the whole, so that under a negative logit all
    that the score rests on would turn negative and the boxes lie on what it does not rest on. The program starts
    these two from the logit's magnitude.
    """
    return {**_OWN.get(method, {}), **(asked or {})}
