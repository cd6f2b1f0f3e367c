"""Running generic checkers on right and wrong gradients: which alarm is raised where."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from spikeproof.numbers import Array
from spikeproof_reports.audit.checkers.scenes import CORRECT, Scene, gradients_of, relative_error, scenes
from spikeproof_reports.audit.peers import environment_python

Setting: TypeAlias = Mapping[str, Any]
SUITE = "this suite"
TAYLOR_STEPS, TAYLOR_RATE = 4, 1.9  # halvings of the step, and the order that the remainder must have
SCRIPTS = {
    "torch gradcheck": ("torch", "torch_gradcheck.py"),
    "jax check_grads": ("jaxsnn", "jax_check_grads.py"),
}
_TOLERANCES = ((1e-5, 1e-3), (1e-6, 1e-4), (1e-7, 1e-5), (1e-8, 1e-6), (1e-10, 1e-8))  # absolute, relative
SETTINGS: Mapping[str, tuple[Setting, ...]] = {  # the defaults first
    "torch gradcheck": (
        {},
        *({"eps": eps, "atol": a, "rtol": r} for eps in (1e-4, 1e-5, 1e-6, 1e-7) for a, r in _TOLERANCES),
    ),
    "jax check_grads": (
        {},
        *({"x64": 1, "eps": eps, "atol": a, "rtol": r} for eps in (1e-4, 1e-5, 1e-6) for a, r in _TOLERANCES[::2]),
    ),
    "Taylor test": ({"step": 1e-2}, *({"step": 10.0**-k, "directions": 5} for k in range(1, 7))),
    SUITE: ({},),
}


@dataclass(frozen=True, eq=False)
class Seen:
    """The alarms that checkers raise.

    Attributes
    ----------
    alarms : a row for each scene, gradient and setting of a checker: scene, gradient ("none" is the right one), error
        relative to the norm, checker, setting as text, whether it raised an alarm.
    missing : checkers that were not run, with the reason.
    """

    alarms: pd.DataFrame
    missing: Mapping[str, str]


def seen_by_checkers(folder: Path, say: Callable[[str], None]) -> Seen:
    """The alarms of each checker, with all of its settings, on each scene and gradient.

    Parameters
    ----------
    folder : the benchmarks folder; environments are beside it.
    say : is told how far it is.
    """
    rows: list[dict[str, Any]] = []
    missing: dict[str, str] = {}
    pythons = {name: environment_python(environment, folder) for name, (environment, _) in SCRIPTS.items()}
    for name, python in pythons.items():
        if python is None:
            missing[name] = f"not installed: `tox run -e peer-{SCRIPTS[name][0]}` installs it"
    for scene in scenes():
        gradients = gradients_of(scene)
        errors = {fault: relative_error(g, gradients[CORRECT]) for fault, g in gradients.items()}
        for checker, settings in SETTINGS.items():
            if checker in missing:
                continue
            say(f"{checker} on {scene.name}")
            script = folder / "checkers" / SCRIPTS[checker][1] if checker in SCRIPTS else None
            alarms = _alarms(scene, gradients, checker, settings, pythons.get(checker), script)
            for fault, setting, alarm in alarms:
                row = {"scene": scene.name, "gradient": fault, "error": errors[fault], "checker": checker}
                rows.append({**row, "setting": words(setting), "default": setting is settings[0], "alarm": alarm})
    return Seen(pd.DataFrame(rows), missing)


def words(setting: Setting) -> str:
    """A setting in words."""
    return ", ".join(f"{name} {value:g}" for name, value in setting.items()) or "defaults"


def taylor_alarm(scene: Scene, gradient: Array, setting: Setting) -> bool:
    """Whether the remainder after the linear term falls at a lower order than 2 somewhere, in any direction."""
    rng, start = np.random.default_rng(0), scene.start
    for _ in range(int(setting.get("directions", 1))):
        direction = rng.normal(size=start.size)
        direction /= np.linalg.norm(direction)
        steps = setting["step"] * 0.5 ** np.arange(TAYLOR_STEPS + 1)
        slope, value = float(gradient @ direction), scene.value(start)
        rest = np.array([abs(scene.value(start + h * direction) - value - h * slope) for h in steps])
        with np.errstate(divide="ignore", invalid="ignore"):
            rates = np.log2(rest[:-1] / rest[1:])
        if not (np.all(rest == 0.0) or float(np.min(rates)) >= TAYLOR_RATE):
            return True
    return False


def _alarms(
    scene: Scene, gradients: Mapping[str, Array], checker: str, settings: Sequence[Setting], python: Path | None,
    script: Path | None,
) -> Iterator[tuple[str, Setting, bool]]:  # fmt: skip
    if python is not None and script is not None:
        yield from _asked(scene, gradients, settings, [str(python), str(script)])
        return
    for fault, gradient in gradients.items():
        for setting in settings:
            if checker == SUITE:
                alarm = any(m.verdict == "fail" for m in scene.judged(gradient))
            else:
                alarm = taylor_alarm(scene, gradient, setting)
            yield fault, setting, alarm


def _asked(
    scene: Scene, gradients: Mapping[str, Array], settings: Sequence[Setting], command: Sequence[str]
) -> Iterator[tuple[str, Setting, bool]]:
    """The answers of a checker in another interpreter, which asks back for values and gradients."""
    values: dict[bytes, float] = {}
    environment = {name: x for name, x in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "JAX_PLATFORMS": "cpu"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        for fault, gradient in gradients.items():
            message: Any = {"x": scene.start.tolist(), "settings": list(settings)}
            while True:
                process.stdin.write(json.dumps(message) + "\n")
                process.stdin.flush()
                reply = json.loads(process.stdout.readline())
                if "passed" in reply:
                    break
                x = np.array(reply["ask"])
                if x.tobytes() not in values:
                    values[x.tobytes()] = scene.value(x)
                message = {"value": values[x.tobytes()], "gradient": gradient.tolist()}
            yield from ((fault, setting, not passed) for setting, passed in zip(settings, reply["passed"], strict=True))
        process.stdin.close()
