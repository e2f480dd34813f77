"""A user's own `nn.Module` class as a search space.

    class Net(nn.Module):
        def __init__(self, width: int, classes: int = 10) -> None:
            super().__init__()
            self.body = nn.Linear(64, width)
            self.act = choose("activation", choice("relu", "tanh"))
            ...

    space = searchable(Net, width=choice(16, 32))

The class is trusted code and is kept as the object it is: it is never looked up by a name from a file, so such a space
has no plain-data form. Worker processes get it by pickling, so define it in an importable module.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from torch import nn

from netwright.backends.torch.count import footprint, without_data
from netwright.errors import InputError
from netwright.operations import Footprint, Shape
from netwright.space import Node, Space, ValueNode, op, program

Draw = Callable[[str, Any], Any]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_TAKEN = ("name", "op")

_draw: ContextVar[Draw | None] = ContextVar("netwright_draw", default=None)


def searchable(module: Callable[..., nn.Module], /, *, name: str = "", **arguments: Any) -> Space:
    """The space of all `module(**arguments)`, where arguments may be decisions and `module` may call `choose`.

    module: a class (or function) that makes a network (B, *inputs) -> (B, outputs); arguments: value nodes and
    constants, which it is called with; name: of the space, the class's name if left out. Raises InputError for names
    that arguments cannot have.

    >>> from netwright.space import choice
    >>> searchable(nn.Linear, in_features=64, out_features=choice(10, 20)).size()
    2
    """
    title = name or getattr(module, "__name__", type(module).__name__)
    for argument in arguments:
        _check_name(argument, f"an argument of {title}")
    return Space(program(_Search(module, title, tuple(arguments.items())), title), name=title)


def choose(name: str, value: ValueNode) -> Any:
    """A decision inside a module that is being built: the value that the architecture has for it.

    Only the decisions that a build meets belong to its architecture. Each call is a decision of its own: where a name
    is met again (a layer built twice) it gets a number, `name_1`, `name_2`, in the order in which modules are built.
    Raises InputError outside of a build.
    """
    draw = _draw.get()
    if draw is None:
        raise InputError(
            f"choose({name!r}) was called outside of a search space",
            "make the space with netwright.torch.searchable(YourModule) and build one of its architectures",
        )
    return draw(_check_name(name, "a decision"), value)


def _check_name(name: str, what: str) -> str:
    if not _NAME.fullmatch(name) or name in _TAKEN:
        way_out = "use small letters, digits and '_', but not name or op"
        raise InputError(f"{name!r} cannot be the name of {what}", way_out)
    return name


@contextlib.contextmanager
def _drawing(draw: Draw) -> Iterator[None]:
    token = _draw.set(draw)
    try:
        yield
    finally:
        _draw.reset(token)


def _numbered(draw: Draw, taken: set[str]) -> Draw:
    """`draw` with a number added to names that were drawn before."""

    def drawn(name: str, value: Any) -> Any:
        free, number = name, 0
        while free in taken:
            number += 1
            free = f"{name}_{number}"
        taken.add(free)
        return draw(free, value)

    return drawn


@dataclass(frozen=True)
class _Search:
    """The program of a searchable module: draws its arguments, then builds it once to meet its decisions."""

    module: Callable[..., nn.Module]
    title: str
    arguments: tuple[tuple[str, Any], ...]

    def __call__(self, decide: Draw) -> Node:
        called = {name: _settled(decide, name, value) for name, value in self.arguments}
        factory = Factory(self.title, self.module, self.arguments)
        chosen: dict[str, Any] = {}

        def draw(name: str, value: Any) -> Any:
            chosen[name] = decide(name, value)
            return chosen[name]

        def build() -> nn.Module:
            chosen.clear()
            with _drawing(_numbered(draw, set(called))):
                return factory.call(called)

        without_data(build)
        plain = {name: value for name, value in called.items() if _is_plain(value)}
        return op("module", name=factory, **plain, **chosen)


def _settled(decide: Draw, name: str, value: Any) -> Any:
    return decide(name, value) if isinstance(value, ValueNode) else value


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float | str)


class Factory(str):
    """The name of a module's class that holds the class itself: what the op `module` has for a name."""

    __slots__ = ("arguments", "module")

    module: Callable[..., nn.Module]
    arguments: tuple[tuple[str, Any], ...]

    def __new__(cls, title: str, module: Callable[..., nn.Module], arguments: tuple[tuple[str, Any], ...]) -> Factory:
        factory = super().__new__(cls, title)
        factory.module, factory.arguments = module, arguments
        return factory

    def __reduce__(self) -> tuple[Any, ...]:
        return Factory, (str(self), self.module, self.arguments)

    def make(self, attrs: Mapping[str, Any]) -> nn.Module:
        """The module with these values for its arguments and its decisions."""
        called = {name: attrs.get(name, value) for name, value in self.arguments}

        def look_up(name: str, value: Any) -> Any:
            if name not in attrs:
                raise InputError(f"{self} asks for {name!r}", "its decisions must only depend on its own values")
            return attrs[name]

        with _drawing(_numbered(look_up, set(called))):
            return self.call(called)

    def call(self, arguments: Mapping[str, Any]) -> nn.Module:
        """Calls the class. Raises InputError when it fails."""
        try:
            made = self.module(**arguments)
        except (TypeError, ValueError, RuntimeError, AttributeError, KeyError) as error:
            written = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
            raise InputError(f"{self}({written}) failed: {error}", "correct the class or what it is given") from error
        if not isinstance(made, nn.Module):
            raise InputError(f"{self} gives {made!r}", "give a class of torch.nn.Module")
        return made

    def footprint(self, attrs: Mapping[str, Any], inputs: Shape) -> Footprint:
        """Counted by building and running it without data. Raises InputError when it cannot take these inputs."""
        try:
            return without_data(lambda: footprint(self.make(attrs), inputs))
        except InputError:
            raise
        except Exception as error:
            problem = f"{self} cannot take inputs of shape {inputs}: {error}"
            raise InputError(problem, "correct its forward()") from error
