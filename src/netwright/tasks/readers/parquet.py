"""A .parquet file: a table with typed columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import psutil

from netwright.errors import InputError, MissingExtra
from netwright.tasks import digest
from netwright.tasks.examples import Array, Examples, Table, column
from netwright.tasks.readers.arrays import target_of


def read(path: Path, target: str | None, name: str) -> Examples:
    """Raises InputError naming the file, and the column, that cannot be used."""
    made = target_of(read_table(path), target)
    source = {"origin": str(path), "target": made.name, "sha256": digest.of_file(path)}
    return Examples(name, made, source=source, target=made.name)


def read_table(path: Path) -> Table:
    """Numbers as float64 (NaN: no value); texts, categories and truth values as text (None: no value)."""
    found = _opened(path)
    names = [str(one) for one in found.column_names]
    double = next((one for one in names if names.count(one) > 1), None)
    if double is not None:
        raise InputError(f"{path}: more than one column is called {double!r}", "rename them")
    if not names or not found.num_rows:
        raise InputError(f"{path} holds no examples", "give at least one row and one column")
    columns = {one: _column(found[one], f"{path}, column {one!r}") for one in names}
    return Table(columns, str(path))


def _opened(path: Path) -> Any:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise MissingExtra("pyarrow", "tables") from None
    try:
        file = parquet.ParquetFile(path)
        groups = (file.metadata.row_group(place) for place in range(file.metadata.num_row_groups))
        unpacked = sum(group.total_byte_size for group in groups)
        if unpacked > psutil.virtual_memory().available:
            raise InputError(f"{path} unpacks to {unpacked / 2**30:.1f} GiB", "there is less memory than that")
        return file.read()
    except (pyarrow.ArrowException, OSError) as error:
        first = str(error).splitlines()[0]
        raise InputError(f"{path}: not a readable Parquet file ({first})", "write it again") from None


def _column(values: Any, origin: str) -> Array:
    """One column, with no value where there is a null."""
    import pyarrow

    kind = values.type
    if pyarrow.types.is_dictionary(kind):
        return _column(values.cast(kind.value_type), origin)
    if pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind) or pyarrow.types.is_decimal(kind):
        numbers: Array = np.asarray(values.cast(pyarrow.float64(), safe=False).to_numpy(), dtype=np.float64)
        return numbers
    types = pyarrow.types
    if types.is_string(kind) or types.is_large_string(kind) or types.is_boolean(kind):
        return column(np.array([*values.to_pylist(), None], dtype=object)[:-1], origin)
    if types.is_null(kind):
        return np.full(len(values), np.nan)
    raise InputError(f"{origin} holds {kind}", "give numbers or text")
