"""A network of the user's by the place of its class, with its weights from a file. The code is trusted, the file is
not: it is never unpickled into anything but tensors."""

from __future__ import annotations

import importlib
import pickle
import sys
from pathlib import Path

import torch
from torch import nn

from netwright.backends.torch.state import read_state
from netwright.errors import InputError

_EXAMPLE = "write package.module:Name, where Name() makes the network"


def load_model(where: str, weights: str | Path | None = None) -> nn.Module:
    """where: "package.module:Name", called without arguments; weights: .safetensors, or what `torch.save` wrote of a
    `state_dict`. Raises InputError for whatever is wrong with either."""
    network = _made(where)
    if weights is not None:
        try:
            network.load_state_dict(_read(Path(weights)))
        except RuntimeError as error:
            raise InputError(f"{weights} does not fit {where}: {str(error).splitlines()[-1].strip()}") from error
    return network


def _made(where: str) -> nn.Module:
    place, _, name = where.partition(":")
    if not place or not name:
        raise InputError(f"{where!r} names no network", _EXAMPLE)
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(importlib.import_module(place), name)
        network = found if isinstance(found, nn.Module) else found()
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise InputError(f"{where} cannot be made: {error}", _EXAMPLE) from error
    if not isinstance(network, nn.Module):
        raise InputError(f"{where} gives {network!r:.80}", "give a class of torch.nn.Module")
    return network


def _read(path: Path) -> dict[str, torch.Tensor]:
    from safetensors import SafetensorError

    way_out = "give a .safetensors file, or torch.save(network.state_dict(), FILE)"
    try:
        if path.suffix == ".safetensors":
            return read_state(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "check the path given with --weights") from None
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise InputError(f"{path} holds no weights: {str(error).splitlines()[0]}", way_out) from None
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise InputError(f"{path} holds no weights", way_out)
    return state
