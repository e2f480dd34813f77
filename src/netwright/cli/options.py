"""What `netwright search` is asked for, on the command line or in a file with the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from netwright import backends
from netwright.errors import InputError, unknown
from netwright.loop.settings import DEFAULT_METHOD

MOST_BYTES = 1_000_000
"""A longer file is no configuration."""


class Options(BaseModel):
    """The options of a search with their defaults. Each is an option of the command line and a word of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    data: str
    target: str | None = None
    kind: str | None = None
    size: int | None = Field(None, ge=4)
    horizon: int | None = Field(None, ge=1)
    space: str | None = None
    model: str = ""
    weights: str | None = None
    method: str = DEFAULT_METHOD
    setting: dict[str, Any] = {}
    objective: tuple[str, ...] = ()
    constraint: tuple[str, ...] = ()
    budget: str = "10m"
    workers: int | None = Field(None, ge=1)
    executor: str = "processes"
    address: str | None = None
    executor_setting: dict[str, Any] = {}
    store: str = ""
    out: str | None = None
    seed: int = Field(0, ge=0)
    warm_start: str | None = None
    inherit: bool = True
    evaluate: str = "auto"
    backend: str = backends.DEFAULT
    json_: bool = Field(False, alias="json")
    quiet: bool = False

    @property
    def executor_settings(self) -> dict[str, Any]:
        """All of the executor's settings: the address is one of them."""
        return own_settings(self.executor_setting, self.address)

    @field_validator("setting", "executor_setting", mode="before")
    @classmethod
    def _read(cls, value: object, info: ValidationInfo) -> object:
        """Texts such as "noise=0.3" are read; a file may have a mapping."""
        example = "population_size=20" if info.field_name == "setting" else "num_gpus=1"
        if isinstance(value, str):
            value = [value]
        return read_settings(value, example) if isinstance(value, list) else value

    @field_validator("objective", "constraint", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        """One text is a list of one."""
        if isinstance(value, str):
            return (value,)
        return tuple(value) if isinstance(value, list) else value


def read_settings(texts: Sequence[object], example: str) -> dict[str, Any]:
    """Texts such as "noise=0.3" by name, their values read as YAML. Raises ValueError with the example."""
    read: dict[str, Any] = {}
    for text in texts:
        name, sign, given = str(text).partition("=")
        try:
            read[name.strip()] = yaml.safe_load(given)
        except yaml.YAMLError:
            sign = ""
        if not sign or not name.strip():
            raise ValueError(f"write NAME=VALUE, such as {example}")
    return read


def own_settings(given: Mapping[str, Any], address: str | None) -> dict[str, Any]:
    """An executor's settings, the address among them where there is one."""
    return dict(given) | ({} if address is None else {"address": address})


def typed_settings(texts: Sequence[str], address: str | None) -> dict[str, Any]:
    """An executor's settings as typed. Raises InputError."""
    try:
        return own_settings(read_settings(texts, "num_gpus=1"), address)
    except ValueError as error:
        raise InputError(f"--executor-setting is {list(texts)!r}", str(error)) from None


def read_options(config: Path | None, given: Mapping[str, Any]) -> Options:
    """The options given on the command line (those that are not None), above those of the file, above the defaults.

    Raises InputError that names the file and the word.
    """
    spoken = {name: value for name, value in given.items() if value is not None}
    written = _read(config) if config is not None else {}
    words = {**written, **spoken}
    if "data" not in words:
        raise InputError(
            "nothing to search on",
            "netwright search DATA, with a folder, a file, or a name that `netwright tasks` lists",
        )
    try:
        return Options(**words)
    except ValidationError as error:
        raise _refusal(error, config if error.errors()[0]["loc"][0] not in spoken else None) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path} is too large for a configuration", "options in YAML, one a line")
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "check the path given with --config") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not text in UTF-8", "options in YAML, one a line") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(
            f"{path} is not YAML: {_place(error)}", "for example `budget: 10m`, one option a line"
        ) from None
    if not isinstance(content, dict):
        raise InputError(f"{path} holds no options", "for example `budget: 10m`, one option a line")
    for word in content:
        if word not in WORDS:
            raise unknown(f"option in {path}:", str(word), WORDS)
    return content


def _place(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark is not None else ""
    return f"{where}{getattr(error, 'problem', None) or 'it cannot be understood'}"


def _refusal(error: ValidationError, path: Path | None) -> InputError:
    first = error.errors()[0]
    word, *rest = first["loc"]
    where = f"{path}: {word}" if path is not None else f"--{str(word).replace('_', '-')}"
    place = "".join(f" {part + 1}" for part in rest if isinstance(part, int))
    return InputError(f"{where}{place} is {first['input']!r}", first["msg"][0].lower() + first["msg"][1:])


WORDS = tuple(field.alias or name for name, field in Options.model_fields.items())
"""The words of a configuration file."""
