"""What a stretch of work costs this process: time, memory at its peak, energy where the machine tells."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path

import psutil

from netwright.trial import Cost

RAPL = Path("/sys/class/powercap")
"""Energy counters of the processor packages (Linux, often readable by root only)."""


class Meter:
    """Runs from its making on.

    >>> Meter().cost().wall_s < 60
    True
    """

    def __init__(self) -> None:
        _forget_peak()
        self._began, self._cpu, self._energy = time.monotonic(), time.process_time(), energy_joules()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def cost(self) -> Cost:
        """So far. Energy is that of the whole processor, whoever used it; GPU time is how long this process held it."""
        energy = energy_joules()
        used = None if energy is None or self._energy is None or energy < self._energy else energy - self._energy
        wall_s = self.seconds
        return Cost(
            wall_s=wall_s,
            cpu_s=time.process_time() - self._cpu,
            gpu_s=wall_s if _holds_gpu() else 0.0,
            peak_memory_mb=peak_memory_mb(),
            energy_wh=None if used is None else used / 3600,
        )


def energy_joules() -> float | None:
    """The packages' counters added up; None where they cannot be read."""
    counters = sorted(RAPL.glob("intel-rapl:[0-9]/energy_uj"))
    try:
        return sum(int(counter.read_text()) for counter in counters) / 1e6 if counters else None
    except (OSError, ValueError):
        return None


def peak_memory_mb() -> float:
    """MiB of the process at its peak since the last Meter was made (Linux), elsewhere now."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return float(psutil.Process().memory_info().rss / 2**20)


def _holds_gpu() -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and bool(torch.cuda.is_initialized())


def _forget_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
