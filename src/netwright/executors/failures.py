"""Why an evaluation gave no measurement, in the words of `netwright.trial.FailureReason`."""

from __future__ import annotations

import math
import signal
import traceback
from collections.abc import Mapping
from dataclasses import replace
from numbers import Real

from netwright.errors import InputError, out_of_memory
from netwright.objectives import METRICS
from netwright.trial import Failure, FailureReason, Measurement

_MOST = 1000
"""Characters of a message that are kept."""


def failure_of(error: BaseException) -> Failure:
    """The failure that an exception of an evaluator means.

    >>> failure_of(FloatingPointError("loss is nan")).reason
    'not-a-number'
    """
    message = f"{type(error).__name__}: {error}".removesuffix(": ")
    return Failure(_reason(error), (message + _place(error))[:_MOST])


def failure_of_exit(code: int | None) -> Failure:
    """The failure that the death of a worker means. code: as of `subprocess.Popen`, minus the signal's number."""
    if code is None or code >= 0:
        return Failure("killed", f"the worker exited with code {code}")
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    hint = ": perhaps the system ran out of memory" if name == "SIGKILL" else ""
    return Failure("killed", f"the worker was killed by {name}{hint}")


def checked(found: object) -> Measurement:
    """What an evaluator returned, with metrics as plain floats.

    Raises TypeError if it is no measurement, and FloatingPointError if not one of its quality metrics (of its metrics,
    where none is a quality) is a finite number.
    """
    if not isinstance(found, Measurement):
        raise TypeError(f"the evaluator returned a {type(found).__name__}, not a Measurement")
    metrics = _floats(found.metrics)
    graded = {name: value for name, value in metrics.items() if _is_quality(name)} or metrics
    if graded and not any(math.isfinite(value) for value in graded.values()):
        raise FloatingPointError(", ".join(f"{name} is {value}" for name, value in graded.items()))
    return replace(found, metrics=metrics, test=_floats(found.test))


def _reason(error: BaseException) -> FailureReason:
    if out_of_memory(error):
        return "memory"
    if isinstance(error, FloatingPointError):
        return "not-a-number"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, InputError):
        return "invalid"
    return "error"


def _place(error: BaseException) -> str:
    """Where in the code it was raised; nothing for mistakes in the input, which speak for themselves."""
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, InputError) or not frames:
        return ""
    return f" ({frames[-1].filename}, line {frames[-1].lineno})"


def _floats(metrics: Mapping[str, object]) -> dict[str, float]:
    for name, value in metrics.items():
        if not isinstance(value, Real) and not hasattr(value, "__float__"):
            raise TypeError(f"the metric {name} is a {type(value).__name__}, not a number")
    return {str(name): float(value) for name, value in metrics.items()}  # type: ignore[arg-type]


def _is_quality(name: str) -> bool:
    return name in METRICS and METRICS[name].source == "quality"
