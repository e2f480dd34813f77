"""The phases of a search, each made ready when its turn comes: what is asked, who measures, and how long it may take.

screening or sharing, where the method wants them -> search -> control -> promotion -> final
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from netwright import strategies
from netwright.backends.torch.recipe import most_epochs, useful_epochs
from netwright.evaluation.outlook import stopped
from netwright.evaluation.sharing import Round, Shared
from netwright.evaluation.training import Training
from netwright.evaluation.zero_cost import ZeroCost
from netwright.loop import screening
from netwright.loop.earlier import earlier_trials
from netwright.loop.feasibility import Scored
from netwright.loop.finalists import Trainings, baseline_proposals, control_pool, finals, promotion
from netwright.loop.loop import Loop
from netwright.loop.phase import Running
from netwright.loop.plan import SHARING_SHARE, Plan
from netwright.loop.prospects import Prospects
from netwright.loop.request import Request
from netwright.space import Space
from netwright.store import Store
from netwright.strategies import Listed, Rounds, Screened, WarmStarted
from netwright.strategies.base import AnyStrategy
from netwright.supernet import BANK
from netwright.supernet.extremes import largest
from netwright.trial import UNTRAINED, Phase, Proposal, Trial

MOST_DERIVED = 8
"""Networks that are derived from a supernet's preferences, and trained."""
COLLAPSED = 0.02
"""Share of random networks that are smaller than the one favoured, up to which preferences are said to have collapsed:
to options without weights, which have nothing to learn and are quick to be of use."""
COLLAPSE = (
    "the preferences may have collapsed: {:.0%} of random networks have fewer parameters than the favoured one; known "
    "cures: --setting noise=0.3, --setting dropped=0.5, --setting narrowing=true"
)
SCORING_S = 60.0
"""Seconds that scoring an untrained network may take."""


