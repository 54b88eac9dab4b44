"""RAP and RSP against slow references written from the formulas, module by module, in float64."""

from __future__ import annotations

import pytest
import torch
import torchvision
from torch import Tensor, nn
from torch.nn.functional import conv2d, linear

from cxr_desktop.attribution import attribute


def over(a: Tensor, b: Tensor) -> Tensor:
    out = torch.zeros_like(a)
    out[b != 0] = (a / b)[b != 0]
    return out


def pullback(function, x: Tensor, s: Tensor) -> Tensor:
    x = x.detach().requires_grad_()
    return torch.autograd.grad(function(x), x, s)[0]


def total(x: Tensor) -> Tensor:
    return x.sum(tuple(range(1, x.ndim)), keepdim=True)


def shifted(c: Tensor, excess: Tensor) -> Tensor:
    hit = (c != 0).double()
    return c - hit * excess / total(hit)


class Rap:
    def conv(self, m: nn.Module, x: Tensor, r: Tensor, first: bool) -> Tensor:
        def lin(v: Tensor, w: Tensor) -> Tensor:
            if isinstance(m, nn.Linear):
                return linear(v, w)
            return conv2d(v, w, None, m.stride, m.padding, m.dilation, m.groups)

        w = m.weight.detach()
        if first:
            low = torch.full_like(x, float(x.min()))
            high = torch.full_like(x, float(x.max()))
            z = lin(x, w) - lin(low, w.clamp(min=0)) - lin(high, w.clamp(max=0))
            s = over(r, z)
            return (
                x * pullback(lambda v: lin(v, w), x, s)
                - low * pullback(lambda v: lin(v, w.clamp(min=0)), x, s)
                - high * pullback(lambda v: lin(v, w.clamp(max=0)), x, s)
            )
        c = torch.zeros_like(x)
        for v in (x.clamp(min=0), (-x).clamp(min=0)):
            m_ = (r != 0).double()
            a, b = lin(v, w.clamp(min=0)) * m_, lin(v, w.clamp(max=0).abs()) * m_
            some = (a + b != 0).double()
            sa, sb = over(r.clamp(min=0) * some, a), over(r * over(b, a + b), b)
            if isinstance(m, nn.Linear):
                sa = sa + over(r.clamp(max=0) * some, a)
            else:
                sb = sb + over(r.clamp(max=0) * some, b)
            c = c + v * (
                pullback(lambda t: lin(t, w.clamp(min=0)), v, sa)
                + pullback(lambda t: lin(t, w.clamp(max=0).abs()), v, sb)
            )
        return shifted(c, total(c) - total(r))

    def pool(self, m: nn.Module, x: Tensor, r: Tensor) -> Tensor:
        return x * pullback(m, x, over(r, m(x)))

    def add(self, u: Tensor, s: Tensor, r: Tensor) -> tuple[Tensor, Tensor]:
        rate = over(r, u + s)
        return u * rate, s * rate

    def last(self, m: nn.Linear, x: Tensor, target: int) -> Tensor:
        w, b = m.weight.detach()[target], m.bias.detach()[target]
        zpp = (x.clamp(min=0) * w.clamp(min=0)).sum(1, keepdim=True)
        zpn = (x.clamp(min=0) * w.clamp(max=0)).sum(1, keepdim=True)
        znp = (x.clamp(max=0) * w.clamp(min=0)).sum(1, keepdim=True)
        znn = (x.clamp(max=0) * w.clamp(max=0)).sum(1, keepdim=True)
        pos, neg = zpp + znn, zpn + znp
        c = x * w
        c = c + x.clamp(min=0) * w.clamp(min=0) * over(b * over(pos, pos + neg), zpp)
        c = c + x.clamp(min=0) * w.clamp(max=0) * over(b * over(neg, pos + neg), zpn)
        return c.abs() / c.abs().sum(1, keepdim=True) * c.sum(1, keepdim=True)


class Rsp(Rap):
    def conv(self, m: nn.Module, x: Tensor, r: Tensor, first: bool) -> Tensor:
        if first:
            return super().conv(m, x, r, first=True)
        xp, c = x.clamp(min=0), torch.zeros_like(x)
        for sign in (1, -1):
            part = (sign * r).clamp(min=0)
            w = m.weight.detach().requires_grad_()
            (v,) = torch.autograd.grad((conv2d(xp, w, None, m.stride, m.padding) * part).sum(), w)
            g = conv2d(xp, v, None, m.stride, m.padding) * (part != 0)
            back = pullback(lambda t: conv2d(t, v, None, m.stride, m.padding), xp, over(part, g))  # noqa: B023
            c = c + sign * xp * back
        if m.kernel_size == (1, 1):
            return c
        c = 2 * c
        return shifted(c, total(r))

    def pool(self, m: nn.Module, x: Tensor, r: Tensor) -> Tensor:
        return super().pool(m, x + 1e-9, r)

    def add(self, u: Tensor, s: Tensor, r: Tensor) -> tuple[Tensor, Tensor]:
        return super().add(u.clamp(min=0) + 1e-9, s.clamp(min=0) + 1e-9, r)


