from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from netwright.cli import search
from netwright.cli.options import WORDS, read_options, typed_settings
from netwright.errors import InputError
from netwright.loop.settings import DEFAULT_METHOD


def test_the_command_line_goes_before_the_file_and_the_file_before_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "search.yaml"
    path.write_text(
        "data: digits\nbudget: 5m\nworkers: 3\nobjective: [accuracy, params]\nconstraint: params<1M\njson: true\n"
    )
    options = read_options(path, {"budget": "1m", "workers": None, "seed": 0})
    assert (options.data, options.budget, options.workers, options.seed) == ("digits", "1m", 3, 0)
    assert options.objective == ("accuracy", "params")
    assert options.constraint == ("params<1M",)
    assert options.json_
    assert options.method == DEFAULT_METHOD


def test_settings_of_the_method_are_read_from_texts_and_mappings(tmp_path: Path) -> None:
    spoken = ["noise=0.3", "narrowing=true", "cost=params", "temperatures=[5, 0.1]"]
    read = read_options(None, {"data": "digits", "setting": spoken}).setting
    assert read == {"noise": 0.3, "narrowing": True, "cost": "params", "temperatures": [5, 0.1]}
    path = tmp_path / "search.yaml"
    path.write_text("data: digits\nsetting: {noise: 0.3}\n")
    assert read_options(path, {}).setting == {"noise": 0.3}
    for text in ("noise", "=3", "a=[1"):
        with pytest.raises(InputError, match="write NAME=VALUE"):
            read_options(None, {"data": "digits", "setting": [text]})


def test_settings_of_the_executor_are_read_likewise_and_the_address_is_one_of_them(tmp_path: Path) -> None:
    spoken = {"data": "digits", "executor_setting": ["num_gpus=0.5", "shared=false"], "address": "local"}
    read = read_options(None, spoken)
    assert read.executor_settings == {"num_gpus": 0.5, "shared": False, "address": "local"}
    path = tmp_path / "search.yaml"
    path.write_text("data: digits\nexecutor: slurm\nexecutor_setting: {partition: gpu}\n")
    assert read_options(path, {}).executor_settings == {"partition": "gpu"}
    with pytest.raises(InputError, match=r"--executor-setting is .*write NAME=VALUE, such as num_gpus=1"):
        read_options(None, {"data": "digits", "executor_setting": ["num_gpus"]})
    assert typed_settings(["num_gpus=1"], None) == {"num_gpus": 1}
    with pytest.raises(InputError, match=r"--executor-setting is .*write NAME=VALUE"):
        typed_settings(["num_gpus"], None)


def test_the_file_has_the_words_of_the_command_line() -> None:
    assert set(WORDS) == set(inspect.signature(search.search).parameters) - {"config"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("budgt: 5m", r"unknown option in .*bad\.yaml: 'budgt': did you mean 'budget'\?"),
        ("workers: many", r"bad\.yaml: workers is 'many': input should be a valid integer"),
        ("workers: 0", r"bad\.yaml: workers is 0: input should be greater than or equal to 1"),
        ("seed: 1.5", r"bad\.yaml: seed is 1\.5"),
        ("objective: [accuracy, 3]", r"bad\.yaml: objective 2 is 3"),
        ("budget: 10", r"bad\.yaml: budget is 10: input should be a valid string"),
        ("json: maybe", r"bad\.yaml: json is 'maybe'"),
        ("- digits", r"bad\.yaml holds no options"),
        ("", r"bad\.yaml holds no options"),
        ("a: [1", r"bad\.yaml is not YAML: line 1"),
        ("!!python/object/apply:os.system ['true']", r"bad\.yaml is not YAML"),
        ("x: " + "[" * 5000, r"bad\.yaml is not YAML"),
    ],
)
def test_a_bad_file_is_refused_by_name_and_word(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(content)
    with pytest.raises(InputError, match=message) as caught:
        read_options(path, {"data": "digits"})
    assert caught.value.way_out


def test_files_that_are_no_configuration_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be read \(No such file"):
        read_options(tmp_path / "none.yaml", {"data": "digits"})
    with pytest.raises(InputError, match=r"cannot be read \(Is a directory"):
        read_options(tmp_path, {"data": "digits"})
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not text in UTF-8"):
        read_options(tmp_path / "bytes.yaml", {"data": "digits"})
    (tmp_path / "long.yaml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(InputError, match="too large"):
        read_options(tmp_path / "long.yaml", {"data": "digits"})


def test_without_data_there_is_nothing_to_search_on() -> None:
    with pytest.raises(InputError, match="nothing to search on"):
        read_options(None, {"budget": "5m"})
