"""TPE, the tree-structured Parzen estimator: Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization",
https://papers.nips.cc/paper/4443; as Optuna does it (Watanabe 2023, https://arxiv.org/abs/2304.11127; Akiba et al.
2019, https://arxiv.org/abs/1907.10902), in memory. Needs `pip install 'netwright[optuna]'`.

Every decision is a parameter of Optuna's, conditional ones included.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from netwright.errors import InputError, MissingExtra
from netwright.space import Architecture, Decision, Value
from netwright.strategies.base import Problem
from netwright.strategies.evidence import slack
from netwright.strategies.memory import Memory
from netwright.strategies.steps import path, steps, value
from netwright.trial import Proposal, Trial


@dataclass(frozen=True)
class TPE:
    """founders: random networks at the start; candidates: draws that each proposal is the best of; multivariate: model
    decisions together."""

    founders: int = 10
    candidates: int = 24
    multivariate: bool = True
    name: ClassVar[str] = "tpe"
    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if min(self.founders, self.candidates) < 1:
            raise InputError("tpe needs founders and candidates of at least 1", f"got {self}")

    def init(self, problem: Problem) -> TPEState:
        return TPEState(Memory(problem))

    def ask(self, state: TPEState, n: int) -> Sequence[Proposal]:
        memory, rng = state.memory, state.memory.generator()
        proposals: dict[str, Proposal] = {}
        with _quiet(), state.sampling(self._sampler(int(rng.integers(2**31)), state.constraints)) as suggest:
            for _ in range(n):
                found = memory.unseen(proposals, rng, suggest)
                if found is None:
                    break
                proposals[found[0].key] = Proposal(found[0], origin="random" if found[1] else "predicted")
        return list(proposals.values())

    def tell(self, state: TPEState, trials: Sequence[Trial]) -> TPEState:
        with _quiet():
            for trial in trials:
                state.note(trial)
        return state

    def _sampler(self, seed: int, constraints: Any) -> Any:
        return _optuna().samplers.TPESampler(
            seed=seed,
            n_startup_trials=self.founders,
            n_ei_candidates=self.candidates,
            multivariate=self.multivariate,
            group=self.multivariate,
            constant_liar=True,
            constraints_func=constraints,
        )


@dataclass
class TPEState:
    """study: Optuna's; numbers: its trials under way, by our number; slacks: of constraints, by its number."""

    memory: Memory
    study: Any = field(init=False, repr=False, compare=False)
    numbers: dict[int, int] = field(default_factory=dict)
    slacks: dict[int, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        directions = ["minimize"] * len(self.memory.objectives.objectives)
        with _quiet():
            self.study = _optuna().create_study(directions=directions)

    @property
    def constraints(self) -> Callable[[Any], list[float]] | None:
        """How far each of Optuna's trials is above each constraint; None where there are none."""
        if not self.memory.objectives.constraints:
            return None
        return lambda frozen: self.slacks[frozen.number]

    @contextmanager
    def sampling(self, sampler: Any) -> Iterator[Callable[[], Architecture]]:
        """Draws of new architectures; each is a trial of the study that is given up in the end."""
        self.study.sampler = sampler
        bare = replace(self.memory.space, constraints=())
        rng, drawn = self.memory.generator(), []

        def suggest() -> Architecture:
            trial = self.study.ask()
            drawn.append(trial)
            found = bare.decided(lambda decision: _suggested(trial, decision, rng), rng)
            if not self.memory.space.allows(found):
                return self.memory.space.sample(rng)
            return self.memory.space.architecture(found.to_dict())

        try:
            yield suggest
        finally:
            for trial in drawn:
                self._end(trial.number, None)

    def note(self, trial: Trial) -> None:
        """Takes a proposed or an ended trial in."""
        self.memory.note(trial)
        optuna = _optuna()
        if trial.status == "pending":
            self.numbers[trial.number] = len(self.study.get_trials(deepcopy=False))
            parameters, domains = _parameters(trial.proposal.architecture)
            running = optuna.trial.TrialState.RUNNING
            self.study.add_trial(optuna.trial.create_trial(state=running, params=parameters, distributions=domains))
            return
        number = self.numbers.pop(trial.number, None)
        if number is not None:
            objectives = self.memory.objectives
            self.slacks[number] = [slack(trial, one) for one in objectives.constraints]
            valid = trial.status == "completed" and objectives.valid(trial)
            self._end(number, [float(loss) for loss in objectives.losses(trial)] if valid else None)

    def _end(self, number: int, losses: list[float] | None) -> None:
        self.slacks.setdefault(number, [0.0] * len(self.memory.objectives.constraints))
        if losses is None:
            self.study.tell(number, state=_optuna().trial.TrialState.FAIL)
        else:
            self.study.tell(number, losses)


def _suggested(trial: Any, decision: Decision, rng: Any) -> Value:
    if decision.kind == "integer":
        return int(trial.suggest_int(decision.name, int(decision.lo), _last(decision), step=decision.step))
    if decision.kind == "real":
        return float(trial.suggest_float(decision.name, decision.lo, decision.hi, log=decision.log))
    if decision.kind == "choice":
        return int(trial.suggest_categorical(decision.name, range(len(decision.options))))
    taken: list[int] = []
    for step in steps(decision, taken):
        taken.append(int(trial.suggest_categorical(step.name, (0, 1))))
    return value(decision, taken, rng)


def _parameters(architecture: Architecture) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values and distributions, by name."""
    values: dict[str, Any] = {}
    domains: dict[str, Any] = {}
    of = _optuna().distributions
    for name, decision in architecture.decisions.items():
        chosen = architecture.choices[name]
        if decision.kind == "subset":
            for step, place in path(decision, chosen):
                values[step.name], domains[step.name] = place, of.CategoricalDistribution((0, 1))
            continue
        values[name] = chosen
        if decision.kind == "integer":
            domains[name] = of.IntDistribution(int(decision.lo), _last(decision), step=decision.step)
        elif decision.kind == "real":
            domains[name] = of.FloatDistribution(decision.lo, decision.hi, log=decision.log)
        else:
            domains[name] = of.CategoricalDistribution(range(len(decision.options)))
    return values, domains


def _last(decision: Decision) -> int:
    """The greatest value of a whole number."""
    return int(decision.lo) + decision.step * (int(decision.cardinality) - 1)


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise MissingExtra("optuna", "optuna") from None
    return optuna


@contextmanager
def _quiet() -> Iterator[None]:
    optuna = _optuna()
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(before)