def chain_back(rules: Rap, layers: list[nn.Module], xs: list[Tensor], r: Tensor) -> Tensor:
    for m, x in reversed(list(zip(layers, xs, strict=True))):
        if isinstance(m, nn.Conv2d | nn.Linear):
            r = rules.conv(m, x, r, first=x.shape[1] == 3)
        elif isinstance(m, nn.MaxPool2d | nn.AdaptiveAvgPool2d):
            r = rules.pool(m, x, r)
        elif isinstance(m, nn.BatchNorm2d):
            r = r * (x * m.weight.detach().view(1, -1, 1, 1) != 0)
        elif isinstance(m, nn.Flatten):
            r = r.view_as(x)
    return r


def trace(layers: list[nn.Module], x: Tensor) -> list[Tensor]:
    xs = []
    for m in layers:
        xs.append(x.detach().clone())
        x = m(x)
    return [*xs, x.detach()]


def randomised(network: nn.Module, seed: int = 0) -> nn.Module:
    generator = torch.Generator().manual_seed(seed)
    for m in network.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.running_mean.copy_(torch.randn(m.num_features, generator=generator) * 0.1)
            m.running_var.copy_(torch.rand(m.num_features, generator=generator) + 0.5)
            m.weight.data.copy_(torch.rand(m.num_features, generator=generator) + 0.5)
            m.bias.data.copy_(torch.randn(m.num_features, generator=generator) * 0.1)
        if isinstance(m, nn.ReLU):
            m.inplace = False
    return network.double().eval()


def distance(a: Tensor, b: Tensor) -> float:
    return float((a - b).norm() / b.norm())


@pytest.fixture(scope="module", params=["vgg16", "vgg16_bn"])
def vgg(request: pytest.FixtureRequest) -> nn.Module:
    torch.manual_seed(1)
    network = torchvision.models.get_model(request.param, weights=None, num_classes=20)
    network.classifier[0] = nn.Linear(512 * 7 * 7, 64)
    network.classifier[3] = nn.Linear(64, 64)
    network.classifier[6] = nn.Linear(64, 20)
    return randomised(network)


@pytest.fixture(scope="module")
def resnet() -> nn.Module:
    torch.manual_seed(2)
    return randomised(torchvision.models.resnet50(weights=None))


IMAGE = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(3)).double() * 2 - 1


def test_rap_on_vgg_is_the_formula(vgg: nn.Module) -> None:
    layers = [*vgg.features, vgg.avgpool, nn.Flatten(), *vgg.classifier]
    xs = trace(layers, IMAGE)
    rules = Rap()
    r = rules.last(layers[-1], xs[-2], target=7)
    expected = chain_back(rules, layers[:-1], xs[:-2], r)
    found = attribute(vgg, IMAGE, 7, "rap", residual="signed", pool="signed")
    assert distance(found, expected) < 1e-6
    assert float(found.sum()) == pytest.approx(float(xs[-1][0, 7]), rel=1e-8)


@pytest.mark.parametrize("hostile", [(), (3, 11)])
def test_rsp_on_vgg_is_the_formula(vgg: nn.Module, hostile: tuple[int, ...]) -> None:
    """Published as from the last rectified convolution, before the last max-pooling."""
    *layers, pool = vgg.features
    xs = trace(layers, IMAGE)
    r = rsp_start(xs[-1], lambda a: vgg.classifier(vgg.avgpool(pool(a)).flatten(1)), 7, hostile)
    expected = chain_back(Rsp(), layers, xs[:-1], r)
    found = attribute(vgg, IMAGE, 7, "rsp", hostile=hostile)
    assert distance(found, expected) < 1e-6
    assert float(found.sum()) == pytest.approx(float(r.sum()), rel=1e-6)


def both_signs() -> nn.Sequential:
    """Convolutions and a dense layer whose inputs no rectifier has made positive."""
    torch.manual_seed(9)
    layers = [nn.Conv2d(3, 6, 3), nn.Conv2d(6, 8, 1), nn.MaxPool2d(2), nn.Conv2d(8, 4, 3), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(4, 7), nn.Linear(7, 5)).double().eval()


class RapByContribution(Rap):
    """The same for inputs of both signs, each product x_i w_ij written out and told by its own sign."""

    def conv(self, m: nn.Module, x: Tensor, r: Tensor, first: bool) -> Tensor:
        if first:
            return super().conv(m, x, r, first)
        dense = isinstance(m, nn.Linear)
        columns = x[:, :, None] if dense else nn.functional.unfold(x, m.kernel_size)
        z = columns[:, None] * m.weight.detach().flatten(1)[None, :, :, None]  # (N, O, I, places)
        plus, minus, r_ = z.clamp(min=0), (-z).clamp(min=0), r.flatten(2) if r.ndim == 4 else r[..., None]
        a, b = plus.sum(2), minus.sum(2)
        sa, sb = over(r_.clamp(min=0), a), over(r_ * over(b, a + b), b)
        if dense:
            sa = sa + over(r_.clamp(max=0), a)
        else:
            sb = sb + over(r_.clamp(max=0), b)
        shares = (plus * sa[:, :, None] + minus * sb[:, :, None]).sum(1)
        c = shares.view_as(x) if dense else nn.functional.fold(shares, x.shape[2:], m.kernel_size)
        return shifted(c, total(c) - total(r))


