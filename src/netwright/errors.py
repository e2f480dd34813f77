"""The errors a user may meet: each says what is wrong and the way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class NetwrightError(Exception):
    """Something failed that is not the user's mistake. Exit code 1."""

    exit_code = 1


class InputError(NetwrightError):
    """The user's input cannot be used. Exit code 2; never a traceback.

    >>> raise InputError("unknown space 'mobil'", "did you mean 'mobile'?")
    Traceback (most recent call last):
    netwright.errors.InputError: unknown space 'mobil': did you mean 'mobile'?
    """

    exit_code = 2

    def __init__(self, problem: str, way_out: str = "") -> None:
        self.problem = problem
        self.way_out = way_out
        super().__init__(f"{problem}: {way_out}" if way_out else problem)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.problem, self.way_out)


class MissingExtra(InputError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        self.package, self.extra = package, extra
        super().__init__(f"{package} is not installed", f"pip install 'netwright[{extra}]'")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.package, self.extra)


def unknown(kind: str, name: str, known: Iterable[str]) -> InputError:
    """The error for a name that does not exist, with the nearest one that does."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return InputError(f"unknown {kind} {name!r}", f"{hint}known: {', '.join(names)}")


_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory", "not enough memory")


def out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that there is no memory left, whichever library raised it.

    >>> out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"))
    True
    """
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError | OSError) and any(words in str(error).lower() for words in _OUT_OF_MEMORY)
