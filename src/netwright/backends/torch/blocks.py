"""Residual blocks as modules. Each knows the last scale of its branch, which training starts best at zero."""

from __future__ import annotations

from torch import Tensor, nn


class Residual(nn.Module):
    """`after(branch(x) + shortcut(x))`.

    first: what comes before both (the shared preactivation of He et al. 2016, https://arxiv.org/abs/1603.05027), or
    None; shortcut: None for x as it was given, before `first`.
    """

    def __init__(
        self,
        branch: nn.Sequential,
        shortcut: nn.Module | None = None,
        first: nn.Module | None = None,
        after: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.first, self.branch, self.shortcut, self.after = first, branch, shortcut, after

    def forward(self, x: Tensor) -> Tensor:
        start = x if self.first is None else self.first(x)
        skip = x if self.shortcut is None else self.shortcut(start)
        y: Tensor = self.branch(start) + skip
        if self.after is not None:
            y = self.after(y)
        return y

    def start_at_identity(self) -> None:
        """Zeroes the scale of the branch's last norm, if no weights come after it.

        Goyal et al. 2017, https://arxiv.org/abs/1706.02677.
        """
        for layer in reversed(self.branch):
            if isinstance(layer, nn.BatchNorm2d | nn.BatchNorm1d | nn.LayerNorm):
                nn.init.zeros_(layer.weight)
            if isinstance(layer, nn.BatchNorm2d | nn.BatchNorm1d | nn.LayerNorm | nn.Conv2d | nn.Conv1d | nn.Linear):
                return
