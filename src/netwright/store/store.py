"""The store of one search: its log, its current state, and what its drivers and readers share."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import IntegrityError

from netwright.errors import InputError, NetwrightError
from netwright.space import Space
from netwright.store import lease, lock
from netwright.store.database import Database, open_database
from netwright.store.history import History
from netwright.store.plain import decode, encode
from netwright.store.record import Record, ended, proposed
from netwright.store.schema import META, PROGRESS, RECORDS, SPACES, TRIALS
from netwright.trial import Phase, Status, Trial

_FILE_URL = "sqlite:///"


def open_store(place: Path | str, create: bool = False, now: Callable[[], float] = time.time) -> Store:
    """Opens the store at a path or `sqlite:///` URL; with `create`, makes it where there is none yet.

    now: Unix seconds, the clock of leases and locks. Raises InputError for a file that is missing, not a store,
    damaged, or written by a newer version.
    """
    return Store(open_database(_path(place), create), now)


def _path(place: Path | str) -> Path:
    text = str(place)
    if text.startswith(_FILE_URL):
        text = text.removeprefix(_FILE_URL)
    elif "://" in text:
        raise InputError(f"cannot keep a search in {text.partition('://')[0]!r}", "give a path, or sqlite:///PATH")
    return Path(text).expanduser().absolute()


class Store:
    """Everything a search knows, in one SQLite file that any number of processes may read and write.

    Whatever a method has recorded when it returns, no crash takes back; what it has not recorded leaves no trace.
    Any method raises NetwrightError when the disk is full, or another process has held the file for a minute.
    """

    def __init__(self, database: Database, now: Callable[[], float] = time.time) -> None:
        self._database, self._now = database, now
        self._spaces: dict[str, Space | None] = {}
        self._history = History(database, self._spaces)
        self.spaces()

    @property
    def path(self) -> Path:
        return self._database.path

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def batch(self) -> AbstractContextManager[None]:
        """Everything that this thread records inside counts when the block ends, all or none, in one fsync.

            with store.batch():
                store.finish(trial, token)
                store.propose([following])

        Keep it short: no other process can write meanwhile.
        """
        return self._database.batch()

    # What is said once ------------------------------------------------------------------------------------------

    def put(self, name: str, value: Any) -> None:
        """Keeps plain data under a name, in place of what was there."""
        text = encode(value)
        statement = upsert(META).values(name=name, value=text)
        with self._database.write() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=[META.c.name], set_={"value": text}))

    def get(self, name: str, default: Any = None) -> Any:
        """The data kept under a name."""
        with self._database.read() as connection:
            text = connection.execute(select(META.c.value).where(META.c.name == name)).scalar_one_or_none()
        return default if text is None else decode(text)

    def add_space(self, space: Space) -> None:
        """Keeps a space, so that its architectures can be proposed and read back.

        A space made by Python code cannot be written down: the store remembers that it takes part, and whoever opens
        the store again adds it again. Raises InputError if another space of this name is kept.
        """
        definition = _definition(space)
        with self._database.write() as connection:
            kept = connection.execute(select(SPACES.c.definition).where(SPACES.c.name == space.name)).one_or_none()
            if kept is None:
                connection.execute(insert(SPACES).values(name=space.name, definition=definition))
            elif kept.definition != definition:
                raise InputError(f"another space named {space.name!r} is in {self.path}", "give yours another name")
        self._spaces[space.name] = space

    def spaces(self) -> dict[str, Space]:
        """Name -> space, of all that are kept and can be rebuilt or were added to this object."""
        with self._database.read() as connection:
            for name, definition in connection.execute(select(SPACES.c.name, SPACES.c.definition)):
                if self._spaces.get(name) is None:
                    self._spaces[name] = None if definition is None else Space.from_dict(decode(definition))
        return {name: space for name, space in self._spaces.items() if space is not None}

    # What happens -----------------------------------------------------------------------------------------------

    def propose(self, trials: Sequence[Trial]) -> None:
        """Records pending trials, all or none, in one fsync. Raises NetwrightError if one's number is taken."""
        rows = [self._proposal_row(trial) for trial in trials]
        try:
            with self._database.write() as connection:
                for trial, row in zip(trials, rows, strict=True):
                    seq = _append(connection, row)
                    state = {"number": trial.number, "phase": trial.phase, "status": "pending", "proposed": seq}
                    connection.execute(insert(TRIALS).values(state))
        except NetwrightError as error:
            if isinstance(error.__cause__, IntegrityError):
                numbers = ", ".join(str(trial.number) for trial in trials)
                raise NetwrightError(f"a trial of number {numbers} exists already in {self.path}") from error
            raise

    def start(self, number: int, worker: str, seconds: float, started: float | None = None) -> int:
        """Leases a pending trial to a worker; the token to renew and finish it with.

        seconds: until others may take it over; started: on the search's clock. Raises NetwrightError for a trial
        that is unknown, ended, or leased to another.
        """
        now = self._now()
        with self._database.write(durable=False) as connection:
            return lease.grant(connection, number, worker, now + seconds, now, started)

    def renew(self, number: int, token: int, seconds: float) -> bool:
        """Lets a lease end `seconds` from now; False when the token is stale or the trial has ended."""
        with self._database.write(durable=False) as connection:
            return lease.extend(connection, number, token, self._now() + seconds)

    def finish(self, trial: Trial, token: int | None = None) -> bool:
        """Records how a trial ended (completed or failed), once: False, and nothing recorded, when it had ended.

        token: of the lease it ran under; False too when that is not the latest. Without one no lease is asked for.
        """
        if trial.status not in lease.FINISHED:
            raise NetwrightError(f"trial {trial.number} is {trial.status}: finish takes completed or failed ones")
        with self._database.write() as connection:
            row = connection.execute(select(TRIALS).where(TRIALS.c.number == trial.number)).one_or_none()
            if row is None:
                raise NetwrightError(f"there is no trial {trial.number} in the store: propose it first")
            stale = token is not None and (row.status, row.token) != ("running", token)
            if row.status in lease.FINISHED or stale:
                return False
            payload = encode(ended(trial, row.worker, row.started))
            seq = _append(connection, self._row(trial.status, trial.number, payload))
            state = {"status": trial.status, "outcome": seq, "lease": None}
            connection.execute(update(TRIALS).where(TRIALS.c.number == trial.number).values(state))
            connection.execute(delete(PROGRESS).where(PROGRESS.c.number == trial.number))
        return True

    def reclaim(self, all: bool = False) -> list[int]:
        """Makes trials whose lease has lapsed pending again, and gives their numbers.

        all: every running trial, lapsed or not; for a new driver that holds the search's lock.
        """
        now = math.inf if all else self._now()
        with self._database.write(durable=False) as connection:
            return lease.take_back(connection, now)

    # What there is ----------------------------------------------------------------------------------------------

    def log(self, since: int = 0) -> Iterator[Record]:
        """Every record with `seq > since`, in the order of writing, those included that are written meanwhile."""
        self.spaces()
        return self._history.records(since)

    def trials(self, phase: Phase | None = None, status: Status | None = None) -> list[Trial]:
        """The trials as they stand, by number."""
        self.spaces()
        return list(self._history.trials(phase, status))

    def count(self) -> dict[str, int]:
        """Status -> number of trials."""
        query = select(TRIALS.c.status, func.count().label("trials")).group_by(TRIALS.c.status)
        with self._database.read() as connection:
            return {row.status: row.trials for row in connection.execute(query)}

    def progress(self, number: int, data: Mapping[str, Any]) -> None:
        """The latest live report of a running trial; ignored for any other. Not part of the log, and not durable."""
        running = select(TRIALS.c.number).where(TRIALS.c.number == number, TRIALS.c.status == "running")
        text = encode(data)
        statement = upsert(PROGRESS).values(number=number, data=text)
        with self._database.write(durable=False) as connection:
            if connection.execute(running).one_or_none() is not None:
                connection.execute(
                    statement.on_conflict_do_update(index_elements=[PROGRESS.c.number], set_={"data": text})
                )

    def progresses(self) -> dict[int, dict[str, Any]]:
        """Number -> latest live report, of the running trials that have one."""
        with self._database.read() as connection:
            rows = connection.execute(select(PROGRESS.c.number, PROGRESS.c.data).order_by(PROGRESS.c.number))
            return {number: decode(data) for number, data in rows}

    # Who drives -------------------------------------------------------------------------------------------------

    def lock(self, owner: str, seconds: float) -> bool:
        """Takes or renews the search's one lock, for `seconds`; False while another owner holds it.

        It passes on when it lapses, or at once when the process that took it on this machine is dead.
        """
        now = self._now()
        with self._database.write(durable=False) as connection:
            return lock.acquire(connection, owner, now + seconds, now)

    def unlock(self, owner: str) -> None:
        """Gives the lock back; does nothing if it is another's."""
        with self._database.write(durable=False) as connection:
            lock.release(connection, owner)

    def driver(self) -> str | None:
        """The owner of the lock; None when nobody drives the search."""
        with self._database.read() as connection:
            return lock.holder(connection, self._now())

    def _proposal_row(self, trial: Trial) -> dict[str, Any]:
        name = trial.proposal.architecture.space.name
        if trial.status != "pending":
            raise NetwrightError(f"trial {trial.number} is {trial.status}: only pending ones can be proposed")
        if self._spaces.get(name) is None:
            raise NetwrightError(f"the space {name!r} of trial {trial.number} is not in the store: add_space it first")
        return self._row("proposed", trial.number, encode(proposed(trial)))

    def _row(self, kind: str, number: int, payload: str) -> dict[str, Any]:
        return {"kind": kind, "trial": number, "payload": payload, "time": self._now()}


def _append(connection: Connection, row: Mapping[str, Any]) -> int:
    """Adds a record; its `seq`."""
    result = connection.execute(insert(RECORDS).values(row))
    assert result.inserted_primary_key is not None
    return int(result.inserted_primary_key[0])


def _definition(space: Space) -> str | None:
    """The space as text; None when only Python code can make it."""
    try:
        return encode(space.to_dict())
    except InputError:
        return None
