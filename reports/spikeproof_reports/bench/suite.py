"""The benchmarks folder: its workloads, and the engines it has adapters for."""

from __future__ import annotations

import ast
import importlib.util
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from spikeproof.errors import InvalidInput

OWN = ""  # environment of an engine that runs in this interpreter


@dataclass(frozen=True)
class EngineFile:
    """The adapter of an engine, known by its constants alone, since its package may not be installed here.

    Attributes
    ----------
    path : the file.
    name : its name in tables.
    environment : the environment whose interpreter it needs; `OWN` for this one.
    cores : how many processors it uses.
    workloads : names of those it can do; None for all.
    judged : whether it gives an answer that can be judged.
    """

    path: Path
    name: str
    environment: str
    cores: int = 1
    workloads: tuple[str, ...] | None = None
    judged: bool = True

    @property
    def key(self) -> str:
        """Name of the engine on the command line: that of its file."""
        return self.path.stem

    def does(self, workload: str) -> bool:
        """Whether it can do this workload."""
        return self.workloads is None or workload in self.workloads


@dataclass(frozen=True)
class Suite:
    """A benchmarks folder; made by `open_suite`.

    Attributes
    ----------
    folder : Path
    engines : tuple of EngineFile
        Its adapters.
    """

    folder: Path
    engines: tuple[EngineFile, ...]

    @cached_property
    def work(self) -> ModuleType:
        """The folder's module of workload files."""
        return self._module("work")

    @cached_property
    def problem(self) -> ModuleType:
        """The folder's module that makes problems of workload files."""
        return self._module("problem")

    @cached_property
    def workloads(self) -> dict[str, Any]:
        """The folder's workloads by name."""
        found: dict[str, Any] = self._module("workloads").WORKLOADS
        return found

    def engines_of(self, workload: str) -> list[EngineFile]:
        """The engines that can do a workload, own ones first."""
        return [e for e in self.engines if e.does(workload)]

    def _module(self, name: str) -> ModuleType:
        """A module of the folder under its own name: they import each other so."""
        path = self.folder / f"{name}.py"
        known = sys.modules.get(name)
        if known is not None and Path(getattr(known, "__file__", "") or "").resolve() == path.resolve():
            return known
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        if name == "problem":
            _ = self.work  # it imports this by name
        spec.loader.exec_module(module)
        return module


def open_suite(folder: Path) -> Suite:
    """The suite in a folder.

    Parameters
    ----------
    folder : Path
        The folder ``benchmarks`` of a clone of the repository.

    Returns
    -------
    Suite

    Raises
    ------
    InvalidInput
        If it is no benchmarks folder.
    """
    if not (folder / "workloads.py").is_file() or not (folder / "worker.py").is_file():
        allowed = "the folder benchmarks of a clone of the repository (it is not installed): run there or name it"
        raise InvalidInput("--benchmarks", str(folder), allowed)
    own = [_engine(path) for path in sorted((folder / "engines").glob("*.py"))]
    peers = [_engine(path) for path in sorted((folder / "peers").glob("*.py"))]
    return Suite(folder, (*own, *peers))


def _engine(path: Path) -> EngineFile:
    constants = _constants(path)
    if "NAME" not in constants or (path.parent.name == "peers") != ("ENVIRONMENT" in constants):
        raise InvalidInput(f"{path.parent.name}/{path.name}", "incomplete", "an adapter with NAME; peers, ENVIRONMENT")
    return EngineFile(
        path, constants["NAME"], constants.get("ENVIRONMENT", OWN), constants.get("CORES", 1),
        constants.get("WORKLOADS"), constants.get("JUDGED", True),
    )  # fmt: skip


def _constants(path: Path) -> dict[str, Any]:
    """Names that are assigned literals at the top of a module, without importing it."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    return found
