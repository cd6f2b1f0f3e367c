"""Properties of gradients and losses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from spikeproof import (
    ExponentialWeight,
    InstantaneousCrossEntropy,
    LossSum,
    Parameters,
    Stimulus,
    VoltageIntegral,
    VoltagePathIntegral,
)
from spikeproof.neuron_parameters import PARAMETER_NAMES
from spikeproof_reference import spike_time_jacobian
from spikeproof_verification.checks.tolerances import AMPLIFIED, RUN, SECOND_ORDER, SHORT_RUN
from spikeproof_verification.properties.changes import gradients, with_neurons
from spikeproof_verification.properties.claims import assert_same, assert_same_bits, holds_for, suppose, tolerance
from spikeproof_verification.properties.drawn import LOSSES

STEP = 2.0**-20  # of central differences


@holds_for("event", "grid", "mp", broken_by="factor of a term missing in its derivative")
def gradients_are_linear_in_the_loss(engine, problem, rng):
    one, other = problem.loss, LOSSES["V at times"]()
    a, b = (gradients(engine.solve(replace(problem, loss=loss))) for loss in (one, other))
    both = gradients(engine.solve(replace(problem, loss=LossSum([(2.0, one), (-0.5, other)]))))
    assert_same(engine, both, {key: 2.0 * a[key] - 0.5 * b[key] for key in a})


@holds_for("event", "grid", broken_by="factor of a term missing in its derivative")
def a_power_of_two_passes_through_the_adjoint_without_rounding(engine, problem, rng):
    factor = float(rng.choice([-1.0, 0.25, 2.0**40]))
    a = gradients(engine.solve(replace(problem, loss=LossSum([(1.0, problem.loss)]))))
    b = gradients(engine.solve(replace(problem, loss=LossSum([(factor, problem.loss)]))))
    assert_same_bits(b, {key: factor * g for key, g in a.items()})


@holds_for("event", broken_by="lambda_i missing at arrivals")
def the_gradient_is_the_slope_of_the_loss_along_any_direction(engine, problem, rng):
    clean = engine.solve(problem)
    suppose(clean.diagnostics.n_spikes and clean.diagnostics.min_vdot > 0.02)
    direction = {key: rng.uniform(-1.0, 1.0, np.shape(g)) for key, g in gradients(clean).items()}
    direction["t_ref", "hidden"] *= problem.parameters.neurons["hidden"].t_ref > 0.0  # there is none below 0
    moved = [engine.solve(moved_along(problem, direction, sign * STEP)) for sign in (1, -1)]
    suppose(all(np.array_equal(m.spikes.neurons, clean.spikes.neurons) for m in moved))
    slope = (moved[0].loss - moved[1].loss) / (2.0 * STEP)
    terms = [g * direction[key] for key, g in gradients(clean).items() if key[0] != "delays"]
    size = sum(float(np.sum(np.abs(t))) for t in terms)
    assert abs(sum(float(np.sum(t)) for t in terms) - slope) <= SECOND_ORDER * (1.0 + size)


def moved_along(problem, direction, step):
    """The problem with everything but its delays moved along a direction."""
    weights = {name: w + step * direction["weights", name] for name, w in problem.parameters.weights.items()}
    moved = replace(problem, parameters=Parameters(weights, problem.parameters.neurons))
    moved = with_neurons(
        moved,
        lambda name, p: replace(
            p, **{n: getattr(p, n) + step * direction[n, name] for n in PARAMETER_NAMES if getattr(p, n) is not None}
        ),
    )
    s = problem.stimulus
    times = s.times + step * direction["input_times", ""]
    return replace(moved, stimulus=Stimulus(times, s.channels, s.offsets, s.duration))


@holds_for("event", "mp", broken_by="transposed weights", losses=("spike times",))
def a_cotangent_meets_a_tangent_in_the_same_number_from_both_sides(engine, problem, rng):
    # <c, J x> by forward sensitivities of the reference, <J^T c, x> by the adjoint of the engine
    jacobian = spike_time_jacobian(problem, dps=30)
    tangent = rng.uniform(-1.0, 1.0, len(jacobian.parameters))
    pushed = jacobian.values.astype(float) @ tangent
    coefficients = np.array([1.0, -0.5])[jacobian.spikes.neurons] / problem.stimulus.n_samples
    pulled = np.concatenate([np.ravel(g).astype(float) for g in in_order(engine.solve(problem), jacobian.parameters)])
    terms = np.abs(coefficients) @ np.abs(jacobian.values.astype(float)) @ np.abs(tangent)
    assert abs(coefficients @ pushed - pulled @ tangent) <= AMPLIFIED * (1.0 + terms)


def in_order(solution, parameters):
    """The gradients of a solution one by one, in the order of the reference's parameters."""
    g, network = solution.gradients, solution.problem.network
    for p in parameters:
        if p.kind == "input_time":
            yield g.input_times[p.i]
        elif p.kind in ("weight", "delay"):
            yield {"weight": g.weights, "delay": g.delays}[p.kind][p.projection][p.i, p.j]
        else:
            group = next(q for q in network.populations if q.name == p.projection)
            yield getattr(g.neurons[group.name], p.kind)[p.i]


