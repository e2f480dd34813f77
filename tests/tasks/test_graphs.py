"""Graphs of nodes from .npz files and folders: splits, preparation, and what is wrong with others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx
import numpy as np
import pytest

from netwright.errors import InputError
from netwright.tasks import Task, open_task
from netwright.tasks.nodes import apply, fit, undirected

CLUB = networkx.karate_club_graph()
EDGES = np.array(CLUB.edges())
LABELS = np.array([CLUB.nodes[node]["club"] for node in CLUB])


def arrays(**changes: Any) -> dict[str, Any]:
    """Zachary's karate club; the features of a member are its friends."""
    whole = {"x": networkx.to_numpy_array(CLUB, weight=None), "edges": EDGES, "y": LABELS}
    return {name: value for name, value in (whole | changes).items() if value is not None}


@pytest.fixture
def club(tmp_path: Path) -> Path:
    path = tmp_path / "club.npz"
    np.savez(path, **arrays())
    return path


def test_the_whole_graph_belongs_to_the_task(club: Path) -> None:
    task = open_task(club)
    assert (task.kind, task.classes, task.default_space) == ("node-classification", ("Mr. Hi", "Officer"), "graph")
    assert task.graph is not None
    assert task.graph.features.shape == (34, 34)
    assert task.graph.edges.shape == (2, 2 * len(EDGES))
    np.testing.assert_allclose(task.graph.features.sum(1), 1, rtol=1e-6)
    nodes = np.concatenate([split.x[:, 0] for split in task.splits.values()])
    assert sorted(nodes.tolist()) == list(range(34))
    for split in task.splits.values():
        assert (LABELS[split.x[:, 0]] == np.array(task.classes)[split.y]).all()
    assert [baseline.name for baseline in task.baselines()] == ["mlp-64", "gcn", "gat"]


def test_saving_and_loading(club: Path, tmp_path: Path) -> None:
    task = open_task(club)
    task.save(tmp_path / "saved")
    again = Task.load(tmp_path / "saved")
    assert again.fingerprint == task.fingerprint
    assert again.graph is not None
    assert task.graph is not None
    np.testing.assert_array_equal(again.graph.edges, task.graph.edges)


def test_given_splits_are_kept_and_sparse_features_read(tmp_path: Path) -> None:
    from scipy.sparse import csr_matrix

    sparse = csr_matrix(arrays()["x"])
    parts = {f"x_{part}": getattr(sparse, part) for part in ("data", "indices", "indptr", "shape")}
    given = {"train_idx": [0, 33, 1, 2, 32], "val_mask": np.arange(34) == 5, "test_idx": [8, 9, 30]}
    np.savez(tmp_path / "sparse.npz", **arrays(x=None, edges=None, edge_index=EDGES.T, **parts, **given))
    task = open_task(tmp_path / "sparse.npz")
    assert task.train.x[:, 0].tolist() == given["train_idx"]
    assert task.valid.x[:, 0].tolist() == [5]
    assert task.source["split"] == "as given"
    assert "25 of 34 nodes are in no split" in task.source["warnings"][0]


def test_nodes_without_label_are_in_no_split(tmp_path: Path) -> None:
    y = np.where(np.arange(34) % 3 == 0, -1, LABELS == "Officer")
    np.savez(tmp_path / "part.npz", **arrays(y=y))
    task = open_task(tmp_path / "part.npz")
    assert sum(len(split) for split in task.splits.values()) == (y >= 0).sum()


def write_folder(folder: Path, nodes: str, edges: str) -> Path:
    folder.mkdir()
    (folder / "nodes.csv").write_text(nodes)
    (folder / "edges.csv").write_text(edges)
    return folder


def club_text() -> tuple[str, str]:
    nodes = "".join(f"m{node},{node % 7}.5,{('red', 'blue')[node % 2]},{LABELS[node]}\n" for node in CLUB)
    return "id,age,colour,club\n" + nodes, "one,other\n" + "".join(f"m{a},m{b}\n" for a, b in EDGES)


