"""One neuron with a refractory time in high precision, from the closed flow and roots alone, and its derivatives.

Nothing here is shared with an engine. The bias lifts the neuron over its threshold and currents are positive, so that
V that has crossed stays above: an interval has a spike if V ends it there.
"""

from dataclasses import dataclass, replace

import mpmath

from spikeproof import (
    Input,
    LossSum,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeTarget,
    Stimulus,
    VoltageFunction,
    VoltageIntegral,
)

DPS = 40
NUMBERS = ("tau_mem", "tau_syn", "v_th", "v_reset", "bias", "v_init", "i_init", "t_ref")


@dataclass(frozen=True)
class Case:
    """A neuron, its inputs as (time, weight), its autapse as (delay, weight), and when the loss reads V."""

    t_ref: object
    inputs: tuple = ()
    autapse: tuple = ()
    read: tuple = ()
    duration: float = 64.0
    tau_mem: object = 16.0
    tau_syn: object = 5.0
    v_th: object = 1.0
    v_reset: object = -0.25
    bias: object = 1.5
    v_init: object = 0.125
    i_init: object = 0.25

    def problem(self):
        """The neuron as a problem; inputs have channels of their own."""
        network = Network(
            [Input("in", max(1, len(self.inputs)))],
            [Population("n", 1)],
            [Projection("in", "n"), *([Projection("n", "n", self.autapse[0])] if self.autapse else [])],
        )
        weights = {"in->n": [[w] for _, w in self.inputs] or [[0.0]]}
        if self.autapse:
            weights["n->n"] = [[self.autapse[1]]]
        parameters = Parameters(weights, {"n": NeuronParameters(**{name: getattr(self, name) for name in NUMBERS})})
        times = [a for a, _ in self.inputs]
        stimulus = Stimulus.of_samples([(times, list(range(len(times))))], self.duration)
        terms = [(1.0, SpikeTimeTarget("n", [[[0.0] * 40]], missing="absent")), (0.5, VoltageIntegral("n"))]
        if self.read:
            terms.append((2.0, VoltageFunction("n", list(self.read), cubes)))
        return Problem(network, parameters, stimulus, LossSum(terms))


def cubes(v):
    return (v * v * v).sum(), 3 * v * v


def flow(c, u, i, t):
    """U, I and the integral of U after a time."""
    m, s = c.tau_mem, c.tau_syn
    e, f = mpmath.exp(-t / m), mpmath.exp(-t / s)
    k, sum_k = s / (m - s) * (e - f), s / (m - s) * (m * (1 - e) - s * (1 - f))
    return u * e + i * k, i * f, u * m * (1 - e) + i * sum_k


def crossing(c, u, i, rest):
    """When U reaches the threshold within an interval that ends above it."""
    return mpmath.findroot(lambda t: flow(c, u, i, t)[0] - (c.v_th - c.bias), (0, rest), solver="anderson")


def solved(c):
    """Spike times and the loss of a case of mpf: half the sum of their squares, and what is observed of V."""
    now, u, i, until, spikes, area, values = mpmath.mpf(0), c.v_init - c.bias, c.i_init, mpmath.mpf(0), [], 0, []
    waiting, end = sorted(c.inputs), mpmath.mpf(c.duration)
    while now < end:
        reads = [t for t in c.read if t > now]
        stops = [end, *reads, *(a for a, _ in waiting if a >= now), *([until] if until > now else [])]
        stop = min(stops)
        if until > now:
            after = u, i * mpmath.exp(-(stop - now) / c.tau_syn), u * (stop - now)
        else:
            after = flow(c, u, i, stop - now)
            if after[0] > c.v_th - c.bias:
                dt = crossing(c, u, i, stop - now)
                stop, after = now + dt, flow(c, u, i, dt)
                spikes.append(stop)
                after, until = (c.v_reset - c.bias, after[1], after[2]), stop + c.t_ref
                if c.autapse:
                    waiting.append((stop + c.autapse[0], c.autapse[1]))
        area += after[2] + c.bias * (stop - now)
        now, u, i = stop, after[0], after[1]
        if now in c.read:
            values.append(u + c.bias)
        i += sum(w for a, w in waiting if a == now)
        waiting = [(a, w) for a, w in waiting if a > now]
    return spikes, sum(t**2 for t in spikes) / 2 + area / 2 + 2 * sum(v**3 for v in values)


