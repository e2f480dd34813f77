"""What a search is about, in the words of its screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from netwright.objectives import Objective


@dataclass(frozen=True)
class Heading:
    """objectives: the metrics to tell networks by, at least one."""

    task: str
    method: str
    budget: str
    directory: Path
    objectives: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"{self.task}: {' and '.join(self.objectives)} by {self.method}, budget {self.budget}"

    def __str__(self) -> str:
        return f"{self.title}, in {self.directory}"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"directory": str(self.directory), "objectives": list(self.objectives)}

    @classmethod
    def of_search(cls, directory: Path) -> Heading:
        """Of the search that a folder holds. Raises InputError when there is none."""
        from netwright.insight.status import open_search

        with open_search(directory) as store:
            settings: Mapping[str, Any] = store.get("settings") or {}
            task: Mapping[str, Any] = store.get("task") or {}
        return cls(
            task=str(task.get("name")),
            method=str(settings.get("method")),
            budget=str(settings.get("budget")),
            directory=directory,
            objectives=metrics(settings.get("objectives") or (), str(task.get("metric"))),
        )


def metrics(objectives: Sequence[str], default: str) -> tuple[str, ...]:
    """The metrics of objectives as typed; the task's own when there are none."""
    return tuple(Objective.parse(text).metric for text in objectives) or (default,)
