"""The trials of a search as its driver knows them: those under way in memory, those that have ended in the store."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping

from netwright.store import Store
from netwright.trial import Trial

_REMEMBERED = 5_000
"""Ended trials that are kept at hand."""


class Known(Mapping[int, Trial]):
    """Number -> trial. Reads like a dict of all trials; what has ended is fetched from the log when asked for, so that
    a driver's memory does not grow with it.

    counts: status -> number of trials.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: dict[int, Trial] = {trial.number: trial for trial in store.unfinished()}
        self._ended: OrderedDict[int, Trial] = OrderedDict()
        self.counts: Counter[str] = Counter(store.count())
        self._last = store.last_number()

    def __getitem__(self, number: int) -> Trial:
        trial = self._open.get(number) or self._ended.get(number)
        if trial is None:
            trial = next(iter(self._store.newest(1, before=number + 1)), None)
        if trial is None or trial.number != number:
            raise KeyError(number)
        return trial

    def __iter__(self) -> Iterator[int]:
        return iter(range(self._last + 1))

    def __len__(self) -> int:
        return self._last + 1

    def values(self) -> list[Trial]:  # type: ignore[override]
        """All of them, read from the log."""
        return [self._open.get(trial.number, trial) for trial in self._store.trials()]

    def note(self, trial: Trial) -> None:
        """Takes in how a trial stands now."""
        old = self._open.pop(trial.number, None)
        if old is not None:
            self.counts[old.status] -= 1
        self.counts[trial.status] += 1
        self._last = max(self._last, trial.number)
        if trial.status in ("pending", "running"):
            self._open[trial.number] = trial
            return
        self._ended[trial.number] = trial
        if len(self._ended) > _REMEMBERED:
            self._ended.popitem(last=False)

    @property
    def unfinished(self) -> int:
        """How many are under way, here or elsewhere, or due."""
        return len(self._open)

    @property
    def following(self) -> int:
        """The number of the next trial."""
        return self._last + 1
