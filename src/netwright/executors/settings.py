"""The executors by name, with the settings of each. Nothing is imported or started before an executor is made."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from netwright.errors import InputError, MissingExtra
from netwright.executors.base import Executor
from netwright.executors.evaluate import Load, load_task
from netwright.named import named, settings_of

CLUSTERS = ("slurm", "local")


@dataclass(frozen=True)
class Site:
    """What an executor is made for: the task in a folder, a search's folder, and at most so many jobs at a time.

    memory_mb: MiB that a job's processes may hold, None for what the executor thinks right; load: makes the task.
    """

    task_directory: Path
    directory: Path
    workers: int = 2
    memory_mb: float | None = None
    load: Load = load_task


class ExecutorSettings(ABC):
    """A frozen dataclass of an executor's own settings."""

    here: ClassVar[bool] = True
    """Do its workers share this machine's memory?"""

    def check(self) -> None:  # noqa: B027  (most have nothing to check)
        """Raises InputError where the executor cannot be had: MissingExtra where a package is not installed."""

    @abstractmethod
    def executor(self, site: Site) -> Executor:
        """The executor, not entered yet."""


@dataclass(frozen=True)
class InlineSettings(ExecutorSettings):
    """One job after another in this process; watches no memory."""

    def executor(self, site: Site) -> Executor:
        from netwright.executors.inline import Inline

        return Inline(site.task_directory, site.directory, site.load)


@dataclass(frozen=True)
class ProcessesSettings(ExecutorSettings):
    """Processes beside this one."""

    def executor(self, site: Site) -> Executor:
        from netwright.executors.processes import Processes

        return Processes(site.task_directory, site.directory, site.workers, site.memory_mb, site.load)


@dataclass(frozen=True)
class RaySettings(ExecutorSettings):
    """Workers on the nodes of a Ray cluster.

    address: "auto" for the cluster that this machine or RAY_ADDRESS knows, "HOST:PORT", "ray://HOST:PORT", or "local"
    for one that is started here; num_cpus, num_gpus: of a worker, fractions allowed; memory_mb: that a worker reserves,
    and is killed beyond; shared: do all nodes see the search's folder (None: find out); wait_s: seconds to wait for the
    first worker; idle_s: after which a worker without a job gives its resources back.
    """

    here: ClassVar[bool] = False

    address: str = "auto"
    num_cpus: float = 1.0
    num_gpus: float = 0.0
    memory_mb: float | None = None
    shared: bool | None = None
    wait_s: float = 300.0
    idle_s: float = 60.0

    def __post_init__(self) -> None:
        _at_least("num_cpus of ray", self.num_cpus, 0)
        _at_least("num_gpus of ray", self.num_gpus, 0)
        _at_least("memory_mb of ray", self.memory_mb, 1)
        _at_least("wait_s of ray", self.wait_s, 1)
        _at_least("idle_s of ray", self.idle_s, 0)

    def check(self) -> None:
        if find_spec("ray") is None:
            raise MissingExtra("ray", "ray")

    def executor(self, site: Site) -> Executor:
        from netwright.executors.ray import Ray

        return Ray(site, self)


@dataclass(frozen=True)
class SlurmSettings(ExecutorSettings):
    """A Slurm job for each evaluation, over submitit. The search's folder must be on storage that all nodes see.

    partition, account, qos, constraint: as of sbatch; time: minutes of a job, 0 for what its evaluation may take; mem:
    GiB, 0 for the partition's default; cpus, gpus: of a job; requeues: how often a job that Slurm interrupts begins
    again in its place in the queue; cluster: "slurm", or "local" for submitit's stand-in on this machine.
    """

    here: ClassVar[bool] = False

    partition: str = ""
    account: str = ""
    qos: str = ""
    constraint: str = ""
    time: int = 0
    mem: float = 0.0
    cpus: int = 1
    gpus: int = 0
    requeues: int = 3
    cluster: str = "slurm"

    def __post_init__(self) -> None:
        for name, least in (("time", 0), ("mem", 0), ("cpus", 1), ("gpus", 0), ("requeues", 0)):
            _at_least(f"{name} of slurm", getattr(self, name), least)
        if self.cluster not in CLUSTERS:
            raise InputError(f"cluster of slurm is {self.cluster!r}", f"one of {', '.join(CLUSTERS)}")

    def check(self) -> None:
        if find_spec("submitit") is None:
            raise MissingExtra("submitit", "slurm")
        if self.cluster == "slurm" and shutil.which("srun") is None:
            raise InputError(
                "there is no Slurm here: srun is not found",
                "start the search on a machine of the cluster, or try it out: --executor-setting cluster=local",
            )

    def executor(self, site: Site) -> Executor:
        from netwright.executors.slurm import Slurm

        return Slurm(site, self)


_KINDS: dict[str, type[ExecutorSettings]] = {
    "inline": InlineSettings,
    "processes": ProcessesSettings,
    "ray": RaySettings,
    "slurm": SlurmSettings,
}

NAMES = tuple(_KINDS)


def executor_settings(name: str, settings: Mapping[str, Any] | None = None) -> ExecutorSettings:
    """The checked settings of the executor of a name. Raises InputError for an unknown name, or setting, with the
    nearest one; for a setting that only other executors have; and for a value that makes no sense."""
    given = dict(settings or {})
    if name in _KINDS:
        own = settings_of(_KINDS[name])
        for setting in given:
            others = [other for other, kind in _KINDS.items() if setting in settings_of(kind)]
            if setting not in own and others:
                raise InputError(
                    f"the executor {name} has no setting {setting!r}", f"leave it out; it is one of {', '.join(others)}"
                )
            if not own:
                raise InputError(f"the executor {name} has no setting {setting!r}", "it has none at all")
    return named("executor", name, _KINDS, given)


def _at_least(what: str, value: float | None, least: float) -> None:
    if value is not None and not value >= least:
        raise InputError(f"{what} must be at least {least:g}, got {value:g}", "leave it out for the default")
