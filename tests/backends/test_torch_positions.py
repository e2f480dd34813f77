"""Attention over images, codes for positions, class tokens, and a reduction that looks at points between."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from netwright.backends.torch.build import build
from netwright.operations import Signature
from netwright.space import Space, chain, op

torch.set_num_threads(1)
SHAPE = (8, 6, 5)


def layer(name: str, shape: tuple[int, ...] = SHAPE, /, **attrs: object) -> nn.Module:
    """An operation by itself, ready to answer."""
    graph = Space(op(name, **attrs), "one").architecture({}).graph
    return build(graph, Signature(shape, 3), whole=False, seed=0).eval()


def images(*shape: int) -> Tensor:
    return torch.randn(2, *(shape or SHAPE), generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("kind", "attrs"), [("attention", {"heads": 2}), ("transformer", {}), ("attention-pool", {})])
def test_attention_sees_an_image_as_the_sequence_of_its_positions(kind: str, attrs: dict[str, object]) -> None:
    over_image, along = layer(kind, **attrs), layer(kind, (8, 30), **attrs)
    along.load_state_dict(over_image.state_dict())
    x = images()
    torch.testing.assert_close(over_image(x).flatten(2 if kind != "attention-pool" else 1), along(x.flatten(2)))
    last = x.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(over_image(last), over_image(x))


@pytest.mark.parametrize("kind", ["learned", "sinusoidal", "conditional"])
@pytest.mark.parametrize("shape", [SHAPE, (8, 12), (7, 4, 4), (1, 5)])
def test_positions_are_told_apart(kind: str, shape: tuple[int, ...]) -> None:
    """An input that is the same everywhere is not so any more: every place differs from its neighbour. (What a
    convolution tells is how near the rim is.)"""
    coded = layer("positions", shape, kind=kind)(torch.ones(1, *shape))[0].flatten(1)
    assert coded.shape[0] == shape[0]
    if kind == "conditional":
        assert not torch.allclose(coded[:, 0], coded[:, coded.shape[1] // 2])
    else:
        assert len({tuple(place.tolist()) for place in coded.T}) == coded.shape[1]


@pytest.mark.parametrize("kind", ["learned", "sinusoidal"])
def test_an_image_of_another_size_gets_the_code_of_its_places(kind: str) -> None:
    """Half the size: each place lies between those that it stands for, and its code is near theirs."""
    coded = layer("positions", (4, 8, 8), kind=kind)
    if kind == "learned":
        rows = torch.arange(8.0).reshape(1, 8, 1)
        coded.load_state_dict({name: rows.expand(4, 8, 8).clone() for name in coded.state_dict()})
        assert coded(torch.zeros(1, 4, 4, 4))[0, 0, :, 0].tolist() == pytest.approx([0.5, 2.5, 4.5, 6.5])
        return
    full, half = coded(torch.zeros(1, 4, 8, 8))[0], coded(torch.zeros(1, 4, 4, 4))[0]
    between = torch.arange(4) * 2 + 0.5
    torch.testing.assert_close(half[0, :, 0], between.sin())
    torch.testing.assert_close(full[0, :, 0], torch.arange(8.0).sin())


def test_a_shorter_sequence_has_the_first_codes() -> None:
    for kind in ("learned", "sinusoidal"):
        coded, x = layer("positions", (4, 9), kind=kind), torch.zeros(1, 4, 9)
        torch.testing.assert_close(coded(x[..., :5]), coded(x)[..., :5])


def test_a_class_token_comes_first_and_is_the_same_for_all() -> None:
    given = images()
    answer = layer("class-token")(given)
    assert torch.equal(answer[0, :, 0], answer[1, :, 0])
    assert torch.equal(answer[:, :, 1:], given.flatten(2))
    pooled = layer("global-pool", (8, 31), kind="first")(answer)
    assert torch.equal(pooled, answer[:, :, 0])


def test_a_class_token_gathers_what_the_image_holds() -> None:
    body = chain(op("class-token"), op("attention", heads=2), op("global-pool", kind="first"))
    network = build(Space(body, "s").architecture({}).graph, Signature(SHAPE, 3), whole=False, seed=0)
    x = images().requires_grad_()
    network(x).square().sum().backward()
    assert x.grad is not None
    assert (x.grad.abs().sum(1) > 0).all()


@pytest.mark.parametrize("size", [1, 2, 5, 6])
def test_a_factorized_reduction_sees_the_points_between(size: int) -> None:
    reduce = layer("factorized-reduce", (4, size, size), activation="none", channels=6)
    x = images(4, size, size).requires_grad_()
    answer = reduce(x)
    assert answer.shape == (2, 6, -(-size // 2), -(-size // 2))
    answer.square().sum().backward()
    assert x.grad is not None
    seen = x.grad.abs().sum((0, 1)) > 0
    assert seen[::2, ::2].all()
    assert seen[1::2, 1::2].all()
    assert not seen[::2, 1::2].any()
