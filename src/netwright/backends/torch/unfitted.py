"""What modules that are fitted elsewhere have in common: tensors of known size, checked once they are filled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from netwright.errors import InputError
from netwright.operations import Signature


class Holder(nn.Module):
    """Holds tensors that no training changes, as many numbers as its operation counts."""

    def __init__(self) -> None:
        super().__init__()
        self.register_load_state_dict_post_hook(_check)  # type: ignore[no-untyped-call]

    def hold(self, name: str, *shape: int, dtype: torch.dtype = torch.float32) -> None:
        self.register_buffer(name, torch.zeros(shape, dtype=dtype))

    def filled(self) -> None:
        """Called with new tensors in place. Raises InputError when they cannot be."""

    def refuse_unless(self, sound: bool) -> None:
        if not sound:
            raise InputError(f"{type(self).__name__.lower()}: weights that cannot be", "copy the file again")


class Fitted(Holder):
    """The module of one operation that is fitted in one go. classes: whether it tells classes apart."""

    operation = ""

    def __init__(self, attrs: Mapping[str, Any], signature: Signature) -> None:
        super().__init__()
        self.attrs, self.signature = dict(attrs), signature
        self.classes = signature.kind == "classification"


def _check(module: nn.Module, keys: object) -> None:
    if isinstance(module, Holder) and not any(buffer.is_meta for buffer in module.buffers()):
        module.filled()
