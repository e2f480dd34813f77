"""Short texts for the options of a choice: as little as tells them apart."""

from __future__ import annotations

from collections import Counter
from typing import Any

from netwright.space.nodes import Chain, Op, Program, Repeat, Rule, Tied
from netwright.space.parts import Part, Plain


def labels(options: tuple[Any, ...]) -> tuple[Plain, ...]:
    """A text for each node among the options; a plain value stays itself.

    >>> from netwright.space import op
    >>> labels((op("none"), op("conv", kernel=1, channels=8), op("conv", kernel=3, channels=8)))
    ('none', 'conv(kernel=1)', 'conv(kernel=3)')
    """
    operations = [option for option in options if isinstance(option, Op)]
    texts = [_of(option, operations) if isinstance(option, Part) else option for option in options]
    many = Counter(text for text, option in zip(texts, options, strict=True) if isinstance(option, Part))
    return tuple(
        f"{text} #{i}" if isinstance(option, Part) and many[text] > 1 else text
        for i, (text, option) in enumerate(zip(texts, options, strict=True))
    )


def _of(node: Part, operations: list[Op]) -> str:
    if isinstance(node, Op):
        return _operation(node, operations)
    if isinstance(node, Chain):
        return " > ".join(_of(item, []) for item in node.items)
    if isinstance(node, (Rule, Tied, Program)):
        return node.name
    if isinstance(node, Repeat):
        return f"repeat({_of(node.block, [])})"
    return type(node).__name__.lower()


def _operation(node: Op, operations: list[Op]) -> str:
    """Its name, with the attributes in which it differs from others of that name."""
    others = [dict(other.attrs) for other in operations if other.name == node.name and other is not node]
    telling = [
        f"{key}={value}"
        for key, value in node.attrs
        if not isinstance(value, Part) and any(other.get(key) != value for other in others)
    ]
    return f"{node.name}({', '.join(telling)})" if telling else node.name
