"""What an operation is called on a drawing, and which colour family it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netwright.insight.wording import TIMES
from netwright.operations import OPERATIONS

_NAMES = {
    "conv": "Conv",
    "sepconv": "SepConv",
    "factorized-reduce": "Factorized reduce",
    "mbconv": "MBConv",
    "resblock": "ResBlock",
    "bottleneck": "Bottleneck",
    "convnext": "ConvNeXt",
    "max-pool": "Max pool",
    "avg-pool": "Avg pool",
    "global-pool": "Global pool",
    "upsample": "Upsample",
    "linear": "Linear",
    "norm": "Norm",
    "activation": "Activation",
    "dropout": "Dropout",
    "flatten": "Flatten",
    "squeeze-excite": "Squeeze-excite",
    "head": "Head",
    "detection-head": "Detection head",
    "transcript-head": "Characters",
    "frames-head": "Frames",
    "column-embedding": "Column embedding",
    "ft-transformer": "FT-Transformer",
    "gcn": "GCN",
    "gat": "GAT",
    "sage": "GraphSAGE",
    "gin": "GIN",
    "cheb": "ChebNet",
    "arma": "ARMA",
    "k-gnn": "k-GNN",
    "embedding": "Embedding",
    "recurrent": "Recurrent",
    "transformer": "Transformer",
    "attention": "Attention",
    "attention-pool": "Attention pool",
    "front-end": "Front end",
    "spec-augment": "SpecAugment",
    "positions": "Positions",
    "class-token": "Class token",
    "stretch": "Stretch",
    "lift": "As image",
    "fold": "As sequence",
    "gradient-boosting": "Gradient boosting",
    "lightgbm": "LightGBM",
    "forest": "Forest",
    "linear-model": "Linear model",
    "neighbours": "Nearest neighbours",
    "quantiles": "Quantiles",
    "components": "Principal components",
    "kernel-features": "Kernel features",
    "select": "Select",
    "module": "Module",
    "none": "Zero",
    "identity": "Skip",
    "sum": "+",
    "concat": "concat",
    "input": "Input",
}
_FAMILIES = {
    "conv": "conv",
    "sepconv": "sep",
    "factorized-reduce": "conv",
    "mbconv": "mobile",
    "resblock": "residual",
    "bottleneck": "residual",
    "convnext": "residual",
    "pool": "pool",
    "upsample": "pool",
    "linear": "dense",
    "embedding": "dense",
    "positions": "dense",
    "class-token": "dense",
    "recurrent": "sep",
    "attention": "mobile",
    "transformer": "mobile",
    "head": "dense",
    "detection-head": "dense",
    "transcript-head": "dense",
    "frames-head": "dense",
    "stretch": "mobile",
    "language-head": "dense",
    "input": "edge",
    "sum": "merge",
    "concat": "merge",
    "none": "merge",
    "identity": "merge",
    "column-embedding": "dense",
    "ft-transformer": "residual",
    **dict.fromkeys(("gcn", "gat", "sage", "gin", "cheb", "arma", "k-gnn"), "conv"),
    "gradient-boosting": "other",
    "lightgbm": "other",
    "forest": "other",
    "neighbours": "other",
    "linear-model": "dense",
    "components": "dense",
    "kernel-features": "conv",
}


_TITLED = {
    "activation": "function",
    "module": "name",
    "dropout": "rate",
    "norm": "kind",
    "global-pool": "kind",
    "positions": "kind",
    "recurrent": "cell",
}
_ALWAYS = frozenset({"channels", "units", "expansion"})
_NEUTRAL = (("stride", 1), ("groups", 1), ("dilation", 1), ("dropout", 0.0))
_PARTS = (("pool", "pool"), ("conv", "conv"), ("res", "residual"), ("linear", "dense"), ("block", "residual"))


def family(op: str) -> str:
    """The colour family of an operation: conv, sep, mobile, residual, pool, dense, light, merge, edge or other."""
    if op in _FAMILIES:
        return _FAMILIES[op]
    for part, name in _PARTS:
        if part in op:
            return name
    return "light" if op in {"norm", "activation", "dropout", "flatten", "squeeze-excite"} else "other"


def label(op: str, attrs: Mapping[str, Any], dims: int = 2) -> str:
    """One line for people. dims: that a window extends in.

    >>> label("mbconv", {"kernel": 5, "channels": 48, "stride": 2, "expansion": 4, "se": True}).replace(TIMES, "x")
    'MBConv 5x5, 48 ch, /2, 4x wide, SE'
    >>> label("dropout", {"rate": 0.25})
    'Dropout 0.25'
    """
    title, details = parts(op, attrs, dims)
    return ", ".join([title, *details])


def parts(op: str, attrs: Mapping[str, Any], dims: int = 2) -> tuple[str, list[str]]:
    """The title and the further details of a label, so that a narrow block can break the line between them.

    Attributes at their usual value are left out.
    """
    title = _NAMES.get(op, op.replace("-", " ").capitalize())
    titled = _TITLED.get(op)
    if titled is not None and titled in attrs:
        shown = _short(attrs[titled])
        title = shown.upper() if op == "recurrent" else shown if op in ("activation", "module") else f"{title} {shown}"
    kernel = attrs.get("kernel")
    if isinstance(kernel, int):
        title = f"{title} {TIMES.join([str(kernel)] * dims)}"
    rest = ((key, value) for key, value in attrs.items() if key not in ("kernel", titled))
    return title, [text for key, value in rest if (text := _detail(op, key, value))]


def _detail(op: str, key: str, value: Any) -> str:
    if value is None or (key not in _ALWAYS and _usual(op, key, value)):
        return ""
    if isinstance(value, bool):
        name = "SE" if key == "se" else key.replace("_", " ")
        return name if value else f"no {name}"
    special = {
        "channels": f"{value} ch",
        "units": f"{value} units",
        "stride": f"/{value}",
        "expansion": f"{_short(value)}{TIMES} wide",
        "groups": f"{value} groups",
        "dilation": f"dilated {value}",
        "activation": "no activation" if value == "none" else str(value),
        "norm": "no norm" if value == "none" else f"{value} norm",
        "rate": f"dropout {_short(value)}",
        "halvings": f"to /{2**value}" if isinstance(value, int) else "",
    }
    return special.get(key, f"{key.replace('_', ' ')} {_short(value)}")


def _usual(op: str, key: str, value: Any) -> bool:
    """The value that the operation has anyway, or that changes nothing."""
    operation = OPERATIONS.get(op)
    if operation is not None and key in operation.attributes:
        return bool(operation.attributes[key].default == value)
    return value is False or (key, value) in _NEUTRAL


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
