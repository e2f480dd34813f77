"""A saved network, ready to predict."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netwright.deploy.metadata import Metadata
from netwright.deploy.weights import load_network
from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import OpGraph
from netwright.tasks import encoding
from netwright.tasks.answers.classes import softmax
from netwright.tasks.domains import DOMAINS, Domain

if TYPE_CHECKING:
    from torch import nn

Array = np.ndarray[Any, np.dtype[Any]]
BATCH = 512
MOST_PLACES = 2**18
"""Places that are answered at a time: more than fit into a processor's caches take longer."""


@dataclass(frozen=True, eq=False)
class Network:
    """A trained network and how raw input becomes what it takes.

    network = Network.load("runs/digits-regularized-evolution-1")
    network.predict(["a.png", "b.png"])      # class names
    network.probabilities(images)            # (N, K)
    """

    module: Any
    metadata: Metadata

    @classmethod
    def load(cls, directory: str | Path, graph: OpGraph | None = None) -> Network:
        """The network in a search's folder, or in any folder that holds model.safetensors and architecture.json.

        graph: see `load_network`. Raises InputError for files that are missing, damaged or foreign.
        """
        folder = Path(directory)
        if not folder.is_dir():
            raise InputError(f"{folder} is no folder", "give a search's folder")
        return cls(*load_network(folder, graph))

    @property
    def signature(self) -> Signature:
        return self.metadata.signature

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the outputs, () for regression."""
        return self.metadata.classes

    def encode(self, raw: Any) -> Array:
        """Raw input (image files or arrays; a CSV file, data frame or rows) as x, see `Task`.

        Raises InputError naming the file, line or column that cannot be used.
        """
        if not self.metadata.nodes:
            return encoding.encode(raw, self.metadata.prepare)
        count, ids = len(self.module.world), np.arange(0) if raw is None else np.asarray(raw)
        if ids.dtype.kind not in "iu" or ids.ndim > 2 or (ids.size and not 0 <= ids.min() <= ids.max() < count):
            raise InputError(f"nodes {raw!r} are not in the graph", f"give numbers from 0 to {count - 1}")
        return ids.reshape(-1, 1).astype(np.int64)

    def within(self, path: str | Path) -> Network:
        """For networks of nodes: the same network in the graph of a file or folder, which may be another one than it
        was trained in."""
        from netwright.backends.torch.network import place
        from netwright.tasks.readers.graphs import read_unlabelled

        module = copy.copy(self.module)
        place(module, read_unlabelled(Path(path), self.metadata.prepare))
        if module.world.features.shape[1:] != self.signature.inputs:
            problem = f"{path}: nodes have {module.world.features.shape[1]} features"
            raise InputError(problem, f"there were {self.signature.inputs[0]} in training")
        return replace(self, module=module)

    def strange(self, raw: Any) -> list[str]:
        """Lines about texts in raw tables that the network cannot tell from other rare or unknown ones."""
        return encoding.strange(raw, self.metadata.prepare)

    def outputs(self, x: Array) -> Array:
        """What the network answers to encoded input: logits (N, K), values (N,) in the target's own unit, or whatever
        `Signature.answer` says. Networks that only look back take shorter windows, too."""
        import torch

        from netwright.deploy.raw import FromRaw

        short = self.signature.causal and x.ndim == 2 and 0 < x.shape[1] < self.signature.inputs[0]
        if x.shape[1:] != self.metadata.takes and not short:
            raise InputError(f"inputs of shape {x.shape[1:]}", f"the network takes {self.metadata.takes}")
        module, wanted = FromRaw(self.module, self.metadata).eval(), self.metadata.dtype
        with torch.inference_mode():
            parts = [_answers(module, part, wanted) for part in self._batches(x)]
        answers = np.concatenate(parts) if parts else np.zeros((0, *self.signature.answer), np.float32)
        return answers[:, 0] if self.metadata.regression else answers

    def _batches(self, x: Array) -> Iterator[Array]:
        places = max(math.prod(self.signature.places), math.prod(self.signature.inputs[1:]))
        size = max(1, min(BATCH, MOST_PLACES // places))
        return (x[start : start + size] for start in range(0, len(x), size))

    def predict(self, raw: Any) -> list[Any]:
        """What the network says of raw input, such as class names, values, or samples of sound.
        Raises InputError like `encode`."""
        return [next(iter(said.values())) for said in self.told(raw)]

    def told(self, raw: Any) -> list[Mapping[str, Any]]:
        """All that there is to say of each example of raw input, by name: a class and its probability, a value, how a
        text goes on."""
        if self.signature.causal:
            name = "translation" if self.domain.replies else "text"
            return [{name: text} for text in self.generate(raw)]
        domain = DOMAINS.get(str(self.metadata.prepare.get("domain")))
        if domain is not None and domain.said is not None:
            items = domain.found(raw, self.metadata.prepare)
            outputs = self.outputs(domain.apply(items, self.metadata.prepare))
            return domain.said(outputs, items, self.metadata.prepare)
        parts, answer = self._batches(self.encode(raw)), self.metadata.answer
        said = [one for part in parts for one in answer.told(self.outputs(part), self.classes)]
        sizes = encoding.sizes(raw, self.metadata.prepare)
        inputs = self.signature.inputs[1:]
        return [answer.placed(one, size, inputs) for one, size in zip(said, sizes, strict=True)] if sizes else said

    def generate(self, prompts: Any, tokens: int = 200, temperature: float | None = None, seed: int = 0) -> list[str]:
        """What a language model writes after each text (a str, several, or paths of files with one a line), or what one
        that translates makes of it.

        tokens: at most so many; temperature: 0 takes the likeliest each time, as translations do, others are drawn at
        0.8; seed: the same gives the same. Raises InputError where networks do not write.
        """
        from netwright.deploy.generation import Sampling, continuations

        if not self.signature.causal:
            raise InputError(f"a network for {self.metadata.kind} does not write", "use predict")
        usual = 0.0 if self.domain.replies else 0.8
        sampling = Sampling(tokens, usual if temperature is None else temperature, seed)
        return continuations(self, self.texts(prompts), sampling)

    @property
    def domain(self) -> Domain:
        """What sets the data apart that it takes, of those that have a domain."""
        return DOMAINS[self.metadata.prepare["domain"]]

    def texts(self, raw: Any) -> list[str]:
        """The texts in what a user gives. Raises InputError naming the file or line."""
        return [str(text) for text in self.domain.found(raw, self.metadata.prepare).values]

    def probabilities(self, raw: Any) -> Array:
        """Class probabilities (N, K), or (N, K, *places), for raw input, in the order of `classes`."""
        if self.metadata.answer.output != "logits":
            raise InputError(f"a {self.signature.kind} has no probabilities", "use predict")
        return softmax(self.outputs(self.encode(raw)))


def _answers(module: nn.Module, x: Array, dtype: Any) -> Array:
    import torch

    answers: Array = module(torch.from_numpy(np.array(x, dtype=dtype))).numpy()
    return answers
