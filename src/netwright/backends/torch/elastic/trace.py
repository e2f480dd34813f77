"""What a network is made of and which of its channels must keep step with each other."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import fx, nn
from torch.fx.passes.shape_prop import ShapeProp
from torch.nn import functional as F

from netwright.errors import InputError

WEIGHTED = (nn.Conv2d, nn.Linear)
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm)
_SAME_MODULES = (
    *(nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Mish, nn.Sigmoid, nn.Tanh, nn.Hardswish),
    *(nn.Hardsigmoid, nn.Dropout, nn.Dropout2d, nn.Identity, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d),
    *(nn.AdaptiveMaxPool2d, nn.Upsample),
)
_SAME_FUNCTIONS = {
    *(torch.relu, torch.sigmoid, torch.tanh, F.relu, F.relu6, F.leaky_relu, F.elu, F.gelu, F.silu, F.mish, F.hardswish),
    *(F.hardsigmoid, F.sigmoid, F.tanh, F.dropout, F.max_pool2d, F.avg_pool2d, F.adaptive_avg_pool2d, F.interpolate),
}
_SAME_METHODS = {"relu", "sigmoid", "tanh", "contiguous", "float", "clone", "relu_"}
_TOGETHER = {operator.add, operator.iadd, operator.mul, operator.imul, torch.add, torch.mul}
_TOGETHER_METHODS = {"add", "add_", "mul", "mul_"}
_ADDS = {operator.add, operator.iadd, torch.add, "add", "add_"}
_RESHAPES = {torch.flatten, "flatten", "view", "reshape"}
_REDUCES = {torch.mean, "mean", "amax", torch.amax}


class Layout(NamedTuple):
    """Which channels a tensor has: those of a group, along an axis, each `spread` times in a row."""

    group: int
    axis: int = 1
    spread: int = 1


@dataclass
class Trace:
    """graph: of the network; modules: those with weights or norms that are called in it, by name; made, taken: the
    channels that each makes and takes; sizes: channels of each group; fixed: groups that keep them; branches: names of
    the sums that a residual branch can be left out of -> the node that is left; kernels: sizes that convolutions may
    have."""

    graph: fx.Graph
    root: nn.Module
    modules: dict[str, nn.Module] = field(default_factory=dict)
    made: dict[str, Layout] = field(default_factory=dict)
    taken: dict[str, Layout] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    fixed: set[int] = field(default_factory=set)
    branches: dict[str, str] = field(default_factory=dict)
    kernels: dict[str, tuple[int, ...]] = field(default_factory=dict)
    _merged: dict[int, int] = field(default_factory=dict)

    def find(self, group: int) -> int:
        while group in self._merged:
            group = self._merged[group]
        return group

    def join(self, one: int, other: int) -> None:
        """Makes one group of two; fixed if one of them is."""
        one, other = self.find(one), self.find(other)
        if one != other:
            self._merged[max(one, other)] = min(one, other)
            if {one, other} & self.fixed:
                self.fixed.add(min(one, other))

    @property
    def free(self) -> list[int]:
        """The groups that may shrink, in the order in which they are met."""
        groups = dict.fromkeys(self.find(layout.group) for layout in self.made.values())
        return [group for group in groups if group not in self.fixed and self.sizes[group] > 1]

    def makers(self, group: int) -> list[str]:
        """The modules whose outputs are a group's channels."""
        return [name for name, layout in self.made.items() if self.find(layout.group) == group]

    def reduced(self, dropped: Sequence[str]) -> fx.Graph:
        """A copy of the graph without some residual branches."""
        graph = fx.Graph()
        copies: dict[fx.Node, fx.Node] = {}
        output = graph.graph_copy(self.graph, copies)
        graph.output(output)
        by_name = {node.name: copy for node, copy in copies.items()}
        for branch in dropped:
            by_name[branch].replace_all_uses_with(by_name[self.branches[branch]])
        graph.eliminate_dead_code(_stays)
        return graph

    def alive(self, dropped: Sequence[str]) -> set[str]:
        """The modules that are still called without some residual branches."""
        graph = self.reduced(dropped) if dropped else self.graph
        return {str(node.target) for node in graph.nodes if node.op == "call_module"}


