"""`netwright predict` with networks that write: how each line of a file goes on and how well the file is foretold, or
its translation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netwright.cli.printing import printable, say, say_json

if TYPE_CHECKING:
    from netwright.deploy.network import Network


def print_texts(network: Network, files: Sequence[Path], sampling: Mapping[str, Any], json: bool) -> None:
    """Prints what the network writes to each line. sampling: settings of `Network.generate` that were asked for."""
    rows: list[dict[str, Any]] = []
    quality: list[Mapping[str, Any]] = []
    replies = network.domain.replies
    for file in files:
        texts = network.texts(file)
        if not replies:
            quality.append(_coded(network, file, texts))
        written = network.generate(texts, **sampling) if sampling.get("tokens") != 0 else []
        name = "translation" if replies else "text"
        pairs = zip(texts, written, strict=bool(written))
        rows += [{"file": str(file), "row": row, "prompt": p, name: text} for row, (p, text) in enumerate(pairs, 1)]
    if json:
        say_json({"schema": "netwright.predict/1", "predictions": rows, **({"quality": quality} if quality else {})})
        return
    for row in rows:
        place = f"{printable(row['file'])}:{row['row']}"
        if replies:
            print(f"{place}\t{printable(row['translation'])}", flush=True)
        else:
            print(place, *map(printable, (row["prompt"] + row["text"]).split("\n")), "", sep="\n", flush=True)
    for one in quality:
        if one["tokens"]:
            say(f"{one['file']}: {one['bits_per_character']:.3f} bits per character", error=bool(rows))


def _coded(network: Network, file: Path, texts: Sequence[str]) -> Mapping[str, Any]:
    from netwright.deploy.generation import coded

    return {"file": str(file), **coded(network, "\n".join(texts))}
