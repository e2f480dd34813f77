"""What the governor makes of the speed it measures. The measuring itself is answered by a stand-in."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from netwright import spaces
from netwright.backends.torch.recipe import Recipe
from netwright.executors.base import Event, Finished, Job
from netwright.loop.governor import Governor
from netwright.loop.plan import Plan
from netwright.operations import analyse
from netwright.tasks import Task, open_task
from netwright.trial import Measurement


class Machine:
    """An executor that finds every FLOP to take so many seconds."""

    workers = 2

    def __init__(self, flop_s: float) -> None:
        self.flop_s = flop_s
        self.running: frozenset[int] = frozenset()

    def submit(self, job: Job) -> None:
        self.running = frozenset((job.number,))

    def wait(self, timeout: float) -> Sequence[Event]:
        return [Finished(number, Measurement({"flop_s": self.flop_s, "activation_s": 0.0})) for number in self.running]


@pytest.fixture(scope="module")
def task() -> Task:
    return open_task("digits")


def planned(task: Task, flop_s: float) -> Plan:
    space = spaces.get("mobile", task.signature)
    governor = Governor(task, space, (), Recipe(), workers=2, seed=0, quality_alone=True)
    return governor.plan(Machine(flop_s), 120.0, lambda: 1.0)  # type: ignore[arg-type]


def test_where_there_is_time_every_hand_designed_network_is_trained(task: Task) -> None:
    plan = planned(task, 1e-12)
    assert set(plan.rivals or ()) == {baseline.name for baseline in task.baselines()}


def test_hand_designed_networks_are_left_out_for_the_same_reason_as_others(task: Task) -> None:
    plan = planned(task, 2e-9)
    example_s = {
        one.name: 2e-9 * analyse(one.space.architecture({}).graph, task.signature).flops for one in task.baselines()
    }
    assert plan.rivals is not None
    assert 0 < len(plan.rivals) < len(example_s)
    assert all(example_s[name] <= plan.slowest_s for name in plan.rivals)
    assert all(example_s[name] > plan.slowest_s for name in example_s.keys() - set(plan.rivals))


def test_the_quickest_stays_however_slow_it_is(task: Task) -> None:
    plan = planned(task, 1e-5)
    assert plan.rivals == ("lenet-5",)
