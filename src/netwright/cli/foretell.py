"""`netwright predict-quality`: what networks that were not trained are worth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import yaml
from rich.table import Table

from netwright.cli import words
from netwright.cli.printing import printable, say, say_json, show
from netwright.errors import InputError

if TYPE_CHECKING:
    from netwright.insight.foretelling import Forecast

MOST_BYTES = 10_000_000

Architectures = Annotated[
    list[Path] | None,
    typer.Option(
        "--architecture", metavar="FILE", help="An architecture.json, or choices in YAML; repeat for several."
    ),
]
Sample = Annotated[int, typer.Option(min=1, max=10_000, help="Random networks to look at where none is given.")]
Surrogate = Annotated[
    str, typer.Option(metavar="NAME", help="gaussian-process, ridge, gradient-boosting, extra-trees, gnn, transformer.")
]


def predict_quality(
    directory: words.Directory,
    architecture: Architectures = None,
    sample: Sample = 20,
    surrogate: Surrogate = "gaussian-process",
    seed: words.Seed = 0,
    json: words.Json = False,
) -> None:
    """Foretell the quality of networks that were not trained, from those that a search measured."""
    from netwright.insight.foretelling import forecast

    given = [_choices(path) for path in architecture or ()]
    found = forecast(directory, given, sample=sample, surrogate=surrogate, seed=seed or 0)
    if json:
        say_json(found.to_dict())
    else:
        _show(found)


def _choices(path: Path) -> Mapping[str, Any]:
    """The choices in a file: its own content, or what stands under "choices"."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path} is too large for an architecture", "give an architecture.json")
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "check the path") from None
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError):
        raise InputError(f"{path} is neither JSON nor YAML", "give an architecture.json") from None
    for name in ("further", "architecture", "choices"):
        if isinstance(content, Mapping) and isinstance(content.get(name), Mapping):
            content = content[name]
    if not isinstance(content, Mapping):
        raise InputError(f"{path} holds no choices", "give an architecture.json, or `decision: value` lines")
    return content


def _show(found: Forecast) -> None:
    from netwright.cli.wording import metric_text, shortened

    say(
        f"{found.surrogate}, learnt from {found.learnt_from} measured networks: Kendall's tau "
        f"{found.tau:.2f} and {found.covered:.0%} inside the {found.coverage:.0%} interval, by cross-validation"
    )
    table = Table(box=None, pad_edge=False)
    for name in (found.metric, f"{found.coverage:.0%} interval", "measured", "parameters", "network"):
        table.add_column(name, justify="left" if name == "network" else "right")
    for guess in found.guesses:
        ends = f"{metric_text(found.metric, guess.low)} to {metric_text(found.metric, guess.high)}"
        known = "" if guess.measured != guess.measured else metric_text(found.metric, guess.measured)
        text = printable(shortened(guess.architecture.describe()))
        table.add_row(metric_text(found.metric, guess.value), ends, known, metric_text("params", guess.params), text)
    show(table)
    if found.tau < 0.2:
        say("these predictions rank little better than chance: measure more networks")
