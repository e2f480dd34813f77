"""`netwright search` and `netwright resume`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netwright.cli.exits import Terminated
from netwright.cli.printing import printable, say, say_json
from netwright.errors import InputError

if TYPE_CHECKING:
    from netwright.cli.heading import Heading
    from netwright.cli.watching import Style
    from netwright.door import Result
    from netwright.progress import Observer

Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line; logs go to standard error.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]


def search(
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA|TASK",
            help="A folder with a folder of images for each class, an .npz, a .csv or .tsv (.gz, too), or a name from `netwright tasks`.",
        ),
    ] = None,
    target: Annotated[str | None, typer.Option(help="The column of a table to predict.")] = None,
    space: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="A name from `netwright spaces`, or a YAML file. [default: what suits the data]"),
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="A name from `netwright methods`. [default: regularized-evolution]")
    ] = None,
    objective: Annotated[
        list[str] | None,
        typer.Option(help="What to make good, such as accuracy or latency_ms; repeat for several. [default: the task's]"),
    ] = None,
    constraint: Annotated[
        list[str] | None, typer.Option(help="What must hold, such as 'params<200k'; repeat for several.")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help="Time (90s, 10m, 1h30m) or a count (200trials, 30epochs). [default: 10m]")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Trials at a time. [default: one a core]")] = None,
    executor: Annotated[
        str | None, typer.Option(help="Where trials run: processes or inline. [default: processes]")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The search's folder, new or empty. [default: runs/TASK-METHOD-N]")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of all randomness. [default: 0]")] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="A YAML file with the same words.")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Search a network for your data, train it, judge it against hand-designed ones, and export it."""
    given = {
        "data": data,
        "target": target,
        "space": space,
        "method": method,
        "objective": objective or None,
        "constraint": constraint or None,
        "budget": budget,
        "workers": workers,
        "executor": executor,
        "out": None if out is None else str(out),
        "seed": seed,
        "json": json or None,
        "quiet": quiet or None,
    }
    _search(config, given)


def resume(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a search.")],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Go on with a search that was stopped or killed; nothing that was finished is done again."""
    from netwright.cli.heading import Heading
    from netwright.cli.watching import style_of
    from netwright.door import resume as go_on

    _run(Heading.of_search(directory), style_of(json, quiet), lambda observer: go_on(directory, observer=observer))


def _search(config: Path | None, given: dict[str, object]) -> None:
    from netwright import door, tasks
    from netwright.cli.heading import Heading, metrics
    from netwright.cli.options import read_options
    from netwright.cli.watching import style_of

    options = read_options(config, given)
    task = tasks.open_task(options.data, target=options.target, seed=options.seed)
    directory = Path(options.out) if options.out is not None else free_folder(task.name, options.method)
    heading = Heading(
        task=task.name,
        method=options.method,
        budget=options.budget,
        directory=directory,
        objectives=metrics(options.objective, task.metric),
    )

    def start(observer: Observer) -> Result:
        return door.search(
            task,
            space=options.space,
            method=options.method,
            objectives=options.objective,
            constraints=options.constraint,
            budget=options.budget,
            workers=options.workers,
            seed=options.seed,
            out=directory,
            executor=options.executor,
            observer=observer,
        )

    _run(heading, style_of(options.json_, options.quiet), start)


def free_folder(task: str, method: str) -> Path:
    """The first of runs/TASK-METHOD-1, -2, ... that is not there yet."""
    name = re.sub(r"[^\w.-]+", "-", printable(f"{task}-{method}")).strip(".-") or "search"
    for number in itertools.count(1):
        folder = Path("runs") / f"{name}-{number}"
        if not folder.exists():
            return folder
    raise AssertionError("numbers do not end")


def _run(heading: Heading, style: Style, start: Callable[[Observer], Result]) -> None:
    """Runs a search under watch and prints how it ended."""
    from netwright.cli.watching import watching

    try:
        with watching(heading, style) as observer:
            result = start(observer)
    except (KeyboardInterrupt, Terminated):
        if (heading.directory / "search.sqlite").is_file():
            say(f"everything that was finished is saved: netwright resume {heading.directory}", error=True)
        raise
    if style in ("json", "json quiet"):
        say_json(_summary(result))
    else:
        _end(result)


def _end(result: Result) -> None:
    from netwright.cli.ending import show_ending

    show_ending(_summary(result), result.directory)
    if not result.finished:
        say(f"stopped before its end: netwright resume {result.directory}")


def _summary(result: Result) -> dict[str, object]:
    """The summary, of what there is when the search was stopped before its end."""
    if result.summary:
        return dict(result.summary)
    from netwright.insight.status import open_search
    from netwright.insight.summary import summarise

    with open_search(result.directory) as store:
        return summarise(store, result.directory)
