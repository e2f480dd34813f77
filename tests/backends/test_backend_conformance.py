"""Every backend passes the published suite."""

from __future__ import annotations

import pytest

from netwright import backends
from netwright.backends import Backend
from netwright.errors import InputError, MissingExtra
from netwright.testing.backends import CHAINS, BackendConformance


@pytest.mark.parametrize("name", backends.NAMES)
class TestBackend(BackendConformance):
    @pytest.fixture
    def backend(self, name: str) -> Backend:
        return backends.get(name)


def test_jax_has_what_it_says_and_all_of_it_is_tested() -> None:
    from netwright.backends.jax.ops import OPERATIONS

    assert backends.get("jax").operations == set(OPERATIONS) == set(CHAINS)


def test_an_unknown_backend_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match="unknown backend 'jaks': did you mean 'jax'"):
        backends.get("jaks")


def test_a_backend_that_is_not_installed_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netwright.backends.base.find_spec", lambda package: None)
    with pytest.raises(MissingExtra, match="jax is not installed: pip install 'netwright\\[jax\\]'"):
        backends.get("jax")


def test_operations_that_a_backend_lacks_fall_to_the_one_that_has_them() -> None:
    assert backends.able("jax", {"conv", "head"}).name == "jax"
    assert backends.able("jax", {"recurrent", "head"}).name == "torch"
