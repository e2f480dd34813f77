"""`netwright fidelity`: which cheap setting ranks networks like the full training here, and what it costs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from netwright.cli import words
from netwright.cli.exits import Terminated
from netwright.cli.printing import say, say_json, show
from netwright.errors import InputError, unknown

if TYPE_CHECKING:
    from netwright.insight.fidelities import Comparison, Row
    from netwright.loop.study import Setting
    from netwright.tasks import Task
    from netwright.trial import Fidelity

Networks = Annotated[int, typer.Option(min=3, help="Random networks to train at every setting.")]
Epochs = Annotated[float | None, typer.Option(show_default="the task's", help="Of the full training.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--setting",
        metavar="TEXT",
        show_default="a third and a ninth of the epochs, parts of data, resolution and width",
        help="A cheap setting, such as 'epochs=1,data=0.3,resolution=0.5,width=0.5'; repeat for several.",
    ),
]
WORDS = ("epochs", "data", "resolution", "width")


def fidelity(
    data: words.Data = None,
    target: words.Target = None,
    kind: words.Kind = None,
    size: words.Size = None,
    horizon: words.Horizon = None,
    space: words.SpaceName = None,
    networks: Networks = 12,
    epochs: Epochs = None,
    setting: Settings = None,
    constraint: words.Constraints = None,
    budget: words.BudgetText = None,
    workers: words.Workers = None,
    executor: words.ExecutorName = None,
    address: words.Address = None,
    executor_setting: words.ExecutorSettings = None,
    out: words.Out = None,
    seed: words.Seed = None,
    json: words.Json = False,
    quiet: words.Quiet = False,
) -> None:
    """Measure which cheap setting ranks networks like the full training, and what it costs."""
    from netwright import door, tasks
    from netwright.backends.torch.recipe import default_recipe
    from netwright.cli.heading import Heading
    from netwright.cli.options import typed_settings
    from netwright.cli.watching import watching
    from netwright.insight.fidelities import compare
    from netwright.loop.budget import Budget
    from netwright.loop.study import Study

    if data is None:
        raise InputError("nothing to train on", "netwright fidelity DATA")
    task = tasks.open_task(data, target=target, kind=kind, size=size, horizon=horizon, seed=seed or 0)
    recipe = default_recipe(task.kind, len(task.train.y))
    recipe = recipe if epochs is None else recipe.adapted({"epochs": epochs})
    seconds = Budget.parse(budget).seconds if budget else None
    if budget and seconds is None:
        raise InputError(f"the budget {budget!r} is no time", "for example 10m; --networks says how many are trained")
    study = Study(
        task,
        door.space_for(space, task),
        recipe,
        networks,
        tuple(map(_setting, setting)) if setting else _usual(task, recipe.epochs),
        tuple(constraint or ()),
        seconds or float("inf"),
        workers or door.cores(),
        executor or "processes",
        seed or 0,
        typed_settings(executor_setting or (), address),
    )
    directory = Path(out) if out is not None else door.free_folder(task.name, "fidelity")
    heading = Heading(task.name, "fidelity study", f"{networks} networks", directory, (task.metric,))
    try:
        with watching(heading, False, quiet or json) as observer:
            trials = study.run(directory, observer)
    except (KeyboardInterrupt, Terminated):
        say(f"what was trained is kept: the same command with --out {directory} goes on", error=True)
        raise
    found = compare(trials, task.metric)
    if json:
        say_json(found.to_dict() | {"directory": str(directory)})
    else:
        _show(found)


def _usual(task: Task, epochs: float) -> tuple[Setting, ...]:
    """What is usually made cheaper, one thing at a time, and some together."""
    from netwright.loop.study import Setting
    from netwright.trial import Fidelity

    third, ninth = round(epochs / 3, 2), round(epochs / 9, 2)
    found = [Fidelity(epochs=third), Fidelity(epochs=ninth), Fidelity(epochs=epochs, data=0.3), Fidelity(epochs, 0.1)]
    found += [Fidelity(epochs=epochs, width=0.5), Fidelity(epochs=third, data=0.3)]
    if len(task.signature.inputs) == 3:
        found += [Fidelity(epochs=epochs, resolution=0.5), Fidelity(epochs=third, data=0.3, resolution=0.5, width=0.5)]
    return tuple(Setting(_named(one), one) for one in found)


def _named(fidelity: Fidelity) -> str:
    shares = {
        "of the data": fidelity.data,
        "resolution": fidelity.resolution,
        "width": fidelity.width,
    }
    return ", ".join(
        [f"{fidelity.epochs:g} epochs", *(f"{share:.0%} {what}" for what, share in shares.items() if share != 1.0)]
    )


def _setting(text: str) -> Setting:
    """A setting as typed. InputError that says what is wrong in it."""
    from netwright.loop.study import Setting
    from netwright.trial import Fidelity

    values: dict[str, float] = {}
    for part in text.split(","):
        name, _, number = (piece.strip() for piece in part.partition("="))
        if name not in WORDS:
            raise unknown("part of a setting", name, WORDS)
        if not re.fullmatch(r"\d+(\.\d+)?", number) or not 0 < float(number) <= (1.0 if name != "epochs" else 1e6):
            bounds = "above 0" if name == "epochs" else "above 0, at most 1"
            raise InputError(f"--setting {text!r}: {name} is {number!r}", f"give a number {bounds}")
        values[name] = float(number)
    return Setting(text, Fidelity(**values))


def _show(found: Comparison) -> None:
    if found.ceiling is not None:
        say(f"full training with another seed: Kendall's tau {_tau(found.ceiling)}, the most that can be hoped for")
    table = Table(box=None, pad_edge=False)
    for name in ("setting", "Kendall's tau", "95% interval", "cost", "of full", "networks"):
        table.add_column(name, justify="left" if name == "setting" else "right")
    for row in found.rows:
        ends = f"{row.low:.2f} to {row.high:.2f}"
        table.add_row(row.name, f"{row.tau:.2f}", ends, f"{row.cost:.2f} s", f"{row.share:.1%}", str(row.networks))
    show(table)
    if found.advice is None:
        say("none of these ranks well enough to search by; train in full, or measure more networks")
    else:
        say(f"the cheapest that ranks well: {found.advice.name} (tau {_tau(found.advice)})")


def _tau(row: Row) -> str:
    return f"{row.tau:.2f} ({row.low:.2f} to {row.high:.2f})"
