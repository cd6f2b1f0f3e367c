"""Checkpoints: a training state in a file, from which training goes on to the same bits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from spikeproof.arguments import instance
from spikeproof.arguments import path as as_path
from spikeproof.atomic import replacing
from spikeproof.errors import InvalidInput
from spikeproof.training.adam import Moments
from spikeproof.training.state import State, Tally

FORMAT = "spikeproof-training-2"

COUNTS = ("right", "unanswered", "tied", "seen")  # of a tally


def save_state(state: State, path: Path, digest: str) -> None:
    """Write a training state to a file, which holds the old state or all of the new one at any moment.

    Parameters
    ----------
    state : State
    path : Path
        The file, ending in ``.npz``.
    digest : str
        Identifies what is trained, and how: see `run_digest`.

    Raises
    ------
    InvalidInput
        If an argument is of another kind, or the path cannot be written.
    """
    path = as_path("path", path)
    instance("digest", digest, str)
    instance("state", state, State)
    columns = list(state.history[0]) if state.history else []
    facts = {
        "format": FORMAT,
        "digest": digest,
        "rng": state.rng.bit_generator.state,
        "step": state.moments.step,
        "position": state.position,
        "epoch": state.epoch,
        **{name: getattr(state.tally, name) for name in COUNTS},
        "columns": columns,
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(state, path, facts)
    except OSError as error:
        raise InvalidInput("path", str(path), f"a path that can be written ({error.strerror})") from None


def _write(state: State, path: Path, facts: dict[str, Any]) -> None:
    with replacing(path) as temporary, temporary.open("wb") as stream:  # given a name, NumPy would append its suffix
        np.savez(
            stream,
            facts=np.array(json.dumps(facts)),
            weights=state.weights,
            first=state.moments.first,
            second=state.moments.second,
            order=state.order,
            sums=np.array([state.tally.loss, state.seconds]),
            history=np.array([[row[c] for c in facts["columns"]] for row in state.history], dtype=np.float64),
        )


def load_state(path: Path, digest: str) -> State:
    """The state that `save_state` wrote.

    Parameters
    ----------
    path : Path
    digest : str
        That of the present training.

    Returns
    -------
    State

    Raises
    ------
    InvalidInput
        If the file is damaged, or belongs to another network, other data or other settings.
    """
    path = as_path("path", path)
    instance("digest", digest, str)
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            content = {name: file[name] for name in file.files}
        facts = json.loads(str(content["facts"]))
        if facts["format"] != FORMAT:
            raise InvalidInput(path.name, facts["format"], f"a checkpoint in the format {FORMAT!r}")
        if facts["digest"] == digest:
            return _state(facts, content)
    except (FileNotFoundError, InvalidInput):
        raise
    except Exception as error:  # a changed byte may be read as anything: another length, another compression
        raise InvalidInput(path.name, str(error), "a checkpoint as it was written") from None
    raise InvalidInput(path.name, "a checkpoint of another run", "one of the same network, data, settings and version")


def _state(facts: dict[str, Any], content: dict[str, Any]) -> State:
    rng = np.random.default_rng()
    rng.bit_generator.state = facts["rng"]
    loss, seconds = (float(x) for x in content["sums"])
    history = [dict(zip(facts["columns"], row, strict=True)) for row in content["history"].tolist()]
    return State(
        weights=content["weights"],
        moments=Moments(content["first"], content["second"], facts["step"]),
        rng=rng,
        order=content["order"],
        position=facts["position"],
        epoch=facts["epoch"],
        tally=Tally(loss, **{name: facts[name] for name in COUNTS}),
        history=history,
        seconds=seconds,
    )
