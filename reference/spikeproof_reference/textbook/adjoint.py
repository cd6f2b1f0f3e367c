"""The adjoint pass (EventProp): the events of a sample exactly reversed.

Between events lambda_v and lambda_i follow (7), and an interval adds to the derivatives by the neuron's parameters. An
observation of V by the loss adds to lambda_v at its time. At the events::

    (11)  spike of n      lambda_v^- = lambda_v^+ + ((v_th - v_reset) lambda_v^+ + d_spike) / (tau_mem Vdot^-)
                          tau_mem Vdot^- = I - theta,  theta = v_th - bias
    (12)  arrival         w (lambda_v - lambda_i)^+ is added to d_spike of the spike that arrived
    (13)  release of n    tau_mem Vdot^+ lambda_v^+ is added to d_spike of the spike since which n was held
                          tau_mem Vdot^+ = I + bias - v_reset;  lambda_v^- = 0, and stays so while n is held

`d_spike` of a spike is the derivative of the loss by its time, what is collected from its arrivals and its release
included. The gradients are sums over the events::

    (14)  weight          -tau_syn lambda_i^+            at each arrival
          delay           w (lambda_v - lambda_i)^+      at each arrival
          input spike     the sum of that over its arrivals
          v_th, v_reset   tau_mem lambda_v^-, -tau_mem lambda_v^+      at each spike
          t_ref, v_reset  tau_mem Vdot^+ lambda_v^+, -tau_mem lambda_v^+      at each release
          v_reset         the derivatives by what the loss observes of V      while held
          v_init, i_init  -tau_mem lambda_v, -tau_syn lambda_i         at t = 0

Without a refractory time the release is the spike. See docs/theory.md (adjoint-jump), (ref-adjoint); W enters by its
full transpose, so that autapses are included.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from spikeproof.errors import GrazingSpike
from spikeproof.neuron_parameters import PARAMETER_NAMES
from spikeproof_reference.textbook.flow import Lambda, by_time_constants, rewound
from spikeproof_reference.textbook.model import Model, Neuron
from spikeproof_reference.textbook.observed import Pulled
from spikeproof_reference.textbook.record import Arrival, Event, Node, Record, Release, Spike

EPS = 2.0**-52


@dataclass
class Totals:
    """Gradients, summed over samples: per synapse, per input spike, and per neuron by the parameter's name."""

    weights: list[float]
    delays: list[float]
    inputs: list[float]
    neurons: dict[str, list[float]]

    @classmethod
    def of_nothing(cls, model: Model, n_inputs: int) -> Totals:
        """Zeros."""
        n = len(model.synapses)
        return cls([0.0] * n, [0.0] * n, [0.0] * n_inputs, {p: [0.0] * len(model.neurons) for p in PARAMETER_NAMES})