@holds_for("event", "grid", "mp", broken_by="softmax without the label", losses=("largest V", "integral"))
def a_softmax_does_not_notice_what_all_readouts_share(engine, problem, rng):
    def lifted(name, p):
        return p if name == "hidden" else replace(p, bias=p.bias + 0.25, v_init=p.v_init + 0.25)

    a, b = engine.solve(problem), engine.solve(with_neurons(problem, lifted))
    assert_same(engine, b.loss, a.loss, max(tolerance(engine), SHORT_RUN))
    out = a.gradients.neurons["out"]
    assert_same(engine, np.sum(out.bias) + np.sum(out.v_init), 0.0)


@holds_for("event", "grid", "mp", broken_by="sum taken for the mean", losses=("integral",))
def a_mean_over_time_is_the_integral_over_the_duration(engine, problem, rng):
    mean, total = (engine.solve(replace(problem, loss=VoltageIntegral("out", [1.0, -2.0], g))) for g in ("mean", "sum"))
    assert_same(engine, mean.loss * 16.0, total.loss)
    assert_same(engine, {k: 16.0 * g for k, g in gradients(mean).items()}, gradients(total))


@holds_for("event", "mp", broken_by="reset to zero", losses=("integral",))
def the_integral_of_v_is_the_charge_that_was_neither_kept_nor_reset(engine, problem, rng):
    # tau_mem (V(T) - V(0) + height of all resets) = integral of (I + b - V), but for what is held
    problem = with_neurons(problem, lambda _, p: replace(p, t_ref=None))
    problem = replace(problem, loss=VoltageIntegral("hidden", [1.0, 0.0]))
    assert_same(engine, engine.solve(problem).loss, charge(engine, problem), max(tolerance(engine), RUN))


def charge(engine, problem):
    """The mean over samples of the integral of V of the first hidden neuron, from its spikes and end state alone."""
    solution = engine.solve(replace(problem, loss=None))
    p = problem.parameters.neurons["hidden"]
    total = 0.0
    for s in range(problem.stimulus.n_samples):
        times, channels = problem.stimulus.sample(s)
        injected = p.i_init[0] + sum(w for t, w in arrivals(problem, solution, s, times, channels) if t <= 16.0)
        current = p.tau_syn[0] * (injected - solution.i_end[s, 0])
        resets = len(trains_of(solution, s)) * (p.v_th[0] - p.v_reset[0])
        total += current + 16.0 * p.bias[0] - p.tau_mem[0] * (solution.v_end[s, 0] - p.v_init[0] + resets)
    return total / problem.stimulus.n_samples


def arrivals(problem, solution, s, times, channels):
    """(time, weight) of everything that arrives at the first hidden neuron."""
    weights = problem.parameters.weights
    found = [(t + 0.5, weights["in->hidden"][c, 0]) for t, c in zip(times, channels, strict=True)]
    if "hidden->hidden" in weights:
        one = solution.spikes.sample(s)
        found += [(t, weights["hidden->hidden"][n, 0]) for t, n in zip(one.times, one.neurons, strict=True)]
    return found


def trains_of(solution, s):
    """Spikes of the first hidden neuron."""
    return solution.spikes.sample(s).trains(range(1))[0]


@holds_for("event", "grid", broken_by="weight g forgotten", losses=("spike times",))
def a_path_integral_of_a_linear_function_is_the_weighted_integral(engine, problem, rng):
    def linear(v, t, sample):
        g = np.exp(-t / 6.0)
        return g * v[:, 0], np.stack([g, 0.0 * g], axis=1)

    a = engine.solve(replace(problem, loss=VoltageIntegral("hidden", [1.0, 0.0], ExponentialWeight(6.0))))
    b = engine.solve(replace(problem, loss=VoltagePathIntegral("hidden", linear)))
    assert_same(engine, b.loss, a.loss)
    assert_same(engine, gradients(b), gradients(a))


@holds_for("event", "grid", broken_by="loss summed over the batch", losses=("largest V",))
def equal_readouts_have_opposite_gradients_and_the_loss_of_a_guess(engine, problem, rng):
    # two equal readouts: both classes have the probability 1/2 at every instant
    equal = replace(
        problem,
        parameters=Parameters(
            {n: w[:, [0, 0]] if n.endswith("->out") else w for n, w in problem.parameters.weights.items()},
            {
                n: p if n == "hidden" else type(p)(6.0, 4.0, bias=0.1, v_init=0.1)
                for n, p in problem.parameters.neurons.items()
            },
        ),
    )
    a, b = (engine.solve(replace(equal, loss=InstantaneousCrossEntropy("out", [k, k]))) for k in (0, 1))
    assert_same(engine, a.loss, 16.0 * np.log(2.0), RUN)
    assert_same(engine, b.gradients.weights["in->out"], a.gradients.weights["in->out"][:, ::-1])
    assert_same(engine, a.gradients.weights["in->out"].sum(axis=1), np.zeros(2))
