"""Small networks of every kind, on real data, saved as a search would leave them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.shapes import shapes, write_voc
from tests.tasks.tones import save, speak
from tests.tasks.tones import texts as spoken_lines
from torch import nn

from netwright.backends.torch.build import build
from netwright.deploy.export import Exported, export
from netwright.deploy.network import Network
from netwright.deploy.weights import save_network
from netwright.operations import Signature
from netwright.space import Node, OpGraph, Space, chain, dag, mark, op, parallel, recall
from netwright.tasks import Task, open_task

torch.set_num_threads(1)

KINDS = (
    "convolutions with batch norm",
    "depthwise and squeeze-excite",
    "perceptron",
    "regression",
    "words, in every way",
    "a series, in every way",
    "masks, down and up",
    "speech, in every way",
    "tokens of images, in every way",
    "a cell of two inputs",
    "boxes, through a pyramid",
    "a voice, in every way",
    "running text, in every way",
)
"""Those that files are written of and read again."""

BODIES: dict[str, tuple[str, Node]] = {
    "boxes, through a pyramid": (
        "boxes",
        chain(
            op("conv", kernel=3, channels=6, stride=2),
            op("resblock", channels=8, stride=2),
            parallel(
                op("conv", kernel=1, channels=6, activation="none"),
                chain(op("mbconv", channels=6, stride=2, expansion=2), op("upsample", halvings=2, mode="nearest")),
            ),
            op("detection-head", channels=8, shared=False, separable=True),
        ),
    ),
    "convolutions with batch norm": (
        "digits",
        chain(op("conv", kernel=3, channels=8), op("resblock", channels=12, stride=2), op("head")),
    ),
    "depthwise and squeeze-excite": (
        "digits",
        chain(
            op("conv", kernel=3, channels=8, activation="hardswish"),
            op("mbconv", kernel=3, channels=8, expansion=3, se=True, activation="silu"),
            parallel(op("sepconv", kernel=3, channels=8), op("squeeze-excite"), merge="concat"),
            op("max-pool", kernel=2, stride=2),
            op("head"),
        ),
    ),
    "perceptron": (
        "wine",
        chain(op("linear", units=16, norm="batch", activation="gelu", dropout=0.1), op("head")),
    ),
    "words, in every way": (
        "texts",
        chain(
            op("embedding", channels=8, positions="learned", dropout=0.1),
            op("transformer", heads=2, expansion=2),
            parallel(op("recurrent", cell="gru"), op("conv", kernel=3, norm="layer"), op("recurrent", cell="lstm")),
            op("mbconv", se=True, expansion=2),
            op("attention-pool"),
            op("head"),
        ),
    ),
    "a series, in every way": (
        "series",
        chain(
            parallel(op("conv", kernel=5, channels=8, stride=2), op("sepconv", kernel=3, channels=8, stride=2)),
            parallel(op("lift"), op("lift"), merge="concat"),
            op("conv", kernel=3, channels=4, stride=2),
            op("fold"),
            op("recurrent", cell="gru", channels=6, bidirectional=False),
            op("norm", kind="layer"),
            op("attention", heads=2),
            op("head", pool="max"),
        ),
    ),
    "masks, down and up": (
        "masks",
        chain(
            op("conv", kernel=3, channels=6, stride=2),
            parallel(
                op("squeeze-excite"),
                chain(
                    op("max-pool", kernel=2, stride=2),
                    op("convnext", kernel=3, channels=8),
                    op("upsample", factor=2, mode="nearest"),
                    op("upsample", halvings=1),
                ),
                merge="concat",
            ),
            op("head"),
        ),
    ),
    "tokens of images, in every way": (
        "digits",
        chain(
            op("conv", kernel=2, stride=2, channels=8, padding="valid", norm="layer", activation="none"),
            *(op("positions", kind=kind) for kind in ("learned", "sinusoidal", "conditional")),
            op("transformer", heads=2),
            parallel(op("attention-pool"), chain(op("class-token"), op("attention"), op("global-pool", kind="first"))),
            op("head"),
        ),
    ),
    "a cell of two inputs": (
        "digits",
        chain(
            op("conv", kernel=3, channels=6),
            mark("before"),
            op("conv", kernel=3, channels=6),
            dag(
                2,
                edge=op("identity"),
                entry_edge=op("factorized-reduce", channels=4),
                entries=(recall("before"), op("identity")),
                output="concat",
            ),
            op("head"),
        ),
    ),
    "speech, in every way": (
        "speech",
        chain(
            op("front-end", merge=2, deltas=2, normalise=True),
            op("spec-augment"),
            op("lift"),
            op("conv", kernel=3, channels=4, stride=2),
            op("fold"),
            op("conv", kernel=1, channels=8),
            parallel(op("recurrent", cell="lstm"), op("identity")),
            op("transformer", heads=2, expansion=2),
            op("transcript-head", dropout=0.1),
        ),
    ),
    "a voice, in every way": (
        "voice",
        chain(
            op("embedding", channels=8, positions="learned", dropout=0.1),
            parallel(op("conv", kernel=3, norm="layer"), op("identity")),
            op("stretch", heads=2, dropout=0.1),
            op("recurrent", cell="gru"),
            op("transformer", heads=2, expansion=2),
            op("frames-head", dropout=0.1),
        ),
    ),
    "running text, in every way": (
        "story",
        chain(
            op("embedding", channels=8, positions="learned"),
            parallel(op("conv", kernel=3, dilation=2, norm="layer", causal=True), op("identity")),
            op("convnext", kernel=3, expansion=2, causal=True),
            parallel(
                op("recurrent", cell="lstm", bidirectional=False), op("recurrent", cell="gru", bidirectional=False)
            ),
            op("sepconv", kernel=3, norm="layer", causal=True),
            op("transformer", heads=2, expansion=2, causal=True, span=5),
            op("attention", heads=2, causal=True),
            op("language-head", dropout=0.1),
        ),
    ),
    "regression": ("diabetes", chain(op("linear", units=16, norm="layer"), op("tabular-resblock"), op("head"))),
}


def graph_of(body: Node) -> OpGraph:
    return Space(body, "test").architecture({}).graph


def stirred(network: nn.Module, seed: int = 0) -> nn.Module:
    """The network with norms as training leaves them: statistics, scales and shifts that are not their first values."""
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if "norm" in name and tensor.is_floating_point():
                tensor.copy_(0.5 + torch.rand(tensor.shape, generator=random))
    return network.eval()


@pytest.fixture(scope="session")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Task]:
    texts = tmp_path_factory.mktemp("texts") / "texts.tsv"
    words = ("one", "two", "three", "and", "so", "on")
    lines = [f"{' '.join(words[index % 6 :])} or {words[index % 4]}\t{'ab'[index % 2]}" for index in range(90)]
    texts.write_text("\n".join(lines))
    story = texts.with_name("story.txt")
    story.write_text("".join(f"{index}: the cat saw the dog and ran\n" for index in range(160)))
    named = {name: open_task(name) for name in ("digits", "wine", "diabetes")}
    waves = np.sin(np.arange(24) * np.linspace(0.1, 1, 60)[:, None]).astype(np.float32)
    named["series"] = open_task((waves, np.arange(60) // 30), kind="time-series-classification", name="series")
    rng = np.random.default_rng(0)
    masks = rng.integers(0, 3, (40, 11, 14))
    pixels = (masks[..., None] * 80 + rng.integers(0, 40, (40, 11, 14, 3))).astype(np.uint8)
    folder = write_voc(tmp_path_factory.mktemp("boxes") / "shapes", shapes(60, (64, 64)))
    named["boxes"] = open_task(folder, name="boxes")
    named["masks"] = open_task((pixels, masks), name="masks")
    for at, text in enumerate(spoken_lines(40)):
        save(texts.parent / "speech" / f"{at}.wav", speak(text))
        (texts.parent / "speech" / f"{at}.txt").write_text(text)
    named["speech"] = open_task(texts.parent / "speech")
    named["voice"] = open_task(texts.parent / "speech", kind="speech-synthesis", name="voice")
    return named | {"texts": open_task(texts, kind="text-classification"), "story": open_task(story)}


def drawn(signature: Signature, count: int) -> torch.Tensor:
    """Random inputs of a bare network."""
    shape = (count, *signature.inputs)
    if signature.vocabulary:
        return torch.randint(1, signature.vocabulary, shape, dtype=torch.int32)
    return torch.randn(shape)


Saved = Callable[[str], Path]


@pytest.fixture(scope="session")
def saved(tasks: dict[str, Task], tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """The folder of one of BODIES, with its data."""
    folders: dict[str, Path] = {}

    def make(kind: str) -> Path:
        if kind not in folders:
            name, body = BODIES[kind]
            folder = tmp_path_factory.mktemp("network")
            graph = graph_of(body)
            network = stirred(build(graph, tasks[name].signature, seed=1))
            save_network(network, graph, tasks[name], folder, {"trial": 3})
            tasks[name].save(folder / "data")
            folders[kind] = folder
        return folders[kind]

    return make


Files = Callable[[str], Exported]


@pytest.fixture(scope="session")
def exported(saved: Saved) -> Files:
    """The ONNX export of one of BODIES."""
    return cache(lambda kind: export(saved(kind), "onnx"))


@pytest.fixture
def digits(saved: Saved) -> Network:
    return Network.load(saved("convolutions with batch norm"))


@pytest.fixture(scope="session")
def images(tasks: dict[str, Task]) -> np.ndarray:
    """Real validation images, uint8 (32, 1, 8, 8)."""
    return np.array(tasks["digits"].valid.x[:32])