def precise(c):
    """The case in mpf."""
    numbers = {name: mpmath.mpf(getattr(c, name)) for name in NUMBERS}
    inputs = tuple((mpmath.mpf(a), mpmath.mpf(w)) for a, w in c.inputs)
    autapse, read = (tuple(map(mpmath.mpf, x)) for x in (c.autapse, c.read))
    return replace(c, **numbers, inputs=inputs, autapse=autapse, read=read)


def derivative(change, side=0):
    """The derivative of the loss by a number h of which ``change(h)`` makes a case; on one side of 0 alone if asked."""
    with mpmath.workdps(3 * DPS):
        return mpmath.diff(lambda h: solved(change(h))[1], 0, direction=side)


def by(c, name, place=0, side=0):
    """The derivative by a parameter of the neuron, by the time or weight of an input, or by "delay" or "w_self"."""
    p = precise(c)

    def change(h):
        if name in NUMBERS:
            return replace(p, **{name: getattr(p, name) + h})
        if name in ("delay", "w_self"):
            d, w = p.autapse
            return replace(p, autapse=(d + h, w) if name == "delay" else (d, w + h))
        inputs = list(p.inputs)
        a, w = inputs[place]
        inputs[place] = (a + h, w) if name == "time" else (a, w + h)
        return replace(p, inputs=tuple(inputs))

    return derivative(change, side)


def gradient(c, sides=None):
    """All derivatives by name, and by place for inputs; `sides` says where they are taken on one side alone."""
    sides = sides or {}
    names = [(name, 0) for name in NUMBERS if mpmath.isfinite(getattr(c, name))]
    names += [(name, k) for k in range(len(c.inputs)) for name in ("time", "weight")]
    names += [(name, 0) for name in ("delay", "w_self") if c.autapse]
    return {(name, k): by(c, name, k, sides.get(name, 0)) for name, k in names}


def found(gradients):
    """The same of an engine."""
    neuron = gradients.neurons["n"]
    numbers = {(name, 0): getattr(neuron, name)[0] for name in NUMBERS}
    for k, (time, (weight,)) in enumerate(zip(gradients.input_times, gradients.weights["in->n"], strict=False)):
        numbers |= {("time", k): time, ("weight", k): weight}
    if "n->n" in gradients.weights:
        numbers |= {("delay", 0): gradients.delays["n->n"][0, 0], ("w_self", 0): gradients.weights["n->n"][0, 0]}
    return numbers


CASES = {  # the first spike is at about 15
    "nothing but its bias": Case(3.0),
    "never held": Case(0.0),
    "held for a moment": Case(2.0**-20),
    "held for longer than it takes to charge": Case(18.0, duration=96.0),
    "held beyond the end": Case(200.0),
    "fires once": Case(float("inf"), ((17.0, 2.0),), read=(20.0, 60.0)),
    "an arrival during the hold": Case(4.0, ((16.0, 3.0), (17.5, 2.0))),
    "arrivals during the hold and after it": Case(3.0, ((16.0, 2.0), (20.0, 1.0), (24.0, 3.0))),
    "a drive that crosses almost at once": Case(2.0, ((16.0, 1e3),), duration=40.0),
    "an autapse shorter than the hold": Case(3.0, autapse=(1.25, 0.75)),
    "an autapse without delay": Case(3.0, autapse=(0.0, 0.75)),
    "an autapse longer than the hold": Case(3.0, autapse=(4.5, 0.75)),
    "an autapse that arrives at the release": Case(3.0, autapse=(3.0, 0.75)),
    "V read in the hold": Case(6.0, ((16.0, 1.0),), read=(8.0, 17.0, 18.0, 30.0)),
    "V read in the last hold": Case(30.0, ((18.0, 1.0),), read=(20.0, 64.0)),
}
ONE_SIDED = {  # on which side of a tie, where the release comes first, or of 0
    "an autapse that arrives at the release": {"delay": 1, "t_ref": -1},
    "an autapse without delay": {"delay": 1},
    "never held": {"t_ref": 1},
}
