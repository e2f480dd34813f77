"""Evaluators that do to a worker whatever can be done to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from netwright.trial import Measurement

GOOD = Measurement({"accuracy": 0.5})
FOREVER = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(1000)"


def load_nothing(directory):
    return directory


def load_badly(directory):
    raise OSError(f"{directory} is unreadable")


@dataclass(frozen=True)
class Hostile:
    """Calls `does(context, path)` and measures 0.5 if it returns."""

    does: Callable[..., object]
    path: str = ""

    def evaluate(self, proposal, task, context):
        self.does(context, Path(self.path))
        return GOOD


@dataclass(frozen=True)
class Notes:
    """Measures 0.5 and notes what `tells()` says."""

    tells: Callable[[], object]

    def evaluate(self, proposal, task, context):
        return Measurement({"accuracy": 0.5}, notes=(str(self.tells()),))


@dataclass(frozen=True)
class Unpicklable:
    def evaluate(self, proposal, task, context):
        return Measurement({"accuracy": 0.5}, artifacts={"lock": threading.Lock()})


def write_pid(path, *pids):
    """All at once, so that a reader never sees half of it."""
    fresh = path.with_suffix(".new")
    fresh.write_text(" ".join(map(str, pids)))
    fresh.rename(path)


def hang(context, path):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    write_pid(path, os.getpid())
    time.sleep(1000)


def wait_for_file(context, path):
    write_pid(path, os.getpid())
    while not path.with_suffix(".go").exists():
        time.sleep(0.01)


def hang_with_children(context, path):
    """Starts a child by fork, a program, and a program in a session of its own; all ignore SIGTERM."""
    forked = os.fork()
    if forked == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(1000)
    command = [sys.executable, "-S", "-c", FOREVER]
    plain = subprocess.Popen(command)
    apart = subprocess.Popen(command, start_new_session=True)
    write_pid(path, os.getpid(), forked, plain.pid, apart.pid)
    time.sleep(1000)


def hang_with_group(context, path):
    """Starts a program in the worker's own group."""
    child = subprocess.Popen([sys.executable, "-S", "-c", FOREVER])
    write_pid(path, os.getpid(), child.pid)
    time.sleep(1000)


def eat_memory(context, path):
    held = []
    while True:
        held.append(b"\1" * 2**24)


def eat_memory_in_a_child(context, path):
    code = "held = []\nwhile True: held.append(b'\\1' * 2**24)"
    subprocess.run([sys.executable, "-S", "-c", code])


def kill_itself(context, path):
    os.kill(os.getpid(), signal.SIGKILL)


def crash(context, path):
    os.kill(os.getpid(), signal.SIGSEGV)


def exit_hard(context, path):
    os._exit(3)


def exit_softly(context, path):
    sys.exit("enough")


def interrupt(context, path):
    raise KeyboardInterrupt


def report_lock(context, path):
    context.report({"lock": threading.Lock()})


def report_much(context, path):
    for step in range(5000):
        context.report({"step": step})


def speak(context, path):
    print("a word on stdout")
    os.write(2, b"a word on stderr\n")


def numbers_of_threads():
    import torch

    return torch.get_num_threads(), os.environ["OMP_NUM_THREADS"]


def process_id():
    return os.getpid()


def session():
    return os.getsid(0) == os.getpid()


@dataclass(frozen=True)
class LooksAtTask:
    """Measures the task; notes its name, and which object it is."""

    def evaluate(self, proposal, task, context):
        mapped = isinstance(task.train.x, np.memmap)
        return Measurement(
            {"examples": len(task.train.y), "mapped": float(mapped)}, notes=(task.name, str((os.getpid(), id(task))))
        )


@dataclass(frozen=True)
class ReadsFiles:
    """Says what the files hold that it reads, and those that its parents left; leaves one itself."""

    files: tuple[str, ...] = ()

    def moved(self, places):
        return ReadsFiles(tuple(places[path] for path in self.files))

    def evaluate(self, proposal, task, context):
        found = [*map(Path, self.files), *context.left_by(proposal.parents, "left.txt")]
        (context.directory / "left.txt").write_text(f"by {context.directory}")
        notes = (*(file.read_text() for file in found), *self.files, str(context.directory))
        return Measurement({"accuracy": 0.5}, artifacts={"left": "left.txt"}, notes=notes)


def wait_with_group(context, path):
    """Starts a program in the worker's own group, and waits for a file; ends it then."""
    child = subprocess.Popen([sys.executable, "-S", "-c", FOREVER])
    write_pid(path, os.getpid(), child.pid)
    while not path.with_suffix(".go").exists():
        time.sleep(0.01)
    child.kill()
    child.wait()


def threads_asked_for():
    return os.environ["OMP_NUM_THREADS"]
