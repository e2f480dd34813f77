"""What every search strategy must do. Subclass `StrategyConformance` in a test module, with the fixture `strategy`:

class TestMine(StrategyConformance):
    @pytest.fixture
    def strategy(self):
        return Mine()

What a strategy can do is asked of its class (`learns`, `multi_objective`, `uses_fidelity`), never of its name.
"""

from __future__ import annotations

import dataclasses
import math
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest

from netwright.objectives import Constraint, Objective, Objectives, hypervolume
from netwright.space import (
    Architecture,
    Node,
    Space,
    chain,
    choice,
    dag,
    integer,
    op,
    optional,
    parallel,
    real,
    repeat,
    subset,
)
from netwright.strategies.base import AnyStrategy, Problem, Strategy
from netwright.strategies.random_search import RandomSearch
from netwright.trial import Failure, Fidelity, Measurement, Proposal, Trial

FIDELITIES = tuple(Fidelity(epochs=epochs) for epochs in (1.0, 3.0, 9.0))
FULL = 9.0
"""Epochs of a full evaluation, which is also one that names none."""
Measure = Callable[[Architecture], Mapping[str, float] | None]
"""Metrics of an architecture; None: the trial fails."""

ACCURACY = Objectives((Objective("accuracy"),))
SMALL_AND_ACCURATE = Objectives((Objective("accuracy"), Objective("params")))
FAST = Objectives((Objective("accuracy"),), (Constraint("latency_ms", "<", 0.35),))


def _layer(kernel: Any = 3) -> Node:
    return op("conv", kernel=kernel, channels=integer(8, 64, step=8))


_BLOCK = choice(_layer(choice(3, 5)), op("pool", kind=choice("max", "average")), op("none"))
SPACES = {
    "choices": Space(chain(*(op("conv", kernel=choice(*range(1, 7))) for _ in range(8))), "choices"),
    "numbers": Space(chain(_layer(integer(1, 500)), _layer()), "numbers", {"lr": real(1e-4, 1, log=True)}),
    "reals": Space(op("head"), "reals", {"lr": real(1e-4, 1, log=True), "dropout": real(0, 0.5)}),
    "subsets": Space(op("mix", use=subset(list("abcdefghij"), (2, 6)), top=subset(list("abcd"), 2)), "subsets"),
    "conditional": Space(chain(repeat(_BLOCK, integer(1, 4)), optional(_layer()), dag(2, edge=_BLOCK)), "conditional"),
}
TINY = Space(parallel(_layer(), choice(op("none"), op("pool", kind=choice("max", "average")))), "tiny")
"""24 architectures, all different."""
PAIRED = pytest.mark.parametrize("space", [SPACES["choices"], SPACES["conditional"]], ids=["choices", "conditional"])
EVERY_SPACE = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
SEEDS = range(6)


def evaluations(strategy: AnyStrategy) -> int:
    """Full ones that a strategy is given to show that it learns."""
    return 30 if strategy.model_based else 150


def some(strategy: AnyStrategy, count: int) -> int:
    """So many trials, or a third of them where each takes its time."""
    return count // 3 if strategy.model_based else count


def problem(space: Space, objectives: Objectives = ACCURACY, seed: int = 0) -> Problem:
    """With everything that a strategy may make use of."""
    return Problem(space, objectives, seed, scores=sizes, fidelities=FIDELITIES, trials=150)


def search(
    strategy: AnyStrategy,
    space: Space,
    measure: Measure,
    trials: float,
    *,
    objectives: Objectives = ACCURACY,
    seed: int = 0,
    workers: int = 1,
    most_epochs: float = math.inf,
    fidelities: tuple[Fidelity, ...] = FIDELITIES,
) -> list[Trial]:
    """The log of a search: each trial when proposed and when ended. With several workers trials end out of order.
    Nothing more is proposed after so many trials, or trials that cost so many epochs in all."""
    state = strategy.init(dataclasses.replace(problem(space, objectives, seed), fidelities=fidelities))
    log, pending, asked, spent = list[Trial](), list[Trial](), 0, 0.0
    while True:
        free = min(workers - len(pending), trials - asked) if spent < most_epochs else 0
        new = [Trial(asked + place, proposal) for place, proposal in enumerate(strategy.ask(state, int(free)))]
        asked += len(new)
        spent += sum(map(epochs, new))
        pending += new
        if not pending:
            return log
        done = end(pending.pop(asked % len(pending)), measure)
        state = strategy.tell(strategy.tell(state, new), [done])
        log += [*new, done]


