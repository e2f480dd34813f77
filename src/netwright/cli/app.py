"""The commands, and what their errors become."""

from __future__ import annotations

from typing import Annotated

import typer

from netwright.cli import about, benchmark, deliver, fidelity, foretell, inspect, search, store
from netwright.cli.exits import Commands
from netwright.cli.printing import say

app = typer.Typer(
    cls=Commands,
    name="netwright",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

SECTIONS = {
    "Search": (search.search, search.resume, inspect.status, inspect.stop),
    "Results": (inspect.report, deliver.export, deliver.predict),
    "Research": (benchmark.benchmark, fidelity.fidelity, foretell.predict_quality),
    "What there is": (about.tasks, about.spaces, about.methods, about.doctor),
}
for _section, _commands in SECTIONS.items():
    for _command in _commands:
        app.command(rich_help_panel=_section)(_command)
app.add_typer(store.app, rich_help_panel="Search")


def _version(wanted: bool) -> None:
    if wanted:
        from netwright import __version__

        say(f"netwright {__version__}")
        raise typer.Exit


@app.callback()
def netwright(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Neural Architecture Search: from data to a trained network that is compared with what people draw by hand."""
