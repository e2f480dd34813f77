"""Who is best, and the front: kept up to date with every result, so that nobody reads a long log to know."""

from __future__ import annotations

import hashlib
import math
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from netwright.errors import NetwrightError
from netwright.objectives import Constraint, Objective, Objectives
from netwright.store.database import upsert
from netwright.store.plain import decode, encode
from netwright.store.schema import FRONT, META, TRIALS
from netwright.trial import Trial

NAME = "judged by"
"""Under which the objectives are kept."""


def twin_of(trial: Trial) -> str:
    """What equal trainings of equal networks have in common; it begins with what equal networks have in common."""
    training = repr((trial.proposal.fidelity, trial.proposal.inherit)).encode()
    return f"{trial.key}:{hashlib.sha256(training).hexdigest()[:16]}"


class Standings:
    """Of one store, within the transactions of its owner."""

    def __init__(self) -> None:
        self._text = ""
        self._objectives: Objectives | None = None

    def adopt(self, connection: Connection, objectives: Objectives) -> bool:
        """Takes the objectives to judge by; False when they are new, and everything must be entered again."""
        text = encode([[str(one) for one in part] for part in (objectives.objectives, objectives.constraints)])
        if self._kept(connection) == text:
            return True
        upsert(connection, META, {"name": NAME}, {"value": text})
        connection.execute(update(TRIALS).where(TRIALS.c.loss.is_not(None)).values(loss=None, violation=None))
        connection.execute(delete(FRONT))
        return False

    def enter(self, connection: Connection, trial: Trial) -> None:
        """Gives a trial that has ended its place; none without objectives, or without a value for each."""
        objectives = self._current(connection)
        if objectives is None or not objectives.valid(trial):
            return
        violation, losses = objectives.violation(trial), [float(loss) for loss in objectives.losses(trial)]
        row = update(TRIALS).where(TRIALS.c.number == trial.number)
        connection.execute(row.values(violation=violation, loss=losses[0], twin=twin_of(trial)))
        if len(losses) > 1 and not _known_earlier(connection, trial):
            _enter_front(connection, trial, violation, losses)

    def front(self, connection: Connection, phase: str) -> list[int]:
        """Numbers of the trials on a phase's front, sorted by the first objective."""
        self.check(connection)
        if self._objectives is not None and len(self._objectives.objectives) == 1:
            return _best_ones(connection, phase)
        rows = connection.execute(select(FRONT).where(FRONT.c.phase == phase)).all()
        return [row.number for row in sorted(rows, key=lambda row: (decode(row.losses)[0], row.number))]

    def check(self, connection: Connection) -> None:
        """Raises NetwrightError where nobody has said what is good."""
        if self._current(connection) is None:
            raise NetwrightError("the store does not know what makes a trial the best: tell it by judge_by")

    def _current(self, connection: Connection) -> Objectives | None:
        text = self._kept(connection)
        if text is not None and text != self._text:
            objectives, constraints = decode(text)
            self._objectives = Objectives(
                tuple(map(Objective.parse, objectives)), tuple(map(Constraint.parse, constraints))
            )
            self._text = text
        return self._objectives if text is not None else None

    def _kept(self, connection: Connection) -> str | None:
        return connection.execute(select(META.c.value).where(META.c.name == NAME)).scalar_one_or_none()


def _known_earlier(connection: Connection, trial: Trial) -> bool:
    """A network counts once, by its earliest trial of the phase."""
    same = (TRIALS.c.twin >= f"{trial.key}:", TRIALS.c.twin < f"{trial.key};", TRIALS.c.phase == trial.phase)
    earlier = select(TRIALS.c.number).where(*same, TRIALS.c.number < trial.number, TRIALS.c.loss.is_not(None)).limit(1)
    return connection.execute(earlier).one_or_none() is not None


def _enter_front(connection: Connection, trial: Trial, violation: float, losses: list[float]) -> None:
    """Puts a trial on its phase's front and takes off what it dominates; nothing where something dominates it."""
    rows = connection.execute(select(FRONT).where(FRONT.c.phase == trial.phase)).all()
    mine = (violation, losses)
    others: list[tuple[Any, tuple[float, list[float]]]] = [(row, (row.violation, decode(row.losses))) for row in rows]
    if any(_dominates(theirs, mine) for row, theirs in others if row.architecture != trial.key):
        return
    gone = [row.number for row, theirs in others if row.architecture == trial.key or _dominates(mine, theirs)]
    if gone:
        connection.execute(delete(FRONT).where(FRONT.c.number.in_(gone)))
    values = {"number": trial.number, "phase": trial.phase, "architecture": trial.key}
    connection.execute(insert(FRONT).values(values | {"violation": violation, "losses": encode(losses)}))


def _dominates(one: tuple[float, list[float]], other: tuple[float, list[float]]) -> bool:
    """Less violation, or as much of it and nowhere worse and somewhere better (as `objectives.fronts.dominates`)."""
    if one[0] != other[0]:
        return one[0] < other[0]
    return one[1] != other[1] and all(a <= b for a, b in zip(one[1], other[1], strict=True))


def _best_ones(connection: Connection, phase: str) -> list[int]:
    """With one objective the front is whatever equals the best, one a network."""
    ranked = (TRIALS.c.phase == phase, TRIALS.c.loss.is_not(None))
    best = select(TRIALS.c.violation, TRIALS.c.loss).where(*ranked).order_by(TRIALS.c.violation, TRIALS.c.loss).limit(1)
    row = connection.execute(best).one_or_none()
    if row is None or math.isnan(row.loss):
        return []
    equal = (TRIALS.c.violation == row.violation, TRIALS.c.loss == row.loss)
    rows = connection.execute(
        select(TRIALS.c.number, TRIALS.c.twin).where(*ranked, *equal).order_by(TRIALS.c.number)
    ).all()
    return list({row.twin.partition(":")[0]: row.number for row in reversed(rows)}.values())[::-1]
