"""Attention rollout through the self-attention of a vision transformer."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from cxr_desktop.attribution.tape import Step, Tape
from cxr_desktop.domain.errors import UnsupportedOperation


def rollout(tape: Tape) -> Tensor:
    """(N, 1, h, w) of patches: product over layers of (A + I) / 2, row of the class token.

    A: attention averaged over heads. Without a class token the rows are averaged. Does not depend on the target.
    Raises UnsupportedOperation where there is no attention over one grid of patches.
    """
    layers = [found for step in tape.steps if (found := _attention(step)) is not None]
    if not layers:
        raise UnsupportedOperation(
            "rollout needs self-attention and the network has none that it can read; gradcam, rap and rsp work on "
            "convolutional networks, integrated_gradients on all"
        )
    if len({a.shape for a in layers}) != 1:
        raise UnsupportedOperation(
            "rollout needs one grid of patches throughout, but this network merges or windows them; "
            "integrated_gradients, smoothgrad, occlusion and rise work on it"
        )
    tokens = layers[0].shape[-1]
    flow = torch.eye(tokens, dtype=layers[0].dtype, device=layers[0].device).expand_as(layers[0])
    for attention in layers:
        flow = (attention + torch.eye(tokens, dtype=flow.dtype, device=flow.device)) / 2 @ flow
    side = math.isqrt(tokens)
    extra = tokens - side * side
    patches = flow[:, 0, extra:] if extra else flow.mean(1)
    return patches.unflatten(1, (1, side, side))


def _attention(step: Step) -> Tensor | None:
    """(N, tokens, tokens) attention of a step, averaged over heads."""
    if step.name == "multi_head_attention_forward":
        kwargs = {**step.kwargs, "need_weights": True, "average_attn_weights": True}
        query = step.inputs[0].get()
        batched = Step(step.name, step.function, step.args, kwargs, step.inputs, step.outputs)
        found = batched.run(*(value.get() for value in step.inputs))[1]
        return found if query.ndim == 3 else found[None]
    if step.name == "scaled_dot_product_attention" and len(step.inputs) == 3:
        q, k = step.inputs[0].get(), step.inputs[1].get()
        identity = torch.eye(k.shape[-2], dtype=q.dtype, device=q.device).expand(*k.shape[:-1], -1)
        return scaled_dot_product_attention(q, k, identity).mean(1)
    return None
