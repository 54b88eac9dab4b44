"""The methods that come with the program, as a table; imports no torch."""

from __future__ import annotations

from cxr_desktop.attribution.method_info import Family, MethodInfo, Option

_SEED = Option("seed", 0, "of the random draws", minimum=0)
_STEPS = Option("steps", 50, "nodes of the quadrature", minimum=1, maximum=1000)
_FORMS = ("magnitude", "signed")
_THROUGH = Option(
    "through", None, "(layer, channel or channels): relevance that flows through those units alone"
)
_START = Option(
    "start", "logit", "what is shared out; 'magnitude' for the logit without its sign", ("logit", "magnitude")
)
_EPSILON = Option("epsilon", 1e-6, "stabiliser of the denominator", minimum=0.0, maximum=10.0)

METHODS: tuple[MethodInfo, ...] = (
    MethodInfo(
        "saliency", "Saliency", Family.GRADIENT, "Simonyan et al., ICLR workshop 2014",
        "|dy/dx|", "gradient", signed=False,
    ),
    MethodInfo(
        "input_x_gradient", "Input x gradient", Family.GRADIENT, "Shrikumar et al., 2016",
        "x dy/dx", "gradient", signed=True,
    ),
    MethodInfo(
        "smoothgrad", "SmoothGrad", Family.GRADIENT, "Smilkov et al., 2017",
        "mean over noisy x of |dy/dx|", "gradient", signed=False, cost="samples",
        options=(
            Option("samples", 25, "noisy copies", minimum=1, maximum=1000),
            Option("noise", 0.15, "standard deviation as a share of the image's range", minimum=0.0, maximum=1.0),
            _SEED,
        ),
    ),
    MethodInfo(
        "integrated_gradients", "Integrated gradients", Family.GRADIENT, "Sundararajan et al., ICML 2017",
        "(x - x0) integral of dy/dx from x0 to x", "gradient", signed=True, sums_to="y(x) - y(x0)", cost="steps",
        options=(
            _STEPS,
            Option("baseline", None, "gray value of x0; None for the image's own minimum, black"),
            Option("adaptive", False, "few nodes, and more where needed, until the gap is small", (False, True)),
            Option("tolerance", 0.01, "gap that adaptive steps stop at", minimum=1e-6, maximum=1.0),
            Option("max_steps", 400, "most nodes of adaptive steps", minimum=1, maximum=10000),
            Option("batch", 8, "images at a time; fewer where memory is short", minimum=1, maximum=512),
        ),
    ),
    MethodInfo(
        "guided_backprop", "Guided backpropagation", Family.GRADIENT, "Springenberg et al., ICLR workshop 2015",
        "gradient with negative parts cut at every rectifier", "gradient", signed=True, cost="1.5",
    ),
    MethodInfo(
        "deeplift", "DeepLIFT (rescale)", Family.GRADIENT, "Shrikumar et al., ICML 2017",
        "(x - x0) multipliers; slope between input and baseline at every non-linearity",
        "gradient", signed=True, sums_to="y(x) - y(x0)", cost="3",
        options=(Option("baseline", None, "gray value of x0; None for the image's own minimum, black"),),
    ),
    MethodInfo(
        "cam", "CAM", Family.CAM, "Zhou et al., CVPR 2016",
        "sum_k w_k A_k", "feature map", signed=True, cost="0.5",
    ),
    MethodInfo(
        "gradcam", "Grad-CAM", Family.CAM, "Selvaraju et al., ICCV 2017",
        "relu(sum_k mean(dy/dA_k) A_k)", "feature map", signed=False, cost="0.5",
    ),
    MethodInfo(
        "gradcam++", "Grad-CAM++", Family.CAM, "Chattopadhay et al., WACV 2018",
        "relu(sum_k sum(alpha_k relu(dy/dA_k)) A_k)", "feature map", signed=False, cost="0.5",
    ),
    MethodInfo(
        "layercam", "LayerCAM", Family.CAM, "Jiang et al., TIP 2021",
        "relu(sum_k relu(dy/dA_k) A_k)", "feature map", signed=False, cost="0.5",
    ),
    MethodInfo(
        "scorecam", "Score-CAM", Family.CAM, "Wang et al., CVPR workshops 2020",
        "relu(sum_k softmax_k(y(x mask_k)) A_k)", "feature map", signed=False, cost="channels / 2",
        options=(Option("channels", 128, "channels tried, the most active first", minimum=1, maximum=4096),),
    ),
    MethodInfo(
        "epsilon", "LRP epsilon", Family.PROPAGATION, "Bach et al., PLoS ONE 2015",
        "C = x W^T(R / (z + eps sign z)), in float64", "rules", signed=True, cost="2.5", options=(_EPSILON, _THROUGH),
    ),
    MethodInfo(
        "alpha2beta1", "LRP alpha 2 beta 1", Family.PROPAGATION, "Bach et al., PLoS ONE 2015",
        "C = 2 share of positive - 1 share of negative contributions; dense layers epsilon",
        "rules", signed=True, cost="2.5",
        options=(_THROUGH,),
    ),
    MethodInfo(
        "epsilon_plus", "LRP epsilon-plus", Family.PROPAGATION, "Montavon et al., 2019",
        "convolutions z-plus, dense layers epsilon", "rules", signed=True, cost="2", options=(_EPSILON, _THROUGH),
    ),
    MethodInfo(
        "epsilon_plus_flat", "LRP epsilon-plus-flat", Family.PROPAGATION, "Lapuschkin et al., 2019",
        "as epsilon-plus, first layer flat", "rules", signed=True, cost="2", options=(_EPSILON, _THROUGH),
    ),
    MethodInfo(
        "epsilon_gamma_box", "LRP epsilon-gamma-box", Family.PROPAGATION, "Montavon et al., 2019",
        "convolutions gamma, dense layers epsilon, first layer z-beta between the image's extremes",
        "rules", signed=True, cost="4",
        options=(
            _EPSILON,
            Option("gamma", 0.25, "favour of the output's own sign", minimum=0.0, maximum=100.0),
            _THROUGH,
        ),
    ),
    MethodInfo(
        "excitation_backprop", "Excitation backpropagation", Family.PROPAGATION, "Zhang et al., IJCV 2018",
        "z-plus in every layer", "rules", signed=False, cost="2",
        options=(_START, _THROUGH),
    ),
    MethodInfo(
        "contrastive", "Contrastive LRP", Family.PROPAGATION, "Gu et al., ACCV 2018",
        "epsilon-plus from y_t at the target and -y_t / (K - 1) at each other class",
        "rules", signed=True, cost="2", options=(_EPSILON, _THROUGH), classes=2,
    ),
    MethodInfo(
        "attribution_equilibrium", "Attribution Equilibrium", Family.PROPAGATION, "Nam and Lee, arXiv:2205.11109",
        "a class map carried back with evidence for and against in balance, inactive places against",
        "rules", signed=True, cost="4",
        options=(Option("ratio", 2.0, "weight of the evidence for the class", minimum=1.0, maximum=2.0), _THROUGH),
    ),
    MethodInfo(
        "rap", "Relative Attributing Propagation", Family.PROPAGATION, "Nam et al., AAAI 2020, arXiv:1904.00605",
        "share by contributions of either sign, then shift evenly so that the sum is kept",
        "rules", signed=True, sums_to="y(x)", cost="2.5",
        options=(
            Option("residual", "magnitude", "share of a residual sum; 'signed' as published, two passes too", _FORMS),
            Option("pool", "magnitude", "share of an average pool; 'signed' as published", _FORMS),
            _START,
            _THROUGH,
        ),
    ),
    MethodInfo(
        "rsp", "Relative Sectional Propagation", Family.PROPAGATION, "Nam et al., AAAI 2021, arXiv:2012.03434",
        "a class map at the last feature map, carried back through each image's own weight gradients",
        "rules", signed=True, sums_to="the start map's sum", cost="2.5",
        options=(
            Option("hostile", (), "indices of the competing classes to set the target against"),
            Option("start", None, "(N, C, h, w) map to start from, at the deepest feature map of that shape"),
            _THROUGH,
        ),
    ),
    MethodInfo(
        "occlusion", "Occlusion", Family.PERTURBATION, "Zeiler and Fergus, ECCV 2014",
        "fall of y where a square is covered", "forward", signed=True, cost="(H W / stride^2) / 2",
        options=(
            Option("window", 32, "side of the square in pixels of the model input", minimum=1, maximum=1024),
            Option("stride", 16, "step in pixels of the model input", minimum=1, maximum=1024),
        ),
    ),
    MethodInfo(
        "rise", "RISE", Family.PERTURBATION, "Petsiuk et al., BMVC 2018",
        "mean of random masks weighted by the y they leave", "forward", signed=True, cost="masks / 2",
        options=(
            Option("masks", 400, "random masks", minimum=2, maximum=20000),
            Option("cells", 8, "grid of a mask", minimum=2, maximum=64),
            Option("keep", 0.5, "share of cells left open", minimum=0.05, maximum=0.95),
            _SEED,
        ),
    ),
    MethodInfo(
        "rollout", "Attention rollout", Family.ATTENTION, "Abnar and Zuidema, ACL 2020",
        "product over layers of (attention + identity) / 2, row of the class token",
        "attention", signed=False, cost="0.6",
    ),
)  # fmt: skip
