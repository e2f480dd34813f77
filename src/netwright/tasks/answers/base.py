"""The one form of everything that a network can be asked for: what its outputs mean and how good they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netwright.operations import Signature
from netwright.tasks.examples import Array


def _as_they_are(outputs: Array, y: Array) -> Array:
    return outputs


def _as_said(said: Mapping[str, Any], size: tuple[int, ...], inputs: tuple[int, ...]) -> Mapping[str, Any]:
    return said


def _no_places(signature: Signature) -> tuple[int | None, ...]:
    return ()


@dataclass(frozen=True)
class Answer:
    """What outputs of one kind mean.

    metrics: names of what `score` gives; output: what exported models call theirs; stored: the type of targets, by its
    numpy name; classes: whether each output stands for a class of the task; score: what was kept of the outputs, and
    the targets -> every metric; told: outputs and names of classes -> for each example what there is to say, by name,
    the answer itself first; merits: metric, what was kept, and the targets -> the score of each example (N,), higher
    is better, whose mean gives the metric (its root the root of a mean square), or None where there is no such thing;
    keep: outputs of some examples and their targets -> what of them counts for the score, (N, …); places: the shape of
    one target, None for any size; placed: what was told of an image, its own height and width, and those that it was
    fitted into -> the same in the image's own pixels.
    """

    metrics: tuple[str, ...]
    output: str
    stored: str
    classes: bool
    score: Callable[[Array, Array], dict[str, float]]
    told: Callable[[Array, Sequence[str]], list[Mapping[str, Any]]]
    merits: Callable[[str, Array, Array], Array | None]
    keep: Callable[[Array, Array], Array] = _as_they_are
    places: Callable[[Signature], tuple[int | None, ...]] = _no_places
    placed: Callable[[Mapping[str, Any], tuple[int, ...], tuple[int, ...]], Mapping[str, Any]] = _as_said
