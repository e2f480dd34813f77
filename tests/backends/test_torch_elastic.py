"""Trained networks of the user's cut down: every part that is left computes what it did."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.backends.torch.count import parameters
from netwright.backends.torch.elastic import original, widths
from netwright.errors import InputError
from netwright.operations import Signature, analyse
from netwright.space import Space, op
from netwright.torch import build, elastic

torch.set_num_threads(1)


class Block(nn.Module):
    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.shortcut = nn.Sequential()
        if stride > 1 or before != after:
            self.shortcut = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 5, padding=2)
        self.blocks = nn.Sequential(Block(16, 16, 1), Block(16, 32, 2), Block(32, 32, 1))
        self.head = nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.blocks(self.stem(x)).mean((2, 3)))


class Inverted(nn.Module):
    """Depthwise convolutions, squeeze-and-excitation, a product with a gate."""

    def __init__(self) -> None:
        super().__init__()
        self.widen = nn.Sequential(nn.Conv2d(3, 24, 1), nn.BatchNorm2d(24), nn.Hardswish())
        self.spatial = nn.Conv2d(24, 24, 5, 2, 2, groups=24)
        self.squeeze, self.excite = nn.Conv2d(24, 8, 1), nn.Conv2d(8, 24, 1)
        self.narrow = nn.Conv2d(24, 12, 1)
        self.head = nn.Linear(12, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.spatial(self.widen(x))
        x = x * torch.sigmoid(self.excite(F.relu(self.squeeze(F.adaptive_avg_pool2d(x, 1)))))
        return self.head(torch.flatten(F.adaptive_avg_pool2d(self.narrow(x), 1), 1))


class Joined(nn.Module):
    """A concatenation, whose channels stay, after convolutions with channels inside that may go."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 8, 3, padding=1))
        self.other = nn.Conv2d(3, 8, 1)
        self.head = nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.cat([self.one(x), self.other(x)], 1).amax((2, 3)))


class Tokens(nn.Module):
    """Linear layers and norms over the last axis, residual."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(3, 32)
        self.norm = nn.LayerNorm(32)
        self.up, self.down = nn.Linear(32, 64), nn.Linear(64, 32)
        self.head = nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x.flatten(2).transpose(1, 2))
        x = x + self.down(F.gelu(self.up(self.norm(x))))
        return self.head(x[:, 0])


def flat() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(4),
        nn.Flatten(),
        nn.BatchNorm1d(16 * 16),
        nn.Linear(16 * 16, 32),
        nn.ReLU(),
        nn.Linear(32, 10),
    )


IMAGE = (3, 16, 16)
CASES = {
    "resnet": (ResNet, IMAGE),
    "inverted": (Inverted, IMAGE),
    "joined": (Joined, IMAGE),
    "tokens": (Tokens, IMAGE),
    "flat": (flat, IMAGE),
}
each = pytest.mark.parametrize(("made", "inputs"), CASES.values(), ids=CASES)


def ready(made, inputs):
    torch.manual_seed(0)
    model = made()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    model.eval()
    return model, elastic(model, torch.zeros(2, *inputs)), Signature(inputs, 10, "classification")


@each
def test_whole_it_is_what_it_was(made, inputs):
    model, space, signature = ready(made, inputs)
    whole = original(space)
    network = build(whole.graph, signature).eval()
    x = torch.randn(4, *inputs)
    torch.testing.assert_close(network(x), model(x), rtol=1e-4, atol=1e-5)
    assert analyse(whole.graph, signature).params == parameters(model)


@each
def test_whatever_is_left_of_it_runs_and_is_counted_exactly(made, inputs):
    _, space, signature = ready(made, inputs)
    rng = np.random.default_rng(0)
    whole = analyse(original(space).graph, signature)
    for _ in range(8):
        architecture = space.sample(rng)
        network, size = build(architecture.graph, signature), analyse(architecture.graph, signature)
        assert network(torch.randn(3, *inputs)).shape == (3, 10)
        assert size.params == parameters(network) <= whole.params
        assert size.flops <= whole.flops
    least = space.decided(lambda decision: len(decision.options) - 1, rng)
    assert analyse(least.graph, signature).params < whole.params / 2


def test_a_dropped_branch_leaves_what_it_was_added_to():
    model, space, signature = ready(ResNet, IMAGE)
    names = [decision.name for decision in space.decisions() if decision.name.startswith("keep")]
    assert len(names) == 2
    lessened = {**original(space).choices, names[1]: 1}
    met = space.decided(lambda decision: lessened.get(decision.name, 0), np.random.default_rng(0))
    nn.init.zeros_(model.blocks[2].bn2.weight)
    nn.init.zeros_(model.blocks[2].bn2.bias)
    x = torch.randn(4, *IMAGE)
    torch.testing.assert_close(build(met.graph, signature).eval()(x), model(x), rtol=1e-4, atol=1e-5)


def test_channels_that_matter_least_go_first():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 1), nn.ReLU(), nn.Flatten(), nn.Linear(16, 10)).eval()
    with torch.no_grad():
        model[0].weight[[0, 2]] = 0.0
        model[0].bias[[0, 2]] = 0.0
    space = elastic(model, torch.zeros(1, 1, 2, 2))
    (name,) = [decision.name for decision in space.decisions()]
    half = space.architecture({name: 2})
    signature = Signature((1, 2, 2), 10, "classification")
    assert analyse(half.graph, signature).params == 2 + 2 + 8 * 10 + 10
    x = torch.randn(3, 1, 2, 2)
    torch.testing.assert_close(build(half.graph, signature).eval()(x), model(x))


def test_kernels_are_cut_around_their_middle():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 3, 5, padding=2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 10)).eval()
    space = elastic(model, torch.zeros(1, 1, 8, 8))
    smaller = space.decided(lambda decision: int(decision.name.startswith("kernel")), np.random.default_rng(0))
    network = build(smaller.graph, Signature((1, 8, 8), 10, "classification"))
    kernels = [module.weight for module in network.modules() if isinstance(module, nn.Conv2d)]
    order = model[0].weight.abs().flatten(1).mean(1).argsort(descending=True)
    torch.testing.assert_close(kernels[0], model[0].weight[order][:, :, 1:4, 1:4])


def test_what_is_joined_side_by_side_keeps_its_width():
    _, space, _ = ready(Joined, IMAGE)
    widths_of = [decision for decision in space.decisions() if decision.name.startswith("width")]
    assert [decision.options for decision in widths_of] == [(16, 12, 8, 4)]


def test_it_goes_to_other_processes():
    _, space, signature = ready(ResNet, IMAGE)
    there = space.sample(np.random.default_rng(3))
    again = pickle.loads(pickle.dumps(there))
    x = torch.randn(2, *IMAGE)
    networks = [build(one.graph, signature).eval() for one in (there, again)]
    torch.testing.assert_close(networks[0](x), networks[1](x))


def test_widths_are_even_where_there_are_many():
    assert widths(64) == (64, 48, 32, 16)
    assert widths(3) == (3, 2, 1)


class Undecided(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x if x.sum() > 0 else -x


@pytest.mark.parametrize(
    ("model", "says"),
    [(Undecided(), "branch on data"), (nn.Linear(4, 10), "can shrink"), (nn.Conv2d(4, 2, 1), "cannot be traced")],
)
def test_what_cannot_be_elastic_is_refused(model, says):
    with pytest.raises(InputError, match=says):
        elastic(model, torch.zeros(1, 4))


def test_other_spaces_have_no_original():
    assert original(Space(op("head"), "plain")) is None
