"""model_card.md: what the network is, how good, on what data, how it was found, and how to load it.

After Mitchell et al. 2019, "Model Cards for Model Reporting", https://arxiv.org/abs/1810.03993.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from netwright.deploy.card_text import bullets, code, escape, table
from netwright.deploy.usage import onnx_usage, python_usage
from netwright.errors import NetwrightError
from netwright.insight.quality import SHARES
from netwright.insight.wording import TIMES, count, number, quality, seconds
from netwright.objectives import METRICS
from netwright.tasks.answers.frames import CENTRE, SPREAD
from netwright.tasks.sound.sounds import HOP_S


def model_card(summary: Mapping[str, Any], meta: Mapping[str, Any], checks: Sequence[str] = ()) -> str:
    """The card as Markdown.

    summary: of the search (`netwright.insight.summary.summarise`), with what was delivered; meta: what the search's
    store knows under "settings", "task", "machine" and "plan"; checks: lines about files that were compared with the
    network. Raises NetwrightError when the search has no network yet.
    """
    if not summary.get("best"):
        raise NetwrightError("the search has no network yet: nothing to write a model card about")
    task = meta.get("task") or {}
    parts = [
        f"# {escape(task.get('name') or 'network')}: {escape(task.get('kind') or 'network')}",
        escape(summary["verdict"]) if summary.get("verdict") else "No final trainings: there is no verdict yet.",
        "## The network",
        bullets(_network(summary["best"], task)),
        "## How good it is",
        _results(summary),
        _reading(summary),
        "## Data",
        bullets(_data(task)),
        "## Limits",
        bullets(_limits(summary, task)),
        "## How to use it",
        _usage(task, summary.get("delivered") or {}),
        bullets(map(escape, checks)),
        "## How it was found",
        bullets(_search(summary, meta)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


_WHERE = {
    "segmentation": " for each pixel",
    "detection": ", and logarithms of how many cells the left, top, right and bottom of a box are away, for each cell "
    f"of 4 {TIMES} 4 pixels",
}
"""For what there are outputs, by what they are for."""


def _classes_or_value(task: Mapping[str, Any]) -> str:
    classes = task.get("classes") or []
    if not classes:
        return "one value, in the target's unit"
    shown = ", ".join(escape(name) for name in classes[:20])
    where = _WHERE.get(task.get("answer") or "", "")
    return f"logits of {len(classes)} classes{where} ({shown}{', …' if len(classes) > 20 else ''})"


def _letters(task: Mapping[str, Any]) -> str:
    classes = task.get("classes") or []
    letters = escape(" ".join(classes[2:42])) + (", …" if len(classes) > 42 else "")
    return f"at each step logits of nothing, a gap between words, and {len(classes) - 2} letters ({letters})"


def _bands(task: Mapping[str, Any]) -> str:
    frames = f"{task['steps']} frames of {HOP_S * 1000:.0f} ms"
    bands = f"the logarithm of the power in {task['outputs'] - 1} mel bands, less {CENTRE:g}, by {SPREAD:g}"
    return f"for each of {frames} {bands}; and a number that is above zero while there is sound"


def _steps(task: Mapping[str, Any]) -> str:
    unit = "differences from the last ones, in mean errors of the forecast as a season ago on the training split"
    return f"{task.get('outputs')} values of the next steps, column by column: {unit}"


def _next(task: Mapping[str, Any]) -> str:
    return f"for each place logits of {task['outputs']:,} tokens, which comes next"


_OUTPUTS = {"transcript": _letters, "frames": _bands, "forecast": _steps, "language": _next}
"""What the outputs are, by kind of answer, where these are neither of classes nor one value."""


def _network(best: Mapping[str, Any], task: Mapping[str, Any]) -> Iterator[str]:
    yield f"input: {_input(task)}"
    yield f"output: {_OUTPUTS.get(task.get('answer') or '', _classes_or_value)(task)}"
    made = best["architecture"]
    yield f"architecture: {escape(made['description'])} (space {escape(made['space'])}, key {best['key'][:12]})"
    sizes = f"{count(best.get('params'))} parameters, {count(best.get('flops'))} multiply-accumulates for one example"
    if best.get("latency_ms"):
        sizes += f", {number(best['latency_ms'])} ms for one example on one thread of the CPU below (onnxruntime)"
    yield f"size: {sizes}"


def _input(task: Mapping[str, Any]) -> str:
    inputs = task.get("inputs") or []
    if task.get("takes"):
        return escape(task["takes"])
    if len(inputs) == 3:
        channels = f"{inputs[0]} channel{'s' if inputs[0] > 1 else ''}"
        return f"images of {inputs[1]} {TIMES} {inputs[2]} pixels with {channels}, uint8"
    if task.get("kind") == "node-classification":
        return f"numbers of nodes of the graph in graph.npz, each with {inputs[0] if inputs else '?'} features"
    return f"table rows, {inputs[0] if inputs else '?'} numbers once encoded"


def _results(summary: Mapping[str, Any]) -> str:
    metric = summary["metric"]
    named = [("**this network**", summary["best"])]
    if summary.get("control"):
        named.append(("random search, same budget", summary["control"]))
    named += [(f"hand-designed: {escape(one['name'])}", one) for one in summary.get("baselines") or ()]
    rows = [
        (
            name,
            _value(metric, one.get("test"), one.get("test_std")),
            _value(metric, one.get("validation")),
            str(one.get("seeds") or 0),
            count(one.get("params")),
        )
        for name, one in named
    ]
    label = METRICS[metric].label
    return table(("", f"test {label}", f"validation {label}", "trainings", "parameters"), rows)


def _value(metric: str, values: Mapping[str, float] | None, spread: Mapping[str, float] | None = None) -> str:
    return quality((values or {}).get(metric), metric in SHARES, (spread or {}).get(metric))


def _reading(summary: Mapping[str, Any]) -> str:
    best = summary["best"]
    test = best.get("test") or {}
    others = [name for name in test if name != summary["metric"] and name in METRICS]
    further = ", ".join(f"{METRICS[name].label} {_value(name, test, best.get('test_std'))}" for name in others)
    lines = ["Means over the final trainings, each with its own seed (± standard deviation between them)."]
    lines.append("The test split was used once, after everything was decided on the validation split.")
    delivered = summary.get("delivered") or {}
    if delivered.get("seeds", 0) > 1:
        lines.append("The files hold the one of these trainings that is best on the validation split.")
    return " ".join(lines) + (f" This network's other test metrics: {further}." if further else "")


def _data(task: Mapping[str, Any]) -> Iterator[str]:
    source = task.get("source") or {}
    yield f"origin: {escape(source.get('origin') or 'not recorded')}"
    licence = source.get("licence") or "not stated; check that you may use the data and what is made of them"
    yield f"licence: {escape(licence)}"
    counts = task.get("counts") or {}
    if counts:
        split = f" ({escape(source['split'])})" if source.get("split") else ""
        yield f"examples: {', '.join(f'{name} {size:,}' for name, size in counts.items())}{split}"
    if source.get("sha256"):
        yield f"SHA-256: {code(source['sha256'])}"
    yield from (f"note: {escape(warning)}" for warning in source.get("warnings") or ())


def _limits(summary: Mapping[str, Any], task: Mapping[str, Any]) -> Iterator[str]:
    inputs, best = task.get("inputs") or [], summary["best"]
    if task.get("takes"):
        yield f"It only takes {escape(task['takes'])}; what else is given is cut off or read as unknown."
    elif task.get("answer") == "detection":
        yield (
            f"It sees images scaled to fit into {inputs[2]} {TIMES} {inputs[1]} pixels: of what is only a few of these "
            "wide it sees little. It finds 100 boxes in an image at most."
        )
    elif len(inputs) == 3:
        yield f"It only takes images of {inputs[1]} {TIMES} {inputs[2]} pixels, prepared like the training images."
    elif task.get("kind") == "node-classification":
        yield "It answers for nodes with the same features; in another graph than that of training it can be worse."
    else:
        yield "It only takes the columns it was trained on; texts that training did not have count as rare or unknown."
    yield "The figures hold for data like the test split; other sources, devices or times can be worse without warning."
    chance = _chance(summary, (task.get("counts") or {}).get("test") or 0)
    if chance:
        yield chance
    if (best.get("seeds") or 0) < 2:
        yield "It was trained from fewer than two seeds: the spread between trainings is not known."
    yield "Robustness to attacks, fairness between groups and calibration of probabilities were not examined."


def _chance(summary: Mapping[str, Any], examples: int) -> str:
    """How far chance in the choice of test examples reaches, for accuracy (normal approximation, 95 %)."""
    share = (summary["best"].get("test") or {}).get("accuracy")
    if summary["metric"] != "accuracy" or share is None or not examples:
        return ""
    half = 1.96 * math.sqrt(max(share * (1 - share), 1 / examples) / examples)
    return f"The test split has {examples:,} examples: its accuracy is known to about ± {100 * half:.1f} points (95 %)."


def _usage(task: Mapping[str, Any], delivered: Mapping[str, Any]) -> str:
    parts = [f"With netwright, from this folder (`model.safetensors` and `architecture.json`):\n\n{python_usage(task)}"]
    if (delivered.get("onnx") or {}).get("file"):
        parts.append(f"With onnxruntime alone:\n\n{onnx_usage(task)}")
    return "\n\n".join(parts)


def _search(summary: Mapping[str, Any], meta: Mapping[str, Any]) -> Iterator[str]:
    settings, machine = meta.get("settings") or {}, meta.get("machine") or {}
    asked = {name: settings[name] for name in ("method", "space", "budget", "seed", "workers") if name in settings}
    for name in ("objectives", "constraints"):
        if settings.get(name):
            asked[name] = " ".join(map(str, settings[name]))
    yield "netwright: " + ", ".join(f"{name} {code(value)}" for name, value in asked.items())
    trials = summary.get("trials") or {}
    yield f"trials: {', '.join(f'{number} {status}' for status, number in trials.items())}"
    ledger = summary.get("ledger") or {}
    if ledger:
        energy = f", {ledger['energy_wh']:.2g} Wh" if ledger.get("energy_wh") else ""
        wall, cpu = seconds(ledger.get("wall_s")), seconds(ledger.get("cpu_s"))
        yield f"cost: {wall} of wall-clock time, {cpu} of CPU time{energy}"
    if machine.get("processor"):
        packages = (machine.get("packages") or {}).items()
        versions = ", ".join(f"{name} {version}" for name, version in packages if version)
        yield f"machine: {escape(machine['processor'])}, {machine.get('cores')} cores; {escape(versions)}"
    yield from (f"plan: {escape(line)}" for line in meta.get("plan") or ())
