"""The budget governor: how a time budget is spread over searching, the control, promotion and the final training.

The final trainings come first: they get what they need to be proper, the search gets the rest. Each decision is
one line for people, kept in the log.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from netwright.evaluation.affordable import LEAST_EPOCHS, affordable, lengthened
from netwright.evaluation.pace import Pace
from netwright.trial import Fidelity

FINAL_SHARE = 0.32
PROMOTION_SHARE = 0.12
"""Shares of the time budget; search and control halve the rest. Where weights are carried over, what a search trains is
not lost, so that longer final trainings gain nothing."""
CLOSING_S = 12.0
"""Export, parity check and report."""
TRIALS_WANTED = 24
"""Search trials that a small budget aims at: enough for a strategy to learn from. The longer each is, the better its
result foretells that of a final training."""
LEAST_TRIAL_S, MOST_TRIAL_S = 0.5, 60.0
STARTING_SHARE = 0.25
"""Of a trial, what may go by before its first step: a search with dear compilation has fewer, longer trials."""
REDUCTION, PROMOTIONS = 3, 3
"""Between two rungs of the ladder; trainings that a worker does in the promotion."""
SHARING_SHARE, ROUND_S, MOST_ROUNDS, COUNTED_ROUNDS = 0.75, 20.0, 12, 4
"""Of the search's time, what a supernet's training takes; seconds that a round should last at least; rounds at most,
and without a clock."""
OURS = 3
"""Final trainings beside those of the hand-designed networks: the best twice, the control. Where weights are shared,
the best once more."""


@dataclass(frozen=True)
class Schooling:
    """Rounds of a supernet's training, each of one fidelity."""

    rounds: int
    fidelity: Fidelity