class _Tracer(fx.Tracer):
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Subclasses of torch's layers, too, are layers."""
        return isinstance(m, (*WEIGHTED, *NORMS)) or super().is_leaf_module(m, module_qualified_name)


def trace(model: nn.Module, example: torch.Tensor) -> Trace:
    """Raises InputError where the network cannot be traced or does not take the example."""
    training = model.training
    model.eval()
    try:
        graph = _Tracer().trace(model)
        with torch.no_grad():
            ShapeProp(fx.GraphModule(model, graph)).propagate(example)
    except Exception as error:
        title = type(model).__name__
        raise InputError(
            f"{title} cannot be traced: {str(error).splitlines()[0]}", "its forward() must not branch on data"
        ) from error
    finally:
        model.train(training)
    found = Trace(graph, model)
    layouts: dict[fx.Node, Layout | None] = {}
    for node in graph.nodes:
        layouts[node] = _follow(found, node, layouts)
    found.branches = dict(_branches(graph))
    return found


def _follow(found: Trace, node: fx.Node, layouts: dict[fx.Node, Layout | None]) -> Layout | None:
    """The layout of what a node makes; groups that meet something unknown are fixed."""
    sources = [source for source in node.all_input_nodes if layouts.get(source) is not None]
    given = [layouts[source] for source in sources]
    first = given[0] if given else None
    what = node.target
    if node.op == "call_module":
        module = found.root.get_submodule(str(what))
        if first is not None and len(given) == 1 and isinstance(module, (*WEIGHTED, *NORMS)):
            layout = _through(found, str(what), module, first, _shape(sources[0]))
            if layout is not None:
                return layout
        if first is not None and isinstance(module, _SAME_MODULES):
            return first
        if first is not None and isinstance(module, nn.Flatten):
            return _flattened(found, first, _shape(sources[0]), _shape(node))
    elif node.op == "placeholder":
        return _new(found, _shape(node)[1], fixed=True) if len(_shape(node)) > 1 else None
    elif first is not None and (what in _SAME_FUNCTIONS or (node.op == "call_method" and what in _SAME_METHODS)):
        return first
    elif first is not None and (what in _TOGETHER or (node.op == "call_method" and what in _TOGETHER_METHODS)):
        return _together(found, [layout for layout in given if layout is not None], [_shape(one) for one in sources])
    elif first is not None and len(given) == 1 and what in _RESHAPES:
        return _flattened(found, first, _shape(sources[0]), _shape(node))
    elif first is not None and len(given) == 1 and what in _REDUCES and _keeps_axis(first, sources[0], node):
        return first
    for layout in given:
        assert layout is not None
        found.fixed.add(found.find(layout.group))
    shape = _shape(node)
    return _new(found, shape[1], fixed=True) if len(shape) > 1 and node.op != "output" else None


def _through(found: Trace, name: str, module: nn.Module, taken: Layout, shape: Sequence[int]) -> Layout | None:
    """The channels that a layer makes of those that it takes; None where they do not come as it needs them."""
    again = name in found.modules
    if isinstance(module, nn.Conv2d):
        if taken.axis != 1 or taken.spread != 1 or module.groups not in (1, module.in_channels):
            return None
        depthwise = module.groups > 1
        if depthwise and module.out_channels != module.in_channels:
            return None
        made = taken if depthwise else _new(found, module.out_channels)
        if sizes := _kernels(module):
            found.kernels[name] = sizes
    elif isinstance(module, nn.Linear):
        if taken.axis != len(shape) - 1:
            return None
        made = _new(found, module.out_features)._replace(axis=len(shape) - 1)
    else:
        across = taken.axis == (len(shape) - 1 if isinstance(module, nn.LayerNorm) else 1)
        if not across or (isinstance(module, nn.LayerNorm) and len(module.normalized_shape) != 1):
            return None
        made = taken
    if again:
        found.join(found.made[name].group, made.group)
        found.join(found.taken[name].group, taken.group)
        if found.taken[name].spread != taken.spread:
            return None
    found.modules[name], found.made[name], found.taken[name] = module, made, taken
    return made


