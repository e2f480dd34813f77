"""The data of the vocabulary: shapes, signatures, attributes, footprints and operations.

An `Operation` says what an op of the graph means without any framework: which attributes it takes, which shape it
makes of its inputs, and how many parameters and multiply-accumulates that costs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, get_args

from netwright.errors import InputError, unknown

Shape = tuple[int, ...]
"""Without the batch: images (C, H, W), sequences of vectors (C, T), of tokens (T,), tables and vectors (F,)."""

Plain = bool | int | float | str | None


Kind = Literal[
    "classification", "regression", "segmentation", "detection", "forecast", "transcript", "frames", "language"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What outputs are for: scores of classes, a value, scores of classes for each place of the input, boxes around things
of classes, the next steps, scores of characters for each of some steps, power in bands for each of some frames of
sound, scores of the next token for each place."""

CELL, SIDES = 4, 4
"""Pixels of a side of the cells for which a detector answers; further numbers that it gives for each cell: how far
away the sides of a box are."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a network takes and gives: the shape of one input, the number of outputs (where they are boxes, of classes),
    what the outputs are for (`KINDS`).

    vocabulary: how many different tokens there are, of which 0 is the padding; 0 where inputs are no tokens; padded:
    sequences are as long as the longest, with zeros after their end; columns: of tables, how many of the inputs'
    numbers each column of the data became, in their order; () where each is a column; steps: of transcripts, how many
    the network has to leave at least; of sound, how many frames it has to make.
    """

    inputs: Shape
    outputs: int
    kind: Kind = "classification"
    vocabulary: int = 0
    padded: bool = False
    columns: tuple[int, ...] = ()
    steps: int = 0

    def __post_init__(self) -> None:
        if len(self.inputs) not in (1, 2, 3) or any(type(size) is not int or size < 1 for size in self.inputs):
            raise InputError(
                f"a network cannot take inputs of shape {self.inputs!r}", "give (C, H, W), (C, T), (T,) or (F,)"
            )
        if type(self.vocabulary) is not int or self.vocabulary < 0 or (self.vocabulary and len(self.inputs) != 1):
            raise InputError(
                f"inputs of shape {self.inputs!r} cannot be of {self.vocabulary!r} tokens", "tokens come as (T,)"
            )
        if type(self.padded) is not bool or (self.padded and self.form not in ("tokens", "sequence")):
            raise InputError(f"inputs of shape {self.inputs!r} cannot be padded", "only sequences can")
        if type(self.outputs) is not int or self.outputs < 1:
            raise InputError(f"a network cannot have {self.outputs!r} outputs", "give a whole number from 1")
        if self.kind not in KINDS:
            raise unknown("kind of output", str(self.kind), KINDS)
        self._check_steps()
        if self.kind == "detection" and self.form != "image":
            raise InputError(f"boxes cannot be found in inputs of shape {self.inputs!r}", "only in images (C, H, W)")
        if self.kind == "language" and (not self.vocabulary or self.outputs != self.vocabulary):
            problem = f"{self.outputs} outputs do not say which of {self.vocabulary} tokens comes next"
            raise InputError(problem, "give as many as there are tokens")
        whole = all(type(size) is int and size > 0 for size in self.columns)
        if self.columns and (not whole or self.inputs != (sum(self.columns),)):
            raise InputError(f"columns of {self.columns!r} numbers do not make inputs of shape {self.inputs!r}", "")

    def _check_steps(self) -> None:
        stepped = self.kind in ("transcript", "frames")
        if type(self.steps) is not int or self.steps < 0 or (self.steps and not stepped):
            raise InputError(f"answers of {self.steps!r} steps cannot be", "only transcripts and sound have steps")
        if self.kind == "transcript" and self.form != "sequence":
            raise InputError(f"inputs of shape {self.inputs!r} have no transcript", "only sequences (C, T) have")
        if self.kind == "frames" and (self.form not in ("tokens", "sequence") or not self.steps):
            problem = f"inputs of shape {self.inputs!r} cannot be spoken in {self.steps} frames"
            raise InputError(problem, "give tokens (T,) or a sequence (C, T), and steps from 1")

    @property
    def form(self) -> Literal["image", "sequence", "tokens", "vector"]:
        """What one input is."""
        if self.vocabulary:
            return "tokens"
        return "image" if len(self.inputs) == 3 else "sequence" if len(self.inputs) == 2 else "vector"

    @property
    def places(self) -> Shape:
        """For how many places along each axis there are outputs: () for one answer to the whole input."""
        if self.kind == "detection":
            return tuple(-(-size // CELL) for size in self.inputs[1:])
        if self.kind not in ("segmentation", "language"):
            return ()
        return self.inputs if self.form == "tokens" else self.inputs[1:]

    @property
    def causal(self) -> bool:
        """Whether the answer for a place may depend on that place and the places before it only."""
        return self.kind == "language"

    @property
    def answer(self) -> Shape:
        """The shape of what a network gives for one example; of transcripts, that of the fewest steps."""
        if self.kind in ("transcript", "frames"):
            return (self.outputs, self.steps)
        return (self.outputs + (SIDES if self.kind == "detection" else 0), *self.places)

    def answered_by(self, shape: Shape) -> bool:
        """Whether what has this shape is an answer: a transcript may be made of more steps."""
        if self.kind == "transcript":
            return len(shape) == 2 and shape[0] == self.outputs and shape[1] >= max(1, self.steps)
        return shape == self.answer

    @property
    def stored(self) -> Literal["uint8", "int32", "float32"]:
        """The type of a task's examples, by its numpy name."""
        return "uint8" if self.form == "image" else "int32" if self.form == "tokens" else "float32"

    def to_dict(self) -> dict[str, Any]:
        """Plain data; what `from_dict` reads."""
        plain: dict[str, Any] = {"inputs": list(self.inputs), "outputs": self.outputs, "kind": self.kind}
        if self.vocabulary or self.padded:
            plain |= {"vocabulary": self.vocabulary, "padded": self.padded}
        if self.columns:
            plain["columns"] = list(self.columns)
        if self.steps:
            plain["steps"] = self.steps
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Signature:
        """Raises KeyError or InputError where it is none."""
        further = {name: plain[name] for name in ("vocabulary", "padded", "steps") if name in plain}
        columns = tuple(plain.get("columns", ()))
        return cls(tuple(plain["inputs"]), plain["outputs"], plain["kind"], **further, columns=columns)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one operation makes and costs for one example.

    params: trainable parameters, scale and shift of norms included; flops: multiply-accumulates of convolutions and
    matrix products (the convention of the NAS papers; norms, pools, activations and biases count nothing);
    activations: elements in the outputs of the convolutions and linear layers
    (Radosavovic et al. 2020, https://arxiv.org/abs/2003.13678).
    """

    shape: Shape
    params: int = 0
    flops: int = 0
    activations: int = 0


class _Required:
    def __repr__(self) -> str:
        return "required"


REQUIRED: Any = _Required()
"""The default of an attribute that must be given."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of an operation. `default` None means that None may be given, too.

    low, high: inclusive bounds of numbers; options: the only values allowed.
    """

    type: type
    default: Any = REQUIRED
    low: float | None = None
    high: float | None = None
    options: tuple[Plain, ...] = ()
    doc: str = ""

    def checked(self, name: str, value: Any) -> Any:
        """The value, or InputError when the attribute cannot have it. Whole numbers pass as floats."""
        if value is None and self.default is None:
            return value
        if type(value) is not self.type and not self._fits(value):
            raise InputError(f"{name}={value!r} is not {self._wanted()}", f"give {self.expected()}")
        if self.options:
            if value not in self.options:
                raise unknown(name, str(value), map(str, self.options))
        elif (self.low is not None and not value >= self.low) or (self.high is not None and not value <= self.high):
            raise InputError(f"{name}={value!r} is out of bounds", f"give {self.expected()}")
        return value

    def _fits(self, value: Any) -> bool:
        if isinstance(value, bool):
            return False
        return isinstance(value, self.type) or (self.type is float and isinstance(value, int))

    def _wanted(self) -> str:
        words = {int: "a whole number", float: "a number", bool: "true or false", str: "a word"}
        return words.get(self.type, self.type.__name__)

    def expected(self) -> str:
        """What may be given, in words."""
        if self.options:
            return "one of " + ", ".join(map(str, self.options))
        bounds = "" if self.low is None else f" from {self.low:g}" + ("" if self.high is None else f" to {self.high:g}")
        return self._wanted() + bounds


def never(attrs: Mapping[str, Any]) -> str:
    """`Operation.ahead` of what looks at each position by itself."""
    return ""


def _everywhere(attrs: Mapping[str, Any]) -> str:
    return "leave it out"


Rule = Callable[[Mapping[str, Any], tuple[Shape, ...], Signature], Footprint]


@dataclass(frozen=True)
class Operation:
    """One word of the vocabulary.

    arity: fewest and most inputs (None: any number); family: "network" for a layer or block that is trained,
    "estimator" for a whole model that is fitted in one go, "preparation" for what is fitted before one; open:
    attributes beyond the declared ones are allowed; ahead: resolved attributes -> what to do about it where a position
    of a sequence comes to depend on later ones, "" where none does.
    """

    name: str
    doc: str
    rule: Rule
    attributes: Mapping[str, Attribute] = field(default_factory=lambda: MappingProxyType({}))
    arity: tuple[int, int | None] = (1, 1)
    family: Literal["network", "estimator", "preparation"] = "network"
    open: bool = False
    ahead: Callable[[Mapping[str, Any]], str] = _everywhere

    def resolve(self, attrs: Mapping[str, Any]) -> dict[str, Any]:
        """The attributes checked and completed with the defaults. Raises InputError."""
        resolved = {}
        given = 0
        for name, attribute in self.attributes.items():
            if name in attrs:
                given += 1
                resolved[name] = attribute.checked(name, attrs[name])
            elif attribute.default is REQUIRED:
                raise InputError(f"{name} is missing", f"give {attribute.expected()}")
            else:
                resolved[name] = attribute.default
        if given < len(attrs):
            self._add_extra(attrs, resolved)
        return resolved

    def _add_extra(self, attrs: Mapping[str, Any], resolved: dict[str, Any]) -> None:
        for name, value in attrs.items():
            if name in self.attributes:
                continue
            if not self.open:
                raise unknown("attribute", name, self.attributes)
            resolved[name] = value

    def check_arity(self, count: int) -> None:
        """Raises InputError when the operation cannot take `count` inputs."""
        low, high = self.arity
        if count < low or (high is not None and count > high):
            wanted = str(low) if low == high else f"{low} or more" if high is None else f"{low} to {high}"
            raise InputError(f"has {count} inputs", f"it takes {wanted}")

    def footprint(self, attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
        """Shape and costs for these attributes and input shapes. Raises InputError.

        >>> from netwright.operations import Signature, get
        >>> get("conv").footprint({"kernel": 3, "channels": 8}, ((3, 32, 32),), Signature((3, 32, 32), 10))
        Footprint(shape=(8, 32, 32), params=232, flops=221184, activations=8192)
        """
        self.check_arity(len(inputs))
        return self.rule(self.resolve(attrs), inputs, signature)
