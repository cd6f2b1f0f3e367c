"""One workload: all engines take turns, then each is judged."""

from __future__ import annotations

import queue
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np

from spikeproof_reports.bench.accuracy import judged_answer, judged_gradients
from spikeproof_reports.bench.interpreters import NotInstalled, interpreter_of
from spikeproof_reports.bench.plan import BenchPlan
from spikeproof_reports.bench.process import EngineMissing, WorkerFailed, WorkerProcess, listed
from spikeproof_reports.bench.reference import reference_answer
from spikeproof_reports.bench.suite import OWN, EngineFile, Suite

Rows: TypeAlias = dict[str, list[dict[str, Any]]]
Say: TypeAlias = Callable[[str], None]
S = TypeVar("S")
T = TypeVar("T")
COMPILED = 4.0  # seconds of a first step from which on this package's kernels must have been compiled in it
PATIENCE = 900.0  # seconds until a worker that does not answer counts as failed


class Turns:
    """The engines of one workload, each in its process; `measured` does everything."""

    def __init__(self, suite: Suite, plan: BenchPlan, workload: str, pythons: Mapping[str, Path], out: Path) -> None:
        self.suite, self.plan, self.name, self.pythons, self.out = suite, plan, workload, pythons, out
        self.rows: Rows = {"engines": [], "times": [], "accuracy": [], "gradients": []}
        self.workers: dict[str, WorkerProcess] = {}

    def measured(self, say: Say) -> Rows:
        """Rows of the frames engines, times, accuracy and gradients."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            work, workload = self.suite.work, self.suite.workloads[self.name]
            work.save(work.work_of(workload.problem), folder / "timed.npz")
            work.save(work.work_of(workload.judged()), folder / "judged.npz")
            stack.callback(self._close)
            self._start_all(folder / "timed.npz", say)
            rounds = min(self.plan.rounds, workload.most_rounds or self.plan.rounds)
            for number in range(rounds):
                say(f"round {number + 1} of {rounds}")
                self._round(number)
            self._memory()
            say("accuracy")
            self._judge(folder)
        return self.rows

    def _side_by_side(self, function: Callable[[T], S], items: Sequence[T]) -> list[S]:
        """Results for all items, as many at a time as there are processors; an interrupt ends all workers."""
        pool = ThreadPoolExecutor(len(self.plan.cores))
        try:
            return list(pool.map(function, items))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            self._close()
            raise
        finally:
            pool.shutdown(wait=True)

    def _close(self) -> None:
        for worker in list(self.workers.values()):
            worker.close()

    def _start_all(self, work: Path, say: Say) -> None:
        """Start this package's engines one by one, then peers, one on each processor at a time."""
        engines = [e for e in self.suite.engines_of(self.name) if e.key in self.plan.engines]
        self.rows["engines"] = [
            {"workload": self.name, "engine": e.name, "status": "measured", "note": "", "cores": e.cores}
            for e in engines
        ]
        for engine in engines:
            if engine.environment == OWN:
                say(f"{engine.name} starts")
                self._start(engine, work, self.plan.cores)
        free: queue.Queue[int] = queue.Queue()
        for core in self.plan.cores:
            free.put(core)

        def start(engine: EngineFile) -> None:
            core = free.get()
            say(f"{engine.name} starts")
            try:
                self._start(engine, work, [core, *(c for c in self.plan.cores if c != core)])
            finally:
                free.put(core)

        self._side_by_side(start, [e for e in engines if e.environment != OWN])
        order = [e.name for e in engines]
        self.workers = {name: self.workers[name] for name in order if name in self.workers}

    def _start(self, engine: EngineFile, work: Path, cores: Sequence[int]) -> None:
        """Start a worker on the first of `cores`, and move it to where all take turns once it is ready."""
        row = next(r for r in self.rows["engines"] if r["engine"] == engine.name)
        try:
            if engine.cores > len(self.plan.cores):
                raise NotInstalled(f"needs {engine.cores} cores; --cores names {len(self.plan.cores)}")
            worker = self._ready(engine, work, cores, row)
            if engine.environment == OWN and row["first_seconds"] > COMPILED:
                # kernels are kept now; a process that compiled them holds the compiler's memory as well
                worker.close()
                worker = self._ready(engine, work, cores, row)
            worker.ask(PATIENCE, do="move", cores=listed(self.plan.cores[: engine.cores]))
        except (NotInstalled, EngineMissing) as error:
            self._drop(engine.name, "skipped", str(error))
        except WorkerFailed as error:
            self._drop(engine.name, "failed", str(error))

    def _ready(self, engine: EngineFile, work: Path, cores: Sequence[int], row: dict[str, Any]) -> WorkerProcess:
        """A worker that has made its first step, which is noted in `row`."""
        python = interpreter_of(engine, self.pythons, self.suite)
        worker = self.workers[engine.name] = WorkerProcess(python, self.suite, engine, cores[: engine.cores])
        row |= worker.ask(PATIENCE, do="prepare", work=str(work))
        return worker

    def _drop(self, name: str, status: str, note: str) -> None:
        row = next(r for r in self.rows["engines"] if r["engine"] == name)
        row |= {"status": status, "note": note}
        worker = self.workers.pop(name, None)
        if worker is not None:
            worker.close()

    def _round(self, number: int) -> None:
        for name, worker in list(self.workers.items()):
            batch = next(r["batch"] for r in self.rows["engines"] if r["engine"] == name)
            try:
                steps = worker.ask(PATIENCE, do="repeat", seconds=self.plan.seconds)["seconds"]
            except (WorkerFailed, EngineMissing) as error:
                self._drop(name, "failed", str(error))
                continue
            self.rows["times"].append(
                {
                    "workload": self.name, "engine": name, "round": number, "repeats": len(steps),
                    "seconds": float(np.median(steps)), "per_sample": float(np.median(steps)) / batch,
                }
            )  # fmt: skip

    def _memory(self) -> None:
        for row in self.rows["engines"]:
            if row["engine"] in self.workers:
                try:
                    row["memory"] = self.workers[row["engine"]].ask(PATIENCE, do="memory")["bytes"]
                except (WorkerFailed, EngineMissing) as error:
                    self._drop(row["engine"], "failed", str(error))

    def _judge(self, folder: Path) -> None:
        """Ask all for an answer, as many at a time as there are processors, and compare."""
        judged = [name for name, worker in self.workers.items() if worker.engine.judged]
        problems = self._side_by_side(lambda name: self._answered(name, folder), judged)
        for name, problem in zip(judged, problems, strict=True):
            if problem:
                self._drop(name, "failed", problem)
            else:
                self._compare(name, folder / self.workers[name].engine.key)

    def _answered(self, name: str, folder: Path) -> str:
        """The reason why an engine gave no answer; empty if it gave one."""
        place = folder / self.workers[name].engine.key
        place.mkdir()
        command = {"do": "answer", "work": str(folder / "judged.npz"), "out": str(place)}
        try:
            self.workers[name].ask(PATIENCE, **command, cores=listed(self.plan.cores))
        except (WorkerFailed, EngineMissing) as error:
            return f"timed, but it gave no answer to be judged: {error}"
        return ""

    def _compare(self, name: str, folder: Path) -> None:
        asked = self.suite.work.load(folder / "work.npz")
        answer = self.suite.work.load_answer(folder / "answer.npz")
        expected = reference_answer(self.suite, asked, self.out / "reference")
        n_neurons = sum(g.size for g in asked.neurons)
        head = {"workload": self.name, "engine": name}
        self.rows["accuracy"].append(head | judged_answer(answer, expected, asked.n_samples, n_neurons))
        self.rows["gradients"] += [head | row for row in judged_gradients(answer, expected)]
