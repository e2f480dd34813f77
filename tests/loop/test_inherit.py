"""A search whose networks begin with their parents' weights: it runs, keeps them, and goes on after a stop."""

from __future__ import annotations

from pathlib import Path

import netwright
from netwright.space import Space, chain, choice, integer, op, repeat

SPACE = Space(
    chain(
        stem=op("conv", kernel=choice(3, 5), channels=choice(4, 8)),
        more=repeat(op("resblock"), integer(0, 2)),
        head=op("head"),
    ),
    "small",
)


def test_children_find_what_their_parents_left(tmp_path: Path) -> None:
    found = netwright.search(
        "digits",
        space=SPACE,
        method="regularized-evolution",
        method_settings={"population_size": 3, "sample_size": 2},
        budget="5trials",
        recipe={"epochs": 1},
        executor="inline",
        constraints="params<3k",
        out=tmp_path / "search",
    )
    assert found.finished
    trials = {trial.number: trial for trial in found.trials}
    children = [trial for trial in found.trials if trial.proposal.inherit]
    assert {"search", "promotion", "final"} <= {trial.phase for trial in children}
    for child in children:
        assert all(trials[number].status == "completed" for number in child.proposal.parents)
    kept = {path.parent.name for path in found.directory.glob("trials/*/weights.safetensors")}
    assert kept == {f"{trial.number:06d}" for trial in found.trials if trial.phase == "final"}
    finals = [trial.proposal for trial in found.trials if trial.phase == "final" and trial.proposal.parents]
    assert all(proposal.inherit for proposal in finals)
