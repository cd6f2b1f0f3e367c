"""A worker process of the benchmarks folder, and talking to it."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spikeproof_reports.bench.suite import OWN, EngineFile, Suite

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class WorkerFailed(Exception):
    """An engine failed or its process ended; the message says in one line what happened."""


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
        # closed by `close`, when the process has ended
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._process = subprocess.Popen(
            [str(python), str(suite.folder / "worker.py"), str(engine.path), listed(cores)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True, encoding="utf-8",
            env=_environment(engine, len(cores)), start_new_session=True,
        )  # fmt: skip
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def ask(self, timeout: float, **command: object) -> dict[str, Any]:
        """The answer to a command.

        Raises
        ------
        WorkerFailed
            If the process has ended, the engine failed, or `timeout` seconds have passed.
        EngineMissing
            If it could not import a module.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
            line = self._lines.get(timeout=timeout)
        except OSError:
            line = ""
        except queue.Empty:
            raise WorkerFailed(f"no answer within {timeout:.0f} s") from None
        if not line:
            raise WorkerFailed(self._last_words())
        answer: dict[str, Any] = json.loads(line)
        if answer.get("kind") == "ModuleNotFoundError":
            raise EngineMissing(f"its interpreter has no module {answer['module']}")
        if "error" in answer:
            raise WorkerFailed(f"{answer['kind']}: {_short(answer['error'])}")
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # the buffer of a pipe to a dead process
                    continue
        self._errors.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            for line in self._process.stdout:
                self._lines.put(line)
        except ValueError:  # closed while it was read
            pass
        self._lines.put("")

    def _last_words(self) -> str:
        try:
            status: object = self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            status = "unknown"
        self._errors.seek(0)
        lines = [line.strip() for line in self._errors.read().splitlines() if line.strip()]
        return f"its process ended with status {status}" + (f": {_short(lines[-1])}" if lines else "")


def _environment(engine: EngineFile, cores: int) -> dict[str, str]:
    """The environment variables of a worker: those of this process, for a peer without its PYTHONPATH."""
    found = {**os.environ, **dict.fromkeys(THREADS, str(cores)), "PYTHONDONTWRITEBYTECODE": "1"}
    if engine.environment != OWN:
        found.pop("PYTHONPATH", None)
    return found


def listed(cores: Sequence[int]) -> str:
    """Numbers of processors as a worker reads them."""
    return ",".join(str(core) for core in cores)


def _short(text: str, width: int = 200) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1] + "…"
