"""A task: data in three splits, what to predict, how raw input becomes numbers, and how good an answer is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netwright.operations import Signature
from netwright.tasks import digest, encoding
from netwright.tasks.answers import Answer, answer_of
from netwright.tasks.domains import DOMAINS
from netwright.tasks.examples import Array
from netwright.tasks.nodes import NodeGraph
from netwright.tasks.targets import Kind

if TYPE_CHECKING:
    from netwright.tasks.baselines.rival import Baseline


SPACES: Mapping[Kind, str] = {
    "image-classification": "mobile",
    "medical-image-classification": "mobile",
    "node-classification": "graph",
    "object-detection": "detector",
    "semantic-segmentation": "unet",
}
"""Ready-made search spaces to begin with, where the domain or a table does not say it."""


@dataclass(frozen=True, eq=False)
class Split:
    """Examples of one split. x: as `Task` says; y: (N,) int64 class indices or float32 values, or what else the task's
    `Answer` says, such as characters (N, L) of transcripts."""

    x: Array
    y: Array

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True, eq=False)
class Task:
    """Data to learn from and what counts as good. Made by `open_task`.

    kind: one of `netwright.tasks.targets.KINDS`; classes: names of the outputs, () for regression; train, valid, test:
    images uint8 (N, C, H, W), encoded tables float32 (N, F) without NaN, texts as tokens int32 (N, T), series and
    recordings float32 (N, C, T), numbers of a graph's nodes int64 (N, 1); prepare: how raw input becomes x, as plain
    data (images: "mean" and "std" of each channel of the training split in 0..1, for the trainer to normalise with;
    tables: the encoder of each column; other domains: "domain" and what that one needs; regression: "target_mean",
    "target_std"; masks: "colours" of the classes); metric: the default objective; augment: the training policy; source:
    origin, licence, sha256, counts, warnings; graph: of nodes, what they and their neighbours are.
    """

    name: str
    kind: Kind
    signature: Signature
    train: Split
    valid: Split
    test: Split
    prepare: Mapping[str, Any]
    metric: str
    classes: tuple[str, ...] = ()
    augment: Mapping[str, Any] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)
    graph: NodeGraph | None = None

    def __repr__(self) -> str:
        counts = "/".join(str(len(split)) for split in (self.train, self.valid, self.test))
        return (
            f"<Task {self.name}: {self.kind}, {self.signature.inputs} -> {self.signature.outputs}, {counts} examples>"
        )

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the quality metrics that `score` gives."""
        return self.answer.metrics

    @property
    def answer(self) -> Answer:
        """What the outputs of its networks mean."""
        return answer_of(self.signature.kind)

    @property
    def default_space(self) -> str:
        """Name of the ready-made search space to begin with."""
        if "domain" in self.prepare:
            return DOMAINS[self.prepare["domain"]].space
        return SPACES.get(self.kind, "tabular")

    @property
    def takes(self) -> str:
        """What a network takes, in words; "" where the shape of its inputs says it."""
        return DOMAINS[self.prepare["domain"]].takes(self.prepare) if "domain" in self.prepare else ""

    @property
    def splits(self) -> dict[str, Split]:
        return {"train": self.train, "valid": self.valid, "test": self.test}

    @cached_property
    def fingerprint(self) -> str:
        """Hex SHA-256 of everything that training and scoring depend on: splits, preparation, classes, augmentation."""
        plain = [self.kind, list(self.classes), dict(self.prepare), dict(self.augment), self.metric]
        sha = hashlib.sha256(json.dumps(plain, sort_keys=True).encode())
        for split in self.splits.values():
            digest.update(sha, split.x)
            digest.update(sha, split.y)
        for array in () if self.graph is None else (self.graph.features, self.graph.edges):
            digest.update(sha, array)
        return sha.hexdigest()

    def baselines(self) -> tuple[Baseline, ...]:
        """The hand-designed models that a search has to beat, small to large."""
        from netwright.tasks.baselines.offered import baselines

        return baselines(self.signature, nodes=self.graph is not None)

    def encode(self, raw: Any) -> Array:
        """Raw input as a network's x: image files or arrays; a CSV file, data frame, rows or columns.

        Gives what the splits hold. Raises InputError naming the file, line or column.
        """
        return encoding.encode(raw, self.prepare)

    def decode(self, outputs: Array) -> list[Any]:
        """Outputs (N, …) as what they say: class names for logits (N, K), numbers for values (N,)."""
        return [next(iter(said.values())) for said in self.answer.told(outputs, self.classes)]

    def score(self, outputs: Array, y: Array) -> dict[str, float]:
        """Every metric of outputs against targets: logits (N, K), or values (N,) in the target's own unit, against
        (N,); of other kinds what their `Answer.keep` keeps."""
        return self.answer.score(outputs, y)

    def save(self, directory: str | Path) -> None:
        """Writes task.json and one .npy file for each array; each file appears whole or not at all."""
        from netwright.tasks.saving import save

        save(self, Path(directory))

    @classmethod
    def load(cls, directory: str | Path) -> Task:
        """What `save` wrote, with x memory-mapped. Raises InputError naming the file that is missing or damaged."""
        from netwright.tasks.saving import load

        return load(Path(directory))
