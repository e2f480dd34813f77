"""`netwright predict-quality`: what a search's measurements say of networks that it did not train."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import Result

from netwright.space import Space, chain, choice, op
from netwright.store import open_store
from netwright.tasks import open_task
from netwright.trial import Fidelity, Measurement, Proposal, Trial

Run = Callable[..., Result]
SPACE = Space(
    chain(*(op("conv", kernel=choice(1, 3, 5), channels=choice(4, 8, 12)) for _ in range(3)), op("head")), "three"
)


def worth(choices: dict[str, int]) -> float:
    return 0.5 + 0.03 * sum(choices[f"{i}/kernel"] for i in range(3)) - 0.005 * choices["0/channels"]


@pytest.fixture
def searched(tmp_path: Path) -> Callable[[int], Path]:
    def make(count: int) -> Path:
        folder = tmp_path / "searched"
        folder.mkdir()
        open_task("digits").save(folder / "data")
        rng = np.random.default_rng(0)
        with open_store(folder / "search.sqlite", create=True) as store:
            store.put("settings", {"method": "random", "budget": "10m", "objectives": ["accuracy"], "constraints": []})
            store.put("task", {"name": "digits", "kind": "image-classification", "metric": "accuracy", "classes": []})
            store.put("space", SPACE.name)
            store.add_space(SPACE)
            for number in range(count):
                trial = Trial(number, Proposal(SPACE.sample(rng), Fidelity(epochs=2.0)))
                store.propose([trial])
                quality = worth(trial.proposal.architecture.to_dict())
                store.finish(trial.complete(Measurement({"accuracy": quality, "params": 100.0})))
        return folder

    return make


def test_foretells_networks_given_in_a_file(run: Run, searched: Callable[[int], Path], tmp_path: Path) -> None:
    folder = searched(40)
    good = {f"{i}/{name}": value for i in range(3) for name, value in (("kernel", 2), ("channels", 0))}
    bad = good | {f"{i}/kernel": 0 for i in range(3)}
    (tmp_path / "bad.json").write_text(json.dumps({"further": {"choices": bad}}))
    (tmp_path / "good.yaml").write_text("\n".join(f"{name}: {value}" for name, value in good.items()))
    files = ("--architecture", tmp_path / "bad.json", "--architecture", tmp_path / "good.yaml")
    result = run("predict-quality", folder, *files, "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    first, last = found["networks"]
    assert (first["architecture"], last["architecture"]) == (good, bad)
    assert first["value"] == pytest.approx(worth(good), abs=0.04)
    assert last["value"] == pytest.approx(worth(bad), abs=0.04)
    assert first["interval"][0] <= first["value"] <= first["interval"][1] <= 1
    assert found["kendall_tau"] > 0.7
    assert found["learnt_from"] <= 40


def test_looks_at_random_networks_of_the_space(run: Run, searched: Callable[[int], Path]) -> None:
    result = run("predict-quality", searched(30), "--sample", 6, "--surrogate", "ridge")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("ridge, learnt from ")
    assert "90% interval" in lines[1]
    assert sum("kernel=" in line for line in lines[2:]) >= 6


@pytest.mark.parametrize(
    ("measured", "arguments", "said"),
    [
        (4, (), "has measured 4 networks"),
        (30, ("--surrogate", "rigde"), "did you mean 'ridge'"),
        (30, ("--architecture", "nowhere.json"), "cannot be read"),
        (30, ("--architecture", "text.txt"), "holds no choices"),
        (30, ("--architecture", "other.yaml"), "0/kernel"),
    ],
)
def test_what_cannot_be_foretold_is_refused(
    measured: int, arguments: tuple[str, ...], said: str, run: Run, searched: Callable[[int], Path], tmp_path: Path
) -> None:
    (tmp_path / "text.txt").write_text("just words")
    (tmp_path / "other.yaml").write_text("0/kernel: 7")
    result = run("predict-quality", searched(measured), *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr
