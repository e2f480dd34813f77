"""From an architecture to a model that runs: `torch` for networks, `sklearn` for whole estimators."""
