"""Does the score follow the map? Deletion and insertion curves (Petsiuk et al., BMVC 2018)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cxr_desktop.attribution.checks import checked_inputs, reject_train_mode
from cxr_desktop.attribution.many import logits_of
from cxr_desktop.attribution.memory import in_pieces
from cxr_desktop.domain.errors import AttributionError
from cxr_desktop.domain.progress import Progress


@dataclass(frozen=True, slots=True)
class Curves:
    """Logits while the most relevant pixels go (deletion) or come (insertion), by the share of pixels changed.

    areas: mean logit on the way; a faithful map has a low one for deletion and a high one for insertion.
    """

    shares: tuple[float, ...]
    deletion: tuple[float, ...]
    insertion: tuple[float, ...]

    @property
    def areas(self) -> tuple[float, float]:
        deletion, insertion = (torch.tensor(curve) for curve in (self.deletion, self.insertion))
        at = torch.tensor(self.shares)
        return float(torch.trapezoid(deletion, at)), float(torch.trapezoid(insertion, at))


def deletion_insertion(
    network: nn.Module,
    inputs: Tensor,
    target: int,
    relevance: Tensor,
    *,
    steps: int = 20,
    batch: int = 8,
    progress: Progress | None = None,
) -> Curves:
    """Replace pixels by the image's mean, the most relevant first, and watch the target's logit.

    inputs: (1, C, H, W). relevance: (1 or C, H, W) or (H, W), the map. Raises AttributionError for another size.
    """
    reject_train_mode(network)
    image = checked_inputs(inputs)[:1]
    plane = relevance if relevance.ndim == 2 else relevance.sum(0)
    if plane.shape != image.shape[2:]:
        raise AttributionError(f"the map is {tuple(plane.shape)}, the image {tuple(image.shape[2:])}")
    order = torch.empty(plane.numel(), dtype=torch.long, device=plane.device)
    order[plane.flatten().argsort(descending=True, stable=True)] = torch.arange(
        plane.numel(), device=plane.device
    )
    shares = torch.linspace(0, 1, steps + 1)
    changed = order.view(plane.shape)[None] < (shares * plane.numel()).round().to(order.device).view(-1, 1, 1)
    gray = image.mean()
    logits = image.new_zeros(2 * (steps + 1))
    masks = torch.cat([~changed, changed])[:, None]
    with torch.no_grad():

        def look(first: int, last: int) -> None:
            seen = torch.where(masks[first:last].to(image.device), image, gray)
            logits[first:last] = logits_of(network, seen)[:, target]

        in_pieces(len(masks), batch, look, progress)
    deletion, insertion = logits.chunk(2)
    return Curves(tuple(shares.tolist()), tuple(deletion.tolist()), tuple(insertion.tolist()))
