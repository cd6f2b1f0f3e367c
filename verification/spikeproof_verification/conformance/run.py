"""A run of the suite: every case, to one or several processes of an engine."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from spikeproof import InvalidInput
from spikeproof_verification.conformance.case import Case
from spikeproof_verification.conformance.connectors import Connector, Outcome
from spikeproof_verification.conformance.convergence import errors_of, orders_of
from spikeproof_verification.conformance.reply import answer_of
from spikeproof_verification.conformance.support import Engine, Unsupported, restricted
from spikeproof_verification.conformance.verdict import Verdict, on_numbers, on_solution, without_answer

Task: TypeAlias = tuple[Case, str]
WEIGHTS = frozenset({"spike_times", "loss", "weights", "input_times"})  # what an engine computes without "all"


def tasks_of(cases: Sequence[Case], levels: Sequence[str], *, reads_files: bool) -> list[Task]:
    """Cases at the levels that they have; wrong files only for engines that read files."""
    chosen = [case for case in cases if reads_files or not case.malformed]
    return [(case, level) for case in chosen for level in levels if level in case.levels]


def judged(connector: Connector, engine: Engine, case: Case, level: str) -> Verdict:
    """The verdict on one case."""
    whole = case.judged
    try:
        case = restricted(engine, case)
    except Unsupported as lacking:
        return Verdict(case.key, case.family, level, "unsupported", str(lacking))
    begin = time.perf_counter()
    if level == "grid" and case.steps:
        verdict = _by_order(connector, engine, case)
    else:
        outcome = connector.run(case.problem, wanted(case), 2.0**-6 if level == "grid" else None)
        verdict = (
            on_solution(case, level, engine, outcome.content)
            if outcome.kind == "solution"
            else without_answer(case, level, outcome)
        )
    left_out = [quantity for quantity in whole if quantity not in case.judged]
    if verdict.verdict == "pass" and left_out:
        verdict = replace(verdict, message=f"not judged: {', '.join(left_out)}")
    return replace(verdict, seconds=time.perf_counter() - begin)


def wanted(case: Case) -> str | None:
    """Which gradients an engine is asked for."""
    if set(case.judged) <= {"spike_times", "loss"} and not case.refuse:
        return None
    return "weights" if set(case.judged) <= WEIGHTS else "all"


def _by_order(connector: Connector, engine: Engine, case: Case) -> Verdict:
    errors: dict[float, dict[str, float]] = {}
    for dt in case.steps:
        outcome = connector.run(case.problem, wanted(case), dt)
        if outcome.kind != "solution":
            return without_answer(case, "grid", outcome)
        try:
            answer = answer_of(outcome.content, case.model(), decimals=engine.decimals)
        except InvalidInput as error:
            return without_answer(case, "grid", Outcome("error", str(error)))
        errors[dt] = errors_of(case, answer)
    return on_numbers(case, "grid", orders_of(case, errors, engine.name), answer)


def run(
    connect: Callable[[], Connector], engine: Engine, first: Connector, tasks: Sequence[Task], workers: int = 1
) -> Iterator[tuple[int, Verdict]]:
    """Verdicts as they are found, each with the place of its case.

    Parameters
    ----------
    connect : makes a connector to one more process of the engine.
    engine : who it said it is when `first` was started.
    first : a connector that has been started; it is closed at the end like all others.
    tasks : cases and levels.
    workers : how many processes of the engine work side by side.
    """
    todo: queue.SimpleQueue[int] = queue.SimpleQueue()
    for place in range(len(tasks)):
        todo.put(place)
    found: queue.SimpleQueue[Any] = queue.SimpleQueue()
    stopped = threading.Event()
    used = [first]

    def work(connector: Connector | None) -> None:
        try:
            if connector is None:
                connector = connect()
                used.append(connector)
                connector.start()
            while not stopped.is_set():
                place = todo.get_nowait()
                case, level = tasks[place]
                found.put((place, judged(connector, engine, case, level)))
        except queue.Empty:
            found.put(None)
        except BaseException as error:  # shown by the thread that waits for results
            found.put(error)

    count = max(1, min(workers, len(tasks)))
    threads = [threading.Thread(target=work, args=(first if n == 0 else None,), daemon=True) for n in range(count)]
    try:
        for thread in threads:
            thread.start()
        ended = 0
        while ended < count:
            item = found.get()
            if item is None:
                ended += 1
            elif isinstance(item, BaseException):
                raise item
            else:
                yield item
    finally:
        stopped.set()
        for connector in used:
            connector.close()
