"""The hand-designed models that a search has to beat, as search spaces in which nothing is left to choose.

Images: LeNet-5 (LeCun et al. 1998, https://doi.org/10.1109/5.726791) with batch norm, a residual network
(He et al. 2015, https://arxiv.org/abs/1512.03385) and MobileNetV2 (Sandler et al. 2018,
https://arxiv.org/abs/1801.04381), each down-sampling by the size of the images. Tables: two perceptrons and
gradient-boosted trees by scikit-learn and, where it is installed, by LightGBM, both with their defaults. Forecasts: a
linear map (Zeng et al. 2023, https://arxiv.org/abs/2205.13504), a GRU and a transformer over patches.
"""

from __future__ import annotations

from importlib.util import find_spec

from netwright.operations import Signature
from netwright.space import Node, chain, op
from netwright.tasks.baselines.dense import dense_baselines
from netwright.tasks.baselines.detection import detection_baselines
from netwright.tasks.baselines.rival import Baseline, baseline
from netwright.tasks.baselines.sequences import sequence_baselines
from netwright.tasks.baselines.speech import speech_baselines
from netwright.tasks.baselines.voices import voice_baselines


def baselines(signature: Signature, nodes: bool = False) -> tuple[Baseline, ...]:
    """Small to large, adapted to the inputs. nodes: these are features of a graph's nodes.

    >>> [baseline.name for baseline in baselines(Signature((1, 28, 28), 10))]
    ['lenet-5', 'resnet-14', 'mobilenet-v2']
    """
    if nodes:
        return (
            baseline("mlp-64", "small", chain(op("linear", units=64, activation="relu", dropout=0.5), op("head"))),
            baseline("gcn", "medium", convolutions(signature.outputs)),
            baseline("gat", "large", attention(signature.outputs)),
        )
    if signature.kind == "detection":
        return detection_baselines(signature)
    if signature.kind == "forecast":
        return (
            baseline("nlinear", "small", chain(op("flatten"), op("head"))),
            baseline("gru-64", "medium", recurrent_forecast(signature.inputs[1])),
            baseline("patch-transformer", "large", patches(signature.inputs[1])),
        )
    if signature.kind == "transcript":
        return speech_baselines(signature)
    if signature.kind == "frames":
        return voice_baselines()
    if signature.form in ("tokens", "sequence"):
        return sequence_baselines(signature)
    if signature.form == "image" and signature.places:
        return dense_baselines(signature)
    if len(signature.inputs) == 3:
        side = min(signature.inputs[1:])
        return (
            baseline("lenet-5", "small", lenet(side)),
            baseline("resnet-14", "medium", resnet(side)),
            baseline("mobilenet-v2", "large", mobilenet(side)),
        )
    return (
        baseline("mlp-64", "small", perceptron(64, 1)),
        baseline("mlp-256", "medium", perceptron(256, 2)),
        baseline("gradient-boosting", "large", op("gradient-boosting", iterations=100, learning_rate=0.1)),
        *([baseline("lightgbm", "large", op("lightgbm"))] if find_spec("lightgbm") else []),
    )


def reduced(side: int, largest: int) -> int:
    """How often `side` must be halved to be at most `largest`."""
    return max(0, ((side - 1) // largest).bit_length())


def lenet(side: int) -> Node:
    """Two convolutions with pools and two hidden layers; large images are first brought to 32 pixels or fewer."""
    before = reduced(side, 32)
    layers: list[Node] = [op("conv", kernel=5, channels=6, stride=2) for _ in range(before)]
    here = -(-side // 2**before)
    padding = "valid" if here >= 32 else "same"
    layers += [op("conv", kernel=5, channels=6, padding=padding), _halved()]
    here = (here - 4 if padding == "valid" else here) // 2
    layers += [op("conv", kernel=5, channels=16, padding="valid" if here >= 10 else "same"), _halved()]
    layers += [op("flatten"), _dense(120), _dense(84), op("head")]
    return chain(*layers)


def _halved() -> Node:
    return op("max-pool", kernel=2, stride=2)


def _dense(units: int) -> Node:
    return op("linear", units=units, norm="batch", activation="relu")


def resnet(side: int) -> Node:
    """Three stages of two basic blocks with 16, 32 and 64 channels, from 32 pixels or fewer down to a quarter."""
    layers = [op("conv", kernel=3, channels=16, stride=2 if place else 1) for place in _stem(side)]
    layers += [op("resblock", channels=16), op("resblock", channels=16)]
    for channels in (32, 64):
        layers += [op("resblock", channels=channels, stride=2), op("resblock", channels=channels)]
    return chain(*layers, op("head"))


def _stem(side: int) -> list[bool]:
    """For each convolution of the stem, whether it halves: one at least."""
    return [True] * reduced(side, 32) or [False]


MOBILENET = ((1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 3), (6, 96, 1))
"""Expansion, channels and layers of each stage of MobileNetV2, at half its width and without its largest stages."""


def mobilenet(side: int) -> Node:
    """Five stages of inverted residuals; those after the first halve while more than four pixels remain."""
    layers = [op("conv", kernel=3, channels=16, stride=2 if place else 1, activation="relu6") for place in _stem(side)]
    here = -(-side // 2 ** reduced(side, 32))
    for expansion, channels, count in MOBILENET:
        halve = expansion > 1 and here > 4
        here = -(-here // 2) if halve else here
        for place in range(count):
            stride = 2 if halve and place == 0 else 1
            layers.append(op("mbconv", channels=channels, expansion=expansion, stride=stride, activation="relu6"))
    return chain(*layers, op("conv", kernel=1, channels=256, activation="relu6"), op("head"))


def convolutions(outputs: int) -> Node:
    """Kipf & Welling 2017, https://arxiv.org/abs/1609.02907: two layers, dropout before each."""
    hidden = op("gcn", units=16, activation="relu", dropout=0.5)
    return chain(op("dropout", rate=0.5), hidden, op("gcn", units=outputs))


def attention(outputs: int) -> Node:
    """Veličković et al. 2018, https://arxiv.org/abs/1710.10903: two layers, the first of eight heads."""
    hidden = op("gat", units=64, heads=8, activation="elu", dropout=0.6)
    return chain(op("dropout", rate=0.6), hidden, op("gat", units=outputs, heads=1))


def recurrent_forecast(length: int) -> Node:
    """A GRU over the window, halved until it has at most 64 steps, and all of its states."""
    halvings = reduced(length, 64)
    down = [op("conv", kernel=5, channels=32, stride=2, norm="none") for _ in range(halvings)]
    return chain(*down, op("recurrent", cell="gru", channels=64, bidirectional=False), op("flatten"), op("head"))


def patches(length: int) -> Node:
    """Two transformer blocks over patches of a window (Nie et al. 2023, https://arxiv.org/abs/2211.14730)."""
    size = next((size for size in (8, 4, 2) if length // size >= 4), 1)
    enter = op("conv", kernel=size + 1 - size % 2, channels=32, stride=size, norm="none", activation="none")
    blocks = [op("transformer", heads=4, expansion=2, dropout=0.2) for _ in range(2)]
    return chain(enter, *blocks, op("flatten"), op("head", dropout=0.1))


def perceptron(units: int, hidden: int) -> Node:
    """Hidden layers with batch norm, ReLU and, where there are several, a little dropout."""
    dropout = 0.1 if hidden > 1 else 0.0
    layer = op("linear", units=units, norm="batch", activation="relu", dropout=dropout)
    return chain(*[layer] * hidden, op("head"))
