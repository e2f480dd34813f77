"""What an operation means, without any framework: attributes, shapes, exact parameter and FLOP counts.

>>> from netwright.operations import OPERATIONS, get
>>> get("mbconv").doc
'Inverted residual: widen, depthwise, narrow (Sandler et al. 2018, https://arxiv.org/abs/1801.04381).'
"""

from __future__ import annotations

from netwright.operations.analysis import Analysis, analyse, check, check_output, is_estimator
from netwright.operations.base import REQUIRED, Attribute, Footprint, Operation, Shape, Signature
from netwright.operations.vocabulary import OPERATIONS, get

__all__ = [
    "OPERATIONS",
    "REQUIRED",
    "Analysis",
    "Attribute",
    "Footprint",
    "Operation",
    "Shape",
    "Signature",
    "analyse",
    "check",
    "check_output",
    "get",
    "is_estimator",
]
