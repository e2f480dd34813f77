"""Counting modules that aren't made of operations."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.backends.torch.count import flops, footprint, parameters, without_data

torch.set_num_threads(1)


class Attention(nn.Module):
    """(B, T, D) -> (B, T, D), one head, no projections."""

    def forward(self, x: Tensor) -> Tensor:
        return F.scaled_dot_product_attention(x, x, x)


class Tokens(nn.Module):
    """(B, T * D) -> what `inner` makes of (B, T, D), flattened."""

    def __init__(self, inner: nn.Module, tokens: int) -> None:
        super().__init__()
        self.inner, self.tokens = inner, tokens

    def forward(self, x: Tensor) -> Tensor:
        made = self.inner(x.unflatten(1, (self.tokens, -1)))
        return (made[0] if isinstance(made, tuple) else made).flatten(1)


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_attention_counts_as_its_matrix_products(device):
    with torch.device(device):
        module = Tokens(Attention(), 6)
    assert flops(module, (6 * 8,)) == 2 * 6 * 6 * 8


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_recurrent_layers_count_as_their_matrix_products(device):
    with torch.device(device):
        module = Tokens(nn.LSTM(5, 7, batch_first=True), 6)
    counted = footprint(module, (30,))
    assert counted.shape == (42,)
    assert counted.params == 4 * 7 * (5 + 7 + 2)
    assert counted.flops == 6 * 4 * 7 * (5 + 7)


def test_frozen_and_tied_parameters():
    first, second = nn.Linear(4, 4), nn.Linear(4, 4)
    second.weight = first.weight
    first.bias.requires_grad_(False)
    assert parameters(nn.Sequential(first, second)) == 16 + 4


def test_counting_changes_nothing():
    module = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)).train()
    before = {key: value.clone() for key, value in module.state_dict().items()}
    footprint(module, (3, 4, 4))
    assert module.training
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())
    assert not module[0]._forward_hooks


class NeedsNumbers(nn.Module):
    """Decides on its weights' values, which the meta device does not have."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 2)
        self.scale = self.layer.weight.abs().max().item()

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x) * self.scale


def test_modules_that_need_real_numbers_are_counted_on_the_cpu():
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    counted = without_data(lambda: footprint(NeedsNumbers(), (4,)))
    assert (counted.shape, counted.params, counted.flops) == ((2,), 10, 8)
    assert torch.equal(torch.rand(1), expected)
