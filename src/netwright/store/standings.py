"""Who is best, and the front: kept up to date with every result, so that nobody reads a long log to know."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from netwright.errors import NetwrightError
from netwright.objectives import Constraint, Objective, Objectives
from netwright.store.database import upsert
from netwright.store.keys import key_of
from netwright.store.plain import decode, encode
from netwright.store.schema import FRONT, META, RANKED, RECORDS, TRIALS
from netwright.trial import Trial

NAME = "judged by"
"""Under which the objectives are kept."""


class Standings:
    """Of one store, within the transactions of its owner."""

    def __init__(self) -> None:
        self._objectives: Objectives | None = None
        """A search's objectives do not change, so they are read once."""

    def adopt(self, connection: Connection, objectives: Objectives) -> bool:
        """Takes the objectives to judge by; False when they are new, and everything must be entered again."""
        self._objectives = None
        text = encode([[str(one) for one in part] for part in (objectives.objectives, objectives.constraints)])
        if self._kept(connection) == text:
            return True
        upsert(connection, META, {"name": NAME}, {"value": text})
        connection.execute(update(TRIALS).where(TRIALS.c.loss.is_not(None)).values(loss=None, violation=None))
        connection.execute(delete(FRONT))
        return False

    def rank(self, connection: Connection, trial: Trial) -> dict[str, float]:
        """The columns that say how good a trial that has ended is; none without objectives, or a value for each."""
        objectives = self._current(connection)
        if objectives is None or not objectives.valid(trial):
            return {}
        return {"violation": float(objectives.violation(trial)), "loss": float(objectives.losses(trial)[0])}

    def enter_front(self, connection: Connection, trial: Trial) -> None:
        """Gives a trial that is ranked its place on the front of its phase, if it has one."""
        objectives = self._current(connection)
        if objectives is None or not objectives.valid(trial):
            return
        others = _same_network(connection, trial)
        if not others:
            violation, losses = float(objectives.violation(trial)), list(map(float, objectives.losses(trial)))
            _enter_front(connection, trial.phase, _Point(trial.number, trial.key, violation, losses))
        elif trial.number < min(others):  # it takes the place of a later training that has ended before
            self._rebuild(connection, objectives, trial.phase)

    def _rebuild(self, connection: Connection, objectives: Objectives, phase: str) -> None:
        """The front of a phase from its whole log: a network counts by its earliest training."""
        connection.execute(delete(FRONT).where(FRONT.c.phase == phase))
        query = select(TRIALS.c.number, TRIALS.c.twin, TRIALS.c.violation, RECORDS.c.payload)
        query = query.join(RECORDS, RECORDS.c.seq == TRIALS.c.outcome).where(RANKED, TRIALS.c.phase == phase)
        earliest: dict[str, _Point] = {}
        for number, twin, violation, payload in connection.execute(query.order_by(TRIALS.c.number)):
            metrics = decode(payload)["measurement"]["metrics"]
            losses = [objective.loss(metrics[objective.metric]) for objective in objectives.objectives]
            key = key_of(twin)
            earliest.setdefault(key, _Point(number, key, violation, losses))
        for point in earliest.values():
            _enter_front(connection, phase, point)

    def front(self, connection: Connection, phase: str) -> list[int]:
        """Numbers of the trials on a phase's front, sorted by the first objective."""
        self.check(connection)
        rows = connection.execute(select(FRONT).where(FRONT.c.phase == phase)).all()
        return [row.number for row in sorted(rows, key=lambda row: (decode(row.losses)[0], row.number))]

    def check(self, connection: Connection) -> None:
        """Raises NetwrightError where nobody has said what is good."""
        if self._current(connection) is None:
            raise NetwrightError("the store does not know what makes a trial the best: tell it by judge_by")

    def _current(self, connection: Connection) -> Objectives | None:
        if self._objectives is None and (text := self._kept(connection)) is not None:
            objectives, constraints = decode(text)
            self._objectives = Objectives(
                tuple(map(Objective.parse, objectives)), tuple(map(Constraint.parse, constraints))
            )
        return self._objectives

    def _kept(self, connection: Connection) -> str | None:
        return connection.execute(select(META.c.value).where(META.c.name == NAME)).scalar_one_or_none()


@dataclass(frozen=True)
class _Point:
    """A trial among those of its phase. key: the network's."""

    number: int
    key: str
    violation: float
    losses: list[float]

    def dominates(self, other: _Point) -> bool:
        """Less violation, or as much of it and nowhere worse and somewhere better (as `objectives.dominates`)."""
        if self.violation != other.violation:
            return self.violation < other.violation
        no_worse = all(mine <= theirs for mine, theirs in zip(self.losses, other.losses, strict=True))
        return no_worse and self.losses != other.losses


def _same_network(connection: Connection, trial: Trial) -> list[int]:
    """The other trials of its network in its phase that are ranked."""
    same = (TRIALS.c.twin >= f"{trial.key}:", TRIALS.c.twin < f"{trial.key};")  # found by this alone: it is few
    rows = connection.execute(select(TRIALS.c.number, TRIALS.c.phase, TRIALS.c.loss).where(*same)).all()
    return [
        row.number for row in rows if row.phase == trial.phase and row.number != trial.number and row.loss is not None
    ]


def _enter_front(connection: Connection, phase: str, point: _Point) -> None:
    """Puts a trial on its phase's front and takes off what it dominates; nothing where something dominates it."""
    rows = connection.execute(select(FRONT).where(FRONT.c.phase == phase)).all()
    there = [_Point(row.number, row.architecture, row.violation, decode(row.losses)) for row in rows]
    if any(other.dominates(point) for other in there):
        return
    gone = [other.number for other in there if point.dominates(other)]
    if gone:
        connection.execute(delete(FRONT).where(FRONT.c.number.in_(gone)))
    values = {"number": point.number, "phase": phase, "architecture": point.key, "violation": point.violation}
    connection.execute(insert(FRONT).values(values | {"losses": encode(point.losses)}))
