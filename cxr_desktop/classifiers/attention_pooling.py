"""A head that averages the last feature map by where its own label is evident."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn.functional import linear

from cxr_desktop.domain.errors import ModelError


class AttentionPooling(nn.Module):
    """logit = W sum_p softmax_p(sharpness * W f_p) f_p + b, over the places p of the last feature map f.

    In between global average pooling (sharpness 0) and the strongest place alone: a small opacity
    is not watered down by the rest of the chest. network: a timm classifier with one logit.
    Raises ModelError for another number of logits or a network without a single dense classifier.
    Source: Ilse et al., ICML 2018, with the classifier itself as the attention.
    """

    def __init__(self, network: nn.Module, sharpness: float) -> None:
        super().__init__()
        self.network: Any = network
        self.sharpness = sharpness
        dense = getattr(network, "get_classifier", lambda: None)()
        if not isinstance(dense, nn.Linear) or dense.out_features != 1:
            raise ModelError("attention pooling needs a timm network with one dense layer and one label")

    def forward(self, images: Tensor) -> Tensor:
        """(N, C, H, W) to (N, 1)."""
        features = self.network.forward_features(images)
        dense = self._dense()
        evidence = linear(features.flatten(2).transpose(1, 2), dense.weight)
        attention = (self.sharpness * evidence).softmax(1).transpose(1, 2)
        attention = attention.reshape(len(features), 1, *features.shape[2:])
        return linear((features * attention).sum((2, 3)), dense.weight, dense.bias)

    def _dense(self) -> nn.Linear:
        dense: nn.Linear = self.network.get_classifier()
        return dense
