"""The benchmarks by name: what each is, and the file it is read from.

>>> sorted(ENTRIES)
['digits', 'nasbench-macro', 'nb201-cifar10', 'nb201-cifar100', 'nb201-imagenet16']
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from netwright.benchmarks.table import Table
from netwright.benchmarks.tables import digits, macro, nb201
from netwright.errors import InputError, unknown
from netwright.space import Architecture, Space
from netwright.spaces.nb201 import from_string
from netwright.spaces.nb201 import nb201 as nb201_space

FOLDER = "NETWRIGHT_TABLES"
"""The environment variable that names the folder of the tables."""


@dataclass(frozen=True)
class Entry:
    """about: in a line; file: its name in a folder of tables; where: from whom the results are; columns: needed in the
    file; shipped: whether netwright brings the file along; parse: the architecture of a name that is written in another
    way than in the table; whole: the space of the whole networks, where that of the table is of their cells alone.
    """

    about: str
    file: str
    where: str
    columns: tuple[str, ...]
    read: Callable[[str, Path], Table]
    shipped: bool = False
    parse: Callable[[Space, str], Architecture] | None = None
    whole: Callable[[], Space] | None = None


def _nb201(name: str, data: str) -> Entry:
    return Entry(
        f"NAS-Bench-201 on {data}: 15,625 cells, 12 and 200 epochs",
        nb201.FILE,
        "NATS-Bench, https://github.com/D-X-Y/NATS-Bench, whose download --import converts",
        nb201.DATA_SETS[name].columns,
        nb201.read,
        parse=from_string,
        whole=nb201_space,
    )


ENTRIES = {
    "digits": Entry(
        "871 small networks on 8×8 digits; 1, 3 and 9 epochs, latency; comes with netwright",
        digits.FILE,
        "netwright itself",
        digits.COLUMNS,
        digits.read,
        shipped=True,
        parse=digits.parse,
    ),
    "nasbench-macro": Entry(
        "NAS-Bench-Macro on CIFAR-10: 6,561 chains of eight layers",
        macro.FILE,
        "https://github.com/xiusu/NAS-Bench-Macro",
        macro.COLUMNS,
        macro.read,
    ),
    "nb201-cifar10": _nb201("nb201-cifar10", "CIFAR-10"),
    "nb201-cifar100": _nb201("nb201-cifar100", "CIFAR-100"),
    "nb201-imagenet16": _nb201("nb201-imagenet16", "ImageNet16-120"),
}
NAMES = tuple(ENTRIES)


def open_table(name: str, file: Path | str | None = None) -> Table:
    """The table of that name. file: it, or the folder that it lies in; left out, the folder that the environment
    variable NETWRIGHT_TABLES names. Raises InputError where it cannot be found or used.

    >>> open_table("digits").quality
    'accuracy'
    """
    return entry(name).read(name, find(name, file))


def entry(name: str) -> Entry:
    """What is known of a table. InputError with the nearest name."""
    if name not in ENTRIES:
        raise unknown("benchmark", name, NAMES)
    return ENTRIES[name]


def find(name: str, file: Path | str | None = None) -> Path:
    """Where a table's file lies. InputError that says where to get it."""
    wanted = entry(name)
    if file is None and wanted.shipped:
        return Path(str(resources.files(__name__).joinpath(wanted.file)))
    named = os.environ.get(FOLDER) if file is None else file
    path = None if named is None else Path(named).expanduser()
    if path is not None and path.is_dir():
        path = path / wanted.file
    if path is None or not path.is_file():
        raise InputError(
            f"{name} needs its table" if path is None else f"{path}: no such file",
            f"name it with --table FILE, or its folder with {FOLDER}; a Parquet or CSV file with the columns "
            f"{', '.join(wanted.columns)}; the results are from {wanted.where}",
        )
    return path


def states(file: Path | str | None = None) -> list[dict[str, str]]:
    """Name, state ("ready", or the file that is needed) and description of every table."""
    found = []
    for name, one in ENTRIES.items():
        try:
            find(name, None if one.shipped else file)
            state = "ready"
        except InputError:
            state = f"needs {one.file}"
        found.append({"name": name, "state": state, "about": one.about})
    return found
