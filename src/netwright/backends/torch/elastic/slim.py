"""A network cut down: fewer channels, smaller kernels, without some residual branches."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from operator import attrgetter

import torch
from torch import Tensor, fx, nn

from netwright.backends.torch.elastic.sort import State
from netwright.backends.torch.elastic.trace import NORMS, Layout, Trace
from netwright.backends.torch.layers import Conv


def slimmed(
    trace: Trace, state: State, dropped: Sequence[str], kernels: Mapping[str, int], sizes: Mapping[int, int]
) -> nn.Module:
    """On the meta device where that is torch's own. dropped: residual branches that are left out; kernels: sizes by
    convolution; sizes: channels by group."""
    graph = trace.reduced(dropped)
    meta = torch.empty(0).device.type == "meta"

    def count(layout: Layout) -> int:
        group = trace.find(layout.group)
        return layout.spread * sizes.get(group, trace.sizes[group])

    modules: dict[str, nn.Module] = {}
    for node in graph.nodes:
        name = str(node.target)
        if node.op == "get_attr":
            modules[name] = copy.deepcopy(attrgetter(name)(trace.root))
        if node.op != "call_module" or name in modules:
            continue
        if name not in trace.modules:
            modules[name] = copy.deepcopy(trace.root.get_submodule(name))
            continue
        module, held = _copied(trace.modules[name]), dict(state[name])
        made, taken = count(trace.made[name]), count(trace.taken[name])
        _fit(module, held, made, taken, kernels.get(name))
        for key, value in held.items():
            value = value.to("meta") if meta else value.clone(memory_format=torch.contiguous_format)
            if key in module._parameters:
                module._parameters[key] = nn.Parameter(value)
            else:
                module._buffers[key] = value
        modules[name] = module
    return fx.GraphModule(modules, graph, type(trace.root).__name__)


def _copied(module: nn.Module) -> nn.Module:
    """A copy with tensors of its own to come."""
    twin = copy.copy(module)
    for part in ("_parameters", "_buffers", "_modules"):
        twin.__dict__[part] = dict(module.__dict__[part])
    twin.train()
    return twin


def _fit(module: nn.Module, held: dict[str, Tensor], made: int, taken: int, kernel: int | None) -> None:
    """Cuts the tensors, and tells the module its sizes."""
    for key, value in held.items():
        if value.ndim:
            held[key] = value[:made]
    if isinstance(module, NORMS):
        if isinstance(module, nn.LayerNorm):
            module.normalized_shape = (made,)
        else:
            module.num_features = made
        return
    if isinstance(module, nn.Conv2d):
        if type(module) is nn.Conv2d:
            module.__class__ = Conv  # the same, but for what single points need
        depthwise = module.groups > 1
        module.out_channels, module.in_channels = made, taken
        module.groups = made if depthwise else 1
        if not depthwise:
            held["weight"] = held["weight"][:, :taken]
        if kernel is not None and kernel != module.kernel_size[0]:
            rim = (module.kernel_size[0] - kernel) // 2
            held["weight"] = held["weight"][:, :, rim : rim + kernel, rim : rim + kernel]
            module.kernel_size, module.padding = (kernel, kernel), (kernel // 2, kernel // 2)
            module._reversed_padding_repeated_twice = [kernel // 2] * 4
    elif isinstance(module, nn.Linear):
        module.out_features, module.in_features = made, taken
        held["weight"] = held["weight"][:, :taken]
