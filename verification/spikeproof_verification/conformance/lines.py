"""A process that answers lines of JSON with lines of JSON: it may die, hang, or print something else."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

GRACE = 1.0  # seconds in which the reply must follow a line that is none
WAITING = 1000  # lines that nobody has read: a process that prints more of them waits
LONGEST = 2**28  # characters of a line, which is cut there


class Ended(Exception):
    """The process has ended; the message says with which status and what its last words were."""


class Silent(Exception):
    """There was no reply in time; the message says how long was waited."""


class NoReply(Exception):
    """The line that came is no reply; the message shows it."""


class LineProcess:
    """A program that is talked to in lines of JSON, one message and one reply at a time.

    Parameters
    ----------
    command : the program and its arguments.
    environment : its variables; those of this process if None.
    folder : where it runs.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> None:
        # closed by `close`, when the process has ended
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        try:
            self._process = subprocess.Popen(
                list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True,
                encoding="utf-8", errors="replace", env=environment, cwd=folder, start_new_session=True,
            )  # fmt: skip
        except OSError:
            self._errors.close()
            raise
        self._lines: queue.Queue[str] = queue.Queue(WAITING)
        self._closed = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a message; a process that has ended does not hear it."""
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()

    def ask(
        self, message: Mapping[str, Any], timeout: float, fits: Callable[[dict[str, Any]], bool | None] = lambda _: True
    ) -> dict[str, Any]:
        """The reply to a message: the first JSON object that `fits`; one of which that says None is passed over.

        Raises
        ------
        Ended
            If the process has ended.
        Silent
            If `timeout` seconds have passed.
        NoReply
            If something else than one reply has been printed; what came with it is gone.
        """
        self.tell(message)
        stop, junk = time.monotonic() + timeout, ""
        while True:
            left = stop - time.monotonic()  # lines may come without end
            try:
                line = self._lines.get(timeout=left) if left > 0.0 else None
            except queue.Empty:
                line = None
            if line is None:
                raise NoReply(junk) if junk else Silent(f"no reply within {timeout:g} s")
            if not line:
                raise NoReply(junk) if junk else Ended(self._last_words())
            reply = _object(line)
            fit = reply is not None and fits(reply)
            if fit is None:
                continue
            if fit and not junk:
                assert reply is not None
                return reply
            if fit:
                raise NoReply(junk)
            if not junk:
                junk, stop = line, min(stop, time.monotonic() + GRACE)

    def close(self) -> None:
        """End the process and those that it has started."""
        self._closed.set()
        if self._process.poll() is None:
            with suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL) if hasattr(os, "killpg") else self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):  # what was still to be written to a dead process
                    stream.close()
        self._errors.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with suppress(ValueError):  # closed while it was read
            while line := self._process.stdout.readline(LONGEST):
                if line.strip():
                    self._hand_over(line)
        self._hand_over("")

    def _hand_over(self, line: str) -> None:
        """Put a line where there is room for it, as long as somebody may read it."""
        while not self._closed.is_set():
            with suppress(queue.Full):
                self._lines.put(line, timeout=0.1)
                return

    def _last_words(self) -> str:
        try:
            status: object = self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            status = "unknown"
        self._errors.seek(0)
        return ended(status, self._errors.read())


def ended(status: object, errors: str) -> str:
    """How a process has ended, in one line."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    return f"its process ended with status {status}" + (f": {short(lines[-1])}" if lines else "")


def short(text: str, width: int = 200) -> str:
    """Text in one line, cut to a width."""
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1] + "…"


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
