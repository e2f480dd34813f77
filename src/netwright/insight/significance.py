"""Is the difference real? Effect size, 95 % interval and p-value of one network against another.

Two sources of chance are counted: which examples happen to be in the test split, and which seeds happened to be
trained. Example chance is paired (both networks saw the same examples): a bootstrap for the interval, and for the
p-value McNemar's exact test in its mid-p form (Fagerland, Lydersen & Laake, 2013) when there is one seed each, else
a sign-flip permutation of the paired differences. Seed chance comes from the spread between trainings, pooled over
the networks compared (`pooled_spread`) or else Welch's, and is drawn from Student's t, so that three seeds count as no
more than three.

Everything is an array in and a `Comparison` out; nothing is read or written. Higher scores are better throughout.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.insight.student import quantile, two_sided

Floats = NDArray[np.float64]
Transform = Callable[[Floats], Floats]
_LEVEL = 0.05
_CHUNK = 200
_FEWEST_DF = 2.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ours against theirs. Positive differences mean that ours is better.

    difference, low, high: in the score's unit; low, high and p are NaN when there is nothing to estimate chance
    from (one seed each and no per-example scores). method: how it was computed, for people; seeds: trainings of ours
    and of theirs; examples: 0 when not used; covers_seeds: the interval includes the spread between trainings;
    adjusted: p after Holm's correction, NaN when there was none.
    """

    against: str
    difference: float
    low: float
    high: float
    p: float
    method: str
    seeds: tuple[int, int]
    examples: int = 0
    covers_seeds: bool = False
    adjusted: float = math.nan

    @property
    def better(self) -> bool:
        """Ours is better, and chance alone is an unlikely explanation (both p and interval say so)."""
        return self.p < _LEVEL and self.low > 0.0

    @property
    def worse(self) -> bool:
        return self.p < _LEVEL and self.high < 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain data; NaN becomes None."""
        return {
            "against": self.against,
            "difference": _plain(self.difference),
            "low": _plain(self.low),
            "high": _plain(self.high),
            "p": _plain(self.p),
            "p_adjusted": _plain(self.adjusted if not math.isnan(self.adjusted) else self.p),
            "method": self.method,
            "seeds": list(self.seeds),
            "covers_seeds": self.covers_seeds,
            "examples": self.examples,
        }

    def sentence(self, ours: str = "the network found", unit: str = "points") -> str:
        """What the numbers say, in plain English.

        >>> Comparison("lenet", 1.3, 0.4, 2.2, 0.004, "", (3, 3)).sentence()
        'the network found beats lenet by 1.3 points (95 % interval 0.4 to 2.2, p = 0.004)'
        """
        size = f"{abs(self.difference):.3g} {unit}"
        if self.better:
            return f"{ours} beats {self.against} by {size} ({self.uncertainty})"
        if self.worse:
            return f"{ours} is worse than {self.against} by {size} ({self.uncertainty})"
        signed = f"{self.difference:+.3g} {unit}".replace("-", "\N{MINUS SIGN}")
        return f"no difference between {ours} and {self.against} could be shown: {signed} ({self.uncertainty})"

    @property
    def uncertainty(self) -> str:
        """The interval and p-value as text."""
        if math.isnan(self.low):
            return "one seed each and no interval"
        rounding = 1e-9 * (self.high - self.low)
        bounds = (0.0 if abs(bound) <= rounding else bound for bound in (self.low, self.high))
        low, high = (f"{bound:.2g}".replace("-", "\N{MINUS SIGN}") for bound in bounds)
        p = "p < 0.001" if self.p < 0.001 else f"p = {self.p:.2g}"
        return f"95 % interval {low} to {high}, {p}"


@dataclass(frozen=True, slots=True)
class Spread:
    """How much a score varies between trainings of one network: a standard deviation and its degrees of freedom."""

    deviation: float
    df: float


def pooled_spread(networks: Sequence[Sequence[float]]) -> Spread | None:
    """The spread between seeds over several networks (one list of scores each), taken to be the same for all.

    None with fewer than two degrees of freedom: two trainings of one network say next to nothing about it.

    >>> pooled_spread([[1.0, 3.0], [5.0, 7.0], [9.0]]).df
    2.0
    """
    several = [np.asarray(scores, dtype=np.float64) for scores in networks if len(scores) > 1]
    df = float(sum(len(scores) - 1 for scores in several))
    if df < _FEWEST_DF:
        return None
    squares = sum(float(((scores - scores.mean()) ** 2).sum()) for scores in several)
    return Spread(math.sqrt(squares / df), df)


def compare_examples(
    against: str,
    ours: Floats,
    theirs: Floats,
    *,
    transform: Transform | None = None,
    scale: float = 1.0,
    spread: Spread | None = None,
    seed: int = 0,
    resamples: int = 4000,
) -> Comparison:
    """Compares per-example scores on one test split.

    ours: (S, N), theirs: (T, N): the score of each example (1 or 0 for right or wrong, minus the error, ...) under
    each of S and T trained seeds, examples in the same order. transform: turns mean scores into the metric (default:
    the mean is the metric), applied element by element. scale: multiplies the metric (100 gives points). spread: of
    the metric (before scaling) between seeds, when more is known about it than these two networks tell.

    Raises ValueError when the examples do not pair up.

    >>> right = np.ones((1, 100)); wrong = right.copy(); wrong[0, :10] = 0
    >>> found = compare_examples("baseline", right, wrong, scale=100)
    >>> found.difference, round(found.p, 4)
    (10.0, 0.001)
    """
    if ours.ndim != 2 or theirs.ndim != 2 or ours.shape[1] != theirs.shape[1] or ours.size == 0 or theirs.size == 0:
        raise ValueError(f"scores of shapes {ours.shape} and {theirs.shape} do not pair up by example")
    metric: Transform = transform or (lambda mean: mean)
    per_seed = metric(ours.mean(axis=1)) * scale, metric(theirs.mean(axis=1)) * scale
    difference = float(per_seed[0].mean() - per_seed[1].mean())
    rng = np.random.default_rng(seed)
    error, df = _seed_error(per_seed, spread, scale)
    noise = np.asarray(rng.standard_t(df, size=resamples) * error, dtype=np.float64)
    pooled = ours.mean(axis=0), theirs.mean(axis=0)
    centre = float(metric(pooled[0].mean(keepdims=True))[0] - metric(pooled[1].mean(keepdims=True))[0]) * scale
    shifts = _bootstrap(pooled, metric, resamples, rng) * scale - centre
    low, high = np.quantile(difference + shifts + noise, [_LEVEL / 2, 1 - _LEVEL / 2])
    seeds, examples = (len(ours), len(theirs)), ours.shape[1]
    if seeds == (1, 1) and error == 0.0 and _binary(ours) and _binary(theirs):
        p, method = _mcnemar(ours[0], theirs[0]), "McNemar's exact test (mid-p), bootstrap interval over test examples"
    else:
        null = _sign_flips(pooled, metric, resamples, rng) * scale + noise
        p = float((1 + np.count_nonzero(np.abs(null) >= abs(difference) - 1e-12)) / (1 + resamples))
        method = "paired permutation and bootstrap over test examples"
    method += ", with the spread between seeds" if error else "; the spread between seeds is not covered"
    return Comparison(against, difference, float(low), float(high), p, method, seeds, examples, error > 0.0)


def compare_seeds(
    against: str, ours: Sequence[float], theirs: Sequence[float], *, scale: float = 1.0, spread: Spread | None = None
) -> Comparison:
    """Compares the metric of each trained seed: Welch's t-test (Welch, 1947), or Student's with a known `spread`.

    ours, theirs: one score a seed, higher is better. There is no interval when nothing tells the spread between
    seeds. Raises ValueError when a side is empty.

    >>> compare_seeds("baseline", [0.91, 0.92, 0.93], [0.88, 0.89, 0.90], scale=100).better
    True
    """
    if not len(ours) or not len(theirs):
        raise ValueError("nothing to compare: one side has no seeds")
    a, b = (np.asarray(side, dtype=np.float64) * scale for side in (ours, theirs))
    difference = float(a.mean() - b.mean())
    seeds = (len(a), len(b))
    error, df = _seed_error((a, b), spread, scale)
    if error == 0.0:
        return Comparison(against, difference, math.nan, math.nan, math.nan, "difference of means", seeds)
    half = quantile(1 - _LEVEL, df) * error
    p = two_sided(difference / error, df)
    method = "t-test over seeds with pooled spread" if spread else "Welch's t-test over seeds"
    return Comparison(against, difference, difference - half, difference + half, p, method, seeds, 0, True)


def holm(comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """The same comparisons with `adjusted` p-values that hold for all of them at once."""
    adjusted = holm_adjusted([comparison.p for comparison in comparisons])
    return tuple(replace(one, adjusted=p) for one, p in zip(comparisons, adjusted, strict=True))


def holm_adjusted(p_values: Sequence[float]) -> list[float]:
    """P-values that hold for all of them at once, in the order given (Holm, 1979); NaN stays NaN and counts for none.

    >>> holm_adjusted([0.01, 0.04, math.nan, 0.03])
    [0.03, 0.06, nan, 0.06]
    """
    tested = sorted((place for place, p in enumerate(p_values) if not math.isnan(p)), key=lambda place: p_values[place])
    adjusted, running = [math.nan] * len(p_values), 0.0
    for rank, place in enumerate(tested):
        running = max(running, min(1.0, (len(tested) - rank) * p_values[place]))
        adjusted[place] = running
    return adjusted


def _bootstrap(pooled: tuple[Floats, Floats], metric: Transform, resamples: int, rng: np.random.Generator) -> Floats:
    """Differences of the metric over resampled examples; both sides share each resample. (resamples,)"""
    size = len(pooled[0])
    sides = np.stack(pooled, axis=1)
    parts = []
    for start in range(0, resamples, _CHUNK):
        picks = rng.integers(size, size=(min(_CHUNK, resamples - start), size))
        counts = np.stack([np.bincount(row, minlength=size) for row in picks])
        parts.append(counts @ sides / size)
    means = np.concatenate(parts)
    return metric(means[:, 0]) - metric(means[:, 1])


def _sign_flips(pooled: tuple[Floats, Floats], metric: Transform, resamples: int, rng: np.random.Generator) -> Floats:
    """Differences of the metric when each example's two scores are swapped at random. (resamples,)"""
    half_sum, half_gap = (pooled[0] + pooled[1]) / 2, (pooled[0] - pooled[1]) / 2
    moving = half_gap[half_gap != 0.0]
    base = half_sum.mean()
    parts = []
    for start in range(0, resamples, _CHUNK):
        signs = rng.integers(0, 2, size=(min(_CHUNK, resamples - start), len(moving))) * 2.0 - 1.0
        parts.append(signs @ moving / len(half_gap))
    shift = np.concatenate(parts)
    return metric(base + shift) - metric(base - shift)


