"""Which process holds a lock, and is it still alive? A dead one's lock need not be waited for."""

from __future__ import annotations

import os
import platform
from typing import Any

import psutil

from netwright.store.boot import boot_name


def this_process() -> dict[str, Any]:
    """Plain data that names this process among all, on whatever machine."""
    return {"machine": _machine(), "pid": os.getpid(), "born": psutil.Process().create_time()}


def is_gone(process: dict[str, Any]) -> bool:
    """Certainly dead. False for a process of another machine: nobody here can know."""
    if process["machine"] != _machine():
        return False
    try:
        found = psutil.Process(process["pid"])
        return bool(abs(found.create_time() - process["born"]) > 1.0 or found.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _machine() -> str:
    """The host, this run of it and, where there are such, the namespace in which its process ids count: hosts may be
    copies of each other, down to their names."""
    try:
        namespace = str(os.stat("/proc/self/ns/pid").st_ino)
    except OSError:
        namespace = ""
    return f"{platform.node()}/{boot_name() or ''}/{namespace}"