@pytest.mark.parametrize(("residual", "rules"), [("signed", Rap()), ("magnitude", RapByContribution())])
def test_rap_on_inputs_of_both_signs(residual: str, rules: Rap) -> None:
    """As published in two passes; by default in one, told by the sign of each contribution."""
    layers, x = list(both_signs()), IMAGE[:, :, :8, :8]
    xs = trace(layers, x)
    r = rules.last(layers[-1], xs[-2], target=2)
    expected = chain_back(rules, layers[:-1], xs[:-2], r)
    assert distance(attribute(both_signs(), x, 2, "rap", residual=residual), expected) < 1e-10


def test_rsp_starts_from_a_given_map_of_either_size(vgg: nn.Module) -> None:
    layers = list(vgg.features)
    xs = trace(layers, IMAGE)
    for depth in (len(layers), len(layers) - 1):
        start = torch.rand(xs[depth].shape, generator=torch.Generator().manual_seed(8)).double() - 0.3
        expected = chain_back(Rsp(), layers[:depth], xs[:depth], start)
        assert distance(attribute(vgg, IMAGE, 7, "rsp", start=start), expected) < 1e-6


def rsp_start(a: Tensor, head, target: int, hostile: tuple[int, ...]) -> Tensor:
    def weighted(k: int) -> Tensor:
        leaf = a.detach().requires_grad_()
        (g,) = torch.autograd.grad(head(leaf)[0, k], leaf)
        found = a * g.mean((2, 3), keepdim=True)
        return found / found.max()

    if not hostile:
        return weighted(target)
    rel = len(hostile) * weighted(target) - sum(weighted(k) for k in hostile)
    pos, neg = rel.clamp(min=0), rel.clamp(max=0).abs()
    plane = (pos / pos.sum() - neg / neg.sum()).sum(1, keepdim=True)
    plane = (
        plane.clamp(min=0) * 2 / plane.clamp(min=0).sum()
        + plane.clamp(max=0) / plane.clamp(max=0).abs().sum()
    )
    return (plane / a.shape[1]).expand_as(a)


def resnet_back(rules: Rap, network: nn.Module, xs: list[Tensor], blocks: list, r: Tensor) -> Tensor:
    for block, x in reversed(blocks):
        main = [
            block.conv1,
            block.bn1,
            block.relu,
            block.conv2,
            block.bn2,
            block.relu,
            block.conv3,
            block.bn3,
        ]
        side = list(block.downsample) if block.downsample is not None else []
        mains, sides = trace(main, x), trace(side, x)
        ru, rs = rules.add(mains[-1], sides[-1], r)
        r = chain_back(rules, main, mains[:-1], ru) + chain_back(rules, side, sides[:-1], rs)
    return chain_back(rules, [network.conv1, network.bn1, network.relu, network.maxpool], xs, r)


@pytest.fixture(scope="module")
def resnet_trace(resnet: nn.Module) -> tuple:
    stem = trace([resnet.conv1, resnet.bn1, resnet.relu, resnet.maxpool], IMAGE)
    x, blocks = stem[-1], []
    for block in [*resnet.layer1, *resnet.layer2, *resnet.layer3, *resnet.layer4]:
        blocks.append((block, x))
        x = block(x).detach()
    return stem[:-1], blocks, x


def test_rap_on_resnet_is_the_formula(resnet: nn.Module, resnet_trace: tuple) -> None:
    stem, blocks, a = resnet_trace
    rules = Rap()
    pooled = resnet.avgpool(a)
    r = rules.last(resnet.fc, pooled.flatten(1), target=5)
    r = rules.pool(resnet.avgpool, a, r.view_as(pooled))
    expected = resnet_back(rules, resnet, stem, blocks, r)
    found = attribute(resnet, IMAGE, 5, "rap", residual="signed", pool="signed")
    assert distance(found, expected) < 1e-5


@pytest.mark.parametrize("hostile", [(), (9,)])
def test_rsp_on_resnet_is_the_formula(
    resnet: nn.Module, resnet_trace: tuple, hostile: tuple[int, ...]
) -> None:
    stem, blocks, a = resnet_trace
    r = rsp_start(a, lambda t: resnet.fc(resnet.avgpool(t).flatten(1)), 5, hostile)
    expected = resnet_back(Rsp(), resnet, stem, blocks, r)
    found = attribute(resnet, IMAGE, 5, "rsp", hostile=hostile)
    assert distance(found, expected) < 1e-5
