"""The live screen of a search: one picture of each snapshot."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from netwright.cli.heading import Heading
from netwright.cli.printing import printable
from netwright.cli.wording import metric_text, report_text, trial_line
from netwright.insight.wording import seconds
from netwright.loop.budget import Budget
from netwright.loop.progress import Snapshot
from netwright.objectives import METRICS
from netwright.trial import Trial

MOST_FRONT = 8
PHASES = {
    "screening": "scoring untrained networks",
    "sharing": "training the weights that all networks share",
    "search": "searching",
    "control": "random search, to compare with",
    "promotion": "training the most promising ones longer",
    "final": "final trainings of the finalists and of hand-designed baselines",
}


class Screen:
    """Redraws itself in place as snapshots come; gone when left."""

    def __init__(self, heading: Heading, console: Console) -> None:
        self._heading = heading
        self._live = Live(Text("starting", style="dim"), console=console, refresh_per_second=4, transient=True)

    def __enter__(self) -> Screen:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def __call__(self, snapshot: Snapshot) -> None:
        self._live.update(picture(snapshot, self._heading))


def picture(snapshot: Snapshot, heading: Heading) -> RenderableType:
    """The whole screen: time, phase, running trials, the best so far, the front, recent failures."""
    parts: list[RenderableType] = [
        _line(heading.title, "bold"),
        _clock(snapshot),
        _line(_counts(snapshot), "dim"),
    ]
    parts += [_running(snapshot)] if snapshot.running else []
    if snapshot.front:
        parts.append(_front(snapshot.front, heading.objectives))
    elif snapshot.incumbent is not None:
        parts.append(_line(f"best so far: {trial_line(snapshot.incumbent, heading.objectives)}", "green"))
    parts += [_line(failure, "red") for failure in snapshot.failures]
    parts.append(_line(f"{heading.directory}: Ctrl-C stops, `netwright resume` goes on", "dim"))
    return Group(*parts)


def _line(text: str, style: str = "") -> Text:
    """Cut at the screen's edge."""
    return Text(printable(text), style=style, no_wrap=True, overflow="ellipsis")


def _clock(snapshot: Snapshot) -> RenderableType:
    """A bar of what is spent of the budget, the phase, and the time left."""
    spent, whole, rest = _spent(snapshot)
    row = Table.grid(padding=(0, 1))
    row.add_row(
        ProgressBar(total=whole, completed=min(spent, whole), width=30),
        Text(rest),
        _line(PHASES.get(snapshot.phase, snapshot.phase), "cyan"),
    )
    return row


def _spent(snapshot: Snapshot) -> tuple[float, float, str]:
    """How much of how much, and the rest in words."""
    if snapshot.seconds_left is not None:
        return snapshot.elapsed, snapshot.elapsed + snapshot.seconds_left, f"{seconds(snapshot.seconds_left)} left"
    trials = Budget.parse(snapshot.budget).trials
    ended = snapshot.counts.get("completed", 0) + snapshot.counts.get("failed", 0)
    return float(ended), float(trials or max(1, sum(snapshot.counts.values()))), f"after {seconds(snapshot.elapsed)}"


def _counts(snapshot: Snapshot) -> str:
    return ", ".join(
        f"{snapshot.counts[status]} {status}"
        for status in ("running", "completed", "failed", "pending")
        if snapshot.counts.get(status)
    )


def _running(snapshot: Snapshot) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(justify="right")
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for number, label, report in snapshot.running:
        table.add_row(f"#{number}", _line(report_text(report)), _line(label, "dim"))
    return table


def _front(front: tuple[Trial, ...], objectives: tuple[str, ...]) -> Table:
    table = Table(title=f"front: {len(front)} networks", title_justify="left", box=None, padding=(0, 2), expand=True)
    table.add_column("trial", justify="right")
    for name in objectives:
        table.add_column(METRICS[name].label, justify="right")
    table.add_column("architecture", ratio=1, no_wrap=True, overflow="ellipsis")
    first = objectives[0]
    best_first = sorted(front, key=lambda trial: trial.metric(first), reverse=METRICS[first].maximise)
    for trial in best_first[:MOST_FRONT]:
        values = [metric_text(name, trial.metric(name)) for name in objectives]
        table.add_row(f"#{trial.number}", *values, _line(trial.proposal.architecture.describe(), "dim"))
    return table
