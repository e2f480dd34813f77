"""Operations that know the columns of a table: embeddings of numbers and categories, and a transformer over columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netwright.errors import InputError
from netwright.operations import attributes as a
from netwright.operations.base import Attribute, Footprint, Operation, Shape, Signature
from netwright.operations.tally import widened, written

EMBEDDINGS = ("linear", "linear-relu", "periodic")


@dataclass(frozen=True)
class Layout:
    """Where the columns lie in a table's numbers.

    numbers: places of columns that are one number each; categories: first place and width of each other one."""

    numbers: tuple[int, ...]
    categories: tuple[tuple[int, int], ...]

    @property
    def count(self) -> int:
        return len(self.numbers) + len(self.categories)

    @property
    def wide(self) -> int:
        """Numbers that the categories take up."""
        return sum(width for _, width in self.categories)


def layout(inputs: Shape, signature: Signature) -> Layout:
    """Raises InputError when the input isn't the table itself."""
    if len(inputs) != 1 or inputs != signature.inputs:
        raise InputError(f"needs the columns of a table, but gets {written(inputs)}", "let it be the first layer")
    numbers, categories, place = [], [], 0
    for width in signature.columns or (1,) * inputs[0]:
        if width == 1:
            numbers.append(place)
        else:
            categories.append((place, width))
        place += width
    return Layout(tuple(numbers), tuple(categories))


def _embedded(attrs: Mapping[str, Any], where: Layout) -> tuple[int, int]:
    """Parameters and multiply-accumulates of embedding every column."""
    numbers, width, kind = len(where.numbers), attrs["width"], attrs["embedding"]
    params = where.wide * width + where.count * width
    flops = where.wide * len(where.categories) * width
    if kind == "periodic":
        waves = 2 * attrs["waves"]
        return params + numbers * (attrs["waves"] + waves * width), flops + numbers * waves * width
    return params + numbers * width, flops


def _column_embedding(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    where = layout(inputs[0], signature)
    params, flops = _embedded(attrs, where)
    features = where.count * attrs["width"]
    return Footprint((features,), params, flops, features)


def _ft_transformer(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    where, width, hidden = layout(inputs[0], signature), attrs["width"], transformer_hidden(attrs)
    if width % attrs["heads"]:
        raise InputError(f"{attrs['heads']} heads do not divide a width of {width}", "give a divisor of the width")
    params, flops = _embedded(attrs, where)
    tokens = where.count + 1
    attention = 4 * (width * width + width)
    forward = (width + 1) * 2 * hidden + hidden * width + width
    layer_flops = tokens * (4 * width * width + 3 * width * hidden) + 2 * tokens * tokens * width
    layers = attrs["layers"]
    return Footprint(
        (width,),
        params + width + layers * (4 * width + attention + forward) + 2 * width,
        flops + layers * layer_flops,
        where.count * width + layers * tokens * (5 * width + 2 * hidden),
    )


def transformer_hidden(attrs: Mapping[str, Any]) -> int:
    """Width inside the feed-forward part of a layer."""
    return widened(attrs["width"], attrs["expansion"])


_EMBEDDING = {
    "width": Attribute(int, 16, 1, 1024, doc="numbers that each column becomes"),
    "embedding": Attribute(str, "linear-relu", options=EMBEDDINGS, doc="how a number becomes several"),
    "waves": Attribute(int, 16, 1, 256, doc="frequencies of a periodic embedding, each learnt"),
    "sigma": Attribute(float, 0.1, 1e-3, 100, doc="spread of these frequencies to begin with"),
}

COLUMNS = (
    Operation(
        "column-embedding",
        "Each column as a vector: numbers by themselves or by waves, categories by a table of vectors "
        "(Gorishniy et al. 2022, https://arxiv.org/abs/2203.05556).",
        _column_embedding,
        _EMBEDDING,
    ),
    Operation(
        "ft-transformer",
        "A transformer over the columns of a table and one token for the answer (Gorishniy et al. 2021, "
        "https://arxiv.org/abs/2106.11959).",
        _ft_transformer,
        {
            **_EMBEDDING,
            "width": Attribute(int, 64, 1, 1024, doc="numbers that each column becomes"),
            "embedding": Attribute(str, "linear", options=EMBEDDINGS, doc="how a number becomes several"),
            "layers": Attribute(int, 2, 1, 24, doc="layers of attention"),
            "heads": Attribute(int, 4, 1, 64, doc="attention heads; divides the width"),
            "expansion": a.expansion(4 / 3, "width inside a layer, as a multiple of its width"),
            "dropout": a.DROPOUT,
        },
    ),
)
