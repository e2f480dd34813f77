"""Runs side by side in processes, one thread each; or one after the other in this one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

from netwright.benchmarks.plan import Plan
from netwright.benchmarks.run import Run, run

Task = tuple[int, str, int]
"""The place of a setting, the name of a strategy, a seed."""
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_plans: list[Plan] = []
"""A worker's own copy of the plan."""


def outcomes(plan: Plan, tasks: Sequence[Task], jobs: int) -> Iterator[tuple[Task, Run | str]]:
    """Each task with its run, or with what went wrong, as they end. Left early, the processes are ended."""
    if jobs == 1 or len(tasks) < 2:
        with threadpool_limits(1):
            for task in tasks:
                yield task, attempt(plan, task)
        return
    with _workers(plan, min(jobs, len(tasks))) as pool:
        futures: dict[Future[Run | str], Task] = {pool.submit(_attempt, task): task for task in tasks}
        for future in as_completed(futures):
            yield futures[future], future.result()


def attempt(plan: Plan, task: Task) -> Run | str:
    """The run, or the error that ended it."""
    place, name, seed = task
    try:
        return run(plan.strategies[name], plan.table, plan.settings[place], seed)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {error} ({os.path.basename(where.filename)}:{where.lineno})"


def _attempt(task: Task) -> Run | str:
    return attempt(_plans[0], task)


@contextmanager
def _workers(plan: Plan, jobs: int) -> Iterator[ProcessPoolExecutor]:
    """The pool. However it is left, no process stays."""
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin, (plan,))
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()


def _begin(plan: Plan) -> None:
    """Ctrl-C is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    threadpool_limits(1)
    _plans.append(plan)
