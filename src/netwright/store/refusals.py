"""What SQLite refuses, in words for people, each with the way out."""

from __future__ import annotations

import sqlite3

from netwright.errors import InputError, NetwrightError
from netwright.store.database import BUSY_S


def refusal(error: BaseException | None, place: str) -> NetwrightError:
    """The error to raise for an error of SQLite's. Whatever it was, the transaction was rolled back as a whole."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_FULL"):
        return NetwrightError(
            f"the disk of {place} is full: everything recorded before is safe; free some space, then resume the search"
        )
    if name.startswith("SQLITE_IOERR"):
        return NetwrightError(
            f"the disk of {place} refused to read or write ({name}): everything recorded before is safe; "
            "check its free space, quota and health, then resume the search"
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")):
        return NetwrightError(f"another process kept {place} busy for {BUSY_S:.0f} s: end it, then try again")
    if name.startswith("SQLITE_READONLY"):
        return InputError(f"{place} cannot be written", "check the permissions of the file and of its folder")
    if name.startswith("SQLITE_CANTOPEN"):
        return InputError(f"{place} cannot be opened", "check that it exists and that its folder can be written")
    if name.startswith("SQLITE_NOTADB"):
        return not_ours(place, "it is not a SQLite database")
    if name.startswith("SQLITE_CORRUPT") or _garbled(error):
        return damaged(place)
    return NetwrightError(f"{place}: {error}")


def not_ours(place: str, why: str) -> InputError:
    return InputError(f"{place} is no netwright store ({why})", "give the search.sqlite of a search folder")


def damaged(place: str, why: str = "") -> InputError:
    return InputError(
        f"{place} is damaged{why and f' ({why})'}",
        f"restore a backup, or save what can be read: sqlite3 {place} .recover | sqlite3 NEW",
    )


def _garbled(error: BaseException | None) -> bool:
    """Tables or columns are missing, or a text is none."""
    said = str(error)
    return isinstance(error, sqlite3.OperationalError) and (said.startswith("no such") or "decode to UTF-8" in said)