def _kernels(conv: nn.Conv2d) -> tuple[int, ...]:
    """Sizes that a square convolution may have, its own first, without a change of the output's size."""
    size = conv.kernel_size[0]
    centred = conv.padding == (size // 2, size // 2) and conv.padding_mode == "zeros" and conv.dilation == (1, 1)
    if conv.kernel_size != (size, size) or size % 2 == 0 or size < 3 or not centred:
        return ()
    least = 1 if size == 3 and conv.groups == 1 else 3
    sizes = tuple(range(size, least - 1, -2))
    return sizes if len(sizes) > 1 else ()


def _new(found: Trace, size: int, fixed: bool = False) -> Layout:
    group = len(found.sizes)
    found.sizes[group] = int(size)
    if fixed:
        found.fixed.add(group)
    return Layout(group)


def _flattened(found: Trace, layout: Layout, before: Sequence[int], after: Sequence[int]) -> Layout:
    """Of (B, C, ...) as (B, C * ...): each channel as often as it has places."""
    whole = 1
    for size in before[1:]:
        whole *= size
    if layout.axis == 1 and len(after) == 2 and after[1] == whole:
        return layout._replace(spread=layout.spread * (whole // before[1]))
    found.fixed.add(found.find(layout.group))
    return _new(found, after[1] if len(after) > 1 else 1, fixed=True)


def _together(found: Trace, layouts: Sequence[Layout], shapes: Sequence[Sequence[int]]) -> Layout:
    """Of a sum or product, whose parts have the same channels."""
    first = layouts[0]
    alike = {(layout.axis, layout.spread, shape[layout.axis]) for layout, shape in zip(layouts, shapes, strict=True)}
    for layout in layouts:
        if len(alike) == 1:
            found.join(first.group, layout.group)
        else:
            found.fixed.add(found.find(layout.group))
    return first


def _keeps_axis(layout: Layout, source: fx.Node, node: fx.Node) -> bool:
    """Whether a mean or maximum over positions leaves the channels where they are."""
    before, after = _shape(source), _shape(node)
    return layout.axis == 1 and layout.spread == 1 and len(after) > 1 and after[:2] == before[:2]


def _stays(node: fx.Node) -> bool:
    """Whether a node matters though nothing uses what it makes: where it writes into its input."""
    written = node.op == "call_method" and str(node.target).endswith("_")
    return node.op in ("placeholder", "output") or written


def _shape(node: fx.Node) -> tuple[int, ...]:
    return tuple(getattr(node.meta.get("tensor_meta"), "shape", ()))


def _branches(graph: fx.Graph) -> Iterator[tuple[str, str]]:
    """Sums of something and what was made of it: the sum's name, and that of what is left without the branch."""
    for node in graph.nodes:
        if node.target not in _ADDS or len(node.all_input_nodes) != 2:
            continue
        for left, branch in (node.all_input_nodes, node.all_input_nodes[::-1]):
            inside = _between(left, branch)
            if inside and _shape(left) == _shape(node) and _ends_in(inside, node):
                yield node.name, left.name
                break


def _between(left: fx.Node, branch: fx.Node) -> set[fx.Node]:
    """The nodes that lead from one to the other; none where the second is not made of the first alone."""
    inside: set[fx.Node] = set()
    waiting: list[Any] = [branch]
    while waiting:
        node = waiting.pop()
        if node is left or node in inside:
            continue
        if node.op == "placeholder":
            return set()
        inside.add(node)
        waiting += node.all_input_nodes
    return inside


def _ends_in(inside: set[fx.Node], end: fx.Node) -> bool:
    """Whether nothing else uses what is inside."""
    return all(user is end or user in inside for node in inside for user in node.users)
