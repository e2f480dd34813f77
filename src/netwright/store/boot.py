"""Which run of which machine this is, and for how long it has been going."""

from __future__ import annotations

import time
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def boot_name() -> str | None:
    """None where the system does not tell."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return None


def since_boot() -> float:
    """Seconds since the machine was started, sleep included."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
