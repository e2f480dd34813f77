"""Ridge regression over everything that is known of an architecture (Hoerl & Kennard 1970,
https://doi.org/10.1080/00401706.1970.10488634). The least that another surrogate has to beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from netwright.surrogates.base import Described, Fitted, Floats


@dataclass(frozen=True)
class Ridge:
    """penalty: of the squared coefficients."""

    penalty: float = 1.0
    name: ClassVar[str] = "ridge"

    def fit(self, known: Described, values: Floats, seed: int = 0) -> Fitted:
        from sklearn.linear_model import Ridge as Regression

        model = Regression(self.penalty).fit(known.rows, values)
        doubt = float(np.std(values - model.predict(known.rows), ddof=1))

        def foretell(new: Described) -> tuple[Floats, Floats]:
            mean = np.asarray(model.predict(new.rows), dtype=np.float64)
            return mean, np.full(len(new), max(doubt, 1e-9))

        return foretell
