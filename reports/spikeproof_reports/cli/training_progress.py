"""The progress bars of ``spikeproof train``, and what Ctrl-C does there."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from spikeproof_reports.training.plan import Plan, Task
    from spikeproof_reports.training.sweep import Progress as Told
    from spikeproof_reports.training.sweep import Training


def watched_sweep(plan: Plan, out: Path, workers: int) -> list[Training]:
    """All trainings of `plan` with a bar for each; Ctrl-C keeps their checkpoints and raises `click.Abort`."""
    from spikeproof_reports.training.sweep import sweep

    with _bars(plan) as bars, _interrupt() as interrupt:
        trainings = sweep(plan, out, workers, bars.tell, interrupt.asked)
    if interrupt.asked() and not all(t.finished for t in trainings):
        epochs = sum(int(t.history[-1]["epoch"]) for t in trainings if t.history)
        total = plan.settings.epochs * len(trainings)
        raise click.Abort(f"{epochs} of {total} epochs are finished and kept; the same command goes on from there")
    return trainings


class _Bars:
    """One bar per training that has begun, and one for all of them if there are several."""

    def __init__(self, plan: Plan, progress: Progress) -> None:
        self.plan, self.progress, self.tasks, self.done = plan, progress, plan.tasks(), dict[Any, float]()
        self.bars: dict[Task, TaskID] = {}
        total = plan.settings.epochs * len(self.tasks)
        self.all = progress.add_task("all", total=total, numbers="") if len(self.tasks) > 1 else None

    def tell(self, told: Told) -> None:
        """Move the bar of a training."""
        epochs = self.plan.settings.epochs
        if told.task not in self.bars:
            name = f"seed {told.task.seed}"
            if len(self.plan.rules) > 1:
                name += f", {told.task.rule} rule"
            self.bars[told.task] = self.progress.add_task(name, total=epochs, numbers="")
        numbers = f"{min(int(told.epochs) + 1, epochs)}/{epochs}  loss {told.loss:.4f}"
        numbers += f"  {100 * told.accuracy:.1f} %, held out {100 * told.watched:.1f} %"
        bar, finished = self.bars[told.task], told.epochs >= epochs
        self.progress.update(bar, completed=told.epochs, numbers=numbers, visible=not finished or self.all is None)
        self.done[told.task] = told.epochs
        if self.all is not None:
            self.progress.update(self.all, completed=sum(self.done.values()))


@contextmanager
def _bars(plan: Plan) -> Iterator[_Bars]:
    columns = (
        TextColumn("{task.description}"), BarColumn(16), TimeRemainingColumn(), TextColumn("{task.fields[numbers]}"),
    )  # fmt: skip
    with Progress(*columns) as progress:
        yield _Bars(plan, progress)


class _Interrupt:
    """Ctrl-C: the first one asks for a stop after the current step, the second one stops at once."""

    def __init__(self) -> None:
        self._asked = False

    def asked(self) -> bool:
        """Whether a stop was asked for."""
        return self._asked

    def handle(self, *_: object) -> None:
        """The handler of the signal."""
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True


@contextmanager
def _interrupt() -> Iterator[_Interrupt]:
    interrupt = _Interrupt()
    before = signal.signal(signal.SIGINT, interrupt.handle)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)
