"""The scikit-learn backend: estimators that are fitted in one go, alone, prepared and stacked.

scikit-learn fits them; what it found is put into torch modules, so that an estimator is saved, exported, timed and used
like any network.
"""

from __future__ import annotations
