"""Makes the evaluators beside these tests importable, here and in workers; a Ray cluster on this machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)

PLACES: dict[str, tuple[str, dict[str, Any]]] = {
    "inline": ("inline", {}),
    "processes": ("processes", {}),
    "ray": ("ray", {}),
    "ray, disks apart": ("ray", {"shared": False}),
    "slurm": ("slurm", {"cluster": "local"}),
}
"""Where jobs can run in tests: an executor's name, and its settings here."""


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """A Ray cluster of one node with two cores, which this process is connected to."""
    ray = pytest.importorskip("ray", reason="ray is not installed: pip install 'netwright[ray]'")
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_prestart_worker_first_driver", "0")  # processes that no test needs
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
        try:
            ray.init(address=cluster.address, log_to_driver=False, logging_level="error")
            yield cluster
        finally:
            ray.shutdown()
            cluster.shutdown()


CLUSTER = {"ray", "ray, disks apart"}
"""Places that take a Ray cluster, which is slow to start, and wants to have the machine to itself."""


@pytest.fixture(
    scope="session",
    params=[pytest.param(name, marks=pytest.mark.slow) if name in CLUSTER else name for name in PLACES],
)
def where(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """Each place in turn."""
    name, settings = PLACES[request.param]
    if name == "ray":
        request.getfixturevalue("cluster")
    if name == "slurm":
        pytest.importorskip("submitit", reason="submitit is not installed: pip install 'netwright[slurm]'")
    return name, settings
