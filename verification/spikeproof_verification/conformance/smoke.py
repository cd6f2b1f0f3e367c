"""The smoke test: one small network, answered first, on which the usual wrong conventions are known by their values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from spikeproof import (
    Input,
    InvalidInput,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeTarget,
    Stimulus,
)
from spikeproof_verification.conformance.connectors import Connector
from spikeproof_verification.conformance.conventions import Convention, answers, right
from spikeproof_verification.conformance.explain import constants, named_factor
from spikeproof_verification.conformance.reply import Answer, answer_of
from spikeproof_verification.conformance.support import Engine, features, lacking
from spikeproof_verification.files import problem_to_dict

CLOSE = 2e-2  # of a gradient's norm: engines in single precision, and in time steps, are as close
NEAR = 2.0**-7  # of the duration: spike times
LOSS = "spike_time_target"
STEP = 2.0**-8  # of engines in time steps


@dataclass(frozen=True)
class Finding:
    """A finding of the smoke test on a network: what was looked at, whether it is right, and if not what is wrong."""

    problem: str
    quantity: str
    fits: bool
    words: str

    def __str__(self) -> str:
        return f"{self.quantity} of {self.problem}: {self.words}"


def smoke_problems() -> tuple[Problem, ...]:
    """A layer, and two layers: square matrices far from symmetric, three samples, two spikes of each neuron or more."""
    neurons = NeuronParameters(8.0, 4.0, 1.0, -0.25)
    stimulus = Stimulus.of_samples(
        [([1.0, 3.0, 9.0], [0, 1, 0]), ([0.5, 6.0, 7.0], [1, 0, 1]), ([2.0, 2.5], [1, 0])], 32.0
    )
    network = Network((Input("in", 2),), (Population("a", 2),), (Projection("in", "a"),))
    weights: dict[str, Any] = {"in->a": [[7.0, 2.0], [4.5, 9.0]]}
    targets = SpikeTimeTarget("a", [[2.0, 11.0], [5.0, 8.0]], missing="absent")
    one = Problem(network, Parameters(weights, {"a": neurons}), stimulus, targets, "a layer")
    more = replace(
        network,
        populations=(Population("a", 2), Population("b", 2)),
        projections=(Projection("in", "a"), Projection("a", "b")),
    )
    both = Parameters({**weights, "a->b": [[3.0, 1.0], [1.5, 4.0]]}, {"a": neurons, "b": neurons})
    two = Problem(more, both, stimulus, replace(targets, population="b"), "two layers")
    return one, two


def smoke(connector: Connector, engine: Engine, level: str) -> Iterator[Finding]:
    """Findings, network by network; what the engine does not support is left out."""
    for problem in smoke_problems():
        if lacking(engine, "features", [*features(problem), "repeated spikes"]):
            continue
        asked = replace(problem, loss=None) if lacking(engine, "losses", [LOSS]) else problem
        outcome = connector.run(problem_to_dict(asked), "weights", STEP if level == "grid" else None)
        if outcome.kind == "unsupported":
            continue
        if outcome.kind != "solution":
            yield Finding(problem.name, "answer", False, f"{outcome.kind}: {outcome.content}")
            return
        try:
            answer = answer_of(outcome.content, _loose(problem), decimals=engine.decimals)
        except InvalidInput as error:
            yield Finding(problem.name, "answer", False, str(error))
            return
        if lacking(engine, "losses", [LOSS]) or lacking(engine, "quantities", ["weights"]):
            answer.pop("weights", None)
        found = list(recognised(problem, answer))
        yield from found
        if not all(f.fits for f in found):
            return


def recognised(problem: Problem, answer: Answer) -> Iterator[Finding]:
    """The spike times, and if they are right the gradient of the weights, with the wrong convention that fits."""
    known = _right(problem.name)
    fits = same_spikes(answer, known, problem)
    words = "right" if fits else _named(problem, answer, "spikes")
    yield Finding(problem.name, "spike times", fits, words)
    if fits and "weights" in answer:
        fits = same_gradient(answer, known)
        words = "right" if fits else _factor(problem, answer, known) or _named(problem, answer, "gradients")
        yield Finding(problem.name, "gradient of the weights", fits, words)


def same_spikes(answer: Answer, known: Answer, problem: Problem) -> bool:
    """As many spikes of each neuron, about as late."""
    limit = NEAR * float(problem.stimulus.duration)
    for ours, theirs in zip(answer["spike_times"], known["spike_times"], strict=True):
        for a, b in zip(ours, theirs, strict=True):
            if len(a) != len(b) or any(abs(float(x) - float(y)) > limit for x, y in zip(a, b, strict=True)):
                return False
    return True


def same_gradient(answer: Answer, known: Answer) -> bool:
    """Nearly the same weight gradients, each relative to its norm."""
    for name, wanted in known["weights"].items():
        got, right_ = (_flat(w) for w in (answer["weights"].get(name), wanted))
        if got.shape != right_.shape or not np.linalg.norm(got - right_) <= CLOSE * np.linalg.norm(right_):
            return False
    return True


def _named(problem: Problem, answer: Answer, shows: str) -> str:
    """All conventions that fit: without any spike there may be several."""
    fitting = [
        convention.words
        for convention, theirs in _conventions(problem.name, shows)
        if same_spikes(answer, theirs, problem) and (shows == "spikes" or same_gradient(answer, theirs))
    ]
    return "; or ".join(fitting) or "wrong, by no convention that is known"


def _factor(problem: Problem, answer: Answer, known: Answer) -> str:
    got, wanted = (np.concatenate([_flat(w) for w in a["weights"].values()]) for a in (answer, known))
    return named_factor(got, wanted, constants(problem))


def _flat(tree: Any) -> Any:
    return np.array([float(x) for row in tree for x in (row if isinstance(row, list) else [row])])


def _loose(problem: Problem) -> Problem:
    """The problem with an end so late that times in another unit are read, to be recognised."""
    return replace(problem, stimulus=replace(problem.stimulus, duration=4096.0 * float(problem.stimulus.duration)))


@cache
def _right(name: str) -> Answer:
    return right(next(p for p in smoke_problems() if p.name == name))


@cache
def _conventions(name: str, shows: str) -> tuple[tuple[Convention, Answer], ...]:
    return tuple(answers(next(p for p in smoke_problems() if p.name == name), shows))
