"""The weight bank: any two networks of any space share what they have in common, and training one trains the bank."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.func import functional_call

from netwright import spaces
from netwright.backends.torch.build import build
from netwright.backends.torch.count import parameters
from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Space, chain, choice, dag, integer, op, optional, parallel, repeat
from netwright.spaces.darts import darts
from netwright.supernet.bank import Bank
from netwright.supernet.part import carry, covers, inherit, part, union
from netwright.torch import searchable

torch.set_num_threads(1)
IMAGES, VECTORS = Signature((3, 16, 16), 5), Signature((13,), 3)


def everything() -> Space:
    """Every kind of structure node, and every elastic attribute."""
    layer = choice(
        op("conv", kernel=choice(1, 3, 5), channels=choice(8, 12, 16)),
        op("sepconv", kernel=choice(3, 5), channels=choice(8, 16)),
        op("resblock", channels=choice(8, 12), se=choice(False, True)),
        op("bottleneck", channels=choice(8, 16), ratio=choice(0.25, 0.5)),
        op("convnext", channels=choice(8, 16), expansion=choice(2, 4)),
        op("mbconv", kernel=choice(3, 5), expansion=choice(1, 2, 4), se=choice(False, True)),
    )
    cell = dag(3, edge=choice(op("identity"), op("conv", kernel=3), op("none")), inputs=(1, 2))
    return Space(
        chain(
            stem=op("conv", kernel=3, channels=choice(8, 16)),
            layers=repeat(layer, integer(1, 3)),
            maybe=optional(op("squeeze-excite")),
            wide=parallel(op("conv", kernel=choice(3, 5), channels=8), op("max-pool", stride=1), merge="concat"),
            cell=cell,
            shared=repeat(op("conv", kernel=choice(1, 3)), integer(1, 2), share=True),
            head=op("head"),
        ),
        name="everything",
    )


CASES = [
    (everything(), IMAGES),
    (spaces.get("mobile", IMAGES), IMAGES),
    (spaces.get("resnet", IMAGES), IMAGES),
    (spaces.get("nb201", IMAGES), IMAGES),
    (spaces.get("vit", IMAGES), IMAGES),
    (spaces.get("hybrid", IMAGES), IMAGES),
    (darts(IMAGES, channels=4, cells=3), IMAGES),
    (spaces.get("mlp", VECTORS), VECTORS),
]
each_space = pytest.mark.parametrize(("space", "signature"), CASES, ids=[space.name for space, _ in CASES])


def graphs(space: Space, count: int):
    rng = np.random.default_rng(0)
    return [space.sample(rng).graph for _ in range(count)]


def near(one: Tensor, other: Tensor) -> None:
    """Equal but for the order of summation, which the layout of memory decides."""
    torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4 * float(other.detach().abs().max()) + 1e-6)


def batch(signature: Signature):
    return torch.randn(4, *signature.inputs, generator=torch.Generator().manual_seed(0))


@each_space
def test_a_network_on_the_bank_computes_what_it_would_alone(space, signature):
    bank = Bank(signature)
    for graph in graphs(space, 5):
        bank.bind(graph)
    for graph in graphs(space, 5):
        bound = bank.bind(graph).eval()
        alone = build(graph, signature).eval()
        alone.load_state_dict(bound.state_dict())
        near(bound(batch(signature)), alone(batch(signature)))


@each_space
def test_weights_and_statistics_are_the_banks_own(space, signature):
    bank = Bank(signature)
    for graph in graphs(space, 6):
        bound = bank.bind(graph)
        kept = bank.weights | bank.statistics
        for name, tensor in bound.state_dict().items():
            assert tensor.untyped_storage().data_ptr() == kept[name].untyped_storage().data_ptr()


@each_space
def test_gradients_are_those_of_parts_of_the_banks_tensors(space, signature):
    bank = Bank(signature)
    for graph in graphs(space, 4):
        bank.bind(graph)
    for graph in graphs(space, 2):
        bound = bank.bind(graph).eval()
        bound(batch(signature)).square().sum().backward()
        bank.collect(bound)
        found = {name: weight.grad for name, weight in bank.weights.items() if weight.grad is not None}
        for weight in bank.weights.values():
            weight.grad = None
        alone = build(graph, signature).eval()
        alone.load_state_dict(bound.state_dict())
        parts = {name: part(bank.weights[name], weight.shape) for name, weight in alone.named_parameters()}
        functional_call(alone, parts, batch(signature)).square().sum().backward()
        for name, weight in bank.weights.items():
            if weight.grad is None:
                assert name not in found or not found[name].any()
            else:
                near(found[name], weight.grad)
            weight.grad = None


@each_space
def test_growing_keeps_what_is_there(space, signature):
    bank = Bank(signature)
    for graph in graphs(space, 5):
        before = {name: tensor.clone() for name, tensor in bank.state_dict().items()}
        bank.bind(graph)
        after = bank.state_dict()
        for name, tensor in before.items():
            assert covers(after[name].shape, tensor.shape)
            torch.testing.assert_close(part(after[name], tensor.shape), tensor)


@each_space
def test_a_network_inherits_all_of_its_own_kind(space, signature):
    one, other, *_ = graphs(space, 2)
    parent, twin = build(one, signature, seed=1), build(one, signature, seed=2)
    assert inherit(twin, parent.state_dict()) == len(parent.state_dict())
    near(twin.eval()(batch(signature)), parent.eval()(batch(signature)))
    child = build(other, signature, seed=3)
    inherit(child, parent.state_dict())
    for name, tensor in child.state_dict().items():
        source = parent.state_dict().get(name)
        if source is not None:
            common = [min(pair) for pair in zip(source.shape, tensor.shape, strict=True)]
            torch.testing.assert_close(part(tensor, common), part(source, common))


def test_a_bank_is_the_same_for_a_seed():
    def made(seed: int):
        bank = Bank(IMAGES, seed)
        for graph in graphs(everything(), 5):
            bank.bind(graph)
        return bank.state_dict()

    first, again, other = made(0), made(0), made(1)
    assert all(torch.equal(tensor, again[name]) for name, tensor in first.items())
    assert not all(torch.equal(tensor, other[name]) for name, tensor in first.items())


def test_a_bank_comes_back_from_its_file(tmp_path):
    bank, again = Bank(IMAGES), Bank(IMAGES)
    for graph in graphs(everything(), 5):
        bank.bind(graph)
    bank.save(tmp_path / "bank.safetensors")
    again.load(tmp_path / "bank.safetensors")
    assert again.weights.keys() == bank.weights.keys()
    assert all(torch.equal(tensor, again.state_dict()[name]) for name, tensor in bank.state_dict().items())


@pytest.mark.parametrize("content", [b"", b"no tensors", None])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "bank.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="holds no weight bank"):
        Bank(IMAGES).load(path)


class Tied(nn.Module):
    """Two layers of one weight; the bank's parts of it must stay one."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.take = nn.Linear(13, width)
        self.give = nn.Linear(width, 13)
        self.give.weight = nn.Parameter(self.take.weight.T.contiguous())
        self.again = nn.Linear(13, width)
        self.again.weight = self.take.weight
        self.head = nn.Linear(width, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.again(self.give(self.take(x))))


