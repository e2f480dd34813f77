"""`netwright export` and `netwright predict`: what the network found is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from netwright.cli import words
from netwright.cli.printing import printable, say, say_json
from netwright.cli.speaking import speak
from netwright.cli.writing import print_texts
from netwright.errors import InputError

if TYPE_CHECKING:
    from netwright.deploy.network import Network


def export(
    directory: words.NetworkDirectory,
    format: words.Format = "onnx",
    out: words.ExportFile = None,
    json: words.Json = False,
) -> None:
    """Write the network found for use elsewhere, once it has been checked to answer the same there."""
    from netwright.deploy.export import export as write

    done = write(directory, format, path=out)
    if json:
        say_json({"schema": "netwright.export/1", **asdict(done)})
    else:
        say(done)


def predict(
    directory: words.NetworkDirectory,
    files: words.Files,
    out: words.OutFolder = None,
    tokens: words.Tokens = None,
    temperature: words.Temperature = None,
    seed: words.Seed = None,
    json: words.Json = False,
) -> None:
    """Print what the network says about files: a class and its probability, a value, shares of classes, boxes, how a
    text goes on; or speak their lines."""
    from netwright.deploy.network import Network

    network = Network.load(directory)
    if network.signature.kind == "frames":
        speak(network, files, out, json)
        return
    if out is not None:
        from netwright.deploy.pictures import drawer_of

        drawer_of(network)
    given: dict[str, Any] = {"tokens": tokens, "temperature": temperature, "seed": seed}
    given = {name: value for name, value in given.items() if value is not None}
    if network.signature.causal:
        print_texts(network, files, given, json)
        return
    if given:
        raise InputError(f"--{next(iter(given))} is for language models", "leave it out")
    if network.metadata.nodes:
        rows = [row for file in files for row in _of_nodes(network.within(file), str(file))]
    elif not network.metadata.rows:
        rows = answers(network, files, [str(file) for file in files])
    else:
        rows = [row for file in files for row in answers(network, file, [str(file)])]
    if out is not None:
        from netwright.deploy.pictures import write

        rows = [{**row, **drawn} for row, drawn in zip(rows, write(network, files, rows, out), strict=True)]
    rows = [{name: value for name, value in row.items() if not hasattr(value, "shape")} for row in rows]
    tables = not (network.metadata.images or network.metadata.nodes)
    for line in [line for file in files for line in network.strange(file)] if tables else []:
        say(f"note: {line}", error=True)
    if json:
        say_json({"schema": "netwright.predict/1", "predictions": rows})
        return
    for row in rows:
        number = row.get("row", row.get("node"))
        place = row["file"] if number is None else f"{row['file']}:{number}"
        for said in _boxes(row["boxes"]) if "boxes" in row else [_worded(row)]:
            print("\t".join([printable(place), *said]), flush=True)


def _boxes(boxes: list[dict[str, Any]]) -> list[list[str]]:
    """A line for each box: class, score, left, top, right, bottom; one for none."""
    if not boxes:
        return [["no boxes"]]
    return [[printable(one["label"]), f"{one['score']:.1%}", *(f"{side:.1f}" for side in one["box"])] for one in boxes]


def _worded(row: Mapping[str, Any]) -> list[str]:
    """What the network says of one input, a text for each thing."""
    said = {name: value for name, value in row.items() if name not in ("file", "row", "node")}
    return [f"{value:.1%}" if name == "probability" else printable(_text(value)) for name, value in said.items()]


def _text(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return ", ".join(f"{name} {share:.1%}" for name, share in value.items())


def _of_nodes(network: Network, name: str) -> list[dict[str, Any]]:
    """One dict for each node of a graph: file, node (from 0), label and probability."""
    rows = answers(network, range(len(network.module.world)), [name])
    return [{"file": row["file"], "node": row["row"] - 1, **_rest(row)} for row in rows]


def _rest(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("file", "row")}


def answers(network: Network, raw: Any, names: list[str]) -> list[dict[str, Any]]:
    """One dict for each input: file, row (from 1, in tables), and what the network says.

    names: one for each input, or one for all rows of a table.
    """
    said = network.told(raw)
    places = _places(names, len(said), table=network.metadata.rows)
    return [{**place, **one} for place, one in zip(places, said, strict=True)]


def _places(names: list[str], count: int, table: bool) -> list[dict[str, Any]]:
    if table:
        return [{"file": names[0], "row": row} for row in range(1, count + 1)]
    return [{"file": name} for name in names]
