"""All trainings of a plan, in one process or several, with progress; a stopped training keeps its checkpoint."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from spikeproof import InvalidInput
from spikeproof.training import Row, State, Trainer
from spikeproof_reports.training.experiment import Experiment
from spikeproof_reports.training.plan import Plan, Task
from spikeproof_verification.campaign.processes import CONTEXT, uninterrupted, worker_pool

CHECKPOINTS = "checkpoints"
TELL_EVERY = 0.2  # seconds


class Progress(NamedTuple):
    """The progress of a training: epochs, fractions included; loss and accuracy of the current epoch so far."""

    task: Task
    epochs: float
    loss: float
    accuracy: float
    watched: float  # accuracy on the watched set after the last epoch


class Training(NamedTuple):
    """The present state of a training."""

    task: Task
    history: list[Row]
    finished: bool


Tell = Callable[[Progress], None]
Stop = Callable[[], bool]


def sweep(plan: Plan, folder: Path, workers: int, tell: Tell, stop: Stop) -> list[Training]:
    """Every training of `plan`, from its checkpoint in `folder` if there is one, to its end or until `stop` says so."""
    tasks = plan.tasks()
    if workers == 1 or len(tasks) == 1:
        return [train(plan, task, folder, tell, stop) for task in tasks]
    return _in_processes(plan, tasks, folder, min(workers, len(tasks)), tell, stop)


def train(plan: Plan, task: Task, folder: Path, tell: Tell, stop: Stop) -> Training:
    """One training, its checkpoint kept in `folder`; one that is stopped before it has begun has no history."""
    path = checkpoint(folder, task)
    if stop() and not path.exists():
        return Training(task, [], finished=False)
    trainer = plan.trainer(experiment_of(plan), task)
    if path.exists():
        try:
            trainer.resume(path)
        except InvalidInput as error:
            allowed = f"{error.allowed}; --fresh discards it, --out names another folder"
            raise InvalidInput(error.field, error.value, allowed) from None
    after_step = _teller(trainer, task, tell)
    if trainer.state.tally.seen:
        after_step(trainer.state)
    state = trainer.run(path, stop, after_step)
    return Training(task, state.history, trainer.finished)


def checkpoint(folder: Path, task: Task) -> Path:
    """Path of the checkpoint of a training."""
    return folder / CHECKPOINTS / f"{task.key}.npz"


def experiment_of(plan: Plan) -> Experiment:
    """The experiment of `plan`; a process loads its samples once.

    Raises
    ------
    InvalidInput
        If there are no such samples, or not in the right form.
    """
    return _experiment(_Hashable(plan))


class _Hashable(NamedTuple):
    """A plan as a key."""

    plan: Plan

    def __hash__(self) -> int:
        return id(self.plan.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashable) and self.plan == other.plan


@lru_cache(maxsize=1)
def _experiment(key: _Hashable) -> Experiment:
    return key.plan.experiment()


def _teller(trainer: Trainer, task: Task, tell: Tell) -> Callable[[State], None]:
    last = 0.0

    def after_step(state: State) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < TELL_EVERY and not trainer.finished:
            return
        last = now
        tally, row = state.tally, state.history[-1]
        watched = row["test_accuracy"] if trainer.sets.validation is None else row["validation_accuracy"]
        done = state.epoch + state.position / len(trainer.sets.train)
        tell(Progress(task, done, tally.loss / tally.seen, tally.right / tally.seen, watched))

    return after_step


_channel: Any = None  # of a worker: (queue of progress, event that stops)


def _in_processes(plan: Plan, tasks: list[Task], folder: Path, workers: int, tell: Tell, stop: Stop) -> list[Training]:
    news, stopping = CONTEXT.Queue(), CONTEXT.Event()
    with worker_pool(workers, _start_worker, (news, stopping)) as pool:
        with uninterrupted():
            futures = [pool.submit(_train_in_worker, plan, task, folder) for task in tasks]
        while not all(f.done() for f in futures):
            if stop() or any(_failed(f) for f in futures):
                stopping.set()
            _forward(news, tell)
    return [f.result() for f in futures]


def _failed(future: Future[Training]) -> bool:
    return future.done() and future.exception() is not None


def _forward(news: Any, tell: Tell) -> None:
    try:
        tell(news.get(timeout=TELL_EVERY))
        while True:
            tell(news.get_nowait())
    except queue.Empty:
        return


def _start_worker(news: Any, stopping: Any) -> None:
    global _channel
    _channel = news, stopping


def _train_in_worker(plan: Plan, task: Task, folder: Path) -> Training:
    news, stopping = _channel
    return train(plan, task, folder, news.put, stopping.is_set)
