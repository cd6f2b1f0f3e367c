"""The provenance of a run's numbers: versions, machine, commit, seed, command and time."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import spikeproof
from spikeproof_reports.paper.files import write_text

PACKAGES = ("numpy", "numba", "mpmath", "gmpy2", "pandas")
NO_CHECKOUT = "unknown (not a checkout)"

# the leading folders of an absolute or home path, at the start of a word or after "=" or a quote
_FOLDERS = re.compile(r"""(?<![^\s=:"'])(?:[A-Za-z]:[/\\]|[/\\~])(?:[^\s"'=/\\]*[/\\])*""")


def provenance(command: str, seed: int, started: datetime, *, duration: float | None = None) -> dict[str, str]:
    """The provenance of a run's numbers, as text; an unknown fact is "unknown", not an error.

    Parameters
    ----------
    command : str
        What was typed; folders of absolute paths in it are replaced by ``.../``, since they tell about a machine.
    seed : int
        Seed of the random campaigns.
    started : datetime
        Start of the run; a time without zone is local time.
    duration : float, optional
        Seconds the run took.

    Returns
    -------
    dict of str to str
        Versions of spikeproof, python, numpy, numba, mpmath, gmpy2 and pandas, "not installed" where absent;
        platform, processor, cores, commit, seed, command, started (UTC, ISO format) and, if given, duration.
        No path, host or user name.
    """
    facts = {"spikeproof": spikeproof.__version__, "python": platform.python_version()}
    facts |= {name: _version(name) for name in PACKAGES}
    facts |= {
        "platform": _platform(),
        "processor": _processor(),
        "cores": str(processors()),
        "commit": commit(),
        "seed": str(seed),
        "command": without_folders(command),
        "started": started.astimezone(UTC).isoformat(timespec="seconds"),
    }
    if duration is not None:
        facts["duration"] = f"{duration:.1f} s"
    return facts


def without_folders(text: str) -> str:
    """`text` with ``.../`` for the folders of absolute paths, which tell about a machine."""
    return _FOLDERS.sub(".../", text)


def commit() -> str:
    """The commit of the checkout that runs, with ``+dirty`` if a file differs from it; "unknown" outside of one."""
    return _commit(Path(__file__).resolve())


def commits(noted: Path) -> str:
    """All commits that a run was computed on, the present one last; the file `noted` keeps the earlier ones."""
    before = noted.read_text(encoding="utf-8").splitlines() if noted.exists() else []
    every = list(dict.fromkeys([*before, commit()]))
    write_text(noted, "".join(f"{name}\n" for name in every))
    return ", then ".join(every)


def processors() -> int:
    """The number of processors that this process may use, at least 1; the machine may have more."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def commented(facts: Mapping[str, str], mark: str) -> str:
    """`facts` as lines ``<mark>key: value``, for the head of a file; line breaks in values become blanks."""
    return "".join(f"{mark}{key}: {' '.join(value.split())}\n" for key, value in facts.items())


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _platform() -> str:
    """System, machine and C library, whose exp and log the numbers depend on; not the kernel of one machine."""
    parts = (platform.system(), platform.machine(), " ".join(platform.libc_ver()))
    return " ".join(part for part in parts if part.strip()) or "unknown"


def _processor() -> str:
    try:  # the standard library knows the model only on some systems
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(filter(None, [*models, platform.processor(), platform.machine()]), "unknown")


def _commit(file: Path) -> str:
    """The commit of the checkout that tracks `file`: a virtual environment inside another checkout does not count."""
    try:
        _git(file.parent, "ls-files", "--error-unmatch", file.name)
        commit = _git(file.parent, "rev-parse", "HEAD")
        changed = _git(file.parent, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return NO_CHECKOUT
    return commit + ("+dirty" if changed else "")


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=20, check=True
    )
    return done.stdout.strip()
