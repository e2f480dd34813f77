"""A Gaussian process over decisions, paths, subtrees and scores: subtrees make it one with a Weisfeiler-Lehman kernel
(Ru et al. 2021, "NAS-BOWL", https://arxiv.org/abs/2006.07556). The default: the best of all from few labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from netwright.predictors import GaussianProcess
from netwright.surrogates.base import Described, Fitted, Floats

AT_ONCE = 2000


@dataclass(frozen=True)
class Process:
    """Its settings are chosen by the data."""

    name: ClassVar[str] = "gaussian-process"

    def fit(self, known: Described, values: Floats, seed: int = 0) -> Fitted:
        model = GaussianProcess(known.parts, values)

        def foretell(new: Described) -> tuple[Floats, Floats]:
            batches = range(0, len(new), AT_ONCE)
            answers = [model.predict([part[begin : begin + AT_ONCE] for part in new.parts]) for begin in batches]
            mean, deviation = (np.concatenate(side) for side in zip(*answers, strict=True))
            noise = model.settings.noise * model.deviation**2
            return mean, np.sqrt(deviation**2 + noise)

        return foretell
