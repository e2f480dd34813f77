"""From recordings of texts to a task: to speak the texts.

Silence before and after what is said is cut off, so that recordings of one text begin together. Targets are frames of
mel bands (see `netwright.tasks.answers.frames`), made into sound again by `netwright.tasks.sound.vocoder`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.tasks.answers.frames import in_units
from netwright.tasks.examples import Array, Examples, Items, Part, listed, objects
from netwright.tasks.sound import voices
from netwright.tasks.sound.sounds import BANDS, HOP_S, log_mel
from netwright.tasks.splits import check_shares, share_of, split

if TYPE_CHECKING:
    from netwright.tasks.task import Task

KIND: Final = "speech-synthesis"
DOMAIN: Final = "voice"
COVERED, ROUND = 0.995, 8
"""Share of the training recordings that are learnt from, the shorter ones; their frames are a multiple of this."""
SILENT_DB, MARGIN = 40.0, 2
"""Frames so far below the loudest are silence at either end, but for a few beside what is said."""
MOST_NUMBERS = 2**29
"""In all the frames of a task."""
FEWEST_ALIKE = 10
"""Recordings of each text, from which on every split has its share of each."""


def make(examples: Examples, *, seed: int, valid: float | None, test: float | None) -> Task:
    """examples: x lines (`netwright.tasks.sound.voices.Line`), y their recordings, samples (T,). Raises InputError
    where they cannot be learnt from."""
    from netwright.tasks.task import Split, Task

    parts = _split(examples, seed, valid, test)
    rate = int(_lines(parts["train"]).about["rate"])
    spoken = {name: [sounding(log_mel(wave, rate)) for wave in part.y] for name, part in parts.items()}
    steps = _frames(spoken["train"])
    warnings = list(examples.warnings)
    parts["train"], spoken["train"] = _without_long(parts["train"], spoken["train"], steps, warnings)
    _check_size(sum(map(len, spoken.values())), steps)
    fitted, further = voices.fit(_lines(parts["train"]))
    prepare = {"domain": DOMAIN, **fitted}
    warnings += further
    for name in ("valid", "test"):
        warnings += _strange(_lines(parts[name]), spoken[name], prepare, steps, name)
    splits = {name: Split(voices.apply(_lines(parts[name]), prepare), _targets(spoken[name], steps)) for name in parts}
    inputs = (int(prepare["length"]),)
    return Task(
        name=examples.name,
        kind=KIND,
        signature=Signature(inputs, BANDS + 1, "frames", voices.vocabulary(prepare), padded=True, steps=steps),
        train=splits["train"],
        valid=splits["valid"],
        test=splits["test"],
        prepare=prepare,
        metric="mcd",
        source={
            **examples.source,
            "kind": KIND,
            "counts": {name: len(splits[name]) for name in ("train", "valid", "test")},
            "split": "as given" if examples.test and examples.valid else f"stratified, seed {seed}",
            "seconds": {name: round(HOP_S * sum(one.shape[1] for one in each), 1) for name, each in spoken.items()},
            "warnings": warnings,
        },
    )


def _lines(part: Part) -> Items:
    assert isinstance(part.x, Items)
    return part.x


def sounding(log_mel: Array) -> Array:
    """Frames (bands, F) without silence before and after what is said.

    >>> quiet = np.full((40, 30), -13.8)
    >>> quiet[:, 10:20] = 0.0
    >>> sounding(quiet).shape
    (40, 14)
    """
    power = np.exp(log_mel).sum(axis=0)
    loud = np.flatnonzero(power >= power.max() * 10 ** (-SILENT_DB / 10))
    return log_mel[:, max(0, int(loud[0]) - MARGIN) : int(loud[-1]) + 1 + MARGIN]


def _frames(spoken: Sequence[Array]) -> int:
    """How many frames nearly all of the training recordings fit in."""
    sizes = [one.shape[1] for one in spoken]
    return ROUND * math.ceil(int(np.quantile(sizes, COVERED, method="higher")) / ROUND)


def _without_long(part: Part, spoken: list[Array], steps: int, warnings: list[str]) -> tuple[Part, list[Array]]:
    kept = np.array([row for row, one in enumerate(spoken) if one.shape[1] <= steps])
    if len(kept) < len(spoken):
        left = len(spoken) - len(kept)
        said = f"{left} of {len(spoken)} training recordings are longer than {steps * HOP_S:.2f} s"
        warnings.append(f"{said}: they are left out")
    return Part(_lines(part)[kept], part.y[kept], part.name), [spoken[row] for row in kept]


def _check_size(count: int, steps: int) -> None:
    """Raises InputError for more frames than fit in memory."""
    if count * (BANDS + 1) * steps > MOST_NUMBERS:
        problem = f"{count} recordings of up to {steps * HOP_S:.1f} s make more frames than fit in memory"
        raise InputError(problem, "give fewer, or cut them into shorter pieces at pauses")


def _strange(items: Items, spoken: Sequence[Array], prepare: Mapping[str, Any], steps: int, name: str) -> Sequence[str]:
    """What training does not prepare for."""
    warnings = []
    letters = sorted(set("".join(line.text for line in items.values)) - set(prepare["letters"]))
    if letters:
        warnings.append(f"the {name} texts have characters that no training text has: {listed(letters)}")
    speakers = sorted({line.speaker for line in items.values} - {*prepare["speakers"], ""}) * bool(prepare["speakers"])
    if speakers:
        warnings.append(f"the {name} split has speakers that training has not: {listed(speakers)}")
    most = prepare["length"] - bool(prepare["speakers"])
    cut = sum(len(line.text) > most for line in items.values), sum(one.shape[1] > steps for one in spoken)
    for count, what in zip(cut, ("texts", "recordings"), strict=True):
        if count:
            warnings.append(f"{count} of {len(items)} {name} {what} are longer than any in training: they are cut off")
    return warnings


def _targets(spoken: Sequence[Array], steps: int) -> Array:
    """(N, bands + 1, steps) float32."""
    made = np.zeros((len(spoken), BANDS + 1, steps), dtype=np.float32)
    for row, one in enumerate(spoken):
        heard = one[:, :steps]
        made[row, :-1, : heard.shape[1]] = in_units(heard)
        made[row, -1, : heard.shape[1]] = 1.0
    return made


def _split(examples: Examples, seed: int, valid: float | None, test: float | None) -> dict[str, Part]:
    """The three parts: the given ones, the rest taken from the training examples."""
    parts = dict(examples.parts())
    train = parts["train"]
    wanted = {"valid": share_of(len(train.y), valid), "test": share_of(len(train.y), test)}
    check_shares(wanted["valid"], wanted["test"])
    shares = {name: share for name, share in wanted.items() if name not in parts}
    if shares:
        groups, names = _groups(_lines(train))
        chosen = split(groups, list(shares.values()), names, seed)
        for name, index in zip(("train", *shares), chosen, strict=True):
            parts[name] = replace(train, x=_lines(train)[index], y=train.y[index])
    return parts


def _groups(items: Items) -> tuple[Array, tuple[str, ...]]:
    """What is to be in every split in equal shares: the same line, else the same text; else lengths of texts."""
    for told in (lambda line: ": ".join(line), lambda line: line.text):
        names, codes = np.unique([told(line) for line in items.values], return_inverse=True)
        if np.bincount(codes).min() >= FEWEST_ALIKE:
            return codes, tuple(names.tolist())
    return np.array([len(line.text) for line in items.values]), ()


def turned(part: Part, lines: Sequence[voices.Line]) -> Part:
    """Recordings with texts as texts with recordings."""
    items = _lines(part)
    places = [str(place) for place in items.places]
    return Part(Items.of(DOMAIN, lines, places, **items.about), objects(list(items.values)))
