"""Tasks: data, target, metrics, augmentation, hand-designed baselines, default space.

>>> from netwright.tasks import open_task
>>> task = open_task("wine")
>>> task.kind, task.signature.inputs, task.classes
('tabular-classification', (13,), ('class_0', 'class_1', 'class_2'))
"""

from __future__ import annotations

from netwright.tasks.baselines.rival import Baseline
from netwright.tasks.opening import NAMES, open_task
from netwright.tasks.task import Split, Task

__all__ = ["NAMES", "Baseline", "Split", "Task", "open_task"]
