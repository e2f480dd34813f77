"""Numbers and times as people read them."""

from __future__ import annotations

import math

NOTHING = "\N{EN DASH}"
TIMES = "\N{MULTIPLICATION SIGN}"
_STEPS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def count(value: float | None) -> str:
    """A large number in three digits.

    >>> count(48213), count(912), count(3.2e6), count(None) == NOTHING
    ('48.2k', '912', '3.2M', True)
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    for step, suffix in _STEPS:
        if abs(value) >= step * 0.9995:
            return f"{_three(value / step)}{suffix}"
    return f"{value:.0f}"


def number(value: float | None, digits: int = 3) -> str:
    """A measured number in some significant digits, without an exponent where it can be avoided.

    >>> number(0.48213), number(1234.5), number(float("nan")) == NOTHING
    ('0.482', '1234', True)
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    text = f"{value:.0f}" if abs(value) >= 10**digits else f"{value:.{digits}g}"
    return text.replace("-", "\N{MINUS SIGN}")


def signed(value: float | None, digits: int = 2) -> str:
    """With its sign, for differences.

    >>> signed(1.25), signed(None) == NOTHING
    ('+1.25', True)
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    return f"{value:+.{digits}f}".replace("-", "\N{MINUS SIGN}")


def seconds(value: float | None) -> str:
    """A duration.

    >>> seconds(0.42), seconds(75), seconds(3 * 3600 + 120), seconds(None) == NOTHING
    ('0.4 s', '1 min 15 s', '3 h 2 min', True)
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    if value < 10:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def quality(value: float | None, percent: bool, spread: float | None = None) -> str:
    """A quality metric: shares as percentages, the rest as plain numbers, with the standard deviation when known.

    >>> quality(0.9731, True), quality(0.9731, True, 0.0042), quality(3.14159, False)
    ('97.31 %', '97.31 ± 0.42 %', '3.142')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    known = spread is not None and math.isfinite(spread)
    if percent:
        return f"{value * 100:.2f} ± {(spread or 0) * 100:.2f} %" if known else f"{value * 100:.2f} %"
    return f"{number(value, 4)} ± {number(spread, 2)}" if known else number(value, 4)


def _three(value: float) -> str:
    text = f"{value:.3g}"
    return f"{value:.0f}" if "e" in text else text
