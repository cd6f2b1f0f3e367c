"""Running the cases of a campaign in several processes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, wait

from spikeproof import Engine
from spikeproof.engine import check_engine
from spikeproof_verification.campaign.plan import Plan, Task
from spikeproof_verification.campaign.processes import uninterrupted, worker_pool
from spikeproof_verification.campaign.results import CaseResult
from spikeproof_verification.campaign.store import Store
from spikeproof_verification.campaign.tasks import run_task


def run_campaign(
    plan: Plan, store: Store, *, workers: int = 1, engine: Engine | None = None
) -> Iterator[tuple[Task, CaseResult]]:
    """Solve and measure all cases of a plan; each is in the store before it is yielded.

    Cases that the store already holds come first. Closing the iterator, or an interrupt, ends all workers at once:
    finished cases are stored, unfinished ones are lost.

    Parameters
    ----------
    plan : Plan
    store : Store
    workers : int
        Number of processes, >= 1; with 1 the cases run in this process.
    engine : Engine, or None
        The measured engine, see `run_task`.

    Yields
    ------
    Task, CaseResult
        In the order in which they are finished.

    Raises
    ------
    InvalidInput
        With the first case, if `engine` is none.
    """
    if engine is not None:
        check_engine("engine", engine)
    todo = []
    for task in plan.tasks():
        done = store.load(task)
        if done is None:
            todo.append(task)
        else:
            yield task, done
    if workers == 1 or len(todo) < 2:
        for task in todo:
            yield task, _run(task, plan, store, engine)
    else:
        yield from _in_processes(todo, plan, store, workers, engine)


def _in_processes(
    tasks: list[Task], plan: Plan, store: Store, workers: int, engine: Engine | None
) -> Iterator[tuple[Task, CaseResult]]:
    with worker_pool(workers) as pool:
        with uninterrupted():
            pending = {pool.submit(_run, task, plan, store, engine): task for task in tasks}
        while pending:
            finished, _ = wait(pending, return_when=FIRST_COMPLETED)
            for future in sorted(finished, key=lambda f: pending[f].key):
                yield pending.pop(future), future.result()


def _run(task: Task, plan: Plan, store: Store, engine: Engine | None) -> CaseResult:
    result = run_task(task, plan.effort, engine)
    store.save(task, result)
    return result
