"""In which precision a network trains on a CPU."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from netwright.backends.torch import device
from netwright.backends.torch.layers import Conv, Linear

CPU = torch.device("cpu")
DENSE, DEPTHWISE, POINTWISE = Conv(32, 32, 3), Conv(32, 32, 5, groups=32), Conv(32, 32, 1)


@pytest.mark.parametrize(
    ("layers", "dtype"),
    [
        ([DENSE, POINTWISE], torch.bfloat16),
        ([DENSE, DENSE, DEPTHWISE], torch.bfloat16),
        ([DENSE, DEPTHWISE, Conv(32, 320, 1)], torch.float32),
        ([DEPTHWISE, POINTWISE], torch.float32),
        ([Linear(4, 4)], torch.float32),
    ],
)
def test_bfloat16_where_ordinary_convolutions_prevail(
    layers: list[nn.Module], dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "_cpu_multiplies_bfloat16", lambda: True)
    assert device.precision_for(nn.ModuleList(layers), CPU) == dtype


def test_float32_where_the_processor_has_no_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_cpu_multiplies_bfloat16", lambda: False)
    assert device.precision_for(nn.Sequential(DENSE), CPU) == torch.float32


def test_convolutions_with_groups_stay_in_float32() -> None:
    x = torch.randn(2, 32, 8, 8)
    with device.precision(torch.bfloat16, CPU):
        dense, depthwise = DENSE(x), DEPTHWISE(x)
    assert (dense.dtype, depthwise.dtype) == (torch.bfloat16, torch.float32)
    torch.testing.assert_close(depthwise, DEPTHWISE(x))
