from __future__ import annotations

import pickle

import numpy as np
import pytest

from netwright.benchmarks.objective import Column, objectives_of
from netwright.benchmarks.table import Table
from netwright.errors import InputError, NetwrightError
from netwright.objectives import Objective
from netwright.space import Space, chain, choice, op
from netwright.trial import Fidelity

TWINS = Space(
    chain(choice(op("identity"), op("conv", kernel=3)), choice(op("identity"), op("conv", kernel=3))), "twins"
)


def test_every_architecture_of_the_space_has_its_row(table):
    for row, architecture in enumerate(table.space.enumerate()):
        assert table.row(architecture) == row


def test_an_architecture_without_a_row_has_that_of_one_that_computes_the_same(make_table):
    first, *_, last = (architecture.to_dict() for architecture in TWINS.enumerate())
    middle = {name: place for place, name in enumerate(first)}
    values = np.arange(3.0) / 10
    table = make_table(
        space=TWINS,
        choices=[first, middle, last],
        validation=np.stack([values, values]),
        test=values,
        cost=values,
        metrics={},
        scores={},
    )
    other = TWINS.architecture({name: 1 - place for name, place in middle.items()})
    assert table.row(other) == 1
    assert table.row(TWINS.architecture(last)) == 2


def test_an_architecture_of_another_space_is_refused(table):
    foreign = next(Space(op("conv", kernel=choice(3, 5)), "foreign").enumerate())
    with pytest.raises(NetwrightError, match="holds no results"):
        table.row(foreign)


def test_the_same_architecture_twice_is_refused(table, make_table):
    with pytest.raises(InputError, match="rows 1 and 64 are the same architecture"):
        make_table(choices=[*table.choices[:-1], table.choices[0]])


def test_fidelities_are_told_apart_and_cost_their_share(table):
    assert [table.rung(Fidelity(epochs=epochs)) for epochs in (10.0, 100.0, None)] == [0, 1, 1]
    assert [table.share(rung) for rung in (0, 1)] == [0.1, 1.0]
    with pytest.raises(NetwrightError, match="those after 10, 100 epochs"):
        table.rung(Fidelity(epochs=50.0))


def test_what_is_measured_and_what_is_known_before(table):
    architecture = table.space.architecture(table.choices[63])
    assert table.measured(63, 0) == pytest.approx({"accuracy": 0.53, "params": 1000.0, "latency_toy": 4.0})
    assert table.measured(63, 1)["accuracy"] == pytest.approx(0.89)
    assert table.score(architecture, ["guess"]) == {"guess": 3.0}


def test_simulated_time_is_in_mean_evaluations(table):
    assert table.durations.mean() == pytest.approx(1.0)
    assert table.durations[63] / table.durations[0] == pytest.approx(10.0)


def test_the_digest_tells_contents_apart_and_survives_pickling(table, make_table):
    assert pickle.loads(pickle.dumps(table)).digest == table.digest
    assert make_table(test=table.test + 1e-9).digest != table.digest
    assert isinstance(table, Table)


def test_objectives_are_the_quality_and_the_columns(table):
    both = objectives_of(table, ["accuracy", "Latency-Toy", "params"])
    assert both.objectives == (Objective("accuracy"), Column("latency_toy"), Objective("params"))
    assert [one.maximise for one in both.objectives] == [True, False, False]
    assert objectives_of(table, []).objectives == (Objective("accuracy"),)


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["accuracy", "latency_tyo"], "did you mean 'latency_toy'"),
        (["params"], "begin with accuracy"),
        (["accuracy", "accuracy"], "given twice"),
    ],
)
def test_objectives_that_make_no_sense_are_refused(table, names, says):
    with pytest.raises(InputError, match=says):
        objectives_of(table, names)