def test_weights_tied_in_an_own_module_stay_tied():
    space = searchable(Tied, width=choice(4, 8))
    bank = Bank(VECTORS)
    for index in (1, 0):
        network = bank.bind(space.architecture({"width": index}).graph)
        modules = [one for one in network.modules() if isinstance(one, Tied)]
        assert modules[0].again.weight is modules[0].take.weight
        network(batch(VECTORS)).sum().backward()
        bank.collect(network)


shapes = st.lists(st.integers(1, 6), min_size=1, max_size=4)


@given(st.data())
def test_a_part_of_a_part_is_a_part(data):
    ndim = data.draw(st.integers(1, 4))
    sizes = st.lists(st.integers(0, 2), min_size=ndim, max_size=ndim)
    small = [1 + 2 * size for size in data.draw(sizes)]
    middle = [one + 2 * more for one, more in zip(small, data.draw(sizes), strict=True)]
    large = [one + 2 * more for one, more in zip(middle, data.draw(sizes), strict=True)]
    whole = torch.rand(large)
    assert torch.equal(part(part(whole, middle), small), part(whole, small))


@given(shapes, st.data())
def test_carrying_fills_what_is_common_and_leaves_the_rest(shape, data):
    other = data.draw(st.lists(st.integers(1, 6), min_size=len(shape), max_size=len(shape)))
    source, target = torch.rand(shape), torch.full(other, -1.0)
    carry(source, target)
    common = [min(pair) for pair in zip(shape, other, strict=True)]
    assert torch.equal(part(target, common), part(source, common))
    assert int((target >= 0).sum()) == int(np.prod(common))
    assert covers(union(shape, other), shape)
    assert covers(union(shape, other), other)


GROWTHS = {
    "larger kernel": ({"layers/0": 0}, {"layers/0/0/kernel": 2}),
    "wider convolution": ({"layers/0": 0}, {"layers/0/0/channels": 2}),
    "wider stem": ({"layers/0": 0}, {"stem/channels": 1}),
    "larger depthwise kernel": ({"layers/0": 1}, {"layers/0/1/kernel": 1}),
    "wider separable convolution": ({"layers/0": 1}, {"layers/0/1/channels": 1}),
    "wider residual block": ({"stem/channels": 1, "layers/0": 2}, {"layers/0/2/channels": 1}),
    "wider bottleneck": ({"layers/0": 3}, {"layers/0/3/ratio": 1}),
    "expanded convnext": ({"layers/0": 4}, {"layers/0/4/expansion": 1}),
    "expanded inverted bottleneck": ({"layers/0": 5, "layers/0/5/expansion": 1}, {"layers/0/5/expansion": 2}),
    "expanded, with squeeze-excite": (
        {"layers/0": 5, "layers/0/5/expansion": 1, "layers/0/5/se": 1},
        {"layers/0/5/expansion": 2},
    ),
    "further residual blocks": (
        {"layers/times": 2, "layers/0": 2, "layers/1": 5, "layers/1/5/expansion": 1},
        {"layers/times": 3, "layers/2": 5, "layers/2/5/expansion": 1},
    ),
}


@pytest.mark.parametrize("growth", GROWTHS)
def test_growth_preserves_the_function(growth):
    first, then = GROWTHS[growth]
    space, rng = everything(), np.random.default_rng(0)

    def made(wanted):
        return space.decided(lambda decision: wanted.get(decision.name, decision.first), rng).graph

    parent, child = build(made(first), IMAGES, seed=1), build(made(first | then), IMAGES, seed=2)
    assert parameters(child) > parameters(parent)
    with torch.no_grad():
        for weight in parent.parameters():
            weight.add_(0.1 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(0)))
        for _ in range(20):
            parent(torch.randn(16, *IMAGES.inputs))
    inherit(child, parent.state_dict())
    expected = parent.eval()(batch(IMAGES))
    assert expected.std() > 1e-3
    torch.testing.assert_close(child.eval()(batch(IMAGES)), expected, rtol=1e-5, atol=1e-5)