class Adjoint:
    """The pass over one sample, whose first input spike is number `first_input` of the batch; adds to `totals`."""

    def __init__(self, record: Record, pulled: Pulled, sample: int, first_input: int, totals: Totals) -> None:
        self.record, self.pulled, self.sample, self.totals = record, pulled, sample, totals
        self.model, self.first_input = record.model, first_input
        size = len(self.model.neurons)
        self.adjoint = [Lambda()] * size
        self.d_spike = list(pulled.d_spike)
        self.interval = [len(nodes) - 1 for nodes in record.nodes]  # in which each neuron is; lambda: at its end

    def run(self) -> None:
        """Go back from the end to the start.

        Raises
        ------
        GrazingSpike
            If a derivative is asked for at a spike with Vdot = 0 to rounding.
        """
        for number, event in self.reversed():
            self.rewind(self.model.synapses[event.synapse].post if isinstance(event, Arrival) else event.neuron)
            if isinstance(event, Spike):
                self.spike(event)
            elif isinstance(event, Release):
                self.release(event)
            else:
                self.arrival(event, number)
        for n in range(len(self.model.neurons)):
            self.rewind(n)
            self.start(n, self.model.neurons[n])

    def reversed(self) -> Iterator[tuple[int, Event]]:
        """The events with their numbers, the last one first."""
        return reversed(list(enumerate(self.record.events)))

    def spike(self, e: Spike) -> None:
        """Equations (11) and (14); in a neuron that is held after it lambda_v^+ is 0."""
        neuron, after = self.model.neurons[e.neuron], self.adjoint[e.neuron]
        before = self.adjoint[e.neuron] = after.jumped(self.jump(e, after.v))
        by_threshold, by_reset = (rule(neuron, before.v, after.v) for rule in (self.by_threshold, self.by_reset))
        self.add(e.neuron, v_th=by_threshold, v_reset=by_reset, t_ref=self.by_refractory(self.by_release(e, after.v)))

    def release(self, e: Release) -> None:
        """Equations (13) and (14)."""
        after = self.adjoint[e.neuron]
        moved, by_reset = self.by_release(e, after.v), self.by_reset(self.model.neurons[e.neuron], 0.0, after.v)
        self.add(e.neuron, v_reset=by_reset, t_ref=self.by_refractory(moved))
        self.release_moved(e, moved)
        self.adjoint[e.neuron] = self.held(after)

    def by_release(self, e: Spike | Release, after: float) -> float:
        """``tau_mem Vdot^+ lambda_v^+`` where V starts from v_reset."""
        neuron = self.model.neurons[e.neuron]
        return (e.i + neuron.bias - neuron.v_reset) * after

    def release_moved(self, e: Release, moved: float) -> None:
        """Add the derivative by the time of a release to that of its spike."""
        self.d_spike[e.number] += moved

    def held(self, after: Lambda) -> Lambda:
        """Lambda before a release: nothing before it displaces V."""
        return Lambda(0.0, after.i, -after.i)

    def jump(self, e: Spike, after: float) -> float:
        """lambda_v^- - lambda_v^+ of equation (11)."""
        pull = self.height(self.model.neurons[e.neuron]) * after + self.d_spike[e.number]
        return pull / self.slope(e) if pull else 0.0

    def height(self, neuron: Neuron) -> float:
        """How far V falls at a reset."""
        return neuron.v_th - neuron.v_reset

    def slope(self, e: Spike) -> float:
        """tau_mem Vdot just before a spike; refused where the peak of V exceeds v_th by rounding alone."""
        neuron = self.model.neurons[e.neuron]
        slope, size = e.i - neuron.theta, 4.0 * EPS * (abs(neuron.v_th) + abs(neuron.bias))
        # at a peak V'' = -theta / (tau_mem tau_syn): one that is higher by `size` is crossed with this slope
        if slope <= math.sqrt(2.0 * size * max(neuron.theta, 0.0) * (neuron.tau_mem / neuron.tau_syn)):
            raise GrazingSpike(self.sample, e.neuron, e.time)
        return slope

    def arrival(self, e: Arrival, number: int) -> None:
        """Equations (12) and (14); where the arrival is a kink, the maximum of V that it cuts moves with it."""
        self.totals.weights[e.synapse] += self.by_weight(e)
        moved = self.collected(e) + self.pulled.kinks.get(number, 0.0)
        self.totals.delays[e.synapse] += self.by_delay(moved)
        self.send_back(e, moved)

    def collected(self, e: Arrival) -> float:
        """``w (lambda_v - lambda_i)``."""
        s = self.model.synapses[e.synapse]
        return s.w * self.adjoint[s.post].d

    def send_back(self, e: Arrival, moved: float) -> None:
        """Add the derivative by the time of an arrival to that of the spike that caused it."""
        if self.model.synapses[e.synapse].from_input:
            self.totals.inputs[self.first_input + e.source] += moved
        else:
            self.d_spike[e.source] += moved

    def by_weight(self, e: Arrival) -> float:
        """The contribution of an arrival to the gradient of its weight."""
        post = self.model.synapses[e.synapse].post
        return -self.model.neurons[post].tau_syn * self.adjoint[post].i

    def by_delay(self, moved: float) -> float:
        """The contribution of an arrival to the gradient of its delay."""
        return moved

    def by_threshold(self, neuron: Neuron, before: float, after: float) -> float:
        """The contribution of a spike to the gradient of v_th."""
        return neuron.tau_mem * before

    def by_reset(self, neuron: Neuron, before: float, after: float) -> float:
        """The contribution of a spike to the gradient of v_reset."""
        return -neuron.tau_mem * after

    def by_refractory(self, moved: float) -> float:
        """The term of a release in the gradient of t_ref."""
        return moved

    def start(self, n: int, neuron: Neuron) -> None:
        """Gradients of the state at t = 0."""
        self.add(n, v_init=-neuron.tau_mem * self.adjoint[n].v, i_init=-neuron.tau_syn * self.adjoint[n].i)

    def rewind(self, n: int) -> None:
        """Take lambda of neuron `n` from the end of its interval to the start, with what the loss observes between.

        The flow is linear: lambda at the end and each observation go back to the start by themselves. While the neuron
        is held lambda_v is 0, and what is observed is v_reset.
        """
        k, neuron = self.interval[n], self.model.neurons[n]
        self.interval[n], node, seen = k - 1, self.record.nodes[n][k], self.pulled.impulses.get((n, k), [])
        if node.held:
            self.held_seen(n, seen)
            seen = []
        pulls = [(self.record.stop(n, k) - node.time, self.adjoint[n])]
        pulls += [(dt, Lambda().jumped(-slope / neuron.tau_mem)) for dt, slope in seen]
        pulls = [(dt, after) for dt, after in pulls if any(after)]  # of a quadrature there may be 100 000
        terms = [self.by_interval(neuron, node, after, dt) for dt, after in pulls]
        self.add(n, **{name: math.fsum(term[name] for term in terms) for name in (terms[0] if terms else ())})
        before = [self.rewound(neuron, after, dt) for dt, after in pulls]
        self.adjoint[n] = Lambda(*map(math.fsum, zip(*before, strict=True)))

    def held_seen(self, n: int, seen: list[tuple[float, float]]) -> None:
        """The derivative of the loss by V while a neuron is held."""
        self.add(n, v_reset=math.fsum(slope for _, slope in seen))

    def rewound(self, neuron: Neuron, after: Lambda, dt: float) -> Lambda:
        """Lambda a time `dt` earlier: equation (7)."""
        return rewound(neuron, after, dt)

    def by_interval(self, neuron: Neuron, node: Node, after: Lambda, dt: float) -> dict[str, float]:
        """The contribution of the interval from a node to `dt` later to the gradients of tau_mem, tau_syn and bias.

        They are the integrals of ``lambda_v dV/dt``, ``lambda_i dI/dt`` and ``-lambda_v`` over the interval, as
        derivatives of the flow::

            (15)  tau_mem  -tau_mem lambda_v dU/dtau_mem
                  tau_syn  -tau_mem lambda_v dU/dtau_syn - tau_syn lambda_i dI/dtau_syn
                  bias     -tau_mem lambda_v (1 - e_mem)
        """
        u_mem, u_syn, i_syn = by_time_constants(neuron, node.u, node.i, dt)
        d_u, d_i = -neuron.tau_mem * after.v, -neuron.tau_syn * after.i  # dL/dU and dL/dI at the end
        return {
            "tau_mem": d_u * u_mem,
            "tau_syn": d_u * u_syn + d_i * i_syn,
            "bias": d_u * -math.expm1(-dt / neuron.tau_mem),
        }

    def add(self, n: int, **terms: float) -> None:
        """Add to the gradients of a neuron's parameters."""
        for name, term in terms.items():
            self.totals.neurons[name][n] += term
