"""The two measurements that run as separate scripts: scaling curves and start-up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from typing import IO, Any

from spikeproof_reports.bench.plan import BenchPlan
from spikeproof_reports.bench.process import WorkerFailed
from spikeproof_reports.bench.suite import Suite
from spikeproof_reports.bench.turns import Rows, Say

FRESH, CACHED = 3, 5  # starts with no compiled kernels, and with those of the last one


def scaling(suite: Suite, plan: BenchPlan, say: Say) -> Rows:
    """Rows of the frame scaling."""
    cores = ",".join(str(core) for core in plan.cores)
    command = [sys.executable, *(str(suite.folder / name) for name in ("lifeline.py", "scaling.py")), cores]
    rows = []
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        process = _with_us([*command, str(plan.rounds)], errors)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                rows.append(json.loads(line))
                say(str(rows[-1]["curve"]))
            status = process.wait()
        finally:
            process.kill()  # if it was interrupted
            process.communicate()
        errors.seek(0)
        words = errors.read().strip()
    if status:
        raise WorkerFailed(words.splitlines()[-1] if words else f"scaling.py: status {status}")
    return {"scaling": rows}


def _with_us(command: Sequence[str], errors: IO[str]) -> subprocess.Popen[str]:
    """A process that ends when this one does, and is sent no interrupts."""
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True
    )


def startup(suite: Suite, plan: BenchPlan, say: Say) -> Rows:
    """Rows of the frame startup: import, first gradient with no cached kernels, and with them."""
    rows: list[dict[str, Any]] = []
    with ExitStack() as folders:
        for number in range(FRESH + CACHED):
            fresh = number < FRESH
            if fresh:
                cache = folders.enter_context(tempfile.TemporaryDirectory())
            say(f"start {number + 1} of {FRESH + CACHED}, {'no' if fresh else 'with'} compiled kernels")
            seconds = _start([sys.executable, str(suite.folder / "startup.py")], cache, plan.cores[0])
            kind = "fresh" if fresh else "cached"
            rows.append({"what": f"first gradient, {kind}", "seconds": seconds["first_gradient"]})
            if not fresh:  # the very first start may have to read all files from the disk
                rows.append({"what": "import", "seconds": seconds["import"]})
    return {"startup": rows}


def _start(command: Sequence[str], cache: str, core: int) -> dict[str, Any]:
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
    begun = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    try:
        if begun is not None:
            os.sched_setaffinity(0, {core})  # the child inherits it
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    finally:
        if begun is not None:
            os.sched_setaffinity(0, begun)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise WorkerFailed(lines[-1] if lines else f"startup.py: status {done.returncode}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
