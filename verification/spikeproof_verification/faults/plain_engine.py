"""A slow, plain event-driven engine in Python floats that can be given faults.

Without a fault it is a third opinion on spikes, end states and gradients; with one it is what the checks must reject.
Its dynamics share no code with the engines: textbook closed forms, crossings by bisection, one list of events for the
whole network, and every integral by quadrature. It does share the data model, and losses as functions of spike times
or of what is observed of V. Those are checked against the reference's own, and their faults are put in around them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spikeproof import InvalidInput, Problem, Solution, Spikes
from spikeproof.solution import Gradients
from spikeproof_verification.faults.catalogue import ENGINE_FAULTS
from spikeproof_verification.faults.plain_adjoint import adjoint, gradients_of, no_totals
from spikeproof_verification.faults.plain_forward import forward
from spikeproof_verification.faults.plain_losses import Terms, evaluated
from spikeproof_verification.faults.plain_model import PlainModel, plain_model
from spikeproof_verification.faults.plain_record import Record


@dataclass(frozen=True)
class PlainEngine:
    """The plain engine with one fault, or none.

    Raises
    ------
    InvalidInput
        If there is no such fault.
    """

    fault: str = ""
    name: str = "plain"

    def __post_init__(self) -> None:
        names = [f.name for f in ENGINE_FAULTS]
        if self.fault and self.fault not in names:
            raise InvalidInput("fault", self.fault, f"one of {names}")

    def unsupported(self, problem: Problem) -> str | None:
        """Why this engine cannot solve `problem`; None if it can."""
        return "heuristic losses are not exact" if getattr(problem.loss, "heuristic", False) else None

    def solve(self, problem: Problem) -> Solution:
        """Spikes of `problem`, and loss and all gradients if it has a loss."""
        problem = problem.rounded()
        model = plain_model(problem, self.fault)
        records: list[Record] = []
        for sample in range(problem.stimulus.n_samples):
            records.append(forward(model, problem, records[-1] if records else None, sample))
        spikes = _spikes(model, records)
        v_end, i_end = np.array([r.v_end for r in records]), np.array([r.i_end for r in records])
        if problem.loss is None:
            return Solution(self.name, problem, spikes, v_end, i_end)
        terms = evaluated(model, problem, records, spikes)
        mean = np.sum(terms.values) if self.fault == "loss summed over the batch" else np.mean(terms.values)
        gradients = _gradients(model, problem, records, spikes, terms)
        return Solution(self.name, problem, spikes, v_end, i_end, float(mean), terms.values, gradients)


def _spikes(model: PlainModel, records: list[Record]) -> Spikes:
    found = [s for record in records for s in record.spikes]
    return Spikes(
        times=np.array([s.time for s in found]),
        neurons=np.array([s.neuron for s in found], dtype=np.int64),
        offsets=np.cumsum([0, *(len(r.spikes) for r in records)]),
        vdot=np.array([s.slope / model.neurons.tau_mem[s.neuron] for s in found]),
    )


def _gradients(model: PlainModel, problem: Problem, records: list[Record], spikes: Spikes, terms: Terms) -> Gradients:
    totals, inputs = no_totals(model, problem), problem.stimulus.offsets
    for s, record in enumerate(records):
        own = slice(spikes.offsets[s], spikes.offsets[s + 1])
        adjoint(model, record, terms.d_spike[own], terms.pulled[s], slice(inputs[s], inputs[s + 1]), totals)
    if model.wrong != "mean over the batch missing":
        arrays = [*totals.weights.values(), *totals.delays.values(), totals.inputs, *totals.neurons.values()]
        for array in arrays:
            array /= len(records)
    return gradients_of(model, totals, problem.network)