@dataclass(frozen=True)
class Phases:
    """Of one search. directory: the search's folder."""

    request: Request
    store: Store
    directory: Path
    plan: Plan
    loop: Loop

    def __iter__(self) -> Iterator[Callable[[], Running]]:
        """In their order; each to be called when the one before it is over."""
        if self.screens:
            yield self.screening
        if self.request.method.policy:
            yield self.sharing
        yield from (self.search, self.control, self.promotion, self.final)

    @cached_property
    def screens(self) -> bool:
        """Are untrained networks ranked before the search?"""
        return not self.request.unscreened

    @property
    def allowed(self) -> Space:
        """The space without what breaks a constraint, is too slow or too small."""
        return self.request.governor.allowed(self.plan)

    def screening(self) -> Running:
        """Random networks are scored without training."""
        trials = self.request.budget.trials or math.inf
        return Running(
            name="screening",
            strategy=strategies.get("random"),
            evaluator=ZeroCost(screening.proxies(self.request.task.signature)),
            space=self.allowed,
            objectives=self.request.objectives,
            seed=self.request.settings.seed + 2,
            until=self._phase_end("screening_end", screening.SHARE * self.plan.search_s),
            most=min(screening.MOST, screening.AHEAD * trials),
            fidelity=UNTRAINED,
            seconds=SCORING_S,
        )

    def sharing(self) -> Running:
        """The supernet's training, in rounds."""
        space, method = self.allowed, self.request.method
        course, settings = self.plan.sharing, self.request.settings
        evaluator = Round(
            space, method.policy, course.rounds, self.request.recipe, dict(method.settings), settings.seed
        )
        shown = largest(space, self.request.task.signature)
        return Running(
            name="sharing",
            strategy=Rounds(shown, course.rounds, settings.workers, course.fidelity),
            evaluator=evaluator,
            space=space,
            objectives=self.request.objectives,
            seed=settings.seed,
            seconds=3 * (course.fidelity.seconds or math.inf) + 30,
            keeps=True,
        )

    def search(self) -> Running:
        budget, shared = self.request.budget, self._shared
        cheap = {"strategy": self._started()} | self._cheap
        screened = screening.SHARE if self.screens else 0.0
        if shared and self.request.method.derives:
            trainings = self._decided("derived", lambda: self._derived(shared))
            cheap |= {"strategy": Listed(trainings.proposals), "promised": trainings.promised}
        elif shared:
            banks = tuple(str((self.directory / trial.folder / BANK).absolute()) for trial in shared)
            cheap |= {
                "evaluator": Shared(banks, self.request.times),
                "fidelity": UNTRAINED,
                "keeps": False,
                "inherits": False,
            }
        return Running(
            name="search",
            until=self._phase_end("search_end", self.plan.search_s * (1 - (SHARING_SHARE if shared else screened))),
            most=budget.trials or math.inf,
            most_epochs=budget.epochs or math.inf,
            fidelities=self.plan.ladder,
            **cheap,
        )

    def control(self) -> Running:
        """Random search with what the search had, less what the search itself spent on random draws."""
        found = [trial for trial in self.loop.trials.values() if trial.phase == "search"]
        drawn = control_pool(found)
        share = 1 - sum(map(_seconds, drawn)) / max(1e-9, sum(map(_seconds, found)))
        return Running(
            name="control",
            strategy=strategies.get("random"),
            until=self._phase_end("control_end", self.plan.search_s * share),
            most=len(found) - len(drawn) if math.isinf(self.plan.search_s) else math.inf,
            **self._cheap | {"seed": self.request.settings.seed + 1},
        )

    def promotion(self) -> Running:
        trials = list(self.loop.trials.values())
        trainings = self._decided(
            "promotion",
            lambda: promotion(
                trials,
                self.request.objectives,
                self.plan.promotion_s,
                self.request.settings.workers,
                self.plan.longer,
                tuple(trial.number for trial in self._shared),
            ),
        )
        return self._listed("promotion", trainings, **self._trained)

    def final(self) -> Running:
        trials = [trial for trial in self.loop.trials.values() if trial.phase == "promotion"]
        timed = not math.isinf(self.plan.final_end)
        trainings = self._decided(
            "final",
            lambda: finals(
                trials,
                [*baseline_proposals(self.request.rivals(self.plan)), *self.request.given],
                self.request.objectives,
                max(1.0, self.plan.final_end - self.loop.clock()),
                self.request.settings.workers,
                (useful_epochs(self.request.recipe), most_epochs(self.request.recipe))
                if timed
                else (self.request.recipe.epochs,) * 2,
                self.request.settings.seed,
                self.request.inherits,
                bool(self.request.method.policy),
            ),
        )
        evaluator = replace(self._training, test=True, keep=True, latency=True)
        until = self.plan.final_end - trainings.seconds if timed else math.inf
        return self._listed("final", trainings, evaluator=evaluator, until=until, keeps=True)

    def judge_screening(self) -> None:
        """Says how well untrained networks were ranked."""
        trained = [trial for trial in self.loop.trials.values() if trial.phase == "search"]
        self._say(screening.verdict(self._screened, trained, self.request.objectives))

    def judge_prospects(self) -> None:
        """Says how many trainings of the search and its control were stopped early."""
        done = [trial for trial in self.loop.trials.values() if trial.phase in ("search", "control")]
        count = sum(trial.measurement is not None and stopped(trial.measurement) for trial in done)
        if count:
            self._say(f"{count} of {len(done)} trainings were stopped early, for lack of prospects")

    def _say(self, line: str) -> None:
        """Adds a line to the plan, once."""
        known = self.store.get("plan", ())
        if line not in known:
            self.store.put("plan", [*known, line])

    def _started(self) -> AnyStrategy:
        """The strategy, with what an earlier search found or untrained networks promise. These values are never taken
        as they are: an earlier search may have trained on other data, longer, or on another machine."""
        earlier, strategy = self.store.get("earlier"), self.request.method.strategy
        if self.request.foretells:
            strategy = Screened(strategy)
        known = self._screened if earlier is None else earlier_trials(earlier)
        return WarmStarted(strategy, known, same_task=False) if known else strategy

    @property
    def _screened(self) -> tuple[Trial, ...]:
        """The untrained networks, ranked."""
        trials = [trial for trial in self.loop.trials.values() if trial.phase == "screening"]
        return screening.ranking(trials, self.request.task.signature, self.request.objectives, self.plan.pace)

    def _derived(self, shared: Sequence[Trial]) -> Trainings:
        """The networks that a supernet's preferences favour, to be trained: as many as there is time for."""
        from netwright.supernet.derive import derive, smaller
        from netwright.supernet.rounds import loaded, merged

        bank = merged([loaded(self.directory / trial.folder / BANK, self.request.task) for trial in shared])
        room = self.request.budget.trials or (1 - SHARING_SHARE) * self.plan.trials(self.request.settings.workers)
        count = int(min(MOST_DERIVED, max(1, room)))
        space, rng = self.allowed, np.random.default_rng(self.request.settings.seed)
        parents = tuple(trial.number for trial in shared)
        favoured = derive(bank, space, count, rng)
        share = smaller(favoured[0], space, self.request.task.signature, rng)
        if share <= COLLAPSED:
            self._say(COLLAPSE.format(share))
        return Trainings(tuple(Proposal(one, parents=parents, origin="derived") for one in favoured), promised=1)

    @property
    def _cheap(self) -> dict[str, Any]:
        """What the search and its control have in common."""
        scores = Scored(self.request.task.signature, self.plan.pace)
        return self._trained | {
            "space": self.allowed,
            "objectives": self.request.objectives,
            "seed": self.request.settings.seed,
            "fidelity": self.plan.fidelity,
            "seconds": 3 * self.plan.trial_s + 2,
            "slack": 3.0,
            "scores": scores,
            "prospects": Prospects(self.request.objectives, scores) if self.request.stops else None,
            "trials": self.request.budget.trials or self.plan.trials(self.request.settings.workers),
        }

    @property
    def _shared(self) -> list[Trial]:
        """The trials that left the supernet's weights: those of the last round."""
        done = [one for one in self.loop.trials.values() if one.phase == "sharing" and one.status == "completed"]
        last = done[-1].proposal.origin if done else ""
        return [trial for trial in done if trial.proposal.origin == last]

    @property
    def _trained(self) -> dict[str, Any]:
        """How networks are trained before the end: their weights are kept where others are to begin with them."""
        inherit = self.request.inherits
        evaluator = replace(self._training, latency=self.request.times, keep=inherit)
        return {"evaluator": evaluator, "keeps": inherit, "inherits": inherit}

    @property
    def _training(self) -> Training:
        """Networks that are compiled are not timed before: that would take as long again."""
        backend = self.request.backend
        return Training(self.request.recipe, backend=backend.name, pace=self.plan.pace if backend.compiles else None)

    def _listed(self, name: Phase, trainings: Trainings, **further: Any) -> Running:
        return Running(
            name=name,
            strategy=Listed(trainings.proposals),
            space=self.request.space,
            objectives=self.request.objectives,
            seed=self.request.settings.seed,
            promised=trainings.promised,
            seconds=trainings.seconds,
            **further,
        )

    def _decided(self, name: str, decide: Callable[[], Trainings]) -> Trainings:
        """A decision is made once, told in the plan and kept, so that a resumed search and every other driver go on
        with it."""
        with self.store.batch():
            stored = self.store.get(name)
            if stored is None:
                decided = decide()
                stored = decided.to_dict()
                self.store.put(name, stored)
                self._say(decided.wording(name, self.loop.clock()))
        return Trainings.from_dict(stored, self.store.spaces() | {self.request.space.name: self.request.space})

    def _phase_end(self, name: str, seconds: float) -> float:
        """The second at which a phase stops starting trials: decided when it first begins."""
        if math.isinf(seconds):
            return math.inf
        with self.store.batch():
            end = self.store.get(name)
            if end is None:
                end = self.loop.clock() + seconds
                self.store.put(name, end)
        return float(end)


def _seconds(trial: Trial) -> float:
    return trial.measurement.cost.wall_s if trial.measurement else 0.0
