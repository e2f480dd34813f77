"""What networks are asked for, by the kind of their signature: one file each.

>>> answer_of("regression").metrics
('rmse', 'mae', 'r2')
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from netwright.tasks.answers.base import Answer
from netwright.tasks.answers.boxes import BOXES
from netwright.tasks.answers.classes import CLASSES
from netwright.tasks.answers.frames import FRAMES
from netwright.tasks.answers.places import PLACES
from netwright.tasks.answers.steps import STEPS
from netwright.tasks.answers.tokens import TOKENS
from netwright.tasks.answers.transcripts import TRANSCRIPTS
from netwright.tasks.answers.values import VALUES

ANSWERS: Mapping[str, Answer] = MappingProxyType(
    {
        "classification": CLASSES,
        "regression": VALUES,
        "segmentation": PLACES,
        "detection": BOXES,
        "forecast": STEPS,
        "transcript": TRANSCRIPTS,
        "frames": FRAMES,
        "language": TOKENS,
    }
)


def answer_of(kind: str) -> Answer:
    """Of a `Signature.kind`."""
    return ANSWERS[kind]


__all__ = ["ANSWERS", "Answer", "answer_of"]
