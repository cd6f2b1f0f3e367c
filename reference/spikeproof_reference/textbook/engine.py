"""The textbook engine: a problem in, a solution out, in plain Python.

Read `model`, `flow`, `crossing`, `forward` and `adjoint` in this order; then `losses` and what it observes of V.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from spikeproof.engine import Wanted, check_wanted, only
from spikeproof.network import Projection
from spikeproof.neuron_parameters import PARAMETER_NAMES
from spikeproof.numbers import Array, Float64Array, integer
from spikeproof.problem import Problem
from spikeproof.solution import Gradients, NeuronGradients, Solution
from spikeproof.spikes import Spikes
from spikeproof_reference.textbook.adjoint import Adjoint, Totals
from spikeproof_reference.textbook.forward import EVENT_LIMIT, Forward
from spikeproof_reference.textbook.losses import Losses
from spikeproof_reference.textbook.model import Model, model_of
from spikeproof_reference.textbook.record import Record


@dataclass(frozen=True)
class TextbookEngine:
    """Exact event-driven solution and gradient in plain Python floats: slow, short, and complete.

    Parameters
    ----------
    event_limit
        Most events (spikes and arrivals, each at one neuron) of one sample; `EventLimitExceeded` beyond.

    Notes
    -----
    It shares no algorithm with the other engines. Spike times are found by bisection of a function with one change of
    sign; gradients of time constants are derivatives of the flow; an observation of V goes back to the event before it
    in one step; all integrals in losses are refined until they have converged. It takes about 0.1 ms per arrival.
    """

    event_limit: int = EVENT_LIMIT
    name: str = "textbook"
    forward: ClassVar[type[Forward]] = Forward
    adjoint: ClassVar[type[Adjoint]] = Adjoint
    losses: ClassVar[type[Losses]] = Losses

    def __post_init__(self) -> None:
        integer("event_limit", self.event_limit, low=1)

    def unsupported(self, problem: Problem) -> str | None:
        """None: it solves every problem."""
        return None

    def solve(self, problem: Problem, gradients: Wanted = "all") -> Solution:
        """Spikes of `problem`, and, if it has a loss, its value, what it observed, and its gradients.

        `gradients` is that of `spikeproof.Engine`; None takes no adjoint pass.

        Raises
        ------
        EventLimitExceeded
            If a sample has more than ``event_limit`` events.
        GrazingSpike
            If a gradient is asked for at a spike with Vdot = 0 to rounding.
        InvalidInput
            If an integral of the loss does not converge, or a current, the loss or its derivative overflows.
        """
        check_wanted(gradients)
        rounded = problem.rounded()
        model = self.model(rounded)
        records = self.records(rounded, model)
        spikes = spikes_of(model, records)
        v_end, i_end = np.array([r.v_end for r in records]), np.array([r.i_end for r in records])
        if problem.loss is None:
            return Solution(self.name, problem, spikes, v_end, i_end)
        loss = self.losses(rounded, records, spikes).evaluate()
        found = (
            None
            if gradients is None
            else only(self.gradients(problem, self.totals(rounded, model, records, loss), len(records)), gradients)
        )
        average, observed = self.mean(loss.values), tuple(loss.observed)
        return Solution(self.name, problem, spikes, v_end, i_end, average, loss.values, found, observed)

    def model(self, problem: Problem) -> Model:
        """Neurons and synapses."""
        return model_of(problem)

    def records(self, problem: Problem, model: Model) -> list[Record]:
        """The forward pass of each sample."""
        return [self.loop(problem, model, s).run() for s in range(problem.stimulus.n_samples)]

    def loop(self, problem: Problem, model: Model, sample: int) -> Forward:
        """The event loop of one sample at its start."""
        return self.forward(model, sample, *problem.stimulus.sample(sample), self.event_limit)

    def mean(self, values: Float64Array) -> float:
        """The loss of the batch."""
        return float(np.mean(values))

    def totals(self, problem: Problem, model: Model, records: list[Record], loss: Losses) -> Totals:
        """Sums of gradients over the samples: the backward pass of each."""
        totals = Totals.of_nothing(model, len(problem.stimulus.times))
        for s, (record, pulled) in enumerate(zip(records, loss.pulled, strict=True)):
            self.adjoint(record, pulled, s, int(problem.stimulus.offsets[s]), totals).run()
        return totals

    def gradients(self, problem: Problem, totals: Totals, n_samples: int) -> Gradients:
        """The gradients of the mean over the samples, as a solution holds them."""
        network = problem.network
        weights, delays = (
            {p.name: self.part(p, part) for p, part in _parts(problem, np.array(numbers) / n_samples)}
            for numbers in (totals.weights, totals.delays)
        )
        table = np.array([totals.neurons[name] for name in PARAMETER_NAMES]) / n_samples
        neurons = {p.name: NeuronGradients.of(p, table[:, network.neurons(p.name)]) for p in network.populations}
        return Gradients(weights, np.array(totals.inputs) / n_samples, delays, neurons)

    def part(self, projection: Projection, part: Array) -> Array:
        """The gradients of one projection, in the order of its weights."""
        return part


def spikes_of(model: Model, records: list[Record]) -> Spikes:
    """The spikes of all samples."""
    found = [s for record in records for s in record.spikes]
    neurons = [model.neurons[s.neuron] for s in found]
    return Spikes(
        times=np.array([s.time for s in found]),
        neurons=np.array([s.neuron for s in found], dtype=np.int64),
        offsets=np.cumsum([0, *(len(r.spikes) for r in records)]),
        vdot=np.array([(s.i - n.theta) / n.tau_mem for s, n in zip(found, neurons, strict=True)]),
    )


def _parts(problem: Problem, flat: Float64Array) -> Any:
    """(projection, its share of numbers per synapse), shaped like its weights."""
    parts = problem.network.split(flat)
    return [(p, parts[p.name]) for p in problem.network.projections]
