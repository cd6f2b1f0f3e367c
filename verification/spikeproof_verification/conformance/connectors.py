"""How the judge talks to an engine: lines of JSON, one process for each problem, or an object in this process."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from spikeproof import InvalidInput
from spikeproof_verification.conformance.lines import Ended, LineProcess, NoReply, Silent, ended, short
from spikeproof_verification.conformance.served import Served
from spikeproof_verification.conformance.support import Engine, engine_of
from spikeproof_verification.files.json_file import read_json, write_json

PROTOCOL = "spikeproof-conformance-1"
START = 300.0  # seconds in which an engine must have started: importing and compiling may take long
UNSUPPORTED, REFUSED = 3, (1, 2)  # exit status of a program that is run for each problem
KINDS = ("solution", "unsupported", "refused", "error")


@dataclass(frozen=True)
class Outcome:
    """The outcome of a problem: the solution, or a line that says why there is none."""

    kind: Literal["solution", "unsupported", "refused", "error", "crashed", "timeout"]
    content: Any


class Connector(Protocol):
    """A way to an engine."""

    reads_files: bool  # whether it is handed problems as files or lines, wrong ones too

    def start(self) -> Engine:
        """Start it; raises `InvalidInput` in one line if that fails."""
        ...

    def run(self, problem: Mapping[str, Any], gradients: str | None, dt: float | None = None) -> Outcome:
        """Let it solve a problem."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class Serve:
    """A program that stays: messages start, run and stop as lines of JSON. It is restarted when it has died."""

    def __init__(
        self, command: Sequence[str], timeout: float, *, field: str = "--serve", reads_files: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.command, self.timeout, self.field, self.reads_files = list(command), timeout, field, reads_files
        self._environment, self._number = environment, 0
        self._process: LineProcess | None = None

    def start(self) -> Engine:
        """Start the process and ask who it is."""
        try:
            self._process = LineProcess(self.command, self._environment)
            reply = self._process.ask({"do": "start", "protocol": PROTOCOL}, START)
        except OSError as error:
            raise InvalidInput(self.field, shlex.join(self.command), f"a program ({error.strerror})") from None
        except (Ended, Silent, NoReply) as error:
            self.close()
            allowed = f"a program whose reply to start is one line of JSON, and nothing else ({short(str(error))})"
            raise InvalidInput(self.field, shlex.join(self.command), allowed) from None
        if "error" in reply:
            self.close()
            raise InvalidInput(self.field, self.command[-1], f"an engine that starts ({short(str(reply['error']))})")
        try:
            return engine_of(reply)
        except InvalidInput:
            self.close()
            raise

    def run(self, problem: Mapping[str, Any], gradients: str | None, dt: float | None = None) -> Outcome:
        """Ask for a solution; a process that has ended, or was ended, is started again."""
        if self._process is None:
            try:
                self.start()
            except InvalidInput as error:
                return Outcome("crashed", f"it does not start again: {error}")
        assert self._process is not None
        self._number += 1
        message = {"do": "run", "id": self._number, "problem": problem, "gradients": gradients}
        message |= {} if dt is None else {"dt": dt}
        try:
            reply = self._process.ask(message, self.timeout, lambda reply: self._of_now(reply.get("id")))
        except Ended as error:
            self.close()
            return Outcome("crashed", str(error))
        except Silent as error:
            self.close()
            return Outcome("timeout", str(error))
        except NoReply as error:  # the process goes on: should a reply come late, its number tells
            return Outcome("error", f"no reply: {short(str(error), 80)!r} stands on standard output")
        return _outcome(reply)

    def _of_now(self, number: Any) -> bool | None:
        """Whether a reply is the one that is waited for; None if it comes too late and is passed over."""
        return None if type(number) is int and 0 < number < self._number else number == self._number

    def close(self) -> None:
        """Say stop, and end the process if it does not end."""
        if self._process is not None:
            self._process.tell({"do": "stop"})
            self._process.close()
            self._process = None


def words_of(field: str, command: str) -> list[str]:
    """The words of a command line; raises `InvalidInput` if there are none, or a quotation is not closed."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InvalidInput(field, command, f"a command line ({str(error).lower()})") from None
    if not words:
        raise InvalidInput(field, command, "a command line")
    return words


def python_engine(name: str, timeout: float) -> Serve:
    """A Python engine ``module:attribute`` in a process of its own, of this interpreter."""
    module, colon, attribute = name.partition(":")
    if not (module and colon and attribute):
        raise InvalidInput("--engine", name, "MODULE:ATTRIBUTE")
    command = [sys.executable, "-m", "spikeproof_verification.conformance.serve", name]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["", *sys.path[1:], os.getcwd()])}
    return Serve(command, timeout, field="--engine", reads_files=False, environment=environment)


class Command:
    """A program that is run for each problem, ``prog {problem} {solution}``, with ``{dt}`` if it takes steps.

    Exit status 0: the solution is in its file. 3: not supported. 1 or 2 with one line on standard error: refused. All
    else is a failure.
    """

    reads_files = True

    def __init__(self, template: str, timeout: float) -> None:
        self.words, self.timeout = words_of("--command", template), timeout
        missing = [name for name in ("{problem}", "{solution}") if name not in template]
        if missing:
            raise InvalidInput("--command", template, f"a command with {' and '.join(missing)}")

    def start(self) -> Engine:
        """Nothing starts before there is a problem."""
        return Engine(Path(self.words[0]).name)

    def run(self, problem: Mapping[str, Any], gradients: str | None, dt: float | None = None) -> Outcome:
        """Run the program on a problem file."""
        with tempfile.TemporaryDirectory() as name:
            places = {"problem": f"{name}/problem.json", "solution": f"{name}/solution.json", "dt": repr(dt)}
            write_json(dict(problem), places["problem"])
            words = [_filled(word, places) for word in self.words]
            try:
                status, errors = _finished(words, self.timeout)
            except subprocess.TimeoutExpired:
                return Outcome("timeout", f"not done within {self.timeout:g} s")
            except OSError as error:
                raise InvalidInput("--command", words[0], f"a program ({error.strerror})") from None
            if status != 0:
                return _of_status(status, errors)
            try:
                return Outcome("solution", read_json(places["solution"]))
            except InvalidInput as error:
                return Outcome("error", f"{{solution}}: {error}")

    def close(self) -> None:
        """Nothing is left running."""


class InProcess:
    """An engine object in this process: no time limit, and what kills it kills the judge."""

    reads_files = False

    def __init__(self, engine: Any) -> None:
        self.served = Served(engine)

    def start(self) -> Engine:
        """The name of the engine, and what it supports."""
        return engine_of(self.served.started())

    def run(self, problem: Mapping[str, Any], gradients: str | None, dt: float | None = None) -> Outcome:
        """Let it solve a problem."""
        return _outcome(self.served.answer(problem, gradients, dt))

    def close(self) -> None:
        """Nothing is left running."""


def _outcome(reply: Mapping[str, Any]) -> Outcome:
    kinds = [kind for kind in KINDS if kind in reply]
    if len(kinds) != 1 or set(reply) - {"id", *KINDS}:
        return Outcome("error", f"reply with {sorted(reply)}; allowed: id and one of {', '.join(KINDS)}")
    content = reply[kinds[0]]
    if kinds[0] != "solution" and not isinstance(content, str):
        return Outcome("error", f"{kinds[0]}: got {short(repr(content), 60)}; allowed: a line of text")
    return Outcome(kinds[0], content if kinds[0] == "solution" else short(content))  # type: ignore[arg-type]


def _filled(word: str, places: Mapping[str, str]) -> str:
    for name, text in places.items():
        word = word.replace("{" + name + "}", text)
    return word


def _finished(words: Sequence[str], timeout: float) -> tuple[int, str]:
    """Exit status and standard error of a program; all of its processes are ended after `timeout` seconds."""
    with subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        encoding="utf-8", errors="replace", start_new_session=True,
    ) as process:  # fmt: skip
        try:
            _, errors = process.communicate(timeout=timeout)
        except BaseException:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()
            raise
        return process.returncode, errors


def _of_status(status: int, errors: str) -> Outcome:
    lines = [line for line in errors.splitlines() if line.strip()]
    if status == UNSUPPORTED:
        return Outcome("unsupported", short(lines[-1]) if lines else "exit status 3")
    if status in REFUSED and len(lines) == 1:
        return Outcome("refused", short(lines[0]))
    return Outcome("crashed" if status < 0 else "error", ended(status, errors))
