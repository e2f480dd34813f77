"""What every store must do. Subclass `StoreConformance` in a test module and give it the fixture `reopen`:

class TestMine(StoreConformance):
    @pytest.fixture
    def reopen(self, tmp_path):
        return lambda: open_store(tmp_path / "search.sqlite", create=True)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from netwright.errors import InputError, NetwrightError
from netwright.objectives import Constraint, Objective, Objectives
from netwright.space import Space, chain, choice, integer, op
from netwright.store import Record, Store
from netwright.trial import Cost, Failure, Fidelity, Measurement, Proposal, Trial

SPACE = Space(
    chain(op("conv", kernel=choice(3, 5), channels=integer(8, 64, step=8)), op("head")),
    "conformance",
    {"lr": choice(0.1)},
)
LAPSED = -1.0
"""Seconds of a lease or lock that has lapsed when it is given."""

Reopen = Callable[[], Store]


def trial(number: int, **changes: object) -> Trial:
    """A pending trial of `SPACE`, equal for equal numbers."""
    proposal = Proposal(SPACE.sample(np.random.default_rng(number)), Fidelity(2.0, 0.5), (1, 2), "mutation", 7)
    return replace(Trial(number, proposal), **changes)  # type: ignore[arg-type]


def measured(number: int) -> Trial:
    """The trial of that number, completed, with everything that a measurement may hold."""
    found = Measurement(
        metrics={"accuracy": 0.9, "peak_memory_mb": math.inf},
        test={"accuracy": 0.8},
        curve=({"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}),
        cost=Cost(wall_s=1.5, cpu_s=1.0, energy_wh=0.1),
        fidelity=Fidelity(1.5),
        artifacts={"weights": "model.safetensors"},
        notes=("out of time",),
    )
    return trial(number).begin(1.0).complete(found, 2.5)


def failed(number: int) -> Trial:
    return trial(number).begin(1.0).fail(Failure("memory", "held 900 MiB"), 2.0)


def drawn(number: int) -> Trial:
    """A completed trial of that number with a small and a large metric drawn for it; some are alike, some have none."""
    rng = np.random.default_rng(number)
    accuracy = math.nan if number % 11 == 0 else float(rng.integers(20)) / 20
    metrics = {"accuracy": accuracy, "params": float(rng.integers(1, 30))}
    return trial(number).begin(1.0).complete(Measurement(metrics), 2.0)


ACCURACY = Objectives((Objective("accuracy"),))
JUDGED = [
    ACCURACY,
    Objectives((Objective("params"),), (Constraint.parse("accuracy>=0.5"),)),
    Objectives((Objective("accuracy"), Objective("params"))),
    Objectives((Objective("accuracy"), Objective("params")), (Constraint.parse("params<3"),)),
]


def _propose_then_start(store: Store, proposed: Trial, number: int) -> None:
    store.propose([proposed])
    store.start(number, "worker", 60.0)


class StoreConformance:
    """The suite. `reopen` opens the same store once more, making it the first time."""

    @pytest.fixture
    def reopen(self) -> Reopen:
        raise NotImplementedError("give the fixture `reopen`")

    @pytest.fixture
    def store(self, reopen: Reopen) -> Store:
        store = reopen()
        store.add_space(SPACE)
        return store

    def test_keeps_what_was_put(self, store: Store, reopen: Reopen) -> None:
        value = {"budget": "10m", "limits": [1, 2.5, None], "best": math.inf, "nested": {"on": True}}
        store.put("settings", {"old": 1})
        store.put("settings", value)
        assert reopen().get("settings") == value
        assert store.get("absent") is None
        assert store.get("absent", 3) == 3

    def test_keeps_spaces(self, store: Store, reopen: Reopen) -> None:
        store.add_space(SPACE)
        kept = reopen().spaces()
        assert list(kept) == [SPACE.name]
        assert kept[SPACE.name].to_dict() == SPACE.to_dict()

    def test_refuses_another_space_of_the_same_name(self, store: Store) -> None:
        with pytest.raises(InputError, match="another space"):
            store.add_space(Space(op("head"), SPACE.name))

    def test_gives_trials_back_as_they_were(self, store: Store, reopen: Reopen) -> None:
        store.propose([trial(0), trial(1, phase="control"), trial(2)])
        assert store.finish(measured(0))
        assert store.finish(failed(2))
        for each in (store, reopen()):
            assert each.trials() == [measured(0), trial(1, phase="control"), failed(2)]
            assert each.trials(phase="control") == [trial(1, phase="control")]
            assert each.trials(status="failed") == [failed(2)]
            assert each.count() == {"pending": 1, "completed": 1, "failed": 1}

    def test_logs_in_order(self, store: Store, reopen: Reopen) -> None:
        store.propose([trial(5), trial(3)])
        store.finish(measured(3))
        store.propose([trial(4)])
        log = list(reopen().log())
        assert [record.seq for record in log] == [1, 2, 3, 4]
        assert log[2] == Record(3, "completed", measured(3))
        assert [(record.kind, record.trial.number) for record in log] == [
            ("proposed", 5),
            ("proposed", 3),
            ("completed", 3),
            ("proposed", 4),
        ]
        assert log[1].trial == trial(3)
        assert list(store.log(since=3)) == log[3:]

    def test_records_all_proposals_or_none(self, store: Store) -> None:
        store.propose([trial(1)])
        with pytest.raises(NetwrightError, match="1"):
            store.propose([trial(0), trial(1)])
        assert store.trials() == [trial(1)]

    def test_refuses_a_proposal_of_an_unknown_space(self, store: Store) -> None:
        other = Space(op("head"), "other")
        with pytest.raises(NetwrightError, match="other"):
            store.propose([Trial(0, Proposal(other.architecture({})))])

    def test_finishes_once(self, store: Store) -> None:
        store.propose([trial(0)])
        token = store.start(0, "worker", 60.0)
        assert store.finish(measured(0), token)
        assert not store.finish(failed(0), token)
        assert not store.finish(failed(0))
        assert store.count() == {"completed": 1}
        assert len(list(store.log())) == 2

    def test_a_running_trial_says_so(self, store: Store, reopen: Reopen) -> None:
        store.propose([trial(0)])
        store.start(0, "worker-1", 60.0, started=4.0)
        assert reopen().trials() == [trial(0, status="running", worker="worker-1", started=4.0)]

    def test_does_not_start_what_runs_or_has_ended(self, store: Store) -> None:
        store.propose([trial(0), trial(1)])
        store.start(0, "a", 60.0)
        store.finish(failed(1))
        for number in (0, 1, 2):
            with pytest.raises(NetwrightError, match=str(number)):
                store.start(number, "b", 60.0)

    def test_refuses_a_stale_token(self, store: Store) -> None:
        store.propose([trial(0)])
        late = store.start(0, "late", LAPSED)
        fresh = store.start(0, "fresh", 60.0)
        assert not store.renew(0, late, 60.0)
        assert not store.finish(failed(0), late)
        assert store.renew(0, fresh, 60.0)
        assert store.finish(measured(0), fresh)
        assert store.trials()[0].status == "completed"

    def test_refuses_a_token_after_reclaim(self, store: Store) -> None:
        store.propose([trial(0)])
        token = store.start(0, "late", LAPSED)
        assert store.reclaim() == [0]
        assert not store.finish(measured(0), token)
        assert store.trials() == [trial(0)]

    def test_reclaims_lapsed_leases_only(self, store: Store) -> None:
        store.propose([trial(number) for number in range(4)])
        store.start(2, "dead", LAPSED)
        store.start(1, "alive", 60.0)
        renewed = store.start(3, "renewed", LAPSED)
        assert store.renew(3, renewed, 60.0)
        assert store.reclaim() == [2]
        assert store.reclaim(all=True) == [1, 3]
        assert store.count() == {"pending": 4}

    def test_a_late_finish_under_the_latest_lease_counts(self, store: Store) -> None:
        store.propose([trial(0)])
        token = store.start(0, "slow", LAPSED)
        assert store.finish(measured(0), token)

    def test_progress_is_the_latest_of_running_trials(self, store: Store, reopen: Reopen) -> None:
        store.propose([trial(0), trial(1)])
        token = store.start(0, "worker", 60.0)
        store.progress(0, {"epoch": 1})
        store.progress(0, {"epoch": 2, "loss": math.nan})
        store.progress(1, {"epoch": 9})
        seen = reopen().progresses()
        assert list(seen) == [0]
        assert seen[0]["epoch"] == 2
        assert math.isnan(seen[0]["loss"])
        store.finish(measured(0), token)
        assert store.progresses() == {}

    def test_one_driver_a_search(self, store: Store, reopen: Reopen) -> None:
        other = reopen()
        assert store.lock("first", 60.0)
        assert store.lock("first", 60.0)
        assert not other.lock("second", 60.0)
        assert other.driver() == "first"
        other.unlock("second")
        assert not other.lock("second", 60.0)
        store.unlock("first")
        assert store.driver() is None
        assert other.lock("second", 60.0)

    def test_a_lapsed_lock_passes_on(self, store: Store, reopen: Reopen) -> None:
        assert store.lock("first", LAPSED)
        assert reopen().lock("second", 60.0)
        assert not store.lock("first", 60.0)

    def test_a_batch_is_all_or_nothing(self, store: Store) -> None:
        with store.batch():
            store.propose([trial(0)])
            store.finish(measured(0), store.start(0, "worker", 60.0))
            assert store.count() == {"completed": 1}
        with pytest.raises(NetwrightError, match="7"), store.batch():
            _propose_then_start(store, trial(1), 7)
        assert store.trials() == [replace(measured(0), worker="worker")]

    def test_a_refusal_within_a_batch_undoes_only_itself(self, store: Store) -> None:
        store.propose([trial(0)])
        with store.batch():
            store.propose([trial(1)])
            with pytest.raises(NetwrightError):
                store.propose([trial(2), trial(0)])
        assert store.trials() == [trial(0), trial(1)]

    def test_a_trial_that_nobody_works_on_is_claimed_once(self, store: Store, reopen: Reopen) -> None:
        store.propose([trial(0), trial(1, phase="control"), trial(2), trial(3)])
        store.start(0, "alive", 60.0)
        late = store.start(2, "dead", LAPSED)
        found = reopen().claim("search", "second", 60.0)
        assert found is not None
        assert found[0] == trial(2)
        assert not store.renew(2, late, 60.0)
        assert not store.finish(failed(2), late)
        assert store.finish(measured(2), found[1])
        claimed = store.claim("search", "second", 60.0)
        assert claimed is not None
        assert claimed[0] == trial(3)
        assert store.claim("search", "third", 60.0) is None
        assert [record.trial.number for record in store.log() if record.kind == "completed"] == [2]

    def test_drivers_come_and_go(self, store: Store, reopen: Reopen) -> None:
        other = reopen()
        store.propose([trial(number) for number in range(3)])
        leases = {number: store.start(number, "first", LAPSED) for number in (0, 1)}
        assert store.attend("first", 60.0, leases) == []
        assert other.attend("second", 60.0) == []
        assert store.drivers() == {"first", "second"}
        assert other.reclaim() == []
        stolen = other.start(2, "second", 60.0)
        assert store.attend("first", 60.0, {0: leases[0], 2: stolen + 1}) == [2]
        store.leave("first")
        assert other.drivers() == {"second"}
        assert [each.status for each in other.trials()] == ["pending", "pending", "running"]
        store.attend("gone", LAPSED)
        assert other.drivers() == {"second"}

    @pytest.mark.parametrize("objectives", JUDGED, ids=lambda one: "+".join(sorted(one.names)))
    def test_keeps_the_best_and_the_front(self, store: Store, reopen: Reopen, objectives: Objectives) -> None:
        ended = [drawn(number) for number in range(60)]
        store.propose([trial(number) for number in range(60)])
        for each in ended[:10]:
            store.finish(each)
        store.judge_by(objectives)
        for number in np.random.default_rng(0).permutation(50):
            store.finish(ended[10 + number])
        ranked = sorted(filter(objectives.valid, ended), key=objectives.rank_key)
        for opened in (store, reopen()):
            assert opened.best("search", 7) == ranked[:7]
            assert opened.best("search", 100, after=ranked[6].number) == ranked[7:]
            front = opened.front("search")
            assert {one.number for one in front} == {one.number for one in objectives.front(ended)}
            assert opened.best("control", 3) == opened.front("control") == []
        store.judge_by(ACCURACY)
        assert store.best("search", 1)[0] == ACCURACY.incumbent(ended)

    def test_a_store_that_was_not_told_what_is_good_says_so(self, store: Store) -> None:
        with pytest.raises(NetwrightError, match="judge_by"):
            store.best("search", 1)

    def test_pages_go_backwards(self, store: Store) -> None:
        store.propose([trial(number, phase="control" if number % 3 == 0 else "search") for number in range(10)])
        assert [each.number for each in store.newest(4)] == [9, 8, 7, 6]
        assert [each.number for each in store.newest(4, before=6)] == [5, 4, 3, 2]
        assert [each.number for each in store.newest(9, phase="control")] == [9, 6, 3, 0]

    def test_knows_twins(self, store: Store) -> None:
        proposal = trial(0).proposal
        same = [Trial(number, replace(proposal, origin=f"way {number}")) for number in range(3)]
        store.propose([*same, Trial(3, replace(proposal, fidelity=Fidelity(9.0)))])
        assert store.twin(same[0], ("search",)) is None
        store.finish(same[1].begin(1.0).complete(Measurement({"accuracy": 0.5})))
        found = store.twin(same[2], ("search",))
        assert found is not None
        assert found.number == 1
        assert store.twin(same[2], ("control",)) is None
        assert store.twin(Trial(4, replace(proposal, fidelity=Fidelity(9.0))), ("search",)) is None

    def test_the_log_can_be_read_in_parts(self, store: Store) -> None:
        store.propose([trial(0), trial(1, phase="control"), trial(2)])
        store.finish(failed(0))
        assert [record.seq for record in store.log(since=1, until=3)] == [2, 3]
        assert [record.trial.number for record in store.log(phase="control")] == [1]
        assert (store.last_seq(), store.last_number()) == (4, 2)
        assert [each.number for each in store.unfinished()] == [1, 2]
