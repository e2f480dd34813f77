"""What a stretch of work costs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netwright.devices import metering
from netwright.devices.metering import Meter, energy_joules, peak_memory_mb


def test_the_peak_of_memory_is_seen_and_forgotten_by_the_next_meter() -> None:
    before = Meter().cost().peak_memory_mb
    meter = Meter()
    block = np.ones(40_000_000)
    del block
    peak = meter.cost().peak_memory_mb
    assert before is not None
    assert peak is not None
    assert peak > before + 250
    if Path("/proc/self/clear_refs").exists():
        assert (Meter().cost().peak_memory_mb or 0) < peak - 100


def test_processor_time_is_spent_by_working() -> None:
    meter = Meter()
    sum(range(2_000_000))
    cost = meter.cost()
    assert cost.cpu_s > 0
    assert cost.wall_s == pytest.approx(meter.seconds, abs=5)


def test_energy_is_the_sum_of_the_counters_or_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metering, "RAPL", tmp_path)
    assert energy_joules() is None
    for package, microjoules in (("intel-rapl:0", 3_000_000), ("intel-rapl:1", 500_000)):
        (tmp_path / package).mkdir()
        (tmp_path / package / "energy_uj").write_text(f"{microjoules}\n")
    assert energy_joules() == pytest.approx(3.5)
    (tmp_path / "intel-rapl:0" / "energy_uj").write_text("nonsense")
    assert energy_joules() is None
    assert Meter().cost().energy_wh is None


def test_memory_is_known_on_every_system() -> None:
    assert peak_memory_mb() > 10


def test_gpu_time_is_counted_where_a_gpu_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = Meter()
    assert meter.cost().gpu_s == 0.0
    monkeypatch.setattr(metering, "_holds_gpu", lambda: True)
    cost = meter.cost()
    assert cost.gpu_s == cost.wall_s > 0
