"""Waiting for other processes, as long as it takes."""

from __future__ import annotations

import time

import psutil

PATIENCE_S = 120.0


def until(holds):
    """Waits for `holds()`."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def pids(path):
    """The process ids that an evaluator wrote to a file, once it has."""
    until(path.exists)
    return [int(word) for word in path.read_text().split()]


def gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
