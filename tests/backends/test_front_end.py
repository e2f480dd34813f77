"""The front end: what it makes of frames of bands, and that padding changes none of it."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch.nn import functional as F

from netwright.backends.torch.build import build
from netwright.backends.torch.front_end import FrontEnd
from netwright.errors import InputError
from netwright.operations import Signature, analyse
from netwright.space import Space, chain, op

torch.set_num_threads(1)
EVERY = list(itertools.product((1, 2, 4), (1, 2, 3), (0, 1, 2), (False, True)))


def frames(count: int = 11) -> torch.Tensor:
    return torch.randn(3, 8, count, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("merge", "every", "deltas", "normalise"), EVERY)
def test_zeros_after_the_end_change_nothing(merge: int, every: int, deltas: int, normalise: bool) -> None:
    layer, x = FrontEnd(merge, every, deltas, normalise), frames()
    alone, padded = layer(x), layer(F.pad(x, (0, 7)))
    assert alone.shape == (3, 8 // merge * (1 + deltas), -(-11 // every))
    torch.testing.assert_close(padded[:, :, : alone.shape[2]], alone)
    assert not padded[:, :, alone.shape[2] :].any()


def test_left_as_it_is_by_default() -> None:
    torch.testing.assert_close(FrontEnd(1, 1, 0, False)(frames()), frames())


def test_bands_and_frames_are_means_of_neighbours() -> None:
    x = frames()
    torch.testing.assert_close(FrontEnd(4, 1, 0, False)(x)[:, 1], x[:, 4:8].mean(1))
    made = FrontEnd(1, 2, 0, False)(x)
    torch.testing.assert_close(made[:, :, 1], x[:, :, 2:4].mean(2))
    torch.testing.assert_close(made[:, :, 5], x[:, :, 10])


def test_deltas_are_changes_from_frame_to_frame() -> None:
    x, made = frames(), FrontEnd(1, 1, 2, False)(frames())
    torch.testing.assert_close(made[:, 8:16, 1:], x[:, :, 1:] - x[:, :, :-1])
    torch.testing.assert_close(made[:, 16:, 2:], x[:, :, 2:] - 2 * x[:, :, 1:-1] + x[:, :, :-2])


def test_what_is_normalised_does_not_depend_on_how_loud_it_was() -> None:
    layer, x = FrontEnd(1, 1, 0, True), 5 * frames()
    torch.testing.assert_close(layer(x), layer(x + 3), atol=1e-4, rtol=1e-4)
    assert layer(x).mean(2).abs().max() < 1e-5
    assert (layer(x).std(2, correction=0) - 1).abs().max() < 0.1


def test_silence_remains_a_position() -> None:
    silent = torch.full((1, 8, 6), -2.0)
    made = FrontEnd(1, 1, 0, True)(silent)
    assert (made != 0).all()
    assert made.abs().max() < 0.01


def test_bands_that_cannot_be_merged_are_refused() -> None:
    space = Space(chain(op("front-end", merge=3), op("head")), "thirds")
    with pytest.raises(InputError, match="8 bands cannot be merged by 3: give a divisor of the bands"):
        analyse(space.architecture({}).graph, Signature((8, 10), 2, padded=True))


def test_it_is_built_as_it_is_analysed() -> None:
    signature = Signature((8, 11), 2, padded=True)
    layers = chain(op("front-end", merge=2, every=2, deltas=1), op("conv", kernel=3, channels=4), op("head"))
    graph = Space(layers, "heard").architecture({}).graph
    assert analyse(graph, signature).shapes[1] == (8, 6)
    assert build(graph, signature)(frames()).shape == (3, 2)
