"""Running the cases of a campaign in several processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait

from spikeproof import Engine
from spikeproof_verification.campaign import CaseResult, Plan, Task, run_task
from spikeproof_verification.store import Store


def run_campaign(
    plan: Plan, store: Store, *, workers: int = 1, engine: Engine | None = None
) -> Iterator[tuple[Task, CaseResult]]:
    """Results of all cases as they are finished; each is in the store before it is yielded.

    Cases that the store already holds come first. Closing the iterator, or an interrupt, cancels what has not
    started; what was finished stays in the store.
    """
    todo = []
    for task in plan.tasks():
        done = store.load(task)
        if done is None:
            todo.append(task)
        else:
            yield task, done
    for task, result in _results(todo, plan, workers, engine):
        store.save(task, result)
        yield task, result


def _results(tasks: list[Task], plan: Plan, workers: int, engine: Engine | None) -> Iterator[tuple[Task, CaseResult]]:
    if workers == 1 or len(tasks) < 2:
        for task in tasks:
            yield task, run_task(task, plan.effort, engine)
        return
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    try:
        pending = {pool.submit(run_task, task, plan.effort, engine): task for task in tasks}
        while pending:
            finished, _ = wait(pending, return_when=FIRST_COMPLETED)
            for future in sorted(finished, key=lambda f: pending[f].key):
                yield pending.pop(future), future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
