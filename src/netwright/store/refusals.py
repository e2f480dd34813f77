"""What the database refuses, in words for people, each with the way out."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from netwright.errors import InputError, NetwrightError

BUSY_S = 60.0
"""How long a write waits for another process's."""


def refusal(error: BaseException | None, path: Path) -> NetwrightError:
    """The error to raise for an error of SQLite's. Whatever it was, the transaction was rolled back as a whole."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_FULL"):
        return NetwrightError(
            f"the disk of {path} is full: everything recorded before is safe; free some space, then resume the search"
        )
    if name.startswith("SQLITE_IOERR"):
        return NetwrightError(
            f"the disk of {path} refused to read or write ({name}): everything recorded before is safe; "
            "check its free space, quota and health, then resume the search"
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")):
        return NetwrightError(f"another process kept {path} busy for {BUSY_S:.0f} s: end it, then try again")
    if name.startswith("SQLITE_READONLY"):
        return InputError(f"{path} cannot be written", "check the permissions of the file and of its folder")
    if name.startswith("SQLITE_CANTOPEN"):
        return InputError(f"{path} cannot be opened", "check that it exists and that its folder can be written")
    if name.startswith("SQLITE_NOTADB"):
        return not_ours(path, "it is not a SQLite database")
    if name.startswith("SQLITE_CORRUPT") or _without_tables(error):
        return damaged(path)
    return NetwrightError(f"{path}: {error}")


def not_ours(path: Path, why: str) -> InputError:
    return InputError(f"{path} is no netwright store ({why})", "give the search.sqlite of a search folder")


def damaged(path: Path) -> InputError:
    return InputError(
        f"{path} is damaged", f"restore a backup, or save what can be read: sqlite3 {path} .recover | sqlite3 NEW"
    )


def _without_tables(error: BaseException | None) -> bool:
    return isinstance(error, sqlite3.OperationalError) and str(error).startswith("no such")
