"""Search your own torch modules.

    from netwright.space import choice
    from netwright.torch import choose, searchable

`searchable(Net, width=choice(16, 32))` is the space of all `Net(width=...)`; `choose("kernel", choice(3, 5))` inside
the constructor of `Net`, or of any module it makes, is a decision of that space; `build(architecture.graph, signature)`
is an architecture as a network.
"""

from __future__ import annotations

from netwright.backends.torch.build import build
from netwright.backends.torch.elastic import elastic
from netwright.backends.torch.module import choose, searchable

__all__ = ["build", "choose", "elastic", "searchable"]
