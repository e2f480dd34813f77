"""A user's own module as a space: arguments and inner choices are decisions, counted and built like everything else."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from netwright.backends.torch.count import parameters
from netwright.errors import InputError
from netwright.operations import Signature, analyse
from netwright.space import Space, choice, integer, real
from netwright.torch import build, choose, searchable

torch.set_num_threads(1)

SIGNATURE = Signature((1, 8, 8), 10)


class Block(nn.Module):
    """A convolution that chooses its own kernel."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        kernel = choose("kernel", choice(1, 3, 5))
        self.conv = nn.Conv2d(before, after, kernel, padding=kernel // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x).relu()


class Net(nn.Module):
    """Blocks as many as it chooses; a rate of dropout only where it chooses dropout."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        depth = choose("depth", integer(1, 3))
        self.blocks = nn.Sequential(*(Block(1 if i == 0 else width, width) for i in range(depth)))
        drop = choose("drop", choice(False, True))
        self.dropout = nn.Dropout(choose("rate", real(0.1, 0.5))) if drop else nn.Identity()
        self.head = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.dropout(self.blocks(x).mean((2, 3))))


@pytest.fixture
def space() -> Space:
    return searchable(Net, width=choice(4, 8), classes=10)


def chosen(space, **values):
    return space.architecture({f"{name}": value for name, value in values.items()})


def test_only_the_decisions_that_are_met_take_part(space):
    small = chosen(space, width=0, depth=1, kernel=1, drop=0)
    assert list(small.choices) == ["width", "depth", "kernel", "drop"]
    large = chosen(space, width=1, depth=2, kernel=0, kernel_1=2, drop=1, rate=0.25)
    assert list(large.choices) == ["width", "depth", "kernel", "kernel_1", "drop", "rate"]
    with pytest.raises(InputError, match="kernel_1"):
        chosen(space, width=0, depth=1, kernel=1, kernel_1=0, drop=0)


def test_counts_in_closed_form(space):
    architecture = chosen(space, width=1, depth=2, kernel=0, kernel_1=2, drop=1, rate=0.25)
    analysis = analyse(architecture.graph, SIGNATURE)
    assert analysis.params == 1 * 8 * 1 + 8 * 8 * 25 + 8 * 10 + 10
    assert analysis.flops == (8 + 8 * 8 * 25) * 64 + 80
    assert analysis.activations == 2 * 8 * 64 + 10
    assert analysis.shapes[-1] == (10,)


def test_what_is_built_is_what_was_chosen(space):
    architecture = chosen(space, width=1, depth=2, kernel=0, kernel_1=2, drop=1, rate=0.25)
    network = build(architecture.graph, SIGNATURE, seed=0)
    net = next(network.children())
    assert isinstance(net, Net)
    assert [block.conv.kernel_size for block in net.blocks] == [(1, 1), (5, 5)]
    assert net.dropout.p == 0.25
    assert network(torch.zeros(2, 1, 8, 8)).shape == (2, 10)


def test_random_architectures_agree_with_their_analysis(space):
    rng = np.random.default_rng(0)
    architecture = space.sample(rng)
    for _ in range(12):
        architecture = space.mutate(architecture, rng)
        network = build(architecture.graph, SIGNATURE)
        assert parameters(network) == analyse(architecture.graph, SIGNATURE).params
        assert not any(parameter.is_meta for parameter in network.parameters())


def test_sampling_builds_no_weights_and_draws_nothing_from_torch(space):
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    assert space.sample(np.random.default_rng(0)).key == space.sample(np.random.default_rng(0)).key
    assert torch.equal(torch.rand(1), expected)


class Measured(nn.Module):
    """Looks at the values of its weights when it is made, then chooses."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.layer = nn.Linear(4, units)
        self.scale = self.layer.weight.abs().max().item()
        self.act = choose("act", choice("relu", "tanh"))

    def forward(self, x: Tensor) -> Tensor:
        return getattr(self.layer(x) * self.scale, self.act)()


def test_classes_that_need_real_weights():
    space = searchable(Measured, units=choice(2, 3))
    assert space.size() == 4
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    architecture = space.architecture({"units": 1, "act": 1})
    assert analyse(architecture.graph, Signature((4,), 3)).params == 15
    assert torch.equal(torch.rand(1), expected)


def test_keys_tell_choices_apart_and_survive_pickling(space):
    first = chosen(space, width=0, depth=1, kernel=1, drop=0)
    second = chosen(space, width=0, depth=1, kernel=2, drop=0)
    copy = pickle.loads(pickle.dumps(first))
    assert first.key == copy.key != second.key
    graph = pickle.loads(pickle.dumps(first.graph))
    assert build(graph, SIGNATURE)(torch.zeros(2, 1, 8, 8)).shape == (2, 10)


def test_functions_and_names(space):
    assert space.name == "Net"
    assert searchable(lambda units: nn.Linear(4, units), name="line", units=choice(2, 3)).size() == 2


def test_choose_outside_of_a_search():
    with pytest.raises(InputError, match=r"outside of a search space: make the space with netwright\.torch"):
        Block(1, 2)


@pytest.mark.parametrize("name", ["Kernel", "a/b", "name", "op", ""])
def test_names_that_decisions_cannot_have(name):
    with pytest.raises(InputError, match="cannot be the name of a decision"):
        searchable(lambda: nn.Linear(1, choose(name, choice(1, 2))), name="f").sample(np.random.default_rng(0))


def test_errors_name_the_class():
    with pytest.raises(InputError, match=r"Linear\(in_features=4\) failed: .*out_features"):
        searchable(nn.Linear, in_features=4).sample(np.random.default_rng(0))
    with pytest.raises(InputError, match=r"f gives 3: give a class of torch.nn.Module"):
        searchable(lambda: 3, name="f").sample(np.random.default_rng(0))
    wrong = searchable(nn.Linear, in_features=5, out_features=10).sample(np.random.default_rng(0))
    with pytest.raises(InputError, match=r"\(module\): Linear cannot take inputs of shape \(4,\)"):
        analyse(wrong.graph, Signature((4,), 10))


def test_a_class_that_cannot_end_in_the_outputs(space):
    architecture = chosen(space, width=0, depth=1, kernel=1, drop=0)
    with pytest.raises(InputError, match="ends in 10, not in 7 outputs"):
        build(architecture.graph, Signature((1, 8, 8), 7))


def test_a_class_defined_anew_is_counted_anew():
    def first() -> type[nn.Module]:
        class Again(nn.Linear):
            def __init__(self, units: int) -> None:
                super().__init__(4, units)

        return Again

    def second() -> type[nn.Module]:
        class Again(nn.Linear):
            def __init__(self, units: int) -> None:
                super().__init__(4, units, bias=False)

        return Again

    counts = []
    for made in (first(), second()):
        architecture = searchable(made, units=choice(3)).sample(np.random.default_rng(0))
        counts.append(analyse(architecture.graph, Signature((4,), 3)).params)
    assert counts == [15, 12]


def test_such_a_space_has_no_plain_form(space):
    with pytest.raises(InputError):
        space.to_dict()
