"""What a search may spend: seconds, trials or epochs."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from pathlib import Path

from netwright.errors import InputError

_SECONDS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_NUMBER = r"(\d+(?:\.\d+)?)"
_TIME = re.compile(rf"(?:{_NUMBER}\s*(d|h|min|m|s)\s*)+")
_PART = re.compile(rf"{_NUMBER}\s*(d|h|min|m|s)")
_COUNT = re.compile(rf"{_NUMBER}\s*(trials?|epochs?)")
_ENERGY = re.compile(rf"{_NUMBER}\s*k?(wh|j)")
_WAY_OUT = "for example 90s, 10m, 1h30m, 200trials or 30epochs"
_LONGEST_S = 10 * 365 * 86400.0
_MOST = 10**9
RAPL = Path("/sys/class/powercap/intel-rapl:0/energy_uj")
"""Where Linux tells the energy that the processor has used."""


@dataclass(frozen=True)
class Budget:
    """One limit; the other two are None.

    seconds: wall clock of the whole search, from the first trial to the report; trials: proposals of the search phase;
    epochs: passes over the training data, summed over the trials of the search phase.
    """

    seconds: float | None = None
    trials: int | None = None
    epochs: float | None = None

    @classmethod
    def parse(cls, text: str) -> Budget:
        """Reads a budget as typed. Raises InputError for anything that is not a positive, sensible limit.

        >>> Budget.parse("1h30m").seconds, Budget.parse("200trials").trials, Budget.parse("30 epochs").epochs
        (5400.0, 200, 30.0)
        """
        given = text.strip().lower()
        if _TIME.fullmatch(given):
            seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(given))
            return cls(seconds=_sensible(text, seconds, _LONGEST_S))
        if (count := _COUNT.fullmatch(given)) is not None:
            return _counted(text, count[1], count[2])
        if _ENERGY.fullmatch(given):
            raise _no_energy(text)
        raise InputError(f"cannot read the budget {text!r}", _WAY_OUT)


def _counted(text: str, number: str, unit: str) -> Budget:
    amount = _sensible(text, float(number), _MOST)
    if unit.startswith("epoch"):
        return Budget(epochs=amount)
    if amount != int(amount):
        raise InputError(f"the budget {text!r} is not a whole number of trials", "for example 200trials")
    return Budget(trials=int(amount))


def _sensible(text: str, amount: float, most: float) -> float:
    if amount <= 0:
        raise InputError(f"the budget {text!r} allows nothing", _WAY_OUT)
    if amount > most or math.isnan(amount):
        raise InputError(f"the budget {text!r} is more than anyone has", _WAY_OUT)
    return amount


def _no_energy(text: str) -> InputError:
    if os.access(RAPL, os.R_OK):
        return InputError(
            f"the budget {text!r}: a search is not limited by energy", f"give time or a count, {_WAY_OUT}"
        )
    problem = "cannot be read: no permission" if RAPL.exists() else "does not exist"
    return InputError(
        f"the budget {text!r}: energy cannot be measured on this machine ({RAPL} {problem})",
        f"give time or a count, {_WAY_OUT}",
    )
