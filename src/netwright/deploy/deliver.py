"""The end of a search: the best network as files, its exports checked, the model card, the summary, the report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from netwright.deploy.card import model_card
from netwright.deploy.export import export
from netwright.deploy.network import Network
from netwright.deploy.pictures import DRAWERS, examples
from netwright.deploy.translated import translated
from netwright.deploy.weights import save_network
from netwright.deploy.writing import write_whole
from netwright.errors import MissingExtra, NetwrightError
from netwright.insight.record import Contest, Record, contest, read
from netwright.insight.report import page
from netwright.insight.summary import assemble
from netwright.insight.verdict import judge
from netwright.store import Store
from netwright.tasks import Task
from netwright.tasks.domains import DOMAINS
from netwright.trial import Trial


def deliver(store: Store, directory: Path, task: Task) -> dict[str, Any]:
    """Writes everything that a finished search leaves behind, and gives its summary.

    Of the best network's final trainings the one that validates best is delivered. A failed export is told in the
    summary's `delivered` and leaves the rest in place.
    """
    record = read(store, directory)
    among = contest(record)
    judgement = judge(record, among)
    summary = assemble(record, among, judgement)
    summary["delivered"] = told = _network(record, among, task)
    store.put("summary", summary)
    if told is not None:
        meta = {name: store.get(name) for name in ("settings", "task", "machine", "plan")}
        checks = told.pop("checks")
        if "translation" in told:
            checks.append(told["translation"]["said"])
        write_whole(directory / "model_card.md", model_card(summary, meta, checks))
        record = replace(record, delivered=told)
    write_whole(directory / "summary.json", json.dumps(summary, indent=1))
    write_whole(directory / "report.html", page(record, among, judgement))
    return summary


def _network(record: Record, among: Contest, task: Task) -> dict[str, Any] | None:
    """Rebuilds the delivered network, saves and exports it."""
    directory, best = record.directory, among.best
    trained = [trial for trial in best.trials if trial.phase == "final"] if best else []
    chosen = record.objectives.incumbent(trained)
    if chosen is None or chosen.measurement is None or "weights" not in chosen.measurement.artifacts:
        return None
    _save(chosen, directory, task)
    if task.signature.kind in DRAWERS:
        examples(Network.load(directory, _graph(chosen)), task, directory)
    told: dict[str, Any] = {
        "trial": chosen.number,
        "seeds": len(trained),
        "files": ["model.safetensors", "architecture.json"],
    }
    try:
        exported = export(directory, "onnx", graph=_graph(chosen))
        told["onnx"] = {"file": exported.path.name, "difference": exported.difference}
        told["checks"] = [f"{exported.path.name} answers like the network (within {exported.difference:.1g})"]
    except NetwrightError as problem:
        told["onnx"] = {"file": None, "problem": str(problem)}
        told["checks"] = [f"the ONNX export failed: {problem}"]
    return told | _translations(directory, task, _graph(chosen))


def _translations(directory: Path, task: Task, graph: Any) -> dict[str, Any]:
    """How good the delivered network's translations are, where it translates."""
    domain = DOMAINS.get(task.prepare.get("domain", ""))
    if domain is None or not domain.replies:
        return {}
    try:
        found = translated(Network.load(directory, graph), task.test)
    except MissingExtra as missing:
        return {"translation": {"said": f"no BLEU: {missing}"}}
    return {"translation": {**asdict(found), "said": str(found)}}


def _graph(trial: Trial) -> Any:
    return trial.proposal.architecture.graph


def _save(trial: Trial, directory: Path, task: Task) -> None:
    from netwright.backends.torch.build import build
    from netwright.backends.torch.state import load_state

    assert trial.measurement is not None
    network = build(_graph(trial), task.signature)
    load_state(network, directory / trial.folder / trial.measurement.artifacts["weights"])
    architecture = trial.proposal.architecture
    further = {
        "space": architecture.space.name,
        "choices": architecture.to_dict(),
        "description": architecture.describe(),
        "trial": trial.number,
    }
    save_network(network, _graph(trial), task, directory, further)


def delivered_trial(trials: Sequence[Trial], summary: dict[str, Any]) -> Trial | None:
    """The final training whose weights were delivered."""
    number = (summary.get("delivered") or {}).get("trial")
    return next((trial for trial in trials if trial.number == number), None)