@dataclass(frozen=True)
class Plan:
    """search_s, promotion_s: wall-clock seconds for each; final_end: second since the search's start by which the last
    final training is done; trial_s: seconds that a search trial may be expected to take; slowest_s: seconds a training
    example that a network may take, as `pace` foretells them, math.inf: no limit; quickest_s: and that it has to take;
    most_epochs: of any training; rivals: hand-designed networks to be trained, None: all."""

    search_s: float
    promotion_s: float
    final_end: float
    fidelity: Fidelity
    trial_s: float
    slowest_s: float
    quickest_s: float
    most_epochs: float
    lines: tuple[str, ...]
    pace: Pace | None = None
    rivals: tuple[str, ...] | None = None

    @property
    def ladder(self) -> tuple[Fidelity, ...]:
        """Fidelities for strategies that choose among them: up to that of a promotion, each rung REDUCTION times the
        last. Without a clock, up to that of a search trial."""
        if self.fidelity.seconds is not None:
            top = self.promotion_s / PROMOTIONS
            rungs = (top / REDUCTION**rung for rung in (2, 1))
            least = _least_trial_s(self.pace.starting_s if self.pace else 0.0)
            return (*(self.longer(seconds) for seconds in rungs if seconds >= least), self.longer(top))
        first = self.fidelity
        full = first.epochs or 1.0
        below = (Fidelity(epochs=round(full / REDUCTION**rung, 2)) for rung in (2, 1))
        return (*(one for one in below if (one.epochs or 0) >= LEAST_EPOCHS), first)

    @property
    def sharing(self) -> Schooling:
        """How long a supernet is trained: a share of the search's time; without a clock, the full training."""
        if math.isinf(self.search_s):
            return Schooling(COUNTED_ROUNDS, Fidelity(epochs=self.most_epochs / COUNTED_ROUNDS))
        seconds = SHARING_SHARE * self.search_s
        rounds = int(min(MOST_ROUNDS, max(1.0, seconds // ROUND_S)))
        return Schooling(rounds, Fidelity(seconds=round(seconds / rounds, 2)))

    def longer(self, seconds: float) -> Fidelity:
        """What a search trial is in so many seconds; without a clock, the full training."""
        if math.isinf(seconds):
            return Fidelity(epochs=self.most_epochs)
        return lengthened(self.fidelity, seconds, self.most_epochs)

    def trials(self, workers: int) -> float:
        """About how many search trials there is time for."""
        return math.inf if math.isinf(self.search_s) else max(1.0, self.search_s * workers / self.trial_s)


@dataclass(frozen=True)
class Clock:
    """A time budget of `seconds`, of which `elapsed` went on starting, for `workers` processes. rivals: how many
    hand-designed networks are to be trained; ours: final trainings beside theirs; starting_s: before the first step of
    each."""

    seconds: float
    elapsed: float
    workers: int
    rivals: int = 3
    ours: int = OURS
    starting_s: float = 0.0

    @property
    def usable(self) -> float:
        return max(0.0, self.seconds - self.elapsed - min(CLOSING_S, 0.15 * self.seconds))

    @property
    def one_final(self) -> float:
        """Seconds that a final training may take."""
        return FINAL_SHARE * self.usable * self.workers / (self.ours + self.rivals)

    def an_example(self, examples: int, epochs: float) -> float:
        """Seconds a training example that a network may take, so that a final training sees them `epochs` times."""
        return max(0.0, self.one_final - self.starting_s) / (epochs * examples)


def timed_plan(
    clock: Clock,
    examples: int,
    epochs: tuple[float, float],
    example_s: float,
    limits: tuple[float, float] = (0.0, math.inf),
    pace: Pace | None = None,
    rivals: tuple[str, ...] | None = None,
) -> Plan:
    """The plan for a time budget.

    A search trial is a final training on a smaller scale: the same share of its time, and of the epochs that a final
    training has at most. So a network that is quick enough to reach these gains nothing from being quicker still.

    examples: of the training split; epochs: of the task's default recipe, and of a final training at most; example_s:
    seconds that a training example takes in a typical network of the space; limits: networks that take less or more are
    left out; rivals: hand-designed networks to be trained, None: all.
    """
    quickest_s, slowest_s = limits
    usual, most = epochs
    usable, workers = clock.usable, clock.workers
    final_s, promotion_s = FINAL_SHARE * usable, PROMOTION_SHARE * usable
    search_s = (usable - final_s - promotion_s) / 2
    starting_s = clock.starting_s
    trial_s = min(MOST_TRIAL_S, max(search_s * workers / TRIALS_WANTED, _least_trial_s(starting_s)))
    longest_s = max(trial_s, min(clock.one_final, starting_s + most * examples * example_s))
    fidelity = lengthened(Fidelity(seconds=longest_s, epochs=most), trial_s)
    typical = affordable(fidelity, trial_s - starting_s, examples, usual, example_s)
    lines = [
        f"a typical network trains on {1 / example_s:,.0f} examples a second and worker; "
        f"starting took {clock.elapsed:.0f} s",
        f"search {search_s:.0f} s, random-search control as much, promotion {promotion_s:.0f} s, "
        f"final trainings {final_s:.0f} s",
        f"a search trial takes {trial_s:.1f} s, whatever the network, so that about {search_s * workers / trial_s:.0f} "
        f"fit: {typical.epochs:g} epochs on {typical.data:.0%} of the training data for a typical network, "
        f"{fidelity.epochs:.3g} epochs at most",
    ]
    if starting_s >= 1.0:
        lines.append(f"{starting_s:.1f} s of each training go by before its first step, most of them for compiling")
    if slowest_s < math.inf:
        lines.append(
            f"networks foretold to train on fewer than {1 / slowest_s:,.0f} examples a second are left out: "
            f"a final training has no time for {usual:g} epochs of them"
        )
    if quickest_s:
        lines.append(
            f"networks foretold to train on more than {1 / quickest_s:,.0f} examples a second are left out: "
            "larger ones make better use of a final training"
        )
    return Plan(
        search_s,
        promotion_s,
        clock.elapsed + usable,
        fidelity,
        trial_s,
        slowest_s,
        quickest_s,
        most,
        tuple(lines),
        pace,
        rivals,
    )


def _least_trial_s(starting_s: float) -> float:
    return max(LEAST_TRIAL_S, starting_s / STARTING_SHARE)


def counted_plan(epochs: float) -> Plan:
    """The plan for budgets in trials or epochs: no clock, a third of the recipe's epochs a trial."""
    fidelity = Fidelity(epochs=max(LEAST_EPOCHS, round(epochs / 3)))
    line = f"a search trial trains {fidelity.epochs:g} epochs, a final training {epochs:g}; no clock"
    return Plan(math.inf, math.inf, math.inf, fidelity, math.inf, math.inf, 0.0, epochs, (line,))


def plan_to_dict(plan: Plan) -> dict[str, Any]:
    """Plain data: infinities become None."""
    return {name: None if value == math.inf else value for name, value in asdict(plan).items()}


def plan_from_dict(data: Mapping[str, Any]) -> Plan:
    values: dict[str, Any] = {name: math.inf if value is None else value for name, value in data.items()}
    values["pace"] = Pace(**data["pace"]) if data["pace"] else None
    rivals = None if data.get("rivals") is None else tuple(data["rivals"])
    return Plan(**values | {"fidelity": Fidelity(**data["fidelity"]), "lines": tuple(data["lines"]), "rivals": rivals})
