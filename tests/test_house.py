"""The rules of the house that no linter checks."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import netwright

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "netwright"
MODULES = sorted(SOURCE.rglob("*.py"))
FRAMEWORKS = ("jax", "torch", "sklearn", "pandas", "onnx", "onnxruntime", "PIL", "scipy", "sqlalchemy", "rich", "typer")
NAMELESS = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc", "base_utils"}
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
PRIVATE_PLACES = re.compile(r"(?<![\w.])/(?:root|home|work|Users)/\w")


@pytest.mark.parametrize("name", netwright.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(netwright, name) is not None
    assert name in dir(netwright)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'serach'"):
        _ = netwright.serach  # type: ignore[attr-defined]


def test_the_version_is_the_projects() -> None:
    found = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert found is not None
    assert netwright.__version__ == found[1]


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import netwright", FRAMEWORKS),
        ("import netwright.space, netwright.objectives, netwright.strategies, netwright.trial", FRAMEWORKS),
        ("import netwright.operations, netwright.spaces, netwright.tasks", FRAMEWORKS[:7]),
        ("import netwright.cli.app", FRAMEWORKS[:8]),
    ],
)
def test_frameworks_are_imported_only_when_used(statement: str, unwanted: tuple[str, ...]) -> None:
    code = f"{statement}\nimport sys\nprint(*(name for name in {unwanted!r} if name in sys.modules))"
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(SOURCE.parent)})
    assert found.stdout.split() == []


def test_files_are_short() -> None:
    tests = sorted((ROOT / "tests").rglob("*.py"))
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in (*MODULES, *tests)}
    assert {path: length for path, length in lengths.items() if length > 400} == {}


def test_functions_are_short() -> None:
    lengths = {f"{path.relative_to(ROOT)}:{one.name}": length for path in MODULES for one, length in functions(path)}
    long = {name: length for name, length in lengths.items() if length > 50}
    assert len(long) < 0.01 * len(lengths), long


def functions(path: Path) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            yield node, node.end_lineno - node.lineno + 1


def test_every_module_says_what_it_is_for_and_has_a_name_that_means_something() -> None:
    assert [path for path in MODULES if ast.get_docstring(ast.parse(path.read_text())) is None] == []
    parts = {part.removesuffix(".py") for path in MODULES for part in path.relative_to(SOURCE).parts}
    assert parts & NAMELESS == set()


def test_nothing_is_left_unfinished_or_speaks_of_one_machine() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "Makefile", ROOT / "pyproject.toml"]
    texts = {path: path.read_text() for path in (*MODULES, *documents)}
    assert [path for path, text in texts.items() if UNFINISHED.search(text)] == []
    assert [path for path, text in texts.items() if PRIVATE_PLACES.search(text)] == []


def test_the_changelog_and_the_readme_know_the_version_and_the_commands() -> None:
    from netwright.cli.app import SECTIONS

    assert f"## [{netwright.__version__}]" in (ROOT / "CHANGELOG.md").read_text()
    manual = (ROOT / "docs" / "command-line.md").read_text()
    commands = {command.__name__.replace("_", "-") for section in SECTIONS.values() for command in section}
    assert {name for name in commands if f"`{name}" not in manual} == set()
