"""Fashion-MNIST: 70,000 pictures of clothes (Xiao et al. 2017, https://arxiv.org/abs/1708.07747), MIT licence.

Looked for in the Debian package dataset-fashion-mnist, then in the user's cache; else downloaded from its publisher.
Whatever the place, the unpacked content must have the known SHA-256.
"""

from __future__ import annotations

import hashlib
import urllib.request
import zlib
from pathlib import Path

import numpy as np
import platformdirs

from netwright.errors import InputError
from netwright.tasks.examples import Array, Examples, Part
from netwright.tasks.placing import put

ADDRESS = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
PACKAGED = Path("/usr/share/datasets/fashion-mnist")
CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
FILES = {
    "train-images-idx3-ubyte.gz": (47_040_016, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
    "train-labels-idx1-ubyte.gz": (60_008, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
    "t10k-images-idx3-ubyte.gz": (7_840_016, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
    "t10k-labels-idx1-ubyte.gz": (10_008, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
}
"""Bytes and SHA-256 of each file's unpacked content."""
SECONDS = 60
"""Without an answer for so long, a download fails."""


def read() -> Examples:
    """The official splits. Raises InputError when the files are neither here nor to be had."""
    train, test = (
        Part(_images(f"{split}-images-idx3-ubyte.gz"), _labels(f"{split}-labels-idx1-ubyte.gz"))
        for split in ("train", "t10k")
    )
    source = {
        "origin": "fashion-mnist",
        "publisher": "Zalando SE, https://github.com/zalandoresearch/fashion-mnist",
        "licence": "MIT",
        "sha256": FILES["train-images-idx3-ubyte.gz"][1],
    }
    return Examples("fashion-mnist", train, test=test, source=source, classes=CLASSES, span=(0, 255), flip=True)


def _images(name: str) -> Array:
    return np.frombuffer(content(name), dtype=np.uint8, offset=16).reshape(-1, 1, 28, 28)


def _labels(name: str) -> Array:
    return np.frombuffer(content(name), dtype=np.uint8, offset=8).astype(np.float64)


def cache() -> Path:
    """The folder that downloads are kept in."""
    return platformdirs.user_cache_path("netwright") / "fashion-mnist"


def content(name: str) -> bytes:
    """One file's unpacked bytes, checked."""
    for folder in (PACKAGED, cache()):
        if (folder / name).is_file():
            return unpacked((folder / name).read_bytes(), name, str(folder / name))
    packed = _download(name)
    data = unpacked(packed, name, ADDRESS + name)
    _keep(cache() / name, packed)
    return data


def unpacked(packed: bytes, name: str, origin: str) -> bytes:
    """The content of a gzip file. Raises InputError unless it is exactly the published one."""
    size, sha256 = FILES[name]
    unpack = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        data = unpack.decompress(packed, size + 1)
    except zlib.error:
        data = b""
    if len(data) != size or hashlib.sha256(data).hexdigest() != sha256:
        raise InputError(f"{origin} is not the published file", "remove it, so that it is downloaded again")
    return data


def _download(name: str) -> bytes:
    limit = 2 * FILES[name][0]
    try:
        with urllib.request.urlopen(ADDRESS + name, timeout=SECONDS) as answer:
            return bytes(answer.read(limit))
    except OSError as error:
        raise InputError(
            f"Fashion-MNIST is not on this machine, and {ADDRESS} does not give it ({error})",
            f"install the Debian package dataset-fashion-mnist, or put {', '.join(FILES)} into {cache()}",
        ) from None


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    put(path, lambda file: file.write(data))
