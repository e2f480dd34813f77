"""Texts to be spoken as numbers: characters, and before them, where training has several voices, who speaks.

Token 0 is the padding after a text's end, 1 an unknown character; then come the characters of the training texts, in
small letters and without punctuation, and the speakers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from netwright.errors import InputError
from netwright.tasks.answers import frames
from netwright.tasks.examples import Array, Items, listed
from netwright.tasks.sound import vocoder
from netwright.tasks.sound.sounds import BANDS
from netwright.tasks.sound.transcripts import plain
from netwright.tasks.text import texts

UNKNOWN, FIRST = 1, 2
"""Tokens: of unknown characters, and the first of those that are known."""
COLON = ":"
"""Between who speaks and what is said."""


class Line(NamedTuple):
    """speaker: "" where nobody in particular speaks; text: as `plain` leaves it."""

    speaker: str
    text: str


def fit(items: Items) -> tuple[dict[str, Any], list[str]]:
    """Characters, speakers (the most frequent first) and the length of the training lines, as plain data, and
    warnings. items: lines, and under `about` the rate of their recordings."""
    letters = sorted(set("".join(line.text for line in items.values)))
    counts = Counter(line.speaker for line in items.values if line.speaker)
    speakers = sorted(counts, key=lambda name: (-counts[name], name)) if len(counts) > 1 else []
    length = max(len(line.text) for line in items.values) + bool(speakers)
    about = {"rate": int(items.about["rate"]), "bands": BANDS}
    prepare = {"letters": letters, "speakers": speakers, "length": length, **about}
    return prepare, []


def vocabulary(prepare: Mapping[str, Any]) -> int:
    """How many different tokens there are."""
    return FIRST + len(prepare["letters"]) + len(prepare["speakers"])


def apply(items: Items, prepare: Mapping[str, Any]) -> Array:
    """(N, T) int32 tokens; texts that are too long are cut off."""
    places = {letter: at for at, letter in enumerate(prepare["letters"], start=FIRST)}
    speakers = prepare["speakers"]
    voices = {name: at for at, name in enumerate(speakers, start=FIRST + len(places))}
    made = np.zeros((len(items), prepare["length"]), dtype=np.int32)
    for row, line in enumerate(items.values):
        first = [voices.get(line.speaker, voices[speakers[0]])] if speakers else []
        tokens = [*first, *(places.get(letter, UNKNOWN) for letter in line.text)][: prepare["length"]]
        made[row, : len(tokens)] = tokens
    return made


def found(raw: Any, prepare: Mapping[str, Any]) -> Items:
    """Lines to be spoken: a str or several, or the paths of files with them (`netwright.tasks.text.texts.found`).
    "NAME: TEXT" is spoken by NAME where training had such a speaker, anything else by the most frequent one. Raises
    InputError that names a line which is too long, or has characters that training did not have."""
    given = texts.found(raw, {})
    lines = [_line(text, prepare) for text in given.values]
    most = prepare["length"] - bool(prepare["speakers"])
    for row, line in enumerate(lines):
        where = given.where(row)
        if not line.text:
            raise InputError(f"{where} holds nothing to be spoken", "give a text, or leave it out")
        strange = sorted(set(line.text) - set(prepare["letters"]))
        if strange:
            known = f"it knows {listed(_shown(prepare['letters']), 40)}"
            raise InputError(f"{where} has characters that training did not have: {listed(_shown(strange))}", known)
        if len(line.text) > most:
            raise InputError(f"{where} has {len(line.text)} characters", f"cut it into pieces of {most} at most")
    return Items.of("voice", lines, [str(place) for place in given.places])


def _line(text: str, prepare: Mapping[str, Any]) -> Line:
    speakers = prepare["speakers"]
    name, colon, said = text.partition(COLON)
    if colon and name.strip() in speakers:
        return Line(name.strip(), plain(said))
    return Line(speakers[0] if speakers else "", plain(text))


def _shown(letters: Sequence[str]) -> list[str]:
    return ["a space" if letter == " " else letter for letter in letters]


def said(outputs: Array, items: Items, prepare: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a network's answers (N, bands + 1, F) sound like: samples (T,) and how many a second, with what is said and
    by whom."""
    made: list[Mapping[str, Any]] = []
    for answer, line in zip(frames.told(outputs, ()), items.values, strict=True):
        wave = vocoder.wave_of(answer["frames"], prepare["rate"])
        speaker = {"speaker": line.speaker} if line.speaker else {}
        made.append({"wave": wave, "rate": prepare["rate"], **speaker, "text": line.text})
    return made


def described(prepare: Mapping[str, Any]) -> str:
    """What a network takes, in words."""
    most = prepare["length"] - bool(prepare["speakers"])
    shown = f"texts of up to {most} characters ({listed(_shown(prepare['letters']), 40)})"
    return f"{shown}, after the name of a speaker ({listed(prepare['speakers'])})" if prepare["speakers"] else shown


def wrong(prepare: Mapping[str, Any], inputs: tuple[int, ...], tokens: int) -> str:
    """What does not fit in a preparation from a file, "" where all does."""
    for name in ("letters", "speakers"):
        entries = prepare.get(name)
        if not isinstance(entries, list) or not all(isinstance(one, str) for one in entries):
            return f"{name} are no list of texts"
        if len(set(entries)) != len(entries):
            return f"some of the {name} are there twice"
    if vocabulary(prepare) != tokens:
        return f"its letters and speakers do not make the {tokens} tokens that the network takes"
    if [prepare.get("length")] != list(inputs):
        return f"its length is {prepare.get('length')!r}, not {inputs[0]}"
    rate = prepare.get("rate")
    if type(rate) is not int or not 1000 <= rate <= 400_000:
        return f"its rate is {rate!r}"
    return "" if prepare.get("bands") == BANDS else f"it is for {prepare.get('bands')!r} bands"
