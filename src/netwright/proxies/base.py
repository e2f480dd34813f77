"""What a zero-cost proxy is: a score of an untrained network, from one batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from netwright.proxies.passes import Need, Passes


@dataclass(frozen=True)
class Proxy:
    """A score of which more is better.

    doc: what it is, in a line; paper: where it comes from; needs: the passes it is computed from; score: of them;
    classes: needs targets that are classes; images: needs inputs with places.
    """

    name: str
    doc: str
    paper: str
    score: Callable[[Passes], float]
    needs: frozenset[Need] = frozenset()
    classes: bool = False
    images: bool = False
