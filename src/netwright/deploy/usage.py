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

_SEQUENCES = {
    "text-classification": '["A text."]',
    "time-series-classification": '"new.ts"',
    "speech-recognition": '["recording.wav"]',
    "speech-transcription": '["recording.wav"]',
}
"""What is predicted on, by kind of task."""

_READING = {
    "segmentation": ["masks = logits.argmax(axis=1)  # of indices of classes"],
    "transcript": [
        "# The best character of each step, repetitions once; the first of the classes stands for none.",
        "best = logits.argmax(axis=1)",
        "texts = [",
        "    ''.join(classes[one] for at, one in enumerate(row) if not at or one != row[at - 1]) for row in best",
        "]",
    ],
}
"""From logits to what they say, by kind of answer."""


def python_usage(task: Mapping[str, Any]) -> str:
    """Loading safetensors and architecture.json. task: as the search's store describes it."""
    lines = ["from netwright.deploy.network import Network", "", 'network = Network.load(".")']
    if task.get("answer") == "segmentation":
        lines += [
            'mask = network.predict(["image.png"])[0]  # (height, width) of indices of network.classes',
            'probabilities = network.probabilities(["image.png"])  # (1, classes, height, width)',
        ]
    elif task.get("answer") == "detection":
        lines.append(
            'boxes = network.predict(["image.png"])[0]  # each with label, score and box: left, top, right, bottom'
        )
    elif len(task.get("inputs") or ()) == 3:
        lines += ['labels = network.predict(["image.png"])', 'probabilities = network.probabilities(["image.png"])']
    elif task.get("kind") == "node-classification":
        lines += ["labels = network.predict([0, 1, 2])  # numbers of nodes", 'other = network.within("other.npz")']
    elif task.get("kind") == "forecasting":
        lines.append('steps = network.told("recent.csv")  # for each step ahead the value of each column')
    elif task.get("answer") == "frames":
        lines[:0] = ["from scipy.io import wavfile", ""]
        lines += [
            'for place, said in enumerate(network.told(["TEXT"])):  # also "SPEAKER: TEXT", where it has several',
            '    wavfile.write(f"{place}.wav", said["rate"], said["wave"])',
        ]
    elif task.get("answer") == "language":
        lines += ['more = network.generate(["A text that goes on"], tokens=100, temperature=0.8, seed=0)']
    elif task.get("kind") in _SEQUENCES:
        given = _SEQUENCES[task["kind"]]
        if task.get("answer") == "transcript":
            lines.append(f"texts = network.predict({given})")
        else:
            lines += [f"labels = network.predict({given})", f"probabilities = network.probabilities({given})"]
    elif task.get("classes"):
        lines += ['labels = network.predict("rows.csv")', 'probabilities = network.probabilities("rows.csv")']
    else:
        lines.append('values = network.predict("rows.csv")')
    return _block(lines)


def onnx_usage(task: Mapping[str, Any]) -> str:
    """Running model.onnx, which holds the images' normalisation."""
    inputs = list(task.get("inputs") or ())
    lines = ["import numpy as np", "import onnxruntime", "", 'session = onnxruntime.InferenceSession("model.onnx")']
    if len(inputs) == 3:
        lines.append(f"batch = np.zeros((1, {', '.join(map(str, inputs))}), np.uint8)  # pixels 0 to 255")
        name = "image"
    elif task.get("kind") == "node-classification":
        lines.append("batch = np.array([[0], [1]])  # numbers of nodes of graph.npz")
        name = "node"
    elif task.get("answer") == "language":
        lines += [
            "# A text becomes tokens first: netwright's Network.load(folder).encode(texts) gives this array. Its",
            '# characters and merges: json.loads(session.get_modelmeta().custom_metadata_map["prepare"]).',
            f"batch = np.full((1, {inputs[0]}), 3, np.int32)",
        ]
        name = "tokens"
    elif task.get("vocabulary"):
        entries = "letters" if task.get("answer") == "frames" else "words"
        lines += [
            "# Texts become tokens first: netwright's Network.load(folder).encode(texts) gives this array. The",
            f'# vocabulary is json.loads(session.get_modelmeta().custom_metadata_map["prepare"])["{entries}"].',
            f"batch = np.ones((1, {inputs[0]}), np.int32)",
        ]
        name = "tokens"
    else:
        lines += [
            "# Raw data must be encoded first: netwright's Network.load(folder).encode(data) gives this array.",
            f"batch = np.zeros((1, {', '.join(map(str, inputs)) or '?'}), np.float32)",
        ]
        name = "features"
    if task.get("kind") == "forecasting":
        lines.append(f'steps = session.run(["steps"], {{"{name}": batch}})[0]')
        return _block(lines)
    if task.get("answer") == "detection":
        return _block([*lines, f"classes = {_names(task['classes'])}", *_BOXES])
    if task.get("answer") == "frames":
        lines += [
            f'frames = session.run(["frames"], {{"{name}": batch}})[0]',
            "# netwright.tasks.sound.vocoder.wave_of makes sound of netwright.tasks.answers.frames.told(frames, ()).",
        ]
        return _block(lines)
    if task.get("answer") == "language":
        lines.append('logits = session.run(["logits"], {"tokens": batch})[0]  # (1, tokens, places): what comes next')
        return _block(lines)
    if not task.get("classes"):
        lines.append(f'values = session.run(["value"], {{"{name}": batch}})[0][:, 0]')
        return _block(lines)
    lines += [
        f'logits = session.run(["logits"], {{"{name}": batch}})[0]',
        f"classes = {_names(task['classes'])}",
        *_READING.get(task.get("answer", ""), ["labels = [classes[index] for index in logits.argmax(axis=1)]"]),
    ]
    return _block(lines)


def _names(classes: list[str]) -> str:
    """The list of the classes as Python code that cannot end the block it stands in."""
    return ascii([str(name) for name in classes]).replace("`", "\\x60")


def _block(lines: list[str]) -> str:
    return "\n".join(("```python", *lines, "```"))
