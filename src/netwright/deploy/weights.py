"""A trained network on disk: its weights as safetensors, everything else as architecture.json. Nothing is unpickled.

folder/
  model.safetensors     tensors by their names in the module's state_dict
  architecture.json     graph, signature, classes, preparation, the SHA-256 of the weights
  graph.npz             of networks of nodes: the features and edges that they were trained in
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netwright.deploy.metadata import FILE, Metadata
from netwright.deploy.writing import write_whole
from netwright.errors import InputError
from netwright.operations import Signature, check
from netwright.space import OpGraph
from netwright.tasks.nodes import NodeGraph, checked_edges

if TYPE_CHECKING:
    import torch
    from torch import nn

    from netwright.tasks import Task

WEIGHTS = "model.safetensors"
GRAPH = "graph.npz"


def save_network(
    network: nn.Module, graph: OpGraph, task: Task, directory: str | Path, further: Mapping[str, Any] | None = None
) -> Metadata:
    """Writes a trained network to a folder; each file appears whole or not at all.

    graph: what the network was built from; further: plain data to keep with it.
    """
    from safetensors.torch import save

    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    raw = save({name: _plain(tensor) for name, tensor in network.state_dict().items()})
    metadata = Metadata.of(graph, task, hashlib.sha256(raw).hexdigest(), further)
    if task.graph is not None:
        save_graph(task.graph, folder)
    write_whole(folder / WEIGHTS, raw)
    write_whole(folder / FILE, metadata.to_json())
    return metadata


def save_graph(graph: NodeGraph, folder: Path) -> None:
    """Writes the graph that a network of nodes lives in."""
    with io.BytesIO() as file:
        np.savez_compressed(file, features=graph.features, edges=graph.edges)
        write_whole(folder / GRAPH, file.getvalue())


def load_graph(folder: Path, signature: Signature) -> NodeGraph:
    """The graph beside a network. Raises InputError when it is damaged or not the network's."""
    from netwright.tasks.readers.npz import opened

    path = folder / GRAPH
    with opened(path) as archive:
        if not {"features", "edges"} <= set(archive):
            raise InputError(f"{path} holds no graph", "copy the file again")
        features, edges = archive["features"], archive["edges"]
    if features.ndim != 2 or features.shape[1:] != signature.inputs or not np.isfinite(features).all():
        raise InputError(f"{path}: features of shape {features.shape}", f"the network takes {signature.inputs}")
    checked = checked_edges(edges.T, len(features), str(path)).T
    return NodeGraph(features.astype(np.float32), np.ascontiguousarray(checked))


def _plain(tensor: torch.Tensor) -> torch.Tensor:
    """A copy of its own in the CPU's memory, in plain layout: what safetensors can write."""
    import torch

    return torch.empty(tensor.shape, dtype=tensor.dtype).copy_(tensor.detach())


def load_network(directory: str | Path, graph: OpGraph | None = None) -> tuple[nn.Module, Metadata]:
    """The network that `save_network` wrote, on the CPU in eval mode, and what is known about it.

    graph: the architecture's own, needed where it is made of your own module classes (they are never imported by a name
    from a file). Raises InputError naming the file that is missing, damaged, foreign, or doesn't fit the other.
    """
    folder = Path(directory)
    metadata = Metadata.read(folder / FILE)
    if graph is not None:
        metadata = replace(metadata, graph=graph)
    from netwright.backends.torch.network import place

    module, on_meta = _built(metadata, folder / FILE)
    state = _read_weights(folder / WEIGHTS, metadata.sha256)
    problem = next(_misfits(module.state_dict(), state), None)
    if problem:
        raise InputError(f"{folder / WEIGHTS} does not fit {FILE}: {problem}", "copy both files again")
    module.load_state_dict(state, assign=on_meta)
    if metadata.nodes:
        place(module, load_graph(folder, metadata.signature))
    return module.eval().requires_grad_(False), metadata


def _built(metadata: Metadata, path: Path) -> tuple[nn.Module, bool]:
    """The network without its weights; True when it has no memory yet (so that no file can ask for too much)."""
    import torch

    from netwright.backends.torch.build import build
    from netwright.backends.torch.module import Factory

    names = [node.attrs.get("name") for node in metadata.graph.nodes if node.op == "module"]
    if not all(isinstance(name, Factory) for name in names):
        own = ", ".join(metadata.own_classes)
        raise InputError(f"{path}: the network is made of your own {own}", "give load_network the architecture's graph")
    if names:
        return build(metadata.graph, metadata.signature), False
    try:
        check(metadata.graph)
        with torch.device("meta"):
            return build(metadata.graph, metadata.signature), True
    except InputError as error:
        raise InputError(f"{path}: {error.problem}", error.way_out) from None


def _read_weights(path: Path, sha256: str) -> dict[str, torch.Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        raw = path.read_bytes()
        state = load(raw)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}", "give a folder with a saved network") from None
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is damaged or no safetensors file ({error})", "copy the file again") from None
    if hashlib.sha256(raw).hexdigest() != sha256:
        raise InputError(f"{path} is not the file that {FILE} was written with", "copy both files again")
    return state


def _misfits(wanted: Mapping[str, torch.Tensor], given: Mapping[str, torch.Tensor]) -> Iterator[str]:
    """What keeps tensors from being a network's weights, in words."""
    for name, tensor in wanted.items():
        if name not in given:
            yield f"{name} is missing"
        elif given[name].shape != tensor.shape or given[name].dtype != tensor.dtype:
            found, right = given[name], tensor
            yield f"{name} is {found.dtype} {tuple(found.shape)}, not {right.dtype} {tuple(right.shape)}"
    yield from (f"nothing is named {name}" for name in given if name not in wanted)
