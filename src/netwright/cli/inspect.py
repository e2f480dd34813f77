"""`netwright status`, `stop` and `report`: what can be asked of a search's folder, running or not."""

from __future__ import annotations

from typing import Any

from netwright.cli import words
from netwright.cli.printing import say, say_json


def status(directory: words.Directory, json: words.Json = False) -> None:
    """Show where a search stands."""
    from netwright.insight.status import open_search
    from netwright.insight.status import status as read_status

    with open_search(directory) as store:
        found = read_status(directory, store)
        driver, summary = _process(store.driver()), store.get("summary")
    if json:
        say_json({**found, "driver": driver})
        return
    _show(found, driver)
    if summary is not None:
        from netwright.cli.ending import show_ending

        show_ending(summary, directory)


def stop(directory: words.Directory) -> None:
    """End a running search at once; `netwright resume` goes on with it."""
    from netwright.insight.status import open_search

    with open_search(directory) as store:
        driver = _process(store.driver())
    if driver is None:
        say(f"no process is running the search in {directory}")
        return
    (directory / "stop").touch()
    say(f"asked process {driver} to stop; to go on: netwright resume {directory}")


def report(directory: words.Directory) -> None:
    """Write a search's report anew, finished or not, and print where it is."""
    from netwright.insight.report import write_report

    say(write_report(directory))


def _process(owner: str | None) -> str | None:
    """The number of the process that holds a search's lock."""
    return None if owner is None else owner.partition("-")[0]


def _show(found: dict[str, Any], driver: str | None) -> None:
    from netwright.cli.wording import metric_text, report_text, shortened
    from netwright.insight.wording import seconds

    state = (
        "done"
        if found["phase"] == "done"
        else f"{found['phase'] or 'starting'}, " + (f"run by process {driver}" if driver else "run by no process")
    )
    say(f"{found['directory']}: {state}")
    say(f"{found['method']}, budget {found['budget']}, {seconds(found['elapsed'])} on the clock")
    counts = ", ".join(f"{number} {status}" for status, number in sorted(found["trials"].items()))
    say(f"trials: {counts or 'none'}")
    best = found["incumbent"]
    if best is not None:
        values = ", ".join(f"{name} {metric_text(name, value)}" for name, value in best["metrics"].items())
        say(f"best: trial {best['trial']} ({best['phase']}), {values}: {shortened(best['architecture'])}")
    for trial in found["running"]:
        say(f"running: trial {trial['trial']} ({trial['phase']}), {report_text(trial['progress'])}")
    for failure in found["failures"]:
        say(f"failed: trial {failure['trial']}, {failure['reason']}: {failure['message']}")
    if found["phase"] != "done" and driver is None:
        say(f"to go on: netwright resume {found['directory']}")
