"""Class activation mapping: the last feature map, its channels weighted and summed.

Every function returns (N, 1, h, w) at the size of the feature map; the engine brings it to input size.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from cxr_desktop.attribution.arithmetic import divide
from cxr_desktop.attribution.head import last_feature_map, logit_gradients
from cxr_desktop.attribution.memory import in_pieces
from cxr_desktop.attribution.tape import Step, Tape, Value
from cxr_desktop.attribution.walk import signal_of
from cxr_desktop.domain.errors import UnsupportedOperation
from cxr_desktop.domain.progress import Progress


def cam(tape: Tape, targets: Tensor) -> Tensor:
    """sum_k w_k A_k with the weights of the dense layer behind the pooled map (Zhou et al., CVPR 2016)."""
    features = last_feature_map(tape, "cam")
    a = features.get()
    last = tape.steps[tape.result.step]
    alone = last.name == "linear" and _reads_pooled(tape, last, features)
    weight = last.argument(1, "weight") if alone else None
    if not isinstance(weight, Tensor) or weight.shape[1] != a.shape[1]:
        raise UnsupportedOperation(
            "cam needs one dense layer right behind the pooled feature map, and this network has another head; "
            "gradcam works on it"
        )
    return torch.einsum("nk,nkhw->nhw", weight.detach()[targets], a)[:, None]


def _reads_pooled(tape: Tape, dense: Step, features: Value) -> bool:
    """No other dense layer lies between the feature map and this one; one that weights the places may."""
    value = dense.inputs[0]
    while value.step > features.step:
        step = tape.steps[value.step]
        if step.name == "linear":
            return False
        value = signal_of(tape, step) if len(step.inputs) > 1 else step.inputs[0]
    return True


def gradcam(tape: Tape, targets: Tensor) -> Tensor:
    """relu(sum_k mean_hw(g_k) A_k) (Selvaraju et al., ICCV 2017)."""
    a, g = _with_gradient(tape, last_feature_map(tape, "gradcam"), targets)
    return (a * g.mean((2, 3), keepdim=True)).sum(1, keepdim=True).relu()


def gradcam_plus_plus(tape: Tape, targets: Tensor) -> Tensor:
    """alpha = g^2 / (2 g^2 + sum_hw(A) g^3); weights sum_hw(alpha relu(g)) (Chattopadhay et al., WACV 2018)."""
    a, g = _with_gradient(tape, last_feature_map(tape, "gradcam++"), targets)
    below = 2 * g**2 + a.sum((2, 3), keepdim=True) * g**3
    alpha = divide(g**2, below)
    weights = (alpha * g.relu()).sum((2, 3), keepdim=True)
    return (a * weights).sum(1, keepdim=True).relu()


def layercam(tape: Tape, targets: Tensor) -> Tensor:
    """relu(sum_k relu(g_k) A_k), place by place (Jiang et al., TIP 2021)."""
    a, g = _with_gradient(tape, last_feature_map(tape, "layercam"), targets)
    return (a * g.relu()).sum(1, keepdim=True).relu()


def scorecam(
    tape: Tape,
    targets: Tensor,
    images: Tensor,
    forward: Callable[[Tensor], Tensor],
    channels: int = 128,
    batch: int = 16,
    progress: Progress | None = None,
) -> Tensor:
    """relu(sum_k softmax_k(y(x * mask_k)) A_k) (Wang et al., CVPR workshops 2020).

    images: (N, C, H, W), what the tape was recorded on. channels: how many are tried, the most active first; the score
    is the target's logit.
    """
    a = last_feature_map(tape, "scorecam").get()
    tried = a.mean((2, 3)).topk(min(channels, a.shape[1]), dim=1).indices
    kept = torch.stack([planes[chosen] for planes, chosen in zip(a, tried, strict=True)])
    scores = torch.zeros_like(tried, dtype=images.dtype)
    masks = _unit_range(kept)
    with torch.no_grad():
        for n, image in enumerate(images.split(1)):

            def look(first: int, last: int, n: int = n, image: Tensor = image) -> None:
                some = masks[n, first:last, None]
                some = interpolate(some, images.shape[2:], mode="bilinear", align_corners=False)
                scores[n, first:last] = forward(image * some)[:, targets[n]]

            def report(done: float, n: int = n) -> None:
                if progress is not None:
                    progress((n + done) / len(images))

            in_pieces(masks.shape[1], batch, look, report)
    return (kept * scores.softmax(1)[:, :, None, None]).sum(1, keepdim=True).relu()


def _unit_range(planes: Tensor) -> Tensor:
    """Each (h, w) plane stretched to 0..1."""
    low, high = planes.amin((2, 3), keepdim=True), planes.amax((2, 3), keepdim=True)
    return (planes - low) / (high - low).clamp(min=1e-12)


def _with_gradient(tape: Tape, features: Value, targets: Tensor) -> tuple[Tensor, Tensor]:
    return features.get(), logit_gradients(tape, features, [targets])[0]
