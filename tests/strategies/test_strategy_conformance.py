"""Every registered strategy passes the published suite."""

from __future__ import annotations

import pytest

from netwright import strategies
from netwright.testing.strategies import StrategyConformance


class TestRegistered(StrategyConformance):
    @pytest.fixture(params=strategies.NAMES)
    def strategy(self, request):
        return strategies.get(request.param)
