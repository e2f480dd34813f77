from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.errors import InputError
from netwright.loop import budget
from netwright.loop.budget import Budget


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10m", Budget(seconds=600.0)),
        ("90s", Budget(seconds=90.0)),
        ("1h", Budget(seconds=3600.0)),
        ("1h30m", Budget(seconds=5400.0)),
        (" 1.5 H ", Budget(seconds=5400.0)),
        ("2d", Budget(seconds=172800.0)),
        ("5min", Budget(seconds=300.0)),
        ("200trials", Budget(trials=200)),
        ("1 trial", Budget(trials=1)),
        ("30epochs", Budget(epochs=30.0)),
        ("0.5 epochs", Budget(epochs=0.5)),
    ],
)
def test_a_budget_is_read_as_typed(text: str, expected: Budget) -> None:
    assert Budget.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("10 parsecs", "cannot read the budget '10 parsecs'"),
        ("-5m", "cannot read the budget '-5m'"),
        ("", "cannot read the budget ''"),
        ("10", "cannot read the budget '10'"),
        ("nan m", "cannot read"),
        ("1e3s", "cannot read"),
        ("10m5", "cannot read"),
        ("0s", "allows nothing"),
        ("0h0m", "allows nothing"),
        ("0trials", "allows nothing"),
        ("1.5trials", "not a whole number of trials"),
        ("9" * 400 + "h", "more than anyone has"),
        ("1000000d", "more than anyone has"),
    ],
)
def test_nonsense_is_refused_with_a_way_out(text: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem) as caught:
        Budget.parse(text)
    assert "for example" in caught.value.way_out


def test_an_energy_budget_is_refused_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counter = tmp_path / "energy_uj"
    monkeypatch.setattr(budget, "RAPL", counter)
    with pytest.raises(InputError, match=r"energy cannot be measured .*energy_uj does not exist"):
        Budget.parse("50Wh")
    counter.write_text("1")
    with pytest.raises(InputError, match="not limited by energy"):
        Budget.parse("50Wh")


@given(st.integers(0, 99), st.integers(0, 59), st.integers(1, 59))
def test_parts_of_a_time_add_up(hours: int, minutes: int, seconds: int) -> None:
    assert Budget.parse(f"{hours}h{minutes}m{seconds}s").seconds == 3600 * hours + 60 * minutes + seconds


@given(st.text(max_size=20))
def test_any_text_is_a_budget_or_an_input_error(text: str) -> None:
    try:
        parsed = Budget.parse(text)
    except InputError:
        return
    limits = [limit for limit in (parsed.seconds, parsed.trials, parsed.epochs) if limit is not None]
    assert len(limits) == 1
    assert limits[0] > 0
