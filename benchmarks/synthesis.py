"""Are spoken words understood? A recogniser that was trained on recordings of people is asked.

    python benchmarks/synthesis.py VOICE DATA [--recogniser DIR] [--picture FILE.png] [--seed N]

VOICE: the folder of a search of the kind speech-synthesis; DATA: the recordings that it learnt from, class folders of
words under train/ and test/; DIR: the folder of a search of the kind speech-recognition on them, or else a convolution
before a bidirectional GRU is trained here. Prints the share of words that are understood: of the test recordings; of
the same after they went through the vocoder (as good as any voice can be); of the medians of the training recordings of
a word by a speaker, frame by frame (a voice without any network); and of the voice, each word by each speaker. The
picture has the frames of some words, each as a person said it and below as the voice does.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from netwright.backends.terms import Terms
from netwright.backends.torch.build import build
from netwright.backends.torch.recipe import default_recipe
from netwright.backends.torch.train import outputs, train
from netwright.deploy.network import Network
from netwright.tasks import Task, open_task
from netwright.tasks.answers.frames import lengths
from netwright.tasks.examples import Items
from netwright.tasks.readers import sounds, voices
from netwright.tasks.sound.sounds import log_mel
from netwright.tasks.sound.synthesis import sounding
from netwright.tasks.sound.transcripts import plain
from netwright.tasks.sound.vocoder import wave_of

Hear = Callable[[Sequence[np.ndarray]], list[str]]
"""What a recogniser makes of waves."""
SCALE, GAP = 4, 8
"""Pixels of a frame and a band, and between pictures."""
DARKEST, BRIGHTEST = -13.0, 0.0


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("voice", type=Path)
    asked.add_argument("data", type=Path)
    asked.add_argument("--recogniser", type=Path)
    asked.add_argument("--picture", type=Path)
    asked.add_argument("--seed", type=int, default=0)
    given = asked.parse_args()
    torch.set_num_threads(1)
    voice = Network.load(given.voice)
    prepare = voice.metadata.prepare
    hear = trained(given.data, given.seed) if given.recogniser is None else of_network(Network.load(given.recogniser))
    part = sounds.read_folder(given.data, "words").test
    assert part is not None
    assert isinstance(part.x, Items)
    waves, words = list(part.x.values), [plain(str(word)) for word in part.y]
    again = [wave_of(log_mel(wave, prepare["rate"]), prepare["rate"]) for wave in waves]
    task = open_task(given.data, kind="speech-synthesis")
    lines, medians = median_voice(task)
    speakers = prepare["speakers"]
    wanted = [f"{name}: {word}" for name in speakers for word in sorted(set(words))] if speakers else sorted(set(words))
    said = voice.told(wanted)
    tell("people, test recordings", hear(waves), words)
    tell("the same through the vocoder", hear(again), words)
    tell("medians of training recordings", hear([wave_of(one, prepare["rate"]) for one in medians]), lines)
    tell("the voice", hear([one["wave"] for one in said]), [one["text"] for one in said])
    for name in speakers:
        own = [one for one in said if one["speaker"] == name]
        tell(f"  {name}", hear([one["wave"] for one in own]), [one["text"] for one in own])
    if given.picture is not None:
        draw(given.picture, given.data, voice, said)


def tell(name: str, heard: Sequence[str], words: Sequence[str]) -> None:
    right = [one == word for one, word in zip(heard, words, strict=True)]
    wrong = sorted({f"{word} as {one}" for one, word, fits in zip(heard, words, right, strict=True) if not fits})
    shown = f"   ({', '.join(wrong)})" if 0 < len(wrong) <= 12 else ""
    print(f"{name:32} {np.mean(right):7.1%} of {len(right)}{shown}", flush=True)


def trained(data: Path, seed: int) -> Hear:
    """The small hand-designed recogniser, trained on the training recordings."""
    task = open_task(data, kind="speech-recognition", seed=seed)
    graph = task.baselines()[0].space.architecture({}).graph
    made = train(
        build(graph, task.signature, seed=seed), task, default_recipe(task.kind, len(task.train)), terms=Terms(seed)
    )
    accuracy = task.score(outputs(made.network, task, task.test, made.dtype), task.test.y)["accuracy"]
    print(f"recogniser {task.baselines()[0].name}: {accuracy:.1%} of the test recordings, {made.epochs:.0f} epochs")
    network = made.network.eval()

    def hear(waves: Sequence[np.ndarray]) -> list[str]:
        with torch.inference_mode():
            return [plain(one) for one in task.decode(network(torch.from_numpy(task.encode(list(waves)))).numpy())]

    return hear


def of_network(network: Network) -> Hear:
    return lambda waves: [plain(one) for one in network.predict(list(waves))]


def median_voice(task: Task) -> tuple[list[str], list[np.ndarray]]:
    """What each line of the training split is in words, and the median of its recordings, as long as their median
    length."""
    letters, speakers = task.prepare["letters"], task.prepare["speakers"]
    names = ["", "?", *letters, *([""] * len(speakers))]
    words, medians = [], []
    for line in np.unique(task.train.x, axis=0):
        own = np.flatnonzero((task.train.x == line).all(axis=1))
        answers = task.train.y[own]
        median = np.median(answers, axis=0)
        median[-1] = np.arange(median.shape[1]) < np.median(lengths(answers))
        words.append("".join(names[token] for token in line))
        medians.append(task.answer.told(median[None], ())[0]["frames"])
    return words, medians


def draw(path: Path, data: Path, voice: Network, said: Sequence[dict[str, object]]) -> None:
    """For each word, one of the speakers in turn: a test recording, and below it what the voice makes of it."""
    rate = voice.metadata.prepare["rate"]
    part = voices.read(data, None).parts()
    test = dict(part)["test"]
    assert isinstance(test.x, Items)
    columns = []
    speakers = voice.metadata.prepare["speakers"] or [""]
    for at, word in enumerate(sorted({str(one["text"]) for one in said})):
        name = speakers[at % len(speakers)]
        wave = next(
            wave for line, wave in zip(test.x.values, test.y, strict=True) if line.text == word and line.speaker == name
        )
        own = next(one for one in said if one["text"] == word and one.get("speaker", "") == name)
        columns.append((_pixels(sounding(log_mel(wave, rate))), _pixels(log_mel(np.asarray(own["wave"]), rate))))
    width = max(one.shape[1] for pair in columns for one in pair) + GAP
    height = columns[0][0].shape[0] + GAP
    sheet = np.full((2 * height, width * len(columns)), 255, dtype=np.uint8)
    for at, pair in enumerate(columns):
        for row, one in enumerate(pair):
            sheet[row * height : row * height + one.shape[0], at * width : at * width + one.shape[1]] = one
    Image.fromarray(sheet).save(path)
    print(f"{path}: people above, the voice below")


def _pixels(frames: np.ndarray) -> np.ndarray:
    """(bands, F) -> grey values, the highest band on top."""
    grey = np.clip((frames - DARKEST) / (BRIGHTEST - DARKEST), 0, 1)[::-1] * 255
    return np.repeat(np.repeat(grey.astype(np.uint8), SCALE, axis=0), SCALE, axis=1)


if __name__ == "__main__":
    main()
