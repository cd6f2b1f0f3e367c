"""Networks for the discrete model, and their loss and its directional derivatives by the plain reference in mpmath."""

import mpmath
import numpy as np

import spikeproof as sp
from spikeproof_reference.lesson.discrete import coefficients, hard_step, path
from spikeproof_reference.lesson.dual import Dual, chained, detached
from spikeproof_reference.lesson.grid_losses import Functions, dual_functions, loss_on_grid

DT = 0.5
DIGITS = 30

ctx = mpmath.MPContext()
ctx.dps = 2 * DIGITS
FUNCTIONS = Functions(ctx.exp, ctx.log, ctx.mpf)

LOSSES = {
    "max": sp.MaxVoltageCrossEntropy("out", [2, 0]),
    "integral": sp.IntegralCrossEntropy("out", [1, 2], weight="mean"),
    "exponential": sp.VoltageIntegral("out", [1.0, -0.5, 0.25], weight=sp.ExponentialWeight(7.0)),
    "target": sp.VoltageTarget("out", [2.0, 11.5, 16.0], np.linspace(-0.5, 1.0, 18).reshape(2, 3, 3)),
    "sum": sp.LossSum([(0.5, sp.MaxVoltageCrossEntropy("out", [1, 1])), (-2.0, sp.VoltageIntegral("out"))]),
}


def discrete_problem(seed, loss="max", recurrent=True, duration=16.0):
    """Two hidden layers, the first one recurrent, with delays, biases, unlike neurons and readouts of both."""
    random = np.random.default_rng(seed)
    projections = [
        sp.Projection("in", "a"), sp.Projection("in", "out", 1.0), sp.Projection("a", "b", 0.5),
        sp.Projection("b", "out"), sp.Projection("a", "out", 1.5),
    ]  # fmt: skip
    if recurrent:
        projections += [sp.Projection("a", "a"), sp.Projection("b", "a", 1.0)]
    populations = [sp.Population("a", 5), sp.Population("out", 3, "li"), sp.Population("b", 4)]
    network = sp.Network([sp.Input("in", 3)], populations, projections)
    moments = {p.name: (1.2, 1.5) if p.pre == "in" else (0.4, 1.2) for p in projections}
    neurons = {
        "a": sp.NeuronParameters(random.uniform(4.0, 9.0, 5), 3.0, bias=random.uniform(-0.2, 0.4, 5), v_init=0.25),
        "b": sp.NeuronParameters(5.0, 5.0, v_th=0.75, i_init=0.5),
        "out": sp.NeuronParameters([6.0, 7.0, 8.0], 3.0, bias=0.1),
    }
    samples = [(random.uniform(0.0, duration, 12), random.integers(0, 3, 12)) for _ in range(2)]
    parameters = sp.Parameters(sp.normal_weights(network, moments, seed), neurons)
    return sp.Problem(network, parameters, sp.Stimulus.of_samples(samples, duration), LOSSES[loss])


def for_deltas(problem):
    """The same problem with weights for potentials that jump, and no current at the start."""
    weights = {name: 0.35 * w for name, w in problem.parameters.weights.items()}
    neurons = dict(problem.parameters.neurons)
    neurons["b"] = sp.NeuronParameters(5.0, 5.0, v_th=0.75)
    return sp.Problem(problem.network, sp.Parameters(weights, neurons), problem.stimulus, problem.loss)


def moved(problem, direction, distance):
    """The problem with its weights moved."""
    weights = {name: w + distance * direction[name] for name, w in problem.parameters.weights.items()}
    return sp.Problem(
        problem.network, sp.Parameters(weights, problem.parameters.neurons), problem.stimulus, problem.loss
    )


def direction_of(problem, seed):
    """A random change of all weights."""
    random = np.random.default_rng(seed)
    return {name: random.normal(size=w.shape) for name, w in problem.parameters.weights.items()}


def along(gradients, direction):
    """The derivative along a direction, and the size of its terms."""
    terms = np.concatenate([(g * direction[name]).ravel() for name, g in gradients.items()])
    return terms.sum(), np.abs(terms).sum()


def smooth_step(beta):
    """The smoothed step, and its derivative."""
    beta = ctx.mpf(beta)

    def step(x):
        return 1 / (1 + ctx.exp(-beta * x))

    return step, lambda x: beta * step(x) * (1 - step(x))


