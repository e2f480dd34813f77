"""The weight bank: the weights of all networks of a space, each tensor under its path in the space.

A network built on the bank has parts of the bank's tensors for weights, so that what is trained in one network is there
in all that share its operations. A tensor is as large as the largest operation that was ever bound to it: a bank grows
by being used, and what is new in it is initialised as a network of that size would be.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from netwright.backends.torch.build import assemble, begin_at_identity, make, module_name, seeded
from netwright.backends.torch.network import Network
from netwright.errors import InputError
from netwright.operations import Shape, Signature
from netwright.space import OpGraph, OpNode
from netwright.supernet.mixture import Mixture
from netwright.supernet.part import carry, covers, part, union
from netwright.supernet.relaxed import Relaxation

PREFERENCE, COST = "preference:", "cost:"
"""What the names of preferences and of costs begin with in a file: no path in a space does."""


class Bank:
    """weights: learnt tensors, statistics: running ones of the norms; both by the names that they have in a network's
    `state_dict`; preferences: of gradient-based policies, by decision; costs: of options (`additive_costs`), by metric
    and decision, so that a latency is measured once. growths: how often a tensor gave way to a larger one; a weight
    stays the same parameter. rounds: of training that it went through.

    >>> from netwright.space import Space, chain, choice, op
    >>> space = Space(chain(stem=op("conv", kernel=3, channels=choice(4, 8)), head=op("head")), "tiny")
    >>> bank = Bank(Signature((1, 8, 8), 2, "classification"))
    >>> wide, slim = (bank.bind(space.architecture({"stem/channels": index}).graph) for index in (1, 0))
    >>> bool((wide.stem.conv.weight[:4] == slim.stem.conv.weight).all())
    True
    """

    def __init__(self, signature: Signature, seed: int = 0, device: torch.device | str = "cpu") -> None:
        self.signature, self.seed, self.device = signature, seed, torch.device(device)
        self.weights: dict[str, nn.Parameter] = {}
        self.statistics: dict[str, Tensor] = {}
        self.preferences: dict[str, nn.Parameter] = {}
        self.costs: dict[str, dict[str, Tensor]] = {}
        self.growths = self.rounds = 0
        self._modules: dict[str, dict[Any, nn.Module]] = {}

    def bind(self, graph: OpGraph) -> Network:
        """The graph as a network on the bank: its weights are views of the bank's. It is good until the bank grows;
        its modules are those of every other network on the bank that has the same operations in the same places."""
        return assemble(graph, self.signature, self._module)

    def mixture(self, relaxation: Relaxation) -> Mixture:
        """A relaxed space as a network on the bank."""
        weights = {**relaxation.mixes, **relaxation.gates}
        return assemble(relaxation.graph, self.signature, self._module, Mixture, weights)

    def collect(self, network: nn.Module) -> None:
        """Adds the gradients of a network on the bank to those of the bank's own tensors, and clears them."""
        for name, weight in network.named_parameters():
            if weight.grad is None:
                continue
            whole = self.weights[name]
            if whole.grad is None and whole.shape == weight.shape:
                whole.grad = weight.grad
            else:
                if whole.grad is None:
                    whole.grad = torch.zeros_like(whole)
                part(whole.grad, weight.shape).add_(weight.grad)
            weight.grad = None

    def _module(self, node: OpNode, shape: Shape, signature: Signature) -> nn.Module:
        """The module of a node, on the bank."""
        variants = self._modules.setdefault(node.weights, {})
        variant = (node.op, tuple(sorted(node.attrs.items())), shape)
        if variant not in variants:
            name = module_name(node.weights)
            with seeded(zlib.crc32(f"{self.seed} {name} {variant}".encode())):
                module = make(node, shape, signature)
                begin_at_identity(module)
            module = module.to(self.device)
            if self._grow(f"{name}.", module):
                variants.clear()
            variants[variant] = self._attached(f"{name}.", module)
        return variants[variant]

    def _attached(self, prefix: str, module: nn.Module) -> nn.Module:
        """The module with parts of the bank's tensors for its own."""
        weights = {
            weight: nn.Parameter(part(self.weights[prefix + name].detach(), weight.shape), weight.requires_grad)
            for name, weight in module.named_parameters()
        }
        for path, inner in module.named_modules():
            inner._parameters.update({name: weights[one] for name, one in inner._parameters.items() if one is not None})
            within = f"{prefix}{path}." if path else prefix
            for name, value in inner._buffers.items():
                if value is not None:
                    inner._buffers[name] = part(self.statistics[within + name], value.shape)
        return module

    def _grow(self, prefix: str, module: nn.Module) -> bool:
        """Makes room for a module; whether that took the place of tensors that were there."""
        grew = False
        for name, weight in module.named_parameters():
            kept = self.weights.get(prefix + name)
            tensor, replaced = _room(None if kept is None else kept.detach(), weight.detach())
            grew = grew or replaced
            if kept is None:
                assert tensor is not None
                self.weights[prefix + name] = nn.Parameter(tensor)
            elif tensor is not None:
                grad = kept.grad
                kept.grad, kept.data = None, tensor
                if grad is not None:
                    kept.grad = torch.zeros_like(tensor)
                    carry(grad, kept.grad)
        for name, value in module.named_buffers():
            tensor, replaced = _room(self.statistics.get(prefix + name), value)
            grew = grew or replaced
            if tensor is not None:
                self.statistics[prefix + name] = tensor
        self.growths += grew
        return grew

    def state_dict(self) -> dict[str, Tensor]:
        return {name: tensor.detach() for name, tensor in (self.weights | self.statistics).items()}

    def save(self, path: Path) -> None:
        """Writes the bank as safetensors."""
        from safetensors.torch import save_file

        preferences = {PREFERENCE + name: one.detach() for name, one in self.preferences.items()}
        costs = {f"{COST}{metric}:{name}": one for metric, each in self.costs.items() for name, one in each.items()}
        every = self.state_dict() | preferences | costs
        tensors = {name: tensor.cpu().contiguous().clone() for name, tensor in every.items()}
        save_file(tensors, path, {"statistics": "\n".join(self.statistics), "rounds": str(self.rounds)})

    def load(self, path: Path) -> None:
        """Takes the tensors that `save` wrote, in place of what the bank holds. InputError for any other file."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, "pt", str(self.device)) as file:
                told = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            statistics, self.rounds = set(told["statistics"].split("\n")), int(told["rounds"])
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise InputError(f"{path} holds no weight bank: {error}", "name a file that a supernet left") from None
        self.preferences = {
            name.removeprefix(PREFERENCE): nn.Parameter(tensors.pop(name))
            for name in [*tensors]
            if name.startswith(PREFERENCE)
        }
        self.costs = {}
        for name in [name for name in tensors if name.startswith(COST)]:
            metric, decision = name.removeprefix(COST).split(":", 1)
            self.costs.setdefault(metric, {})[decision] = tensors.pop(name)
        self.statistics = {name: tensor for name, tensor in tensors.items() if name in statistics}
        self.weights = {
            name: nn.Parameter(_laid_out(tensor)) for name, tensor in tensors.items() if name not in statistics
        }
        self._modules = {}


def _room(kept: Tensor | None, fresh: Tensor) -> tuple[Tensor | None, bool]:
    """What takes the place of a kept tensor to make room for a fresh one, None where it has room; whether that is a
    larger tensor, with what is kept in its place."""
    if kept is None:
        return _laid_out(fresh.clone()), False
    if covers(kept.shape, fresh.shape):
        return None, False
    grown = fresh.new_zeros(union(kept.shape, fresh.shape))
    carry(fresh, grown)
    carry(kept, grown)
    return _laid_out(grown), True


def _laid_out(tensor: Tensor) -> Tensor:
    """The tensor in the layout of memory that convolutions are fastest in."""
    return tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor
