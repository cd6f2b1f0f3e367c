"""Wrong conventions by what they give: the answer of an engine that has one, to any problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from spikeproof import InvalidInput, Parameters, Problem
from spikeproof_verification.conformance.jumps import spikes_of_jumps
from spikeproof_verification.conformance.reply import Answer, tree_of
from spikeproof_verification.experiments.faults import faulty_engine

UNIT = 1000.0  # between seconds and milliseconds


@dataclass(frozen=True)
class Convention:
    """A wrong convention.

    Attributes
    ----------
    words : what is wrong, and what is right.
    shows : whether it shows in spike times, or in gradients beside right spike times.
    answer : to a problem, by an engine that has it; raises what that engine raises.
    """

    words: str
    shows: Literal["spikes", "gradients"]
    answer: Callable[[Problem], Answer]


def right(problem: Problem) -> Answer:
    """The right answer, by the textbook engine."""
    return tree_of(faulty_engine().solve(problem), problem)


def _of_transposed(problem: Problem) -> Answer:
    """The right answer to the problem with transposed weights."""
    p = problem.parameters
    weights = {name: _transposed(w) for name, w in p.weights.items()}
    return right(replace(problem, parameters=Parameters(weights, p.neurons)))


def _scaled(name: str, sign: int) -> Callable[[Problem], Answer]:
    """The right answer where weights act times, or through, a time constant of the neuron that they reach."""

    def answer(problem: Problem) -> Answer:
        p, network = problem.parameters, problem.network
        weights = {}
        for q in network.projections:
            tau = np.broadcast_to(getattr(p.neurons[q.post], name), network.population(q.post).size).astype(float)
            tau = tau if q.synapses is None else tau[q.synapses.targets]
            weights[q.name] = p.weights[q.name] * tau**sign
        return right(replace(problem, parameters=Parameters(weights, p.neurons)))

    return answer


def _transposed(w: Any) -> Any:
    if w.ndim != 2 or w.shape[0] != w.shape[1]:
        raise InvalidInput("weights", w.shape, "a square matrix")
    return np.ascontiguousarray(w.T)


def _time_constants(factor: float) -> Callable[[Problem], Answer]:
    def answer(problem: Problem) -> Answer:
        p = problem.parameters
        neurons = {n: replace(x, tau_mem=x.tau_mem * factor, tau_syn=x.tau_syn * factor) for n, x in p.neurons.items()}
        return right(replace(problem, parameters=Parameters(p.weights, neurons)))

    return answer


def _times(factor: float) -> Callable[[Problem], Answer]:
    def answer(problem: Problem) -> Answer:
        found = right(problem)
        scaled = [[[factor * float(t) for t in train] for train in sample] for sample in found["spike_times"]]
        return found | {"spike_times": scaled}

    return answer


def _fault(name: str) -> Callable[[Problem], Answer]:
    return lambda problem: tree_of(faulty_engine(name).solve(problem), problem)


def _jumps(problem: Problem) -> Answer:
    return {"spike_times": spikes_of_jumps(problem)}


def _own_transposed(problem: Problem) -> Answer:
    """Gradients in the shape of W^T: only of square matrices can that be mistaken."""
    found = right(problem)
    return found | {"weights": {name: np.transpose(w).tolist() for name, w in found["weights"].items()}}


CONVENTIONS = (
    Convention("weights act on V (V += w): an arrival adds its weight to I", "spikes", _jumps),
    Convention("weights act as w / tau_syn: an arrival adds w itself to I", "spikes", _scaled("tau_syn", -1)),
    Convention("weights act as w tau_syn: an arrival adds w itself to I", "spikes", _scaled("tau_syn", 1)),
    Convention("weights act as w / tau_mem: tau_mem dV/dt = -V + I", "spikes", _scaled("tau_mem", -1)),
    Convention("I is not divided by tau_mem: tau_mem dV/dt = -V + I", "spikes", _scaled("tau_mem", 1)),
    Convention("W is transposed: w[i][j] leads from neuron i to neuron j", "spikes", _of_transposed),
    Convention("time constants are read in seconds: all times have the same unit", "spikes", _time_constants(UNIT)),
    Convention("time constants are read in milliseconds, and times in seconds", "spikes", _time_constants(1.0 / UNIT)),
    Convention("spike times are given in seconds: they have the unit of the inputs", "spikes", _times(1.0 / UNIT)),
    Convention("spike times are given in milliseconds: they have the unit of the inputs", "spikes", _times(UNIT)),
    Convention("a spike resets I too: it resets V alone", "spikes", _fault("current reset with the potential")),
    Convention("V goes to 0 after a spike: it goes to v_reset", "spikes", _fault("reset to zero")),
    Convention("delays are ignored", "spikes", _fault("delays ignored")),
    Convention("inputs at one time count once: each adds w", "spikes", _fault("coincident inputs counted once")),
    Convention("the initial current is ignored", "spikes", _fault("initial current ignored")),
    Convention("spikes are looked for at arrivals alone", "spikes", _fault("missed spikes between arrivals")),
    Convention("the gradient is summed over the batch: it is that of the mean", "gradients",
               _fault("mean over the batch missing")),
    Convention("the factor tau_syn of the weight gradient is missing", "gradients",
               _fault("tau_syn missing in the weight gradient")),
    Convention("the gradient is transposed", "gradients", _own_transposed),
    Convention("W is not transposed on the way back", "gradients", _fault("transposed weights")),
    Convention("the gradient is taken after the reset: Vdot^- belongs in the denominator, I - v_th", "gradients",
               _fault("Vdot taken after the reset")),
    Convention("the reset term is missing: lambda_v jumps by (v_th - v_reset) lambda_v / (tau_mem Vdot) too",
               "gradients", _fault("no reset term")),
    Convention("the v_th term of the jump is that of v_reset", "gradients", _fault("threshold and reset mixed up")),
    Convention("v_reset is missing in the jump of lambda_v", "gradients", _fault("v_reset missing in the jump")),
    Convention("lambda_v jumps to the wrong side at spikes", "gradients", _fault("sign of the jump")),
    Convention("the bias is missing in Vdot", "gradients", _fault("bias missing in Vdot")),
    Convention("lambda_i is missing where arrivals are collected", "gradients",
               _fault("lambda_i missing at arrivals")),
    Convention("lambda_v does not drive lambda_i", "gradients", _fault("flow of lambda_i as that of I")),
    Convention("lambda_v drives lambda_i at the rate 1/tau_mem: it is 1/tau_syn", "gradients",
               _fault("tau_mem for tau_syn in the flow of lambda_i")),
    Convention("only the first spike of each neuron is differentiated", "gradients",
               _fault("second spike of a neuron dropped")),
    Convention("events are sorted again by time: the way back takes them in the reverse order", "gradients",
               _fault("events sorted again by time")),
    Convention("the gradient near grazing spikes is clamped", "gradients", _fault("clamped denominator")),
    Convention("delays are ignored on the way back", "gradients", _fault("delays ignored backward")),
    Convention("the first arrival is left out of the gradient", "gradients",
               _fault("gradient of the first arrival missing")),
    Convention("at maxima of V that an arrival cuts short the published rule is used", "gradients",
               _fault("published rule at kinks")),
)  # fmt: skip


def answers(problem: Problem, shows: str) -> Iterator[tuple[Convention, Answer]]:
    """The answers of engines with each wrong convention, as far as they answer at all."""
    for convention in CONVENTIONS:
        if convention.shows == shows:
            try:
                yield convention, convention.answer(problem)
            except (ValueError, ArithmeticError, RuntimeError, AttributeError):
                continue  # this convention has no answer to such a problem: a transposed matrix that does not fit
