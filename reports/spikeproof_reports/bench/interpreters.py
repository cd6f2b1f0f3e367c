"""The interpreter of each engine."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from spikeproof.errors import InvalidInput
from spikeproof_reports.bench.suite import OWN, EngineFile, Suite


class NotInstalled(Exception):
    """An engine has no interpreter; the message says how to get one."""


def interpreter_of(engine: EngineFile, given: Mapping[str, Path], suite: Suite) -> Path:
    """The interpreter of `engine`: as given by its or its environment's name, else that of its tox environment.

    Raises
    ------
    NotInstalled
        If there is none.
    """
    if engine.environment == OWN:
        return Path(sys.executable)
    for name in (engine.key, engine.environment):
        if name in given:
            return given[name]
    folder = suite.folder.resolve().parent / ".tox" / f"peer-{engine.environment}"
    for path in (folder / "bin" / "python", folder / "Scripts" / "python.exe"):
        if path.exists():
            return path
    raise NotInstalled(
        f"not installed: `tox run -e peer-{engine.environment}` installs it, --python {engine.environment}=PATH names "
        "another interpreter that has it"
    )


def interpreters(pairs: tuple[str, ...], suite: Suite) -> dict[str, Path]:
    """The interpreters in pairs NAME=PATH.

    Raises
    ------
    InvalidInput
        If a pair has another form, or names what is neither an engine nor an environment, or no file.
    """
    names = {name for e in suite.engines if e.environment != OWN for name in (e.key, e.environment)}
    found = {}
    for pair in pairs:
        name, _, path = pair.partition("=")
        if name not in names or not Path(path).is_file():
            raise InvalidInput("--python", pair, f"NAME=PATH of an interpreter, NAME one of {', '.join(sorted(names))}")
        found[name] = Path(path)
    return found
