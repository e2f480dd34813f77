"""A network's weights in a file, between the worker that trained it and whoever goes on with it. Never unpickled."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

FILE = "weights.safetensors"


def save_state(network: nn.Module, directory: Path) -> Path:
    """Writes the weights and buffers of a network into a folder."""
    from safetensors.torch import save_file

    path = directory / FILE
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in network.state_dict().items()}
    save_file(tensors, path)
    return path


def read_state(path: Path) -> dict[str, Tensor]:
    """The weights and buffers in a file, by their names in the network's `state_dict`."""
    from safetensors.torch import load_file

    return load_file(path)


def load_state(network: nn.Module, path: Path) -> None:
    """Fills a network of the same architecture with the weights in a file."""
    network.load_state_dict(read_state(path))
