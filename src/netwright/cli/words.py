"""The words of the command line: each option and argument with its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from netwright import backends
from netwright.loop.settings import DEFAULT_METHOD

Data = Annotated[
    str | None,
    typer.Argument(
        metavar="DATA|TASK",
        help="Class folders of images or texts, images with boxes or masks, an .npz, a .csv, .tsv, .jsonl, .txt or "
        ".parquet, a graph, or a name from `netwright tasks`.",
    ),
]
Target = Annotated[
    str | None, typer.Option(help="The column of a table to predict, or of a file of texts with their labels.")
]
Kind = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        show_default="what the target looks like",
        help="classification or regression, for tables; or a whole name such as object-detection or language-model.",
    ),
]
Horizon = Annotated[
    int | None,
    typer.Option(min=1, show_default="a season", help="Steps ahead to forecast, with --kind forecasting."),
]
Size = Annotated[
    int | None,
    typer.Option(
        metavar="PIXELS", min=4, help="Resize image files to this height and width; with boxes, the longer side."
    ),
]
SpaceName = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FILE", show_default="what suits the data", help="A name from `netwright spaces`, or a YAML file."
    ),
]
Model = Annotated[
    str | None, typer.Option(metavar="MODULE:NAME", help="Cut down a network of yours: package.module:Name.")
]
Weights = Annotated[Path | None, typer.Option(metavar="FILE", help="The weights of --model: .safetensors or .pt.")]
Method = Annotated[str | None, typer.Option(show_default=DEFAULT_METHOD, help="A name from `netwright methods`.")]
Objectives = Annotated[
    list[str] | None,
    typer.Option(
        show_default="the task's", help="What to make good, such as accuracy or latency_ms; repeat for several."
    ),
]
Constraints = Annotated[
    list[str] | None, typer.Option(help="What must hold, such as 'params<200k'; repeat for several.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="Of the method, such as 'population_size=20'; repeat for several."),
]
BudgetText = Annotated[
    str | None, typer.Option(show_default="10m", help="Time (90s, 10m, 1h30m) or a count (200trials, 30epochs).")
]
Workers = Annotated[int | None, typer.Option(min=1, show_default="one a core", help="Trials at a time.")]
ExecutorName = Annotated[
    str | None,
    typer.Option(show_default="processes", help="Where trials run: inline, processes, ray or slurm."),
]
Address = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT",
        show_default="auto",
        help="Of the Ray cluster: auto, HOST:PORT, ray://HOST:PORT, or local to start one here.",
    ),
]
ExecutorSettings = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="Of the executor, such as 'num_gpus=0.5'; repeat for several."),
]
Join = Annotated[
    bool, typer.Option("--join", help="Help a search that is running, here or on a machine that shares its folder.")
]
StoreUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        show_default="search.sqlite in the folder",
        help="Keep the log in PostgreSQL: postgresql://USER@HOST/DATABASE?search=NAME.",
    ),
]
Out = Annotated[Path | None, typer.Option(show_default="runs/TASK-METHOD-N", help="The search's folder, new or empty.")]
Seed = Annotated[int | None, typer.Option(min=0, show_default="0", help="Of all randomness.")]
WarmStart = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR|auto",
        help="Learn from an earlier search, of this task or another one; auto: the one beside this one's folder whose "
        "data are most like these.",
    ),
]
Inherit = Annotated[
    bool | None,
    typer.Option(
        "--inherit/--no-inherit", show_default="inherit", help="Begin with parents' weights, or from scratch."
    ),
]
Evaluate = Annotated[
    str | None,
    typer.Option(
        show_default="auto",
        help="train; zero-cost: rank untrained networks first; predictor: train the best of 10 proposals.",
    ),
]
BackendName = Annotated[
    str | None,
    typer.Option(
        "--backend", show_default=backends.DEFAULT, help=f"What trains networks: {' or '.join(backends.NAMES)}."
    ),
]
Tokens = Annotated[
    int | None, typer.Option(min=0, show_default="200", help="Of language models: how long each text goes on.")
]
Temperature = Annotated[
    float | None,
    typer.Option(
        min=0, show_default="0.8", help="Of language models: how freely tokens are drawn, 0 for the likeliest."
    ),
]
Config = Annotated[Path | None, typer.Option(metavar="FILE", help="A YAML file with the same words.")]
JsonLines = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line; logs go to standard error.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a search.")]
NetworkDirectory = Annotated[
    Path, typer.Argument(metavar="DIR", help="The folder of a finished search, or of a saved network.")
]
Format = Annotated[str, typer.Option(help="onnx, or torch for torch.export.")]
ExportFile = Annotated[Path | None, typer.Option(metavar="FILE", show_default="in DIR", help="Where to write it.")]
OutFolder = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        show_default="none, or spoken",
        help="Draw the answers on the images, or write the recordings of networks that speak, into here.",
    ),
]
Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILES...",
        help="Images, recordings, tables (.csv, .tsv), texts and prompts (.txt, one a line; - for standard input).",
    ),
]
