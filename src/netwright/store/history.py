"""Reads the log: rows back into trials."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, literal, select, tuple_

from netwright.errors import InputError
from netwright.space import Space
from netwright.store.database import Database
from netwright.store.keys import key_of
from netwright.store.plain import checksum, decode
from netwright.store.record import KINDS, Record, end
from netwright.store.refusals import damaged
from netwright.store.schema import OPEN, RANKED, RECORDS, TRIALS
from netwright.trial import Phase, Proposal, Status, Trial

_PAGE = 500
"""Rows a read: no transaction stays open while a caller works on what it got."""

_REMEMBERED = 20_000
"""Trials that are kept rebuilt."""

_PROPOSED = RECORDS.alias("proposed")
_OUTCOME = RECORDS.alias("outcome")
_STATE = (
    select(
        TRIALS, _PROPOSED.c.payload, _PROPOSED.c.crc, _OUTCOME.c.payload.label("result"), _OUTCOME.c.crc.label("sum")
    )
    .join(_PROPOSED, _PROPOSED.c.seq == TRIALS.c.proposed)
    .outerjoin(_OUTCOME, _OUTCOME.c.seq == TRIALS.c.outcome)
)
_LOG = (
    select(
        RECORDS,
        _PROPOSED.c.payload.label("proposal"),
        _PROPOSED.c.crc.label("sum"),
        TRIALS.c.number,
        TRIALS.c.twin,
    )
    .join(TRIALS, TRIALS.c.number == RECORDS.c.trial)
    .join(_PROPOSED, _PROPOSED.c.seq == TRIALS.c.proposed)
)


class History:
    """The trials of a database. What was met last is not rebuilt; `space`: the space of a name, or None where it must
    be given."""

    def __init__(self, database: Database, space: Callable[[str], Space | None]) -> None:
        self._database, self._space = database, space
        self.keyed = False
        """The keys in the store are those that this version of netwright would make."""
        self._known: OrderedDict[int, tuple[str, Trial]] = OrderedDict()

    def trials(self, phase: Phase | None, status: Status | None) -> Iterator[Trial]:
        """In the order of their numbers."""
        query, column = _STATE, TRIALS.c.number
        if phase is not None:
            query = query.where(TRIALS.c.phase == phase)
        if status is not None:
            query = query.where(TRIALS.c.status == status)
        for row in self._rows(query, column, "number", -1):
            yield self._trial(row)

    def records(self, since: int, until: int | None, phase: Phase | None) -> Iterator[Record]:
        """In the order of writing."""
        query = _LOG if phase is None else _LOG.where(TRIALS.c.phase == phase)
        if until is not None:
            query = query.where(RECORDS.c.seq <= until)
        following = None
        for row in self._rows(query, RECORDS.c.seq, "seq", since):
            if phase is None and row["seq"] != following and following is not None:
                raise damaged(self._database.place, f"record {following} is missing")
            following = row["seq"] + 1
            trial = self._proposed(row["number"], self._sound(row["proposal"], row["sum"]), row["twin"])
            if row["kind"] not in KINDS:
                raise damaged(self._database.place, "a record is of no known kind")
            if row["kind"] != "proposed":
                trial = end(trial, row["kind"], decode(self._sound(row["payload"], row["crc"])))
            yield Record(row["seq"], row["kind"], trial)

    def unfinished(self, connection: Connection) -> list[Trial]:
        """What is pending or running."""
        open_ = select(TRIALS.c.number).where(OPEN)
        return self._found(connection, _STATE.where(TRIALS.c.number.in_(open_)).order_by(TRIALS.c.number))

    def newest(self, count: int, before: int | None, phase: Phase | None) -> list[Trial]:
        """The latest, or those before a number, backwards."""
        query = _STATE.order_by(TRIALS.c.number.desc()).limit(count)
        if phase is not None:
            query = query.where(TRIALS.c.phase == phase)
        if before is not None:
            query = query.where(TRIALS.c.number < before)
        with self._database.read() as connection:
            return self._found(connection, query)

    def best(self, connection: Connection, phase: Phase, count: int, after: int | None) -> list[Trial]:
        """The best of a phase, or those behind the trial of a number."""
        order = (TRIALS.c.violation, TRIALS.c.loss, TRIALS.c.number)
        query = select(TRIALS.c.number).where(RANKED, TRIALS.c.phase == phase).order_by(*order).limit(count)
        if after is not None:
            last = connection.execute(select(*order).where(TRIALS.c.number == after)).one()
            query = query.where(tuple_(*order) > tuple_(*map(literal, last)))
        return self.numbered(connection, connection.execute(query).scalars().all())

    def numbered(self, connection: Connection, numbers: Sequence[int]) -> list[Trial]:
        """The trials of these numbers, in this order."""
        found = self._found(connection, _STATE.where(TRIALS.c.number.in_(numbers)))
        by_number = {trial.number: trial for trial in found}
        return [by_number[number] for number in numbers]

    def proposed(self, connection: Connection, number: int) -> Trial:
        """A trial as it was when proposed."""
        query = select(RECORDS.c.payload, RECORDS.c.crc, TRIALS.c.twin).join(TRIALS, TRIALS.c.proposed == RECORDS.c.seq)
        payload, crc, twin = connection.execute(query.where(TRIALS.c.number == number)).one()
        return self._proposed(number, self._sound(payload, crc), twin)

    def twin(self, connection: Connection, twin: str, phases: Sequence[Phase]) -> Trial | None:
        """The first completed trial of the phases that has this in common with others."""
        query = _STATE.where(TRIALS.c.twin == twin, TRIALS.c.status == "completed", TRIALS.c.phase.in_(phases))
        return next(iter(self._found(connection, query.order_by(TRIALS.c.number).limit(1))), None)

    def _found(self, connection: Connection, query: Select[Any]) -> list[Trial]:
        return [self._trial(row) for row in connection.execute(query).mappings().all()]

    def _rows(self, query: Select[Any], column: Any, name: str, after: int) -> Iterator[RowMapping]:
        while True:
            page = query.where(column > after).order_by(column).limit(_PAGE)
            with self._database.read() as connection:
                rows = connection.execute(page).mappings().all()
            yield from rows
            if len(rows) < _PAGE:
                return
            after = rows[-1][name]

    def _trial(self, row: RowMapping) -> Trial:
        trial = self._proposed(row["number"], self._sound(row["payload"], row["crc"]), row["twin"])
        if row["result"] is not None:
            return end(trial, row["status"], decode(self._sound(row["result"], row["sum"])))
        return replace(trial, status=row["status"], worker=row["worker"], started=row["started"])

    def _sound(self, payload: str, crc: int | None) -> str:
        """The payload, if it is what was written."""
        if crc is not None and checksum(payload) != crc:
            raise damaged(self._database.place, "a record is not what was written")
        return payload

    def _proposed(self, number: int, payload: str, twin: str | None) -> Trial:
        """The trial as it was when proposed."""
        known = self._known.get(number)
        if known is None or known[0] != payload:
            known = self._known[number] = (payload, self._rebuilt(number, decode(payload), twin))
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return known[1]

    def _rebuilt(self, number: int, payload: Mapping[str, Any], twin: str | None) -> Trial:
        data, key = payload["proposal"], key_of(twin) if self.keyed and twin is not None else None
        space = self._space(data["space"])
        if space is None:
            raise InputError(
                f"the space {data['space']!r} of trial {number} is made by Python code",
                "give it: open the search from the script that made it",
            )
        return Trial(number, Proposal.from_dict(data, {space.name: space}, key), payload["phase"])
