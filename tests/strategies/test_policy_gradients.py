"""What makes REINFORCE and PPO themselves."""

from __future__ import annotations

import numpy as np
import pytest

from netwright.space import Space, choice, op
from netwright.strategies import PPO, Problem, Reinforce
from netwright.strategies.policy import Policy
from netwright.strategies.ppo import surrogate
from netwright.testing.strategies import ACCURACY, FAST, SPACES, problem, search, smooth
from netwright.trial import Measurement, Proposal, Trial

SPACE = SPACES["choices"]
KINDS = pytest.mark.parametrize("controller", ["factorised", "autoregressive"])
EACH = pytest.mark.parametrize("strategy", [Reinforce(window=6), PPO(window=6, every=3)], ids=["reinforce", "ppo"])


def trial(number, accuracy, space=SPACE, **metrics):
    proposal = Proposal(space.sample(np.random.default_rng(number)))
    return Trial(number, proposal).complete(Measurement({"accuracy": accuracy, **metrics}))


def advantages(*trials, objectives=ACCURACY):
    state = Policy(*_parts(objectives), window=100)
    for one in trials:
        state.note(one)
    return state.advantages()


def _parts(objectives):
    state = Reinforce().init(Problem(SPACE, objectives))
    return state.memory, state.controller


def test_advantages_are_of_the_rank_alone_and_zero_in_the_mean():
    found = advantages(*(trial(number, accuracy) for number, accuracy in enumerate((0.1, 0.9, 0.5, 0.899))))
    again = advantages(*(trial(number, accuracy) for number, accuracy in enumerate((-7.0, 800.0, 0.0, 1.0))))
    assert found == pytest.approx(again)
    assert found.mean() == pytest.approx(0)
    assert list(np.argsort(-found)[:2]) == [1, 3]


def test_equal_results_have_equal_advantages():
    assert advantages(*(trial(number, 0.5) for number in range(5))) == pytest.approx(np.zeros(5))


def test_what_breaks_constraints_ranks_behind():
    quick, slow, slower = (trial(i, 0.1 + i / 10, latency_ms=ms) for i, ms in enumerate((0.3, 0.5, 0.9)))
    found = advantages(slower, slow, quick, objectives=FAST)
    assert found.argmax() == 2
    assert found[0] <= found[1] < found[2]


@EACH
def test_only_the_last_trials_are_learnt_from(strategy):
    state = strategy.init(problem(SPACE))
    state = strategy.tell(state, [trial(number, number / 20) for number in range(20)])
    assert [scored.loss for scored in state.recent] == pytest.approx([-number / 20 for number in range(14, 20)])
    assert state.noted == 20


@EACH
def test_an_architecture_without_decisions_teaches_nothing(strategy):
    fixed = Space(op("conv", kernel=3), "fixed")
    state = strategy.tell(strategy.init(problem(fixed)), [trial(number, 0.5, fixed) for number in range(4)])
    assert state.controller.learnt == 0


@KINDS
@pytest.mark.parametrize("kind", [Reinforce, PPO])
def test_the_policy_settles_on_what_is_good(kind, controller):
    log = search(kind(controller=controller), SPACE, smooth, 200)
    accuracies = [event.metric("accuracy") for event in log if event.status == "completed"]
    assert np.mean(accuracies[-50:]) > np.mean(accuracies[:50]) + 0.02


def test_ppo_updates_after_some_trials_only():
    strategy = PPO(every=4, epochs=3, batch_size=2)
    state, learnt = strategy.init(problem(SPACE)), []
    for number in range(9):
        state = strategy.tell(state, [trial(number, number / 9)])
        learnt.append(state.controller.learnt)
    assert learnt == [0, 0, 0, 6, 6, 6, 6, 18, 18]


def test_the_surrogate_ends_where_a_probability_has_moved_far_enough():
    ratio = np.array([1.0, 1.19, 1.21, 0.81, 0.79])
    assert surrogate(ratio, np.ones(5), 0.2) == pytest.approx([1.0, 1.19, 0.0, 0.81, 0.79])
    assert surrogate(ratio, -np.ones(5), 0.2) == pytest.approx([-1.0, -1.19, -1.21, -0.81, 0.0])


def test_an_update_moves_probabilities_about_as_far_as_the_clip():
    moved = []
    for clip in (0.05, 0.3):
        strategy = PPO(every=10, window=10, epochs=40, clip=clip, entropy=0.0, learning_rate=0.01)
        state = strategy.init(problem(Space(op("conv", kernel=choice(*range(10))), "one")))
        space = state.memory.space
        told = [Trial(i, Proposal(space.architecture({"kernel": i}))) for i in range(10)]
        state = strategy.tell(state, [one.complete(Measurement({"accuracy": i / 10})) for i, one in enumerate(told)])
        moved.append(float(np.exp(np.ptp(state.controller.bias.values))))
    assert moved[0] < moved[1] < 2.5
