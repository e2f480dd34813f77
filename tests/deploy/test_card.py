"""The model card: what it must hold, and that the code in it runs."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from netwright.deploy.card import model_card
from netwright.deploy.export import Exported
from netwright.errors import NetwrightError
from netwright.loop.provenance import describe
from netwright.tasks import Task

Files = Callable[[str], Exported]

BEST = {
    "key": "ab" * 32,
    "architecture": {"space": "mobile", "choices": {}, "description": "kernel=3, width_mult=1"},
    "validation": {"accuracy": 0.98},
    "test": {"accuracy": 0.97, "log_loss": 0.1},
    "test_std": {"accuracy": 0.004},
    "seeds": 3,
    "params": 48213,
    "flops": 3_200_000,
    "latency_ms": 0.31,
}
SUMMARY: dict[str, Any] = {
    "metric": "accuracy",
    "best": BEST,
    "control": BEST | {"test": {"accuracy": 0.955}, "params": 90000},
    "baselines": [BEST | {"name": "lenet-5", "test": {"accuracy": 0.94}, "params": 61706}],
    "verdict": "The network found beats the strongest hand-designed baseline, lenet-5, by 3.00 points.",
    "trials": {"completed": 41, "failed": 1},
    "ledger": {"wall_s": 600.0, "cpu_s": 1100.0, "energy_wh": None},
    "delivered": {"trial": 40, "seeds": 3, "onnx": {"file": "model.onnx", "difference": 2e-7}},
}
META: dict[str, Any] = {
    "settings": {"method": "regularized-evolution", "space": "mobile", "budget": "10m", "seed": 0, "workers": 2},
    "machine": {"processor": "A CPU", "cores": 2, "packages": {"torch": "2.13", "onnxruntime": None}},
    "plan": ["search 200 s"],
}


@pytest.fixture
def meta(tasks: dict[str, Task]) -> dict[str, Any]:
    return META | {"task": describe(tasks["digits"])}


def test_it_holds_what_a_card_must(meta: dict[str, Any]) -> None:
    text = model_card(SUMMARY, meta, ["model.onnx answers like the network"])
    source = meta["task"]["source"]
    for wanted in (
        "# digits: image-classification",
        SUMMARY["verdict"],
        "97.00 ± 0.40 %",
        "| hand-designed: lenet-5 | 94.00 ± 0.40 % |",
        "| random search, same budget | 95.50 ± 0.40 % |",
        "48.2k parameters",
        source["sha256"],
        "train 1,259, valid 269, test 269",
        "about ± 2.0 points",
        "`regularized-evolution`",
        "model.onnx answers like the network",
        "best on the validation split",
    ):
        assert wanted in text
    assert text.endswith("\n")


def blocks(text: str) -> list[str]:
    return re.findall(r"```python\n(.*?)\n```", text, re.DOTALL)


TASKS = {
    "convolutions with batch norm": "digits",
    "perceptron": "wine",
    "regression": "diabetes",
    "words, in every way": "texts",
    "running text, in every way": "story",
}


@pytest.mark.parametrize("kind", TASKS)
def test_its_code_runs_as_it_stands(
    kind: str, exported: Files, tasks: dict[str, Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = exported(kind).path.parent
    task = tasks[TASKS[kind]]
    monkeypatch.chdir(folder)
    _raw_files(task, folder)
    loading, running = blocks(model_card(SUMMARY, META | {"task": describe(task)}))
    found: dict[str, Any] = {}
    exec(loading, found)
    exec(running, found)
    if task.signature.causal:
        assert (len(found["more"]), found["logits"].shape) == (1, (1, *task.signature.answer))
    elif task.classes:
        assert len(found["labels"]) == 1
        assert found["labels"][0] in task.classes
        assert found["probabilities"].shape[1] == len(task.classes)
    else:
        assert found["values"].shape == (1,)


def _raw_files(task: Task, folder: Path) -> None:
    if len(task.signature.inputs) == 3:
        from PIL import Image

        Image.fromarray(task.test.x[0, 0]).save(folder / "image.png")
        return
    if "names" not in task.prepare:
        return
    names = [f'"{name}"' for name in task.prepare["names"]]
    (folder / "rows.csv").write_text(",".join(names) + "\n" + ",".join(["0.5"] * len(names)) + "\n")


def test_foreign_text_has_no_meaning_in_it(meta: dict[str, Any]) -> None:
    task = copy.deepcopy(meta["task"])
    task["name"] = "a|b\n<script>alert(1)</script>"
    task["classes"] = ["x```\nimport os", "[y](http://z)", *task["classes"][2:]]
    text = model_card(SUMMARY, meta | {"task": task})
    assert "<script>" not in text
    assert "[y](http" not in text.replace(str(blocks(text)[1]), "")
    assert text.count("```") == 4
    assert text.startswith("# a\\|b \\<script\\>")


def test_it_says_what_is_not_known(meta: dict[str, Any]) -> None:
    task = meta["task"] | {"source": {"origin": "arrays"}}
    alone = BEST | {"seeds": 1, "test_std": None}
    delivered = {"trial": 4, "seeds": 1, "onnx": {"file": None, "problem": "no operation"}}
    text = model_card(
        SUMMARY | {"best": alone, "control": None, "baselines": [], "delivered": delivered}, meta | {"task": task}
    )
    assert "licence: not stated" in text
    assert "fewer than two seeds" in text
    assert "random search, same budget" not in text
    assert len(blocks(text)) == 1


def test_there_is_no_card_without_a_network(meta: dict[str, Any]) -> None:
    with pytest.raises(NetwrightError, match="no network yet"):
        model_card(SUMMARY | {"best": None}, meta)
