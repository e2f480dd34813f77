"""Networks that read the graph of an architecture: by passing messages along its edges (Wen et al. 2020, "Neural
Predictor for NAS", https://arxiv.org/abs/1912.00848), or by attention that knows who feeds whom (Lu et al. 2023,
"PINAT", https://arxiv.org/abs/2211.09293).

Both also see the rows of decisions and scores. A few are trained from different starts: where they disagree, they do
not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from netwright.surrogates.base import Described, Fitted, Floats


@dataclass(frozen=True)
class Reading:
    """members: networks; width, depth: of each; steps: of training, on all that is known at once; rate: of learning."""

    members: int = 3
    width: int = 48
    depth: int = 3
    steps: int = 200
    rate: float = 4e-3
    name: ClassVar[str]
    reader: ClassVar[Literal["messages", "attention"]]

    def fit(self, known: Described, values: Floats, seed: int = 0) -> Fitted:
        from netwright.surrogates.readers import Vocabulary, read, trained

        words = Vocabulary.of(known)
        centre, spread = float(values.mean()), max(1e-9, float(values.std()))
        seen, targets = words(known), (values - centre) / spread
        shape = (self.reader, self.width, self.depth)
        models = [
            trained(shape, words, seen, targets, self.steps, self.rate, seed + one) for one in range(self.members)
        ]

        def foretell(new: Described) -> tuple[Floats, Floats]:
            answers = np.stack([read(model, words, new) for model in models]) * spread + centre
            return answers.mean(0), np.maximum(1e-9, answers.std(0, ddof=1))

        return foretell


@dataclass(frozen=True)
class GraphNetwork(Reading):
    name: ClassVar[str] = "gnn"
    reader: ClassVar[Literal["messages", "attention"]] = "messages"


@dataclass(frozen=True)
class GraphTransformer(Reading):
    name: ClassVar[str] = "transformer"
    reader: ClassVar[Literal["messages", "attention"]] = "attention"
