"""A table from a file of either kind."""

from __future__ import annotations

from pathlib import Path

from netwright.tasks.examples import Table
from netwright.tasks.readers import csv, parquet


def read_table(path: Path) -> Table:
    """Of a .parquet file, or of a .csv or .tsv. Raises InputError."""
    return parquet.read_table(path) if path.suffix.lower() == ".parquet" else csv.read_table(path)