def equally_paid(
    strategy: AnyStrategy, space: Space, trials: int, objectives: Objectives = ACCURACY, seed: int = 0
) -> list[Trial]:
    """The log of a search that pays as much as so many full evaluations cost, whatever fidelities it proposes."""
    return search(strategy, space, smooth, math.inf, objectives=objectives, seed=seed, most_epochs=trials * FULL)


@cache
def by_chance(space: str, trials: int, seed: int) -> float:
    """The best accuracy that random search finds for that pay in the space of that name."""
    return best_accuracy(equally_paid(RandomSearch(), SPACES[space], trials, seed=seed))


def end(trial: Trial, measure: Measure) -> Trial:
    """The trial with its outcome."""
    metrics = measure(trial.proposal.architecture)
    if metrics is None:
        return trial.fail(Failure("error", "made to fail"))
    if "accuracy" in metrics and epochs(trial) < FULL:
        metrics = {**metrics, "accuracy": _early(metrics["accuracy"], trial)}
    return trial.complete(Measurement(metrics))


def _early(accuracy: float, trial: Trial) -> float:
    """What a training of fewer epochs makes of an accuracy: less, by something that depends on the network."""
    missing = 1 - epochs(trial) / FULL
    luck = zlib.crc32(f"{trial.key} {epochs(trial)}".encode()) / 2**32
    return accuracy - missing * (0.3 * accuracy + 0.1 * luck)


def epochs(trial: Trial) -> float:
    """What the trial costs."""
    return trial.proposal.fidelity.epochs or FULL


def full(log: Sequence[Trial]) -> list[Trial]:
    """The completed full evaluations: only they say how good a network is."""
    return [trial for trial in log if trial.status == "completed" and epochs(trial) >= FULL]


def proposed(log: Sequence[Trial]) -> list[Proposal]:
    """What was proposed, in order."""
    return [trial.proposal for trial in log if trial.status == "pending"]


def units(architecture: Architecture) -> dict[str, float]:
    """Each decision's value between 0 and 1: an option's place, a number's, the mean place in a subset."""
    return {name: _unit(architecture, name) for name in architecture.choices}


def _unit(architecture: Architecture, name: str) -> float:
    decision, value = architecture.decisions[name], architecture.choices[name]
    if decision.kind in ("integer", "real"):
        return decision.unit(value)
    places = value if isinstance(value, tuple) else (value,)
    return float(np.mean(places)) / max(1, len(decision.options) - 1)


def smooth(architecture: Architecture) -> dict[str, float]:
    """Accuracy that falls with the squared distance from a best value of each decision; the sum of values as the
    number of parameters, their mean as the latency: both fall where accuracy does not rise."""
    at = units(architecture)
    best = {name: zlib.crc32(name.encode()) % 1000 / 1000 for name in at}
    away = sum((at[name] - best[name]) ** 2 for name in at) / max(1, len(at))
    return {"accuracy": 1 - away, "params": 1 + sum(at.values()), "latency_ms": float(np.mean([*at.values()] or [0.0]))}


def sizes(architecture: Architecture) -> dict[str, float]:
    """Known before training."""
    return {"params": smooth(architecture)["params"]}


def faulty(architecture: Architecture) -> dict[str, float] | None:
    """Fails, gives NaN, infinity or nothing for most architectures."""
    case = int(architecture.key, 16) % 6
    if case == 0:
        return None
    if case == 1:
        return {}
    return {**smooth(architecture), "accuracy": {2: math.nan, 3: math.inf, 4: -math.inf}.get(case, 0.5)}


def fails(_: Architecture) -> None:
    """Fails always."""


def best_accuracy(log: Sequence[Trial]) -> float:
    """Of the full evaluations."""
    return max(trial.metric("accuracy") for trial in full(log))


def beyond_chance(gains: np.ndarray) -> bool:
    """(seeds,) -> whether they are above 0 by more than the standard error of their mean."""
    return bool(gains.mean() > gains.std(ddof=1) / math.sqrt(len(gains)))


def distinct(proposals: Sequence[Proposal]) -> bool:
    """No architecture twice at the same fidelity."""
    return len({(proposal.architecture.key, proposal.fidelity) for proposal in proposals}) == len(proposals)


def rebuilt(trial: Trial) -> Trial:
    """The trial as it comes out of a store: equal, but nothing in it is the same object."""
    space = trial.proposal.architecture.space
    proposal = Proposal.from_dict(trial.proposal.to_dict(), {space.name: space})
    return dataclasses.replace(trial, proposal=proposal)


