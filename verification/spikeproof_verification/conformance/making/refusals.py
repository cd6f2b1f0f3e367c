"""Cases that an engine must refuse: problems without an answer, and problem files that are wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

from spikeproof import (
    FirstSpikeCrossEntropy,
    Input,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeSum,
    Stimulus,
)
from spikeproof_verification.conformance.case import MALFORMED, Case
from spikeproof_verification.conformance.making.draft import in_single
from spikeproof_verification.conformance.making.families import two_layers
from spikeproof_verification.files import problem_to_dict

ALL_LEVELS = ("exact64", "float32", "grid")
Wrong = Callable[[Any], None]


def refusals() -> Iterator[Case]:
    """All of them."""
    for name, asked, why, problem in _without_answer():
        tree = problem_to_dict(in_single(problem, name))
        yield Case(name, "no answer", ("exact64", "float32"), (asked,), tree, refuse=why)
    for name, (why, spoil) in _wrong_files().items():
        tree = deepcopy(problem_to_dict(in_single(two_layers(4.0, 1.0), f"wrong-{name}")))
        spoil(tree)
        yield Case(f"wrong-{name}", MALFORMED, ALL_LEVELS, (), tree, refuse=why)


def _without_answer() -> Iterator[tuple[str, str, str, Problem]]:
    """Name, the quantity that has no value, why, and the problem."""
    loop = Network((Input("in", 1),), (Population("a", 1),), (Projection("in", "a"), Projection("a", "a")))
    weights = {"in->a": [[8.0]], "a->a": [[64.0]]}
    once = Stimulus.of_samples([([1.0], [0])], 64.0)
    runaway = Problem(loop, Parameters(weights, {"a": NeuronParameters(8.0, 64.0)}), once, SpikeTimeSum("a"))
    yield (
        "no-answer-runaway",
        "spike_times",
        "the network makes ever more spikes, more than 1e9 before the end",
        runaway,
    )
    quiet = two_layers(4.0, 0.05)
    first = replace(quiet, loss=FirstSpikeCrossEntropy("output", [0, 1], 2.0, 8.0, 0.0, silent="error"))
    yield "no-answer-silent-neuron", "loss", "the loss asks to refuse a silent neuron, and all are silent", first
    alone = Network((Input("in", 1),), (Population("a", 1),), (Projection("in", "a"),))
    grazing = Problem(alone, Parameters({"in->a": [[4.0]]}, {"a": NeuronParameters(8.0, 4.0)}), once, SpikeTimeSum("a"))
    yield "no-answer-grazing", "weights", "V just touches the threshold, where a spike time has no derivative", grazing


def _put(*path: str | int, value: Any) -> Wrong:
    def spoil(tree: Any) -> None:
        for key in path[:-1]:
            tree = tree[key]
        tree[path[-1]] = value

    return spoil


def _drop_row(tree: Any) -> None:
    del tree["parameters"]["weights"]["hidden->output"][0]


def _drop_weights(tree: Any) -> None:
    del tree["parameters"]["weights"]["hidden->output"]


def _backward(tree: Any) -> None:
    tree["stimulus"]["samples"][0]["times"].reverse()


def _wrong_files() -> dict[str, tuple[str, Wrong]]:
    neuron, sample = ("parameters", "neurons", "hidden"), ("stimulus", "samples", 0)
    return {
        "negative-time-constant": ("tau_mem is below 0", _put(*neuron, "tau_mem", value=-8.0)),
        "zero-time-constant": ("tau_syn is 0", _put(*neuron, "tau_syn", value=0.0)),
        "threshold-at-reset": ("v_reset is not below v_th", _put(*neuron, "v_reset", value=1.0)),
        "negative-duration": ("the duration is below 0", _put("stimulus", "duration", value=-40.0)),
        "negative-delay": ("a delay is below 0", _put("network", "projections", 1, "delay", value=-0.5)),
        "negative-input-time": ("an input comes before t = 0", _put(*sample, "times", 0, value=-1.0)),
        "unsorted-inputs": ("input times fall", _backward),
        "unknown-channel": ("there is no such channel", _put(*sample, "channels", 0, value=7)),
        "unknown-population": ("a projection ends nowhere", _put("network", "projections", 1, "post", value="nowhere")),
        "missing-row": ("a row of weights is missing", _drop_row),
        "missing-weights": ("the weights of a projection are missing", _drop_weights),
        "weight-as-text": ("a weight is no number", _put("parameters", "weights", "hidden->output", 0, 0, value="w")),
        "unknown-format": ("the format is another one", _put("format", value="spikeproof-problem-0")),
        "unknown-loss": ("there is no such loss", _put("loss", "kind", value="mean_square")),
        "readout-that-is-not-there": ("the loss reads no population", _put("loss", "population", value="readout")),
    }
