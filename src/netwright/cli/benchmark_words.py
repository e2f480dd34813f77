"""The words of `netwright benchmark`: each option and argument with its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

TableName = Annotated[
    str | None, typer.Argument(metavar="TABLE", help="A benchmark's name, from `netwright benchmark --list`.")
]
Listed = Annotated[bool, typer.Option("--list", help="List the benchmarks.")]
Strategies = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAMES",
        show_default="all that suit",
        help="Names from `netwright methods`, parted by commas; may be repeated.",
    ),
]
Seeds = Annotated[int, typer.Option(min=1, help="Runs of each strategy.")]
Queries = Annotated[int, typer.Option(min=1, help="Full evaluations a run.")]
Jobs = Annotated[int, typer.Option(min=1, help="Runs at a time, in processes of one thread.")]
Objectives = Annotated[
    list[str] | None,
    typer.Option(show_default="the table's quality", help="Such as accuracy or latency_edgegpu; repeat for several."),
]
Scores = Annotated[
    str, typer.Option(help="What strategies may know before an evaluation: all of the table's scores, sizes, or none.")
]
Noise = Annotated[
    list[float] | None, typer.Option(metavar="POINTS", help="Also with noise of this deviation; may be repeated.")
]
Workers = Annotated[
    list[int] | None, typer.Option(metavar="N", help="Also with N trials under way at a time; may be repeated.")
]
Failing = Annotated[
    list[float] | None, typer.Option(metavar="SHARE", help="Also with this share of failures; may be repeated.")
]
Infeasible = Annotated[
    list[str] | None,
    typer.Option(metavar="REGION", help="Also where all in a region fail, such as 'flops>100M'; may be repeated."),
]
TableFile = Annotated[
    Path | None,
    typer.Option("--table", metavar="FILE", show_default="in NETWRIGHT_TABLES", help="The table's file or folder."),
]
Out = Annotated[
    Path | None, typer.Option(show_default="runs/TABLE-benchmark-N", help="The folder; runs in it are not run again.")
]
Import = Annotated[
    Path | None,
    typer.Option("--import", metavar="DOWNLOAD", help="Make the file of --table from NATS-Bench's download."),
]
Lookup = Annotated[
    str | None, typer.Option(metavar="KEY", help="Show one row: a key, the benchmark's own name, or a number.")
]
