"""Code that loads a delivered network, fitted to its task: for the model card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_BOXES = (
    "# The image lies in the upper left, scaled to fit, with grey (128) beside it.",
    'maps = session.run(["maps"], {"image": batch})[0][0]  # for each cell of 4 x 4 pixels',
    "scores, sides = 1 / (1 + np.exp(-maps[: len(classes)])), 4 * np.exp(maps[len(classes) :])",
    "height, width = scores.shape[1:]",
    "padded = np.pad(scores, ((0, 0), (1, 1), (1, 1)))",
    "around = np.max([padded[:, y : y + height, x : x + width] for y in range(3) for x in range(3)], axis=0)",
    "boxes = []",
    "for label, y, x in np.argwhere((scores == around) & (scores >= 0.3)):",
    "    left, top, right, bottom = sides[:, y, x]",
    "    box = (4 * x + 2 - left, 4 * y + 2 - top, 4 * x + 2 + right, 4 * y + 2 + bottom)",
    "    boxes.append((classes[label], scores[label, y, x], box))",
    "# Of boxes of a class that overlap by more than 0.6 of what they cover together, the surest counts.",
)
"""From a detector's outputs to boxes."""

_GIVEN = {
    "image": '["image.png"]',
    "node": "[0, 1, 2]",
    "table": '"rows.csv"',
    "text-classification": '["A text."]',
    "time-series-classification": '"new.ts"',
    "speech-recognition": '["recording.wav"]',
    "speech-transcription": '["recording.wav"]',
}
"""What is predicted on, by kind of task, or by form of input."""

_PYTHON = {
    "classification": ("labels = network.predict({given})", "probabilities = network.probabilities({given})"),
    "node-classification": (
        "labels = network.predict({given})",
        'other = network.within("other.npz")  # the nodes of another graph',
    ),
    "regression": ("values = network.predict({given})",),
    "segmentation": (
        "mask = network.predict({given})[0]  # (height, width) of indices of network.classes",
        "probabilities = network.probabilities({given})  # (1, classes, height, width)",
    ),
    "detection": ("boxes = network.predict({given})[0]  # each with label, score and box: left, top, right, bottom",),
    "transcript": ("texts = network.predict({given})",),
    "forecast": ('steps = network.told("recent.csv")  # for each step ahead the value of each column',),
    "frames": (
        'for place, said in enumerate(network.told(["TEXT"])):  # also "SPEAKER: TEXT", where it has several',
        '    wavfile.write(f"{{place}}.wav", said["rate"], said["wave"])',
    ),
    "language": ('more = network.generate(["A text that goes on"], tokens=100, temperature=0.8, seed=0)',),
}
"""Asking a loaded network, by kind of answer; of nodes otherwise than of other classes."""
_IMPORTS = {"frames": ("from scipy.io import wavfile",)}
"""What that needs, by kind of answer."""

_LABELS = (
    'logits = session.run(["logits"], {{"{name}": batch}})[0]',
    "classes = {classes}",
    "labels = [classes[index] for index in logits.argmax(axis=1)]",
)
_ONNX = {
    "classification": _LABELS,
    "regression": ('values = session.run(["value"], {{"{name}": batch}})[0][:, 0]',),
    "segmentation": (*_LABELS[:2], "masks = logits.argmax(axis=1)  # of indices of classes"),
    "detection": ("classes = {classes}", *(line.replace("{", "{{").replace("}", "}}") for line in _BOXES)),
    "transcript": (
        *_LABELS[:2],
        "# The best character of each step, repetitions once; the first of the classes stands for none.",
        "best = logits.argmax(axis=1)",
        "texts = [",
        "    ''.join(classes[one] for at, one in enumerate(row) if not at or one != row[at - 1]) for row in best",
        "]",
    ),
    "forecast": ('steps = session.run(["steps"], {{"{name}": batch}})[0]',),
    "frames": (
        'frames = session.run(["frames"], {{"{name}": batch}})[0]',
        "# netwright.tasks.sound.vocoder.wave_of makes sound of netwright.tasks.answers.frames.told(frames, ()).",
    ),
    "language": ('logits = session.run(["logits"], {{"tokens": batch}})[0]  # (1, tokens, places): what comes next',),
}
"""Running model.onnx on a batch and reading what it says, by kind of answer."""


def python_usage(task: Mapping[str, Any]) -> str:
    """Loading safetensors and architecture.json. task: as the search's store describes it."""
    given = _GIVEN.get(task.get("kind", ""), _GIVEN[_form(task)])
    answer = _answer(task)
    asked = _PYTHON.get(task.get("kind", ""), _PYTHON[answer])
    imports = [*_IMPORTS.get(answer, ()), "from netwright.deploy.network import Network"]
    return _block([*imports, "", 'network = Network.load(".")', *(line.format(given=given) for line in asked)])


def onnx_usage(task: Mapping[str, Any]) -> str:
    """Running model.onnx, which holds the images' normalisation."""
    lines = ["import numpy as np", "import onnxruntime", "", 'session = onnxruntime.InferenceSession("model.onnx")']
    name, batch = _batch(task)
    lines += batch
    classes = _names(task.get("classes") or [])
    lines += [line.format(name=name, classes=classes) for line in _ONNX[_answer(task)]]
    return _block(lines)


def _answer(task: Mapping[str, Any]) -> str:
    return task.get("answer") or ("classification" if task.get("classes") else "regression")


def _form(task: Mapping[str, Any]) -> str:
    """Of the input: "image", "node" or "table"."""
    if len(task.get("inputs") or ()) == 3:
        return "image"
    return "node" if task.get("kind") == "node-classification" else "table"


def _batch(task: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The name of the model's input, and lines that make one."""
    inputs = list(task.get("inputs") or ())
    if _form(task) == "image":
        return "image", [f"batch = np.zeros((1, {', '.join(map(str, inputs))}), np.uint8)  # pixels 0 to 255"]
    if _form(task) == "node":
        return "node", ["batch = np.array([[0], [1]])  # numbers of nodes of graph.npz"]
    prepared = 'json.loads(session.get_modelmeta().custom_metadata_map["prepare"])'
    if task.get("answer") == "language":
        return "tokens", [
            "# A text becomes tokens first: netwright's Network.load(folder).encode(texts) gives this array. Its",
            f"# characters and merges: {prepared}.",
            f"batch = np.full((1, {inputs[0]}), 3, np.int32)",
        ]
    if task.get("vocabulary"):
        entries = "letters" if task.get("answer") == "frames" else "words"
        return "tokens", [
            "# Texts become tokens first: netwright's Network.load(folder).encode(texts) gives this array. The",
            f'# vocabulary is {prepared}["{entries}"].',
            f"batch = np.ones((1, {inputs[0]}), np.int32)",
        ]
    return "features", [
        "# Raw data must be encoded first: netwright's Network.load(folder).encode(data) gives this array.",
        f"batch = np.zeros((1, {', '.join(map(str, inputs)) or '?'}), np.float32)",
    ]


def _names(classes: list[str]) -> str:
    """The list of the classes as Python code that cannot end the block it stands in."""
    return ascii([str(name) for name in classes]).replace("`", "\\x60")


def _block(lines: list[str]) -> str:
    return "\n".join(("```python", *lines, "```"))
