"""Every kind of store passes the published suite."""

from __future__ import annotations

import pytest

from netwright.store import open_store
from netwright.testing.stores import StoreConformance


class TestStores(StoreConformance):
    @pytest.fixture
    def reopen(self, place):
        opened = []

        def open_again():
            opened.append(open_store(place, create=True))
            return opened[-1]

        yield open_again
        for store in opened:
            store.close()
