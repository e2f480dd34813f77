"""A fixed list of proposals."""

from __future__ import annotations

from netwright.objectives import Objective, Objectives
from netwright.space import Space, choice, op
from netwright.strategies import Listed, Problem, Strategy
from netwright.trial import Failure, Fidelity, Proposal, Trial

SPACE = Space(op("conv", kernel=choice(3, 5, 7)), "listed-test")
OBJECTIVES = Objectives((Objective("accuracy"),))
SAME = SPACE.architecture({"kernel": 1})
LIST = tuple(Proposal(SAME, Fidelity(epochs), origin="best", seed=seed) for epochs in (1.0, 2.0) for seed in (0, 1, 1))


def test_proposes_its_list_in_order_repeats_included():
    listed = Listed(LIST)
    assert isinstance(listed, Strategy)
    state = listed.init(Problem(SPACE, OBJECTIVES))
    asked = []
    while proposals := listed.ask(state, 4):
        assert proposals == listed.ask(state, 4)
        state = listed.tell(state, [Trial(len(asked) + place, p) for place, p in enumerate(proposals)])
        asked += proposals
    assert tuple(asked) == LIST


def test_outcomes_do_not_move_it_and_it_resumes_from_the_log():
    listed = Listed(LIST)
    pending = Trial(7, LIST[0])
    state = listed.tell(listed.init(Problem(SPACE, OBJECTIVES)), [pending, pending.fail(Failure("error", "broke"))])
    assert listed.ask(state, 1) == (LIST[1],)


def test_an_empty_list_proposes_nothing():
    assert Listed().ask(Listed().init(Problem(SPACE, OBJECTIVES)), 3) == ()
