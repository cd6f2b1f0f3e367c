"""Faults of the adjoint pass; `catalogue` describes each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from spikeproof import Problem, Projection
from spikeproof.numbers import Array
from spikeproof.solution import Gradients
from spikeproof_reference.textbook.adjoint import Adjoint, Totals
from spikeproof_reference.textbook.engine import TextbookEngine
from spikeproof_reference.textbook.flow import Lambda, factors
from spikeproof_reference.textbook.model import Model, Neuron
from spikeproof_reference.textbook.record import Arrival, Event, Node, Record, Spike
from spikeproof_verification.experiments.faults.seeded import seeded

FLAT = 1.0  # smallest tau_mem Vdot of a clamped denominator


@seeded("single precision")
class _Single(Adjoint):
    def rewound(self, neuron: Neuron, after: Lambda, dt: float) -> Lambda:
        return Lambda(*(float(np.float32(x)) for x in super().rewound(neuron, after, dt)))


@seeded("sign of the jump")
class _Sign(Adjoint):
    def jump(self, e: Spike, after: float) -> float:
        return -super().jump(e, after)


@seeded("second spike of a neuron dropped")
class _Dropped(Adjoint):
    def jump(self, e: Spike, after: float) -> float:
        rank = sum(s.neuron == e.neuron for s in self.record.spikes[: e.number])
        return 0.0 if rank == 1 else super().jump(e, after)


@seeded("no reset term")
class _NoReset(Adjoint):
    def height(self, neuron: Neuron) -> float:
        return 0.0


@seeded("threshold and reset mixed up")
class _MixedUp(Adjoint):
    def height(self, neuron: Neuron) -> float:
        return neuron.v_reset - neuron.v_th


@seeded("v_reset missing in the jump")
class _ResetMissing(Adjoint):
    def height(self, neuron: Neuron) -> float:
        return neuron.v_th


@seeded("clamped denominator")
class _Clamped(Adjoint):
    def slope(self, e: Spike) -> float:
        return max(super().slope(e), FLAT)


@seeded("Vdot taken after the reset")
class _AfterReset(Adjoint):
    def slope(self, e: Spike) -> float:
        neuron = self.model.neurons[e.neuron]
        return e.i + neuron.bias - neuron.v_reset


@seeded("bias missing in Vdot")
class _BiasMissing(Adjoint):
    def slope(self, e: Spike) -> float:
        return e.i - self.model.neurons[e.neuron].v_th


@seeded("lambda_i missing at arrivals")
class _OfVAlone(Adjoint):
    def collected(self, e: Arrival) -> float:
        s = self.model.synapses[e.synapse]
        return s.w * self.adjoint[s.post].v


@seeded("autapses left out")
class _NoAutapses(Adjoint):
    def collected(self, e: Arrival) -> float:
        s = self.model.synapses[e.synapse]
        return 0.0 if s.pre == s.post and not s.from_input else super().collected(e)


@seeded("events sorted again by time")
class _Sorted(Adjoint):
    def reversed(self) -> Iterator[tuple[int, Event]]:
        events = list(super().reversed())[::-1]
        events.sort(key=lambda x: (x[1].time, isinstance(x[1], Spike)))  # arrivals before spikes of the same time
        return iter(events[::-1])


@seeded("gradient of the first arrival missing")
class _FirstMissing(Adjoint):
    def arrival(self, e: Arrival, number: int) -> None:
        if any(isinstance(earlier, Arrival) for earlier in self.record.events[:number]):
            super().arrival(e, number)


@seeded("delays ignored backward")
class _DelayedLost(Adjoint):
    def send_back(self, e: Arrival, moved: float) -> None:
        super().send_back(e, 0.0 if self.model.synapses[e.synapse].delay > 0.0 else moved)


@seeded("tau_syn gradient over arrivals")
class _OverArrivals(Adjoint):
    def arrival(self, e: Arrival, number: int) -> None:
        super().arrival(e, number)
        s = self.model.synapses[e.synapse]
        self.add(s.post, tau_syn=self.adjoint[s.post].i * s.w)


@seeded("tau_mem gradient over the reset")
class _OverReset(Adjoint):
    def spike(self, e: Spike) -> None:
        super().spike(e)
        self.add(e.neuron, tau_mem=-self.adjoint[e.neuron].v * self.height(self.model.neurons[e.neuron]))


@seeded("flow of lambda_i as that of I")
class _Undriven(Adjoint):
    def rewound(self, neuron: Neuron, after: Lambda, dt: float) -> Lambda:
        f = factors(neuron, dt)
        v, i = after.v * f.e_mem, after.i * f.e_syn
        return Lambda(v, i, v - i)


@seeded("tau_mem for tau_syn in the flow of lambda_i")
class _WrongRate(Adjoint):
    def rewound(self, neuron: Neuron, after: Lambda, dt: float) -> Lambda:
        f = factors(neuron, dt)
        v, i = after.v * f.e_mem, after.i * f.e_syn + after.v * f.k
        return Lambda(v, i, v - i)


@seeded("sign of the bias gradient")
class _BiasSign(Adjoint):
    def by_interval(self, neuron: Neuron, node: Node, after: Lambda, dt: float) -> dict[str, float]:
        found = super().by_interval(neuron, node, after, dt)
        return found | {"bias": -found["bias"]}


@seeded("tau_syn missing in the weight gradient")
class _NoTau(Adjoint):
    def by_weight(self, e: Arrival) -> float:
        return -self.adjoint[self.model.synapses[e.synapse].post].i


@seeded("sign of the delay")
class _DelaySign(Adjoint):
    def by_delay(self, moved: float) -> float:
        return -moved


@seeded("threshold gradient after the spike")
class _ThresholdAfter(Adjoint):
    def by_threshold(self, neuron: Neuron, before: float, after: float) -> float:
        return neuron.tau_mem * after


@seeded("reset gradient before the spike")
class _ResetBefore(Adjoint):
    def by_reset(self, neuron: Neuron, before: float, after: float) -> float:
        return -neuron.tau_mem * before


@seeded("tau_mem missing in the gradient of v_init")
class _StartWithoutTau(Adjoint):
    def start(self, n: int, neuron: Neuron) -> None:
        super().start(n, neuron)
        self.add(n, v_init=(neuron.tau_mem - 1.0) * self.adjoint[n].v)


@seeded("a NaN")
class _NotANumber(Adjoint):
    def run(self) -> None:
        super().run()
        self.totals.weights[0] = math.nan


@seeded("mean over the batch missing")
class _Summed(TextbookEngine):
    def gradients(self, problem: Problem, totals: Totals, n_samples: int) -> Gradients:
        return super().gradients(problem, totals, 1)


@seeded("gradients of synapses by columns")
class _ByColumns(TextbookEngine):
    def part(self, projection: Projection, part: Array) -> Array:
        if projection.synapses is None:
            return part
        return part[np.lexsort((projection.synapses.sources, projection.synapses.targets))]


@seeded("transposed weights")
class _Transposed(TextbookEngine):
    def records(self, problem: Problem, model: Model) -> list[Record]:
        records, network = super().records(problem, model), problem.network
        matrices = network.as_matrices(problem.parameters.weights)
        square = {p.name: matrices[p.name].T for p in network.projections if len(set(network.shape(p))) == 1}
        weights = [(matrices | square)[p.name][i, j] for p in network.projections for i, j in network.pairs(p)]
        synapses = [replace(s, w=float(w)) for s, w in zip(model.synapses, weights, strict=True)]
        for record in records:  # read by the adjoint pass
            record.model = replace(model, synapses=synapses)
        return records
