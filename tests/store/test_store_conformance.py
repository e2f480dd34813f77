"""The SQLite store passes the published suite."""

from __future__ import annotations

import pytest

from netwright.store import open_store
from netwright.testing.stores import StoreConformance


class TestSQLite(StoreConformance):
    @pytest.fixture
    def reopen(self, tmp_path):
        opened = []

        def open_again():
            opened.append(open_store(tmp_path / "search.sqlite", create=True))
            return opened[-1]

        yield open_again
        for store in opened:
            store.close()