class StrategyConformance:
    """The suite."""

    @pytest.fixture
    def strategy(self) -> AnyStrategy:
        raise NotImplementedError("give the fixture `strategy`")

    @pytest.fixture(autouse=True)
    def _warnings_are_errors(self) -> Iterator[None]:
        with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
            warnings.simplefilter("error")
            yield

    def test_follows_the_protocol(self, strategy: AnyStrategy) -> None:
        assert isinstance(strategy, Strategy)
        assert dataclasses.is_dataclass(strategy)
        assert strategy == dataclasses.replace(strategy)
        with pytest.raises(dataclasses.FrozenInstanceError):
            strategy.name = "other"
        assert type(strategy).__doc__

    @EVERY_SPACE
    def test_proposes_architectures_of_the_space(self, strategy: AnyStrategy, space: Space) -> None:
        trials = some(strategy, 45)
        log, again = (search(strategy, space, smooth, trials, workers=3) for _ in range(2))
        assert len(proposed(log)) == trials
        assert distinct(proposed(log))
        for proposal in proposed(log):
            assert space.architecture(proposal.architecture.to_dict()) == proposal.architecture
        assert log == again
        assert proposed(log) != proposed(search(strategy, space, smooth, trials, workers=3, seed=1))

    @EVERY_SPACE
    def test_a_search_resumes_from_its_log_at_every_point(self, strategy: AnyStrategy, space: Space) -> None:
        """What was asked all along proposes what a state proposes that was only told: asking changes nothing."""
        log = search(strategy, space, smooth, some(strategy, 36), workers=3)
        kept = [rebuilt(event) for event in log]
        state = strategy.init(problem(space))
        for place, event in enumerate(log):
            told = strategy.tell(strategy.init(problem(space)), kept[:place])
            assert list(strategy.ask(told, 2)) == list(strategy.ask(state, 2)), f"after {place} of {len(log)} events"
            state = strategy.tell(state, [event])

    @pytest.mark.parametrize("measure", [faulty, fails])
    @pytest.mark.parametrize("objectives", [ACCURACY, FAST, SMALL_AND_ACCURATE], ids=["one", "constraint", "two"])
    def test_failures_are_taken(self, strategy: AnyStrategy, measure: Measure, objectives: Objectives) -> None:
        if len(objectives.objectives) > 1 and not strategy.multi_objective:
            pytest.skip("handles one objective only")
        trials = some(strategy, 60)
        log = search(strategy, SPACES["conditional"], measure, trials, objectives=objectives, workers=3)
        assert len(proposed(log)) == trials
        assert distinct(proposed(log))

    def test_never_learns_from_a_failure(self, strategy: AnyStrategy) -> None:
        log = search(strategy, SPACES["choices"], faulty, some(strategy, 81))
        good = {trial.number for trial in log if math.isfinite(trial.metric("accuracy"))}
        assert good.issuperset(parent for proposal in proposed(log) for parent in proposal.parents)

    def test_asks_for_no_more_than_wanted(self, strategy: AnyStrategy) -> None:
        state = strategy.init(problem(SPACES["choices"]))
        assert [len(strategy.ask(state, n)) <= n for n in range(5)] == [True] * 5
        assert len(strategy.ask(state, 1)) == 1

    @EVERY_SPACE
    @pytest.mark.parametrize(("batch", "most"), [(1, 36), (64, 84)])
    def test_what_is_under_way_is_not_proposed_again(
        self, strategy: AnyStrategy, space: Space, batch: int, most: int
    ) -> None:
        state, out = strategy.init(problem(space)), list[Proposal]()
        for event in search(strategy, space, smooth, 20):
            state = strategy.tell(state, [event])
            out += proposed([event])
        while len(out) < most and (new := strategy.ask(state, batch)):
            state = strategy.tell(state, [Trial(len(out) + place, proposal) for place, proposal in enumerate(new)])
            out += new
        assert len(out) > 20
        assert distinct(out)

    @pytest.mark.parametrize("measure", [smooth, faulty, fails])
    @pytest.mark.parametrize("workers", [1, 7])
    def test_goes_through_the_whole_of_a_tiny_space(
        self, strategy: AnyStrategy, measure: Measure, workers: int
    ) -> None:
        every = {architecture.key for architecture in TINY.enumerate()}
        log = search(strategy, TINY, measure, 40 * len(every), workers=workers)
        assert {proposal.architecture.key for proposal in proposed(log)} == every
        assert distinct(proposed(log))

    def test_stops_where_constraints_leave_nothing_else(self, strategy: AnyStrategy) -> None:
        narrow = TINY.restricted(lambda a: smooth(a)["params"] < 2.5, "params < 2.5")
        log = search(strategy, narrow, smooth, 1000, workers=4)
        assert {proposal.architecture.key for proposal in proposed(log)} == {a.key for a in narrow.enumerate()}

    @EVERY_SPACE
    def test_keeps_to_the_restricted_space(self, strategy: AnyStrategy, space: Space) -> None:
        restricted = space.restricted(lambda a: smooth(a)["latency_ms"] < 0.4, "latency < 0.4")
        trials = some(strategy, 45)
        log = search(strategy, restricted, smooth, trials, workers=3)
        assert len(proposed(log)) == trials
        assert all(smooth(proposal.architecture)["latency_ms"] < 0.4 for proposal in proposed(log))

    def test_fidelities_are_proposed_by_those_that_say_so(self, strategy: AnyStrategy) -> None:
        fidelities = {proposal.fidelity for proposal in proposed(search(strategy, SPACES["choices"], smooth, 60))}
        assert (fidelities != {Fidelity()}) == strategy.uses_fidelity

    def test_what_is_promoted_names_the_trial_it_was_measured_in(self, strategy: AnyStrategy) -> None:
        if not strategy.uses_fidelity:
            pytest.skip("proposes no fidelities")
        done, rises = dict[str, Trial](), 0
        for event in search(strategy, SPACES["choices"], smooth, 100, workers=3):
            lower = done.get(event.key)
            if event.status == "pending" and lower is not None:
                rises += 1
                assert epochs(event) > epochs(lower)
                assert event.proposal.parents == (lower.number,)
                assert event.proposal.origin.endswith("promotion")
            if event.status == "completed":
                done[event.key] = event
        assert rises > 10

    @EVERY_SPACE
    def test_keeps_to_the_one_fidelity_there_is(self, strategy: AnyStrategy, space: Space) -> None:
        only = Fidelity(epochs=FULL)
        trials = some(strategy, 45)
        log = proposed(search(strategy, space, smooth, trials, workers=3, fidelities=(only,)))
        assert len(log) == trials
        assert distinct(log)
        assert {proposal.fidelity for proposal in log} <= {only, Fidelity()}

    @PAIRED
    def test_learns_or_says_that_it_does_not(self, strategy: AnyStrategy, space: Space) -> None:
        trials = evaluations(strategy)
        gains = np.array(
            [
                best_accuracy(equally_paid(strategy, space, trials, seed=seed)) - by_chance(space.name, trials, seed)
                for seed in SEEDS
            ]
        )
        assert beyond_chance(gains) == strategy.learns, f"gains over random search: {gains.round(3)}"

    def test_finds_a_larger_front_where_it_handles_several_objectives(self, strategy: AnyStrategy) -> None:
        if not (strategy.multi_objective and strategy.learns):
            pytest.skip("does not learn about several objectives")
        trials = evaluations(strategy)
        gains = np.array(
            [self._front(strategy, seed, trials) - self._front(RandomSearch(), seed, trials) for seed in SEEDS]
        )
        assert beyond_chance(gains), f"gains over random search: {gains.round(3)}"

    def test_learns_what_is_feasible(self, strategy: AnyStrategy) -> None:
        if not strategy.learns:
            pytest.skip("does not learn")
        trials = evaluations(strategy)
        shares = [self._feasible(kind, seed, trials) for seed in SEEDS[::2] for kind in (strategy, RandomSearch())]
        assert np.mean(shares[::2]) > 1.5 * np.mean(shares[1::2])

    @staticmethod
    def _front(strategy: AnyStrategy, seed: int, trials: int) -> float:
        log = equally_paid(strategy, SPACES["choices"], trials, SMALL_AND_ACCURATE, seed)
        losses = np.array([SMALL_AND_ACCURATE.losses(trial) for trial in full(log)])
        return hypervolume(losses, np.array([0.0, 9.0]))

    @staticmethod
    def _feasible(strategy: AnyStrategy, seed: int, trials: int) -> float:
        log = equally_paid(strategy, SPACES["choices"], trials, FAST, seed)
        return float(np.mean([FAST.feasible(trial) for trial in full(log)[-trials // 3 :]]))
