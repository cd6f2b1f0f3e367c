"""One engine in its own process: it reads commands as lines of JSON and answers each with one line.

    python worker.py ADAPTER.py CORES

ADAPTER.py has constants and ``prepare(work)``, see README.md. CORES, for example "0" or "0,1", are the processors that
this process pins itself to before it imports anything big. Commands:

    {"do": "prepare", "work": FILE}                  imports, builds, first step -> what it is
    {"do": "move", "cores": CORES}                   to other processors
    {"do": "repeat", "seconds": S}                   steps for S seconds, at least 1 -> seconds of each
    {"do": "memory"}                                 -> peak resident bytes of this process
    {"do": "answer", "work": FILE, "out": FOLDER, "cores": CORES}
                                                     solves another workload -> work.npz and answer.npz in FOLDER

A failure is answered with {"error": one line, "kind": its class}; the process lives on. It ends when
its standard input does, in the middle of a command if need be.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import json
import os
import platform
import queue
import sys
import time
from pathlib import Path

from lifeline import hold_on


def main(adapter: str, cores: str) -> None:
    pin(cores)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # output of an engine must not be mistaken for an answer
    worker = Worker(Path(adapter))
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    hold_on(lines.put)
    while True:
        command = json.loads(lines.get())
        try:
            answer = getattr(worker, command.pop("do"))(**command)
        except Exception as error:
            text = " ".join(str(error).split()) or type(error).__name__
            answer = {"error": text, "kind": type(error).__name__, "module": getattr(error, "name", None)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


class Worker:
    """The commands."""

    def __init__(self, adapter: Path) -> None:
        sys.path.insert(0, str(Path(__file__).resolve().parent))
        self.path = adapter
        self.step = None

    def prepare(self, work: str) -> dict[str, object]:
        begin = time.perf_counter()
        adapter = self._adapter()
        imported = time.perf_counter()
        given = self._cut(adapter, work)
        self.step = adapter.prepare(given)
        before = getattr(self.step, "before", None)
        if before:
            before()
        built = time.perf_counter()
        compiles = getattr(self.step, "compiles", True)
        if compiles:
            self.step.run()
        first = time.perf_counter()
        return {
            "import_seconds": imported - begin,
            "build_seconds": built - imported,
            "first_seconds": first - built if compiles else None,
            "batch": getattr(self.step, "work", given).n_samples,
            "dtype": self.step.dtype,
            "differs": self.step.differs,
            "exact": adapter.EXACT,
            "version": adapter.VERSION,
            "python": platform.python_version(),
        }

    def repeat(self, seconds: float) -> dict[str, object]:
        before, times = getattr(self.step, "before", None), []
        gc.collect()
        gc.disable()
        stop = time.perf_counter() + seconds
        while not times or time.perf_counter() < stop:
            if before:
                before()
            begin = time.perf_counter()
            self.step.run()
            times.append(time.perf_counter() - begin)
        gc.enable()
        return {"seconds": times}

    def move(self, cores: str) -> dict[str, object]:
        pin(cores)
        return {}

    def memory(self) -> dict[str, object]:
        return {"bytes": peak_memory()}

    def answer(self, work: str, out: str, cores: str) -> dict[str, object]:
        from work import load, save, save_answer

        pin(cores)
        step = self._adapter().prepare(load(Path(work)))
        before = getattr(step, "before", None)
        if before:
            before()
        save(step.work, Path(out) / "work.npz")
        save_answer(step.answer(), Path(out) / "answer.npz")
        return {}

    def _adapter(self):
        name = self.path.stem + "_adapter"
        if name not in sys.modules:
            spec = importlib.util.spec_from_file_location(name, self.path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            sys.modules[name] = module
        return sys.modules[name]

    def _cut(self, adapter, path: str):
        from work import load

        work = load(Path(path))
        return work.first(getattr(adapter, "BATCH", {}).get(work.name, work.n_samples))


def pin(cores: str) -> None:
    """Keep this process, with all of its threads, on these processors, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        wanted = {int(core) for core in cores.split(",")}
        tasks = Path("/proc/self/task")
        for thread in [int(t.name) for t in tasks.iterdir()] if tasks.exists() else [0]:
            with contextlib.suppress(OSError):  # a thread that has ended
                os.sched_setaffinity(thread, wanted)


def peak_memory() -> int:
    """Most resident bytes so far; from /proc where there is one, since maxrss also counts what a parent had."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration, UnicodeDecodeError):
        import resource  # not everywhere

        unit = 1 if sys.platform == "darwin" else 1024
        return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main(*sys.argv[1:])
