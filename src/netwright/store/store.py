"""The store of one search: its log, its current state, and what its drivers and readers share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, select, update

from netwright.errors import InputError, NetwrightError
from netwright.objectives import Objectives
from netwright.space import Space
from netwright.store import keys, lease, lock
from netwright.store.database import Database, upsert
from netwright.store.history import History
from netwright.store.keys import twin_of
from netwright.store.opening import open_database
from netwright.store.plain import checksum, decode, encode
from netwright.store.record import Record, ended, proposed
from netwright.store.schema import META, OPEN, PROGRESS, RECORDS, SNAPSHOTS, SPACES, TRIALS
from netwright.store.standings import Standings
from netwright.trial import Phase, Status, Trial


def open_store(place: Path | str, create: bool = False) -> Store:
    """Opens the store at a path, a `sqlite:///PATH` or a `postgresql://USER@HOST/DATABASE?search=NAME` URL; with
    `create`, makes it where there is none yet.

    Raises InputError for one that is missing, not a store, damaged, out of reach, or written by a newer version.
    """
    return Store(open_database(place, create))


class Store:
    """Everything a search knows, in a SQLite file or a PostgreSQL schema that any number of processes read and write.

    Whatever a method has recorded when it returns, no crash takes back; what it has not recorded leaves no trace.
    Leases and locks run by the store's own clock. Any method raises NetwrightError when the disk is full, or another
    process has held the store for a minute.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._spaces: dict[str, Space | None] = {}
        self._history = History(database, self._space)
        self._history.keyed = self.get(keys.NAME) == keys.this_version()
        self._standings = Standings()
        self.spaces()

    @property
    def place(self) -> str:
        """The path, or the URL without its password."""
        return self.database.place

    def close(self) -> None:
        self.database.close()

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
        return self.database.batch()

    # What is said once ------------------------------------------------------------------------------------------

    def put(self, name: str, value: Any) -> None:
        """Keeps plain data under a name, in place of what was there."""
        text = encode(value)
        with self.database.write() as connection:
            upsert(connection, META, {"name": name}, {"value": text})

    def get(self, name: str, default: Any = None) -> Any:
        """The data kept under a name."""
        with self.database.read() as connection:
            text = connection.execute(select(META.c.value).where(META.c.name == name)).scalar_one_or_none()
        return default if text is None else decode(text)

    def add_space(self, space: Space) -> None:
        """Keeps a space, so that its architectures can be proposed and read back.

        A space made by Python code cannot be written down: the store remembers that it takes part, and whoever opens
        the store again adds it again. Raises InputError if another space of this name is kept.
        """
        definition = _definition(space)
        with self.database.write() as connection:
            kept = connection.execute(select(SPACES.c.definition).where(SPACES.c.name == space.name)).one_or_none()
            if kept is None:
                connection.execute(insert(SPACES).values(name=space.name, definition=definition))
            elif kept.definition != definition:
                raise InputError(f"another space named {space.name!r} is in {self.place}", "give yours another name")
        self._spaces[space.name] = space

    def _space(self, name: str) -> Space | None:
        if self._spaces.get(name) is None:
            self.spaces()
        return self._spaces.get(name)

    def spaces(self) -> dict[str, Space]:
        """Name -> space, of all that are kept and can be rebuilt or were added to this object."""
        with self.database.read() as connection:
            for name, definition in connection.execute(select(SPACES.c.name, SPACES.c.definition)):
                if self._spaces.get(name) is None:
                    self._spaces[name] = None if definition is None else Space.from_dict(decode(definition))
        return {name: space for name, space in self._spaces.items() if space is not None}

    def judge_by(self, objectives: Objectives) -> None:
        """Says what makes a trial the best: from now on the standings are kept by it. Ranks anew what was judged by
        something else before."""
        with self.database.write() as connection:
            if self._standings.adopt(connection, objectives):
                return
            for trial in self._history.trials(None, "completed"):
                row = update(TRIALS).where(TRIALS.c.number == trial.number)
                connection.execute(row.values(twin=twin_of(trial), **self._standings.rank(connection, trial)))
                self._standings.enter_front(connection, trial)

    # What happens -----------------------------------------------------------------------------------------------

    def propose(self, trials: Sequence[Trial]) -> None:
        """Records pending trials, all or none, in one fsync. Raises NetwrightError if one's number is taken."""
        payloads = [self._proposal(trial) for trial in trials]
        numbers = [trial.number for trial in trials]
        with self.database.write() as connection:
            taken = connection.execute(select(TRIALS.c.number).where(TRIALS.c.number.in_(numbers))).scalars().all()
            if taken or len(set(numbers)) < len(numbers):
                named = ", ".join(map(str, taken or numbers))
                raise NetwrightError(f"a trial of number {named} exists already in {self.place}")
            for trial, payload in zip(trials, payloads, strict=True):
                seq = self._append(connection, "proposed", trial.number, payload)
                state = {"number": trial.number, "phase": trial.phase, "status": "pending", "proposed": seq}
                connection.execute(_NEW, state | {"twin": twin_of(trial)})

    def start(self, number: int, worker: str, seconds: float, started: float | None = None) -> int:
        """Leases a pending trial to a worker; the token to renew and finish it with.

        seconds: until others may take it over; started: on the search's clock. Raises NetwrightError for a trial
        that is unknown, ended, or leased to another.
        """
        with self.database.write(durable=False) as connection:
            now = self.database.now(connection)
            return lease.grant(connection, number, worker, seconds, now, started)

    def claim(
        self, phase: Phase, worker: str, seconds: float, started: float | None = None
    ) -> tuple[Trial, int] | None:
        """Leases the first trial of a phase that nobody works on, also those whose lease has lapsed or whose driver on
        this machine is dead: as it was proposed, with the token; None when there is none."""
        due = select(TRIALS.c.number).where(OPEN, TRIALS.c.phase == phase).order_by(TRIALS.c.number).limit(1)
        with self.database.write(durable=False) as connection:
            now = self.database.now(connection)
            _, dead = lock.present(connection, now)
            gone = TRIALS.c.worker.in_(dead)
            free = (TRIALS.c.status == "pending") | (TRIALS.c.lease <= now) | gone
            number = connection.execute(due.where(free)).scalar_one_or_none()
            if number is None:
                return None
            if dead:
                lease.take_back(connection, now, dead)
            token = lease.grant(connection, number, worker, seconds, now, started)
            return self._history.proposed(connection, number), token

    def renew(self, number: int, token: int, seconds: float) -> bool:
        """Lets a lease end `seconds` from now; False when the token is stale or the trial has ended."""
        with self.database.write(durable=False) as connection:
            return lease.extend(connection, number, token, seconds, self.database.now(connection))

    def finish(self, trial: Trial, token: int | None = None) -> bool:
        """Records how a trial ended (completed or failed), once: False, and nothing recorded, when it had ended.

        token: of the lease it ran under; False too when that is not the latest. Without one no lease is asked for.
        """
        if trial.status not in lease.FINISHED:
            raise NetwrightError(f"trial {trial.number} is {trial.status}: finish takes completed or failed ones")
        with self.database.write() as connection:
            row = connection.execute(_KNOWN, {"which": trial.number}).one_or_none()
            if row is None:
                raise NetwrightError(f"there is no trial {trial.number} in the store: propose it first")
            stale = token is not None and (row.status, row.token) != ("running", token)
            if row.status in lease.FINISHED or stale:
                return False
            payload = encode(ended(trial, row.worker, row.started))
            seq = self._append(connection, trial.status, trial.number, payload)
            state = {"status": trial.status, "outcome": seq, "lease": None, **self._standings.rank(connection, trial)}
            connection.execute(_CHANGED, state | {"which": trial.number})
            connection.execute(_REPORTED, {"which": trial.number})
            self._standings.enter_front(connection, trial)
        return True

    def reclaim(self, all: bool = False) -> list[int]:
        """Makes trials whose lease has lapsed, or whose driver on this machine is dead, pending again; their numbers.

        all: every running trial, lapsed or not; for a driver that is the only one.
        """
        with self.database.write(durable=False) as connection:
            now = self.database.now(connection)
            _, dead = lock.present(connection, now)
            lock.forget(connection, dead)
            return lease.take_back(connection, None if all else now, dead)

    # What there is ----------------------------------------------------------------------------------------------

    def log(self, since: int = 0, until: int | None = None, phase: Phase | None = None) -> Iterator[Record]:
        """Every record with `seq > since`, in the order of writing, those included that are written meanwhile unless
        `until` is the last one; of one phase only, if named."""
        return self._history.records(since, until, phase)

    def last_seq(self) -> int:
        """Of the latest record; 0 before the first."""
        with self.database.read() as connection:
            return int(connection.execute(select(func.coalesce(func.max(RECORDS.c.seq), 0))).scalar_one())

    def last_number(self) -> int:
        """Of the latest trial; -1 before the first."""
        with self.database.read() as connection:
            return int(connection.execute(select(func.coalesce(func.max(TRIALS.c.number), -1))).scalar_one())

    def unfinished(self) -> list[Trial]:
        """The pending and running trials, by number."""
        with self.database.read() as connection:
            return self._history.unfinished(connection)

    def trials(self, phase: Phase | None = None, status: Status | None = None) -> list[Trial]:
        """The trials as they stand, by number."""
        return list(self._history.trials(phase, status))

    def count(self) -> dict[str, int]:
        """Status -> number of trials."""
        query = select(TRIALS.c.status, func.count().label("trials")).group_by(TRIALS.c.status)
        with self.database.read() as connection:
            return {row.status: row.trials for row in connection.execute(query)}

    def newest(self, count: int, before: int | None = None, phase: Phase | None = None) -> list[Trial]:
        """A page of trials, the latest first. before: the last number of the page ahead of it."""
        return self._history.newest(count, before, phase)

    def best(self, phase: Phase, count: int, after: int | None = None) -> list[Trial]:
        """A page of a phase's completed trials, the best by the first objective first, feasible ones before others.

        after: the last number of the page ahead of it. Raises NetwrightError before `judge_by`.
        """
        with self.database.read() as connection:
            self._standings.check(connection)
            return self._history.best(connection, phase, count, after)

    def front(self, phase: Phase) -> list[Trial]:
        """The phase's trials that no other dominates, sorted by the first objective."""
        with self.database.read() as connection:
            numbers = self._standings.front(connection, phase)
            return self._history.numbered(connection, numbers)

    def twin(self, trial: Trial, phases: Sequence[Phase]) -> Trial | None:
        """The first completed trial of the same network, trained in the same way."""
        with self.database.read() as connection:
            return self._history.twin(connection, twin_of(trial), phases)

    def freeze(self, phase: Phase, seq: int, state: Any) -> None:
        """Keeps the state of a phase after the record `seq`, in place of an earlier one: plain data. No part of the
        log, which it only spares reading, and not durable."""
        values = {"seq": seq, "data": encode(state)}
        with self.database.write(durable=False) as connection:
            upsert(connection, SNAPSHOTS, {"phase": phase}, values)

    def frozen(self, phase: Phase) -> tuple[int, Any] | None:
        """What `freeze` kept of a phase, with the record it is the state after."""
        with self.database.read() as connection:
            row = connection.execute(select(SNAPSHOTS).where(SNAPSHOTS.c.phase == phase)).one_or_none()
        return None if row is None else (row.seq, decode(row.data))

    def progress(self, number: int, data: Mapping[str, Any]) -> None:
        """The latest live report of a running trial; ignored for any other. Not part of the log, and not durable."""
        running = select(TRIALS.c.number).where(TRIALS.c.number == number, TRIALS.c.status == "running")
        text = encode(data)
        with self.database.write(durable=False) as connection:
            if connection.execute(running).one_or_none() is not None:
                upsert(connection, PROGRESS, {"number": number}, {"data": text})

    def progresses(self) -> dict[int, dict[str, Any]]:
        """Number -> latest live report, of the running trials that have one."""
        with self.database.read() as connection:
            rows = connection.execute(select(PROGRESS.c.number, PROGRESS.c.data).order_by(PROGRESS.c.number))
            return {number: decode(data) for number, data in rows}

    # Who drives -------------------------------------------------------------------------------------------------

    def lock(self, owner: str, seconds: float) -> bool:
        """Takes or renews the search's one lock, for `seconds`; False while another owner holds it.

        It passes on when it lapses, or at once when the process that took it on this machine is dead.
        """
        with self.database.write(durable=False) as connection:
            return lock.acquire(connection, owner, seconds, self.database.now(connection))

    def unlock(self, owner: str) -> None:
        """Gives the lock back; does nothing if it is another's."""
        with self.database.write(durable=False) as connection:
            lock.release(connection, owner)

    def driver(self) -> str | None:
        """The owner of the lock; None when nobody drives the search."""
        with self.database.read() as connection:
            return lock.holder(connection, self.database.now(connection, writes=False))

    def attend(self, driver: str, seconds: float, leases: Mapping[int, int] | None = None) -> list[int]:
        """Says that a driver is there, and renews its leases (trial -> token), for `seconds`. The trials whose leases
        are its own no more."""
        with self.database.write(durable=False) as connection:
            now = self.database.now(connection)
            lock.acquire(connection, driver, seconds, now, lock.presence(driver))
            held = (leases or {}).items()
            return [number for number, token in held if not lease.extend(connection, number, token, seconds, now)]

    def leave(self, driver: str) -> None:
        """Says that a driver is gone; what it held is due again at once."""
        with self.database.write(durable=False) as connection:
            lock.release(connection, driver, lock.presence(driver))
            lease.take_back(connection, self.database.now(connection), (driver,))

    def drivers(self) -> set[str]:
        """Those that are there."""
        with self.database.read() as connection:
            return lock.present(connection, self.database.now(connection, writes=False))[0]

    def _proposal(self, trial: Trial) -> str:
        name = trial.proposal.architecture.space.name
        if trial.status != "pending":
            raise NetwrightError(f"trial {trial.number} is {trial.status}: only pending ones can be proposed")
        if self._spaces.get(name) is None:
            raise NetwrightError(f"the space {name!r} of trial {trial.number} is not in the store: add_space it first")
        return encode(proposed(trial))

    def _append(self, connection: Connection, kind: str, trial: int, payload: str) -> int:
        """Adds a record; its `seq`."""
        following: ColumnElement[int] = select(func.coalesce(func.max(RECORDS.c.seq), 0) + 1).scalar_subquery()
        row: dict[str, Any] = {"kind": kind, "trial": trial, "payload": payload, "crc": checksum(payload)}
        row["time"] = self.database.now(connection)
        added = insert(RECORDS).values(seq=following, **row).returning(RECORDS.c.seq)
        return int(connection.execute(added).scalar_one())


# Statements of every trial's way, made once: making them takes as long as running them.
_NEW = insert(TRIALS)
_KNOWN = select(TRIALS).where(TRIALS.c.number == bindparam("which"))
_CHANGED = update(TRIALS).where(TRIALS.c.number == bindparam("which"))
_REPORTED = delete(PROGRESS).where(PROGRESS.c.number == bindparam("which"))


def _definition(space: Space) -> str | None:
    """The space as text; None when only Python code can make it."""
    try:
        return encode(space.to_dict())
    except InputError:
        return None
