"""`netwright store`: where the log of a search is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from netwright.cli import words
from netwright.cli.exits import Commands
from netwright.cli.printing import say, say_json
from netwright.errors import InputError

app = typer.Typer(
    cls=Commands,
    name="store",
    help="Copy the log of a search from one store to another.",
    no_args_is_help=True,
    add_completion=False,
)

Source = Annotated[str, typer.Argument(metavar="FROM", help="The folder of a search, a search.sqlite, or a URL.")]
Target = Annotated[
    str, typer.Argument(metavar="TO", help="A new file, or postgresql://USER@HOST/DATABASE?search=NAME.")
]
Switch = Annotated[
    bool, typer.Option("--switch", help="The search in the folder FROM goes on with the copy from now on.")
]


@app.callback()
def store() -> None:
    """Copy the log of a search from one store to another."""


@app.command()
def copy(source: Source, target: Target, switch: Switch = False, json: words.Json = False) -> None:
    """Copy everything that a store knows into a new one, of whatever kind. Nobody may be running the search."""
    from netwright.store import copy as copied
    from netwright.store import holds_search
    from netwright.store import switch as go_on_with

    directory = Path(source)
    if switch and not holds_search(directory):
        raise InputError(f"--switch needs the folder of a search, and {source} is none", "give the folder as FROM")
    records = copied(source, target)
    if switch:
        go_on_with(directory, target)
    if json:
        say_json({"schema": "netwright.store-copy/1", "from": source, "to": target, "records": records})
        return
    say(f"{records} records are copied" + (f"; {source} goes on with the copy" if switch else ""))
