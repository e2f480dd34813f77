"""Trees: gradient boosting (Friedman 2001, https://doi.org/10.1214/aos/1013203451; for architectures: Luo et al. 2020,
"GBDT-NAS", https://arxiv.org/abs/2007.04785) and extremely randomised ones (Geurts et al. 2006,
https://doi.org/10.1007/s10994-006-6226-1), whose disagreement tells how sure they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from netwright.surrogates.base import Described, Fitted, Floats

LEAST = 1e-9


@dataclass(frozen=True)
class Boosting:
    """trees: in each of `members` models, fitted to bootstrap samples; rate: how far each tree goes."""

    trees: int = 150
    rate: float = 0.07
    members: int = 3
    name: ClassVar[str] = "gradient-boosting"

    def fit(self, known: Described, values: Floats, seed: int = 0) -> Fitted:
        from sklearn.ensemble import HistGradientBoostingRegressor

        random = np.random.default_rng(seed)
        used = np.flatnonzero(np.ptp(known.rows, axis=0) > 0)
        rows = known.rows[:, used]
        models = []
        for member in range(self.members):
            drawn = random.integers(len(values), size=len(values)) if member else np.arange(len(values))
            model = HistGradientBoostingRegressor(
                max_iter=self.trees,
                learning_rate=self.rate,
                min_samples_leaf=min(5, max(1, len(values) // 10)),
                random_state=seed + member,
            )
            models.append(model.fit(rows[drawn], values[drawn]))

        def foretell(new: Described) -> tuple[Floats, Floats]:
            answers = np.stack([model.predict(new.rows[:, used]) for model in models])
            return answers.mean(0), np.maximum(LEAST, answers.std(0, ddof=1))

        return foretell


@dataclass(frozen=True)
class Forest:
    """trees: extremely randomised ones."""

    trees: int = 200
    name: ClassVar[str] = "extra-trees"

    def fit(self, known: Described, values: Floats, seed: int = 0) -> Fitted:
        from sklearn.ensemble import ExtraTreesRegressor

        used = np.flatnonzero(np.ptp(known.rows, axis=0) > 0)
        model = ExtraTreesRegressor(self.trees, random_state=seed).fit(known.rows[:, used], values)

        def foretell(new: Described) -> tuple[Floats, Floats]:
            rows = new.rows[:, used]
            answers = np.stack([tree.predict(rows) for tree in model.estimators_])
            return answers.mean(0), np.maximum(LEAST, answers.std(0, ddof=1))

        return foretell
