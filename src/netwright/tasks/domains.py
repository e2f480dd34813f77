"""What sets one domain of sequences apart from another: how its examples become numbers, and what suits them.

A task of such a domain names it in its preparation, under "domain".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from netwright.tasks.examples import Array, Items
from netwright.tasks.sound import sounds, voices
from netwright.tasks.text import language, texts, translation
from netwright.tasks.time_series import forecasts, series

Prepare = Mapping[str, Any]


@dataclass(frozen=True)
class Domain:
    """noun: what its examples are called; takes: one of them, for the model card; space: the ready-made search space to
    begin with; fit: training examples -> the preparation as plain data, and warnings; apply: examples -> x; found: raw
    input of a user's -> examples; tokens: the size of the vocabulary (0: x holds no tokens), and whether sequences are
    padded; augment: the training policy; check: what does not fit in a preparation from a file, "" where all does;
    said: what outputs say of the examples they are about, where that takes more than the outputs; replies: what
    networks write is a text of its own, not the rest of the one that they were given.
    """

    noun: str
    takes: Callable[[Prepare], str]
    space: str
    fit: Callable[[Items], tuple[dict[str, Any], list[str]]]
    apply: Callable[[Items, Prepare], Array]
    found: Callable[[Any, Prepare], Items]
    tokens: Callable[[Prepare], tuple[int, bool]]
    augment: Callable[[Prepare], Mapping[str, Any]]
    check: Callable[[Prepare, tuple[int, ...], int], str]
    said: Callable[[Array, Items, Prepare], list[Mapping[str, Any]]] | None = None
    replies: bool = False


DOMAINS: Mapping[str, Domain] = MappingProxyType(
    {
        "text": Domain(
            noun="texts",
            takes=texts.described,
            space="text",
            fit=texts.fit,
            apply=texts.apply,
            found=texts.found,
            tokens=lambda prepare: (texts.vocabulary(prepare), True),
            augment=lambda prepare: {"unknown": 0.1},
            check=texts.wrong,
        ),
        "language": Domain(
            noun="windows of text",
            takes=language.described,
            space="language",
            fit=language.fit,
            apply=language.apply,
            found=texts.found,
            tokens=lambda prepare: (language.vocabulary(prepare), False),
            augment=lambda prepare: {},
            check=language.wrong,
        ),
        "translation": Domain(
            noun="sentences",
            takes=translation.described,
            space="language",
            fit=translation.fit,
            apply=translation.apply,
            found=texts.found,
            tokens=lambda prepare: (language.vocabulary(prepare), True),
            augment=lambda prepare: {},
            check=translation.wrong,
            replies=True,
        ),
        "series": Domain(
            noun="series",
            takes=series.described,
            space="series",
            fit=series.fit,
            apply=series.apply,
            found=series.found,
            tokens=lambda prepare: (0, bool(prepare["padded"])),
            augment=lambda prepare: {"later": min(16, prepare["length"] // 16)},
            check=series.wrong,
        ),
        "sound": Domain(
            noun="recordings",
            takes=sounds.described,
            space="sound",
            fit=sounds.fit,
            apply=sounds.apply,
            found=sounds.found,
            tokens=lambda prepare: (0, True),
            augment=lambda prepare: {"later": 4, "hidden": 0.2},
            check=sounds.wrong,
        ),
        "forecast": Domain(
            noun="windows",
            takes=forecasts.described,
            space="forecast",
            fit=forecasts.fit,
            apply=forecasts.apply,
            found=forecasts.found,
            tokens=lambda prepare: (0, False),
            augment=lambda prepare: {},
            check=forecasts.wrong,
            said=forecasts.said,
        ),
        "speech": Domain(
            noun="recordings",
            takes=sounds.described,
            space="speech",
            fit=sounds.fit_whole,
            apply=sounds.apply,
            found=sounds.found_whole,
            tokens=lambda prepare: (0, True),
            augment=lambda prepare: {"later": 4},
            check=sounds.wrong,
        ),
        "voice": Domain(
            noun="texts",
            takes=voices.described,
            space="voice",
            fit=voices.fit,
            apply=voices.apply,
            found=voices.found,
            tokens=lambda prepare: (voices.vocabulary(prepare), True),
            augment=lambda prepare: {},
            check=voices.wrong,
            said=voices.said,
        ),
    }
)
