"""A worker process of the benchmarks folder, and talking to it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spikeproof_reports.bench.suite import OWN, EngineFile, Suite
from spikeproof_verification.conformance.lines import Ended, LineProcess, NoReply, Silent, short

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class WorkerFailed(Exception):
    """An engine broke off; the message says how, in one line."""


class EngineMissing(Exception):
    """The interpreter lacks a package; the message names it."""


class WorkerProcess:
    """An engine in its own interpreter, pinned to processors, one question and one answer at a time.

    Parameters
    ----------
    python : interpreter.
    suite, engine : which adapter.
    cores : processors that it may use.
    """

    def __init__(self, python: Path, suite: Suite, engine: EngineFile, cores: Sequence[int]) -> None:
        self.engine = engine
        command = [str(python), str(suite.folder / "worker.py"), str(engine.path), listed(cores)]
        self._process = LineProcess(command, _environment(engine, len(cores)))

    def ask(self, timeout: float, **command: object) -> dict[str, Any]:
        """The answer to a command.

        Raises
        ------
        WorkerFailed
            If the process has ended, the engine failed, or `timeout` seconds have passed.
        EngineMissing
            If it could not import a module.
        """
        try:
            answer = self._process.ask(command, timeout)
        except Silent:
            raise WorkerFailed(f"no answer within {timeout:.0f} s") from None
        except (Ended, NoReply) as error:
            raise WorkerFailed(str(error)) from None
        if answer.get("kind") == "ModuleNotFoundError":
            raise EngineMissing(f"its interpreter has no module {answer['module']}")
        if "error" in answer:
            raise WorkerFailed(f"{answer['kind']}: {short(answer['error'])}")
        return answer

    def close(self) -> None:
        """End the process."""
        self._process.close()


def _environment(engine: EngineFile, cores: int) -> dict[str, str]:
    """Of this process, but peers do not see the packages that this one was pointed to."""
    found = {**os.environ, **dict.fromkeys(THREADS, str(cores)), "PYTHONDONTWRITEBYTECODE": "1"}
    if engine.environment != OWN:
        found.pop("PYTHONPATH", None)
    return found


def listed(cores: Sequence[int]) -> str:
    """Numbers of processors as a worker reads them."""
    return ",".join(str(core) for core in cores)