def test_a_folder_of_csv_files(tmp_path: Path) -> None:
    task = open_task(write_folder(tmp_path / "club", *club_text()), target="club")
    assert task.graph is not None
    assert task.graph.features.shape == (34, 3)
    np.testing.assert_array_equal(task.graph.edges, undirected(EDGES)[0])
    assert task.classes == ("Mr. Hi", "Officer")


def test_lines_are_nodes_where_they_have_no_names(tmp_path: Path) -> None:
    nodes, edges = club_text()
    bare = "\n".join(line.split(",", 1)[1] for line in nodes.splitlines()) + "\n"
    task = open_task(write_folder(tmp_path / "bare", bare, edges.replace("m", "")), target="club")
    assert task.graph is not None
    np.testing.assert_array_equal(task.graph.edges, undirected(EDGES)[0])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"edges": [[0, 1], [2, 34]]},
            r"the edges, edge 1: \[2, 34\] names a node that is not there: nodes are 0 to 33",
        ),
        ({"edges": [[0, -1]]}, r"edge 0: \[0, -1\]"),
        ({"edges": [[0.5, 1]]}, "holds float64: give whole numbers"),
        ({"edges": [[0, 1, 2]]}, r"shape \(1, 3\)"),
        ({"edges": [[3, 3]]}, "no edges"),
        ({"x": None}, "no features of nodes: name them x"),
        ({"x": np.ones(34)}, r"the features have the shape \(34,\)"),
        ({"x": np.where(np.eye(34) > 0, np.nan, 1.0)}, "node 0 has a feature that is missing"),
        ({"y": None}, "no labels of nodes"),
        ({"y": LABELS[:9]}, "34 nodes have features and 9 labels"),
        ({"y": np.full(34, -1)}, "no node has a label"),
        ({"train_idx": [0, 40]}, "the train split has node 40: there are nodes 0 to 33"),
        ({"train_idx": [0, 33], "test_idx": [33]}, "node 33 is in the train and in the test split"),
        ({"test_idx": np.zeros(0, int)}, "the test split has no nodes"),
        ({"x": None, "x_data": [1.0], "x_indices": [50], "x_indptr": [0, 1], "x_shape": [1, 3]}, "no sparse matrix"),
    ],
)
def test_what_cannot_be_used_is_named(changes: dict[str, Any], words: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.npz"
    np.savez(path, **arrays(**changes))
    with pytest.raises(InputError, match=words):
        open_task(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda nodes, edges: (nodes, edges + "m1,m99\n"), r"edges.csv, line 80: no node is called 'm99'"),
        (lambda nodes, edges: (nodes, edges + "m1,\n"), r"edges.csv, line 80: no node is called 'nothing'"),
        (lambda nodes, edges: (nodes.replace("m5,", "m6,"), edges), "two nodes have the same id"),
        (lambda nodes, edges: (nodes, "one\nm1\n"), "has one column"),
    ],
)
def test_wrong_lines_are_named(change: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        open_task(write_folder(tmp_path / "club", *change(*club_text())), target="club")


def test_values_are_standardised_by_the_training_nodes() -> None:
    values = np.random.default_rng(0).normal(5, 3, (50, 4))
    found = apply(values, fit(values, np.arange(20)))
    np.testing.assert_allclose(found[:20].mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(found[:20].std(0), 1, atol=1e-6)
    with pytest.raises(InputError, match="nodes have 3 features: there were 4 in training"):
        apply(values[:, :3], fit(values, np.arange(20)))


def test_an_edge_counts_once_in_each_direction() -> None:
    edges, lines = undirected(np.array([[0, 1], [1, 0], [0, 1], [2, 2], [1, 2]]))
    assert edges.T.tolist() == [[0, 1], [1, 0], [1, 2], [2, 1]]
    assert lines == ["1 edges of a node with itself are left out"]


def test_cora(real: Any) -> None:
    task = open_task(real("cora.npz"))
    assert [len(split) for split in task.splits.values()] == [140, 500, 1000]
    assert (task.signature.inputs, task.signature.outputs, task.source["edges"]) == ((1433,), 7, 5278)
