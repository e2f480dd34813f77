"""A fabricated but realistic search: real Space, Trial and Store objects, invented measurements."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netwright.operations import Signature, analyse
from netwright.space import Architecture, Space, chain, choice, integer, op, optional, parallel, real, repeat
from netwright.store import Store, open_store
from netwright.trial import Cost, Failure, Fidelity, Measurement, Proposal, Trial

SIGNATURE = Signature((3, 32, 32), 10, "classification")
EXAMPLES = 600


def mobile_space() -> Space:
    def stage(channels: int, stride: int) -> Any:
        kernel, expansion, se = choice(3, 5), choice(2, 4, 6), choice(False, True)
        first = op("mbconv", kernel=kernel, channels=channels, stride=stride, expansion=expansion, se=se)
        more = op("mbconv", kernel=choice(3, 5), channels=channels, stride=1, expansion=choice(2, 4), se=False)
        return chain(first, repeat(more, integer(0, 4), share="choices"))

    root = chain(
        op("conv", kernel=3, channels=choice(8, 16), stride=1),
        stage(16, 2),
        stage(32, 2),
        parallel(op("conv", kernel=choice(1, 3), channels=32), op("identity"), merge="sum"),
        optional(op("max-pool", kernel=3, stride=2)),
        op("head", dropout=0.1),
    )
    return Space(root, "mobile<small>", {"learning_rate": real(0.001, 0.1, log=True)})


def baseline_space(name: str, channels: int) -> Space:
    block = chain(op("conv", kernel=3, channels=channels), op("max-pool", kernel=2, stride=2))
    return Space(chain(block, block, op("head")), name)


class Fabricator:
    """Writes a search into a folder. skill: how good the search is compared with the baselines, in accuracy."""

    def __init__(self, directory: Path, skill: float = 0.05, seeds: int = 3, outputs: bool = True) -> None:
        self.directory, self.skill, self.seeds, self.outputs = directory, skill, seeds, outputs
        directory.mkdir(parents=True, exist_ok=True)
        self.rng = np.random.default_rng(0)
        self.store: Store = open_store(directory / "search.sqlite", create=True)
        self.space = mobile_space()
        self.baselines = {"lenet <b>": baseline_space("lenet <b>", 12), "vgg-small": baseline_space("vgg-small", 32)}
        self.number, self.clock = 0, 3.0
        self.y = self.rng.integers(0, 10, EXAMPLES)
        self.hard = self.rng.normal(0, 0.1, EXAMPLES)
        for space in (self.space, *self.baselines.values()):
            self.store.add_space(space)
        self.store.put("settings", self.settings())
        self.store.put("task", TASK)
        self.store.put("machine", MACHINE)
        self.store.put("plan", ["a search trial trains 3 epochs on 40% of the training data", "<i>a line</i>"])

    @staticmethod
    def settings() -> dict[str, Any]:
        return {
            "method": "regularized-evolution",
            "space": "mobile",
            "objectives": ["accuracy"],
            "constraints": ["params<300k"],
            "budget": "10m",
            "workers": 2,
            "seed": 0,
            "executor": "processes",
        }

    def quality(self, architecture: Architecture) -> float:
        choices = architecture.choices
        depth = sum(1 for node in architecture.graph.nodes if node.op == "mbconv")
        wide = sum(1 for name, value in choices.items() if name.endswith("kernel") and value == 1)
        return 0.80 + 0.09 * (1 - math.exp(-depth / 3)) + 0.008 * wide

    def run(self, architecture: Architecture, phase: Any, origin: str, level: float, seed: int | None = None) -> Trial:
        """One completed trial at about this accuracy."""
        proposal = Proposal(architecture, Fidelity(epochs=3.0), origin=origin, seed=seed)
        trial = Trial(self.number, proposal, phase)
        self.number += 1
        self.store.propose([trial])
        token = self.store.start(trial.number, "worker", 60.0)
        seconds = float(1.2 + self.rng.random())
        trial = replace(trial, status="running", started=self.clock)
        self.clock += seconds / 2 + 0.05
        accuracy = float(np.clip(level + self.rng.normal(0, 0.006), 0, 1))
        done = trial.complete(self.measurement(trial, accuracy, seconds), round(self.clock + seconds / 2, 3))
        assert self.store.finish(done, token)
        return done

    def measurement(self, trial: Trial, accuracy: float, seconds: float) -> Measurement:
        size = analyse(trial.proposal.architecture.graph, SIGNATURE)
        metrics = {
            "accuracy": accuracy,
            "rmse": 1 - accuracy,
            "params": float(size.params),
            "flops": float(size.flops),
            "latency_ms": 0.2 + size.flops / 4e6,
        }
        test = self.test(trial, accuracy - 0.004) if trial.phase == "final" else {}
        curve = tuple({"epoch": float(e), "loss": 2.2 * math.exp(-e / 2) + 0.3 * (1 - accuracy)} for e in range(1, 11))
        cost = Cost(seconds, seconds * 0.95, 0.0, 410.0 + trial.number % 7, None)
        return Measurement(metrics, test, curve if trial.phase == "final" else curve[:3], cost, Fidelity(epochs=3.0))

    def test(self, trial: Trial, accuracy: float) -> dict[str, float]:
        right = self.rng.random(EXAMPLES) < np.clip(accuracy + self.hard, 0, 1)
        answers = np.where(right, self.y, (self.y + 1) % 10)
        if self.outputs:
            folder = self.directory / "trials" / f"{trial.number:06d}"
            folder.mkdir(parents=True)
            np.savez(folder / "test.npz", outputs=np.eye(10, dtype=np.float32)[answers] * 5, y=self.y)
        return {"accuracy": float(np.mean(answers == self.y)), "rmse": float(np.mean(answers != self.y))}

    def fail(self, reason: Any, message: str) -> Trial:
        trial = Trial(self.number, Proposal(self.space.sample(self.rng), Fidelity(epochs=3.0), origin="mutation"))
        self.number += 1
        self.store.propose([trial])
        token = self.store.start(trial.number, "worker", 60.0)
        failed = replace(trial, started=self.clock).fail(Failure(reason, message), self.clock + 1)
        assert self.store.finish(failed, token)
        return failed

    def explore(self, trials: int = 40) -> None:
        """Search and control phases."""
        for phase in ("search", "control"):
            best = None
            for k in range(trials):
                drawn = self.space.sample(self.rng)
                if phase == "search" and best is not None and k > 10:
                    drawn = self.space.mutate(best, self.rng)
                self.run(drawn, phase, "mutation" if phase == "search" else "random", self.quality(drawn) - 0.05)
                best = drawn if best is None or self.quality(drawn) > self.quality(best) else best
        self.fail("timeout", "no answer after 6 s <script>alert(1)</script>")
        self.fail("memory", "needed more than 2048 MiB")

    def finish(self) -> None:
        """Promotion and final phases."""
        tops = {}
        for phase, origin in (("search", "search"), ("control", "control")):
            done = [t for t in self.store.trials() if t.phase == phase and t.status == "completed"]
            tops[origin] = max(done, key=lambda t: t.metric("accuracy")).proposal.architecture
        for origin, architecture in tops.items():
            self.run(architecture, "promotion", origin, self.quality(architecture))
        rivals = {f"baseline: {name}": space.architecture({}) for name, space in self.baselines.items()}
        for name, architecture in rivals.items():
            self.run(architecture, "promotion", name, 0.85)
        entrants: Mapping[str, Architecture] = {"best": tops["search"], "control": tops["control"], **rivals}
        for seed in range(self.seeds):
            for origin, architecture in entrants.items():
                level = 0.88 + (self.skill if origin == "best" else self.skill / 2 if origin == "control" else 0.0)
                level -= 0.03 if "lenet" in origin else 0.0
                self.run(architecture, "final", origin, level, seed)


TASK = {
    "name": "shapes <img src=x onerror=alert(2)>",
    "kind": "image-classification",
    "inputs": [3, 32, 32],
    "outputs": 10,
    "classes": ["cat", "<script>alert('dog')</script>", *[f"class {k}" for k in range(8)]],
    "metric": "accuracy",
    "metrics": ["accuracy", "rmse"],
    "source": {"origin": "photos of 'mine'/", "licence": "CC BY 4.0", "sha256": "ab" * 32, "warnings": ["2 skipped"]},
    "counts": {"train": 4200, "valid": 600, "test": EXAMPLES},
}
MACHINE = {
    "python": "3.11.9",
    "system": "Linux 6.1",
    "processor": "a processor",
    "cores": 2,
    "packages": {"netwright": "0.1.0", "torch": "2.13.0", "onnxruntime": None},
}


@pytest.fixture(scope="session")
def fabricate(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Fabricator]:
    """fabricate(skill=..., seeds=..., outputs=...) -> Fabricator in a new folder."""

    def make(**options: Any) -> Fabricator:
        return Fabricator(tmp_path_factory.mktemp("search"), **options)

    return make


@pytest.fixture(scope="session")
def finished(fabricate: Callable[..., Fabricator]) -> Fabricator:
    """A search that has run to its end and clearly beats the baselines."""
    search = fabricate()
    search.explore()
    search.finish()
    return search