def _seed_error(sides: tuple[Floats, Floats], spread: Spread | None, scale: float) -> tuple[float, float]:
    """Standard error of the difference of the (scaled) seed means, and its degrees of freedom; 0 when not known."""
    if spread is not None:
        return spread.deviation * scale * math.sqrt(sum(1.0 / len(side) for side in sides)), spread.df
    if min(len(side) for side in sides) < 2:
        return 0.0, 1.0
    parts = [(float(side.var(ddof=1)) / len(side), len(side) - 1) for side in sides]
    variance = sum(part for part, _ in parts)
    if variance == 0.0:
        return 0.0, 1.0
    return math.sqrt(variance), variance**2 / sum(part**2 / df for part, df in parts)


def _binary(scores: Floats) -> bool:
    return bool(np.all((scores == 0.0) | (scores == 1.0)))


def _mcnemar(ours: Floats, theirs: Floats) -> float:
    """McNemar's exact test, mid-p: half of the observed table's own probability counts."""
    only_ours = int(np.count_nonzero(ours > theirs))
    discordant = only_ours + int(np.count_nonzero(theirs > ours))
    if discordant == 0:
        return 1.0
    fewer = min(only_ours, discordant - only_ours)
    log_half = -discordant * math.log(2.0)
    chances = [math.exp(_log_choose(discordant, k) + log_half) for k in range(fewer + 1)]
    return min(1.0, 2.0 * (sum(chances) - chances[-1] / 2.0))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
