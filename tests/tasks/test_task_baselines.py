from __future__ import annotations

import pytest

from netwright.operations import Signature, analyse
from netwright.tasks.baselines.offered import baselines, reduced

BANDS = {"small": (15_000, 75_000), "medium": (100_000, 200_000), "large": (250_000, 700_000)}


def graphs(signature):
    return {baseline.size: baseline.space.architecture({}).graph for baseline in baselines(signature)}


@pytest.mark.parametrize(
    "inputs", [(1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 64, 64), (3, 96, 128), (1, 5, 9), (3, 224, 224)]
)
@pytest.mark.parametrize("outputs", [2, 10, 100])
def test_image_baselines_have_their_size(inputs, outputs):
    signature = Signature(inputs, outputs)
    for size, graph in graphs(signature).items():
        found = analyse(graph, signature)
        low, high = BANDS[size]
        assert low <= found.params <= high
        assert found.shapes[graph.output] == (outputs,)
        assert found.flops <= 60e6


@pytest.mark.parametrize("side", [*range(4, 70), 100, 127, 128, 129, 256, 500])
def test_image_baselines_can_be_built_at_every_size(side):
    signature = Signature((1, side, side + side % 3), 10)
    assert all(analyse(graph, signature).params < 700_000 for graph in graphs(signature).values())


@pytest.mark.parametrize("kind", ["classification", "regression"])
def test_table_baselines(kind):
    signature = Signature((14,), 1 if kind == "regression" else 3, kind)
    found = baselines(signature)
    assert [baseline.size for baseline in found[:3]] == ["small", "medium", "large"]
    assert [baseline.name for baseline in found[3:]] in ([], ["lightgbm"])
    small, medium, *trees = (analyse(baseline.space.architecture({}).graph, signature).params for baseline in found)
    assert 0 < small < medium < 100_000
    assert set(trees) == {signature.outputs * (100 * (30 * 4 + 31) + 1)}


@pytest.mark.parametrize("inputs", [(1, 28, 28), (14,)])
def test_baselines_leave_nothing_to_choose(inputs):
    for baseline in baselines(Signature(inputs, 10)):
        assert baseline.space.size() == 1
        assert baseline.space.decisions() == ()
        assert baseline.space.name == baseline.name


def test_halvings():
    assert [reduced(side, 32) for side in (4, 32, 33, 64, 65, 224)] == [0, 0, 1, 1, 2, 3]


@pytest.mark.parametrize("inputs", [(3, 128, 160), (1, 64, 64), (3, 320, 320)])
@pytest.mark.parametrize("outputs", [1, 20])
def test_detectors_have_their_size(inputs, outputs):
    signature = Signature(inputs, outputs, "detection")
    found = {size: analyse(graph, signature) for size, graph in graphs(signature).items()}
    assert all(one.shapes[-1] == signature.answer for one in found.values())
    assert 150_000 < found["small"].params < 250_000
    assert 600_000 < found["medium"].params < 800_000
    assert found["small"].flops < found["medium"].flops < 1.2e4 * inputs[1] * inputs[2]


def test_language_baselines():
    signature = Signature((64,), 68, "language", vocabulary=68)
    found = baselines(signature)
    assert [(one.name, one.size) for one in found] == [
        ("lstm-128", "small"),
        ("gpt-128", "medium"),
        ("lstm-256", "large"),
    ]
    sizes = [analyse(one.space.architecture({}).graph, signature) for one in found]
    assert [size.shapes[-1] for size in sizes] == [(68, 64)] * 3
    assert 100_000 < sizes[0].params < sizes[1].params < sizes[2].params < 1_100_000