def surrogate_of(shape, slope):
    """The surrogate derivative by its formula."""
    s = ctx.mpf(slope)
    return {
        "super_spike": lambda x: 1 / (1 + s * abs(x)) ** 2,
        "sigmoid": smooth_step(slope)[1],
        "triangle": lambda x: max(ctx.zero, 1 - s * abs(x)),
        "arctan": lambda x: s / 2 / (1 + (ctx.pi * s * x / 2) ** 2),
    }[shape]


def reference_path(problem, sample, weights=None, dt=DT, **options):
    """V and S of one sample in mpmath; `weights` are numbers of any kind."""
    synapse = options.get("synapse", "exponential")
    found = coefficients(problem, dt, synapse, DIGITS).converted(ctx.mpf)
    if weights is None:
        weights = {name: [list(map(ctx.mpf, row)) for row in w] for name, w in problem.parameters.weights.items()}
    return path(problem, dt, found, weights, sample=sample, **options)


def reference_loss(problem, dt=DT, **options):
    """The mean loss in mpmath."""
    n = problem.stimulus.n_samples
    paths = [reference_path(problem, s, dt=dt, **options) for s in range(n)]
    return sum(loss_on_grid(problem, p.v, dt, s, FUNCTIONS) for s, p in enumerate(paths)) / n


def reference_derivative(problem, direction, step, derivative, dt=DT, reset_gradient=True, **options):
    """The derivative of the mean loss along a direction, carried forward by dual numbers."""
    weights = {
        name: [[Dual(ctx.mpf(x), ctx.mpf(u)) for x, u in zip(*rows, strict=True)] for rows in zip(w, d, strict=True)]
        for name, w in problem.parameters.weights.items()
        for d in [direction[name]]
    }
    both = chained(step, derivative)
    in_reset = (lambda s: s) if reset_gradient else detached
    n, total = problem.stimulus.n_samples, ctx.zero
    for sample in range(n):
        found = reference_path(problem, sample, weights, dt, step=both, in_reset=in_reset, **options)
        total += loss_on_grid(problem, found.v, dt, sample, dual_functions(FUNCTIONS)).dx
    return float(total / n)


def surrogate_derivative(problem, direction, shape, slope, **options):
    """The derivative along a direction with the hard step and a surrogate."""
    return reference_derivative(problem, direction, hard_step, surrogate_of(shape, slope), **options)


def matrix_derivative(problem, direction, dt, slope):
    """The derivative along a direction by matrices in float64, with a SuperSpike: for wide networks without delays.

    The loss is the cross-entropy of the largest V of the last population.
    """
    network, weights = problem.network, problem.parameters.weights
    found = coefficients(problem, dt, "exponential")
    a, b, c = (np.array(list(map(float, x))) for x in (found.a, found.b, found.c))
    v_th = np.array([np.inf if x is None else float(x) for x in found.v_th])
    n_samples, n_steps = problem.stimulus.n_samples, round(problem.stimulus.duration / dt)
    sent = np.zeros((n_steps + 1, n_samples, network.n_channels))
    for sample in range(n_samples):
        times, channels = problem.stimulus.sample(sample)
        np.add.at(sent, (np.floor(times / dt).astype(int), sample, channels), 1.0)
    v, i, dv, di = np.zeros((4, n_samples, network.n_neurons))
    trace, d_trace = [v], [dv]
    for k in range(n_steps):
        s = 1.0 * (v > v_th)
        ds = dv / (1.0 + slope * np.abs(v - v_th)) ** 2
        x, dx = np.zeros((2, *v.shape))
        for p in network.projections:
            post = network.neurons(p.post)
            x[:, post] += (sent[k] if network.from_input(p) else s[:, network.neurons(p.pre)]) @ weights[p.name]
            dx[:, post] += (sent[k] if network.from_input(p) else s[:, network.neurons(p.pre)]) @ direction[p.name]
            if not network.from_input(p):
                dx[:, post] += ds[:, network.neurons(p.pre)] @ weights[p.name]
        v, dv = a * v * (1 - s) + c * i, a * dv * (1 - s) - a * v * ds + c * di
        i, di = b * i + x, b * di + dx
        trace.append(v)
        d_trace.append(dv)
    out = network.neurons(problem.loss.population)
    largest = np.argmax(np.array(trace)[:, :, out], axis=0)[None]
    m, dm = (np.take_along_axis(np.array(t)[:, :, out], largest, axis=0)[0] for t in (trace, d_trace))
    share = np.exp(m) / np.sum(np.exp(m), axis=1, keepdims=True)
    share[np.arange(n_samples), problem.loss.labels] -= 1.0
    return np.sum(share * dm) / n_samples
