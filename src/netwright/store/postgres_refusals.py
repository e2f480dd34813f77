"""What PostgreSQL refuses, in words for people, each with the way out."""

from __future__ import annotations

from netwright.errors import InputError, NetwrightError
from netwright.store.database import BUSY_S, Lost

_SAFE = "everything recorded before is safe"


def refusal(error: BaseException | None, place: str) -> NetwrightError:
    """The error to raise for an error of psycopg's, by its SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""
    state, message = getattr(error, "sqlstate", None) or "", " ".join(str(error).split())
    if state in ("3D000",) or ('database "' in message and "does not exist" in message):
        return InputError(f"the database of {place} does not exist", "make it first: createdb NAME")
    if state in ("28P01", "28000") or "authentication failed" in message or "no password supplied" in message:
        return InputError(
            f"{place} refused the login ({message})", "give the password in PGPASSWORD or ~/.pgpass, or another user"
        )
    if state in ("55P03", "40P01"):
        return NetwrightError(f"another process kept {place} busy for {BUSY_S:.0f} s: end it, then try again")
    if state == "42501":
        return InputError(f"{place} may not be written by this user", "ask for CREATE on the database, or another user")
    if state.startswith("53"):
        return NetwrightError(f"the server of {place} is out of space, memory or connections ({message}): {_SAFE}")
    if state.startswith(("58", "XX")):
        return NetwrightError(f"the server of {place} cannot use its disk ({message}): {_SAFE}; see the server's log")
    if state in ("42P01", "42703"):
        return InputError(f"{place} is damaged ({message})", "restore a backup of the database")
    if _is_gone(state, error):
        return Lost(f"the server of {place} cannot be reached ({message})", "start it, or check the URL")
    return NetwrightError(f"{place}: {message}")


def _is_gone(state: str, error: BaseException | None) -> bool:
    """Not there, shutting down, starting, or cut off."""
    return state.startswith(("08", "57P", "25P03")) or (not state and type(error).__name__ == "OperationalError")
