"""How a radiograph becomes the network's input; written into model.toml as it stands here."""

from cxr_desktop.classifiers.card import Fit, InputSpec, Normalisation

SIZE = 320
SPEC = InputSpec(
    height=SIZE,
    width=SIZE,
    channels=3,
    fit=Fit.LETTERBOX,
    normalisation=Normalisation.PERCENTILE,
    percentiles=(0.5, 99.5),
    mean=(0.5, 0.5, 0.5),
    std=(0.25, 0.25, 0.25),
)
