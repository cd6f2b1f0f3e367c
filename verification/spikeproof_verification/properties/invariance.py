"""Invariances of every observable: a later end, a later start, a run in two parts, and all inputs moved together."""

from __future__ import annotations

from dataclasses import replace

import mpmath
import numpy as np

from spikeproof import (
    ExponentialWeight,
    InstantaneousCrossEntropy,
    IntegralCrossEntropy,
    LossSum,
    MaxVoltageCrossEntropy,
    SpikeTimeFunction,
    SpikeTimeSum,
    SpikeTimeTarget,
    Stimulus,
    TargetTrace,
    VoltageFunction,
    VoltageIntegral,
    VoltagePathIntegral,
    VoltageTarget,
)
from spikeproof.losses import terms_of
from spikeproof_verification.checks.tolerances import MOVED, RUN
from spikeproof_verification.properties.changes import (
    at_rest,
    gradients,
    trains,
    with_delays,
    with_inputs,
    with_neurons,
)
from spikeproof_verification.properties.claims import assert_same, assert_same_bits, holds_for, suppose, tolerance
from spikeproof_verification.properties.drawn import DT, EVERY

# the losses that a seeded fault spoils come first
LATER = ("integral of V cubed", *(name for name in EVERY if name != "mean of V"))
MOVABLE = ("decaying integral of V", *(name for name in EVERY if name not in ("integral", "mean of V")))
IN_PARTS = (
    "trace", "V at times", "largest V", "spike times", "integral of V", "decaying integral of V", "integral of g V",
    "cross-entropy all along", "integral of V cubed", "function of V", "mixture",
)  # fmt: skip
STATE = ("v_init", "i_init")


def lasting(problem, duration):
    """The problem with another end."""
    return replace(problem, stimulus=replace(problem.stimulus, duration=duration))


@holds_for("event", "grid", "mp", broken_by="a NaN", losses=LATER, each=True)
def a_later_end_changes_nothing_once_v_has_decayed(engine, problem, rng):
    # 10 is the longest time constant: at 1024 there are 44 digits of nothing; before 16384 V and I have underflowed
    late = 16384.0 if engine.name in ("event", "mp") else 2048.0
    a, b = (engine.solve(lasting(at_rest(problem), t)) for t in (1024.0, late))
    assert_same_bits(trains(b), trains(a))
    kinds = {key[0] for key in gradients(a)} - {"bias"}  # what a bias does goes on
    assert_same(engine, gradients(b, kinds), gradients(a, kinds))
    if not isinstance(problem.loss, InstantaneousCrossEntropy | TargetTrace):  # these count where V rests, too
        assert_same(engine, b.loss, a.loss)


@holds_for("event", "grid", "mp", broken_by="weight g forgotten", losses=MOVABLE, each=True)
def a_start_later_by_a_power_of_two_moves_spikes_and_no_gradient(engine, problem, rng):
    shift, problem = float(rng.choice([2.0, 64.0])), at_rest(problem)
    late = with_inputs(problem, lambda t, c: (t + shift, c))
    late = replace(lasting(late, 16.0 + shift), loss=later(problem.loss, shift))
    a, b = engine.solve(problem), engine.solve(late)
    assert_same(engine, trains(b), {k: t + shift for k, t in trains(a).items()}, MOVED)
    kinds = {key[0] for key in gradients(a)} - {"bias", *STATE}  # these act during the shift as well
    assert_same(engine, gradients(b, kinds), gradients(a, kinds), MOVED)


def later(loss, shift):
    """The loss that sees of a run that starts later what `loss` sees of this one."""
    if isinstance(loss, LossSum):
        return LossSum([(factor, later(part, shift)) for factor, part in loss.terms])
    if isinstance(loss, SpikeTimeTarget):
        return replace(loss, targets=loss.targets + shift)
    if isinstance(loss, VoltageTarget | VoltageFunction):
        return replace(loss, times=loss.times + shift)
    if isinstance(loss, VoltageIntegral):
        return weighed_later(loss, shift)
    return loss


def weighed_later(loss, shift):
    """The integral with the weight g(t - shift)."""
    if isinstance(loss.weight, ExponentialWeight):
        return LossSum([(np.exp(shift / loss.weight.tau), loss)])
    return replace(loss, weight=lambda t: loss.weight(t - shift)) if callable(loss.weight) else loss


@holds_for("event", "grid", "mp", broken_by="tau_mem missing in the gradient of v_init", losses=IN_PARTS, each=True)
def gradients_of_two_parts_of_a_run_are_joined_by_those_of_the_state_between_them(engine, problem, rng):
    cut = float(rng.integers(64, 128)) * DT  # before V is looked at
    times, channels = problem.stimulus.sample(0)
    suppose(np.min(np.abs(times - cut)) > DT)
    alone = Stimulus.of_samples([(times, channels)], 16.0)
    whole = replace(with_delays(problem, lambda _: 0.0), stimulus=alone, loss=of_one_sample(problem.loss))
    whole = with_neurons(whole, lambda _, p: replace(p, t_ref=None))  # the rest of a hold is in no state
    early, late = ((times[part], channels[part]) for part in (times <= cut, times > cut))

    def part(base, spikes, duration, loss):
        return engine.solve(replace(base, stimulus=Stimulus.of_samples([spikes], duration), loss=loss))

    both = engine.solve(whole)
    suppose(all(np.min(np.abs(t - cut), initial=1.0) > DT for t in trains(both).values()))
    before, after = parts_of(whole.loss, cut)
    first = part(whole, early, cut, before)
    second = part(
        with_neurons(whole, lambda name, p: replace(p, **state_of(first, name))),
        (late[0] - cut, late[1]), 16.0 - cut, after,
    )  # fmt: skip
    joined = second.loss + (first.loss if before else 0.0) + cut * slopes_of_times(whole.loss, second)
    suppose(not has_maximum(whole.loss) or abs(joined - both.loss) < 1e-9)  # else the maxima come before the cut
    assert_same(engine, joined, both.loss, MOVED)
    joint, direct = functional_of_the_state(whole, first, second, cut)
    passed = part(whole, early, cut + AHEAD, joint)
    suppose(len(passed.spikes) == len(first.spikes))
    g, h, k = (gradients(s) if s.gradients else {} for s in (first, passed, second))
    for key, expected in gradients(both).items():
        found = h[key] - direct.get(key, 0.0) + (g[key] if g else 0.0)
        if key[0] == "input_times":
            found = np.concatenate([found, k[key]])
        elif key[0] not in STATE:
            found = found + k[key]
        assert_same(engine, found, expected, 100.0 * MOVED)


AHEAD = 8.0 * DT  # V at the cut and so much later say what V and I are at the cut


def of_one_sample(loss):
    """The loss for the first sample alone."""
    if isinstance(loss, LossSum):
        return LossSum([(factor, of_one_sample(part)) for factor, part in loss.terms])
    return replace(loss, labels=loss.labels[:1]) if hasattr(loss, "labels") else loss


def has_maximum(loss):
    """Whether the loss reads the largest V, which lies in one part of a run."""
    return isinstance(loss, MaxVoltageCrossEntropy) or any(has_maximum(p) for _, p in getattr(loss, "terms", ()))


def slopes_of_times(loss, solution):
    """The sum of the derivatives by all spike times, of losses that are linear in them."""
    found = 0.0
    for factor, part in terms_of(loss):
        if isinstance(part, SpikeTimeSum):
            found += float(factor) * sum(
                c * len(t) for c, t in zip(part.coefficients, trains(solution).values(), strict=True)
            )
    return found


def parts_of(loss, cut):
    """The loss of the first part of a run, None if there is none, and of the second."""
    if isinstance(loss, LossSum):
        pairs = [(factor, parts_of(part, cut)) for factor, part in loss.terms]
        before = [(factor, a) for factor, (a, _) in pairs if a is not None]
        return LossSum(before) if before else None, LossSum([(factor, b) for factor, (_, b) in pairs])
    if isinstance(loss, VoltageTarget | VoltageFunction):
        return None, replace(loss, times=loss.times - cut)
    return None if isinstance(loss, MaxVoltageCrossEntropy) else loss, later(loss, -cut)


def state_of(solution, name):
    """V and I of a population at the end of the only sample, as those at a start."""
    own = solution.problem.network.neurons(name)
    return {k: x[0, own].astype(float) for k, x in zip(STATE, (solution.v_end, solution.i_end), strict=True)}


def functional_of_the_state(problem, first, second, cut):
    """A loss whose derivatives by V and I at the cut are what the second part says, and what else it depends on.

    V at the cut and `AHEAD` later, with V' = b + (V - b) e + I k: the factors of both depend on the time constants.
    """
    terms, direct = [], {}
    for name, p in problem.parameters.neurons.items():
        g, (v, i) = second.gradients.neurons[name], state_of(first, name).values()
        tau = list(zip(p.tau_mem.tolist(), p.tau_syn.tolist(), strict=True))
        e = np.exp(-AHEAD / p.tau_mem)
        slope = g.i_init.astype(float) / [float(response(*pair)) for pair in tau]
        c = np.stack([g.v_init.astype(float) - slope * e, slope], axis=1)
        terms.append((1.0, VoltageFunction(name, [cut, cut + AHEAD], linear(c))))
        by_mem, by_syn = ([float(mpmath.diff(response, pair, order)) for pair in tau] for order in ((1, 0), (0, 1)))
        direct["bias", name] = slope * (1.0 - e)
        direct["tau_mem", name] = slope * ((v - p.bias) * e * AHEAD / p.tau_mem**2 + i * by_mem)
        direct["tau_syn", name] = slope * i * by_syn
    return LossSum(terms), direct


def response(tau_mem, tau_syn):
    """V after a current of 1, after the time `AHEAD`, by quadrature."""
    return mpmath.quad(lambda s: mpmath.exp(-(AHEAD - s) / tau_mem - s / tau_syn), [0, AHEAD]) / tau_mem


def linear(c):
    """The function sum of c V."""
    return lambda v: ((c * v).sum(), c)


@holds_for(
    "event",
    "mp",
    broken_by="lambda_i missing at arrivals",
    losses=("trace", "integral of V", "gaps", *EVERY),
    each=True,
)
def all_inputs_moved_together_move_the_loss_by_what_leaves_at_the_end(engine, problem, rng):
    problem = at_rest(problem)
    problem = lasting(problem, 1024.0) if has_maximum(problem.loss) else problem  # no maximum at the end
    solution = engine.solve(problem)
    g = solution.gradients.input_times
    expected = sum(float(a) * moved(part, engine, problem) for a, part in terms_of(problem.loss))
    assert abs(float(np.sum(g)) - np.mean(expected)) <= RUN * (
        1.0 + float(np.sum(np.abs(g))) + np.max(np.abs(expected))
    )


@holds_for("event", "mp", broken_by="lambda_i missing at arrivals", losses=("spike times",))
def every_spike_moves_with_all_inputs_as_much_as_they_do(engine, problem, rng):
    problem = lasting(at_rest(problem), 16.0)
    problem = replace(problem, stimulus=Stimulus.of_samples([problem.stimulus.sample(0)], 16.0), loss=None)
    counts = [len(t) for t in trains(engine.solve(problem)).values()]
    suppose(sum(counts))
    neuron = int(rng.choice(np.flatnonzero(counts)))
    rank = int(rng.integers(counts[neuron]))

    def one(spikes):
        slopes = [[0] * len(t) for t in spikes]
        slopes[neuron][rank] = 1
        return spikes[neuron][rank], slopes

    g = engine.solve(replace(problem, loss=SpikeTimeFunction("hidden", one))).gradients.input_times
    assert abs(float(np.sum(g)) - 1.0) <= tolerance(engine) * (1.0 + float(np.sum(np.abs(g))))


def moved(loss, engine, problem):
    """The derivative of the loss of each sample by a shift of all that happens in a run that starts at rest.

    An integral of g(t) l(V) gains the integral of g'(t) l(V) and l(0), and loses l(V(T)); V at t loses V'(t).
    """

    def solved(base, **more):
        return engine.solve(replace(base, **more))

    own = problem.network.neurons(loss.population)
    end = solved(problem, loss=None).v_end[:, own].astype(float)
    zero = np.zeros(len(end))
    if isinstance(loss, SpikeTimeSum | SpikeTimeTarget):
        return moved_spikes(loss, trains(solved(problem, loss=None)), zero)
    if isinstance(loss, VoltageTarget | VoltageFunction):
        seen = [solved(lasting(replace(problem, loss=None), float(t))) for t in loss.times]
        v, i = (np.stack([getattr(s, x)[:, own].astype(float) for s in seen], axis=2) for x in ("v_end", "i_end"))
        tau = problem.parameters.neurons[loss.population].tau_mem
        free = np.stack([~held_at_the_end(s, loss.population) for s in seen], axis=2)
        return -np.sum(loss.evaluate_voltage(v)[1] * free * (i - v) / tau[:, None], axis=(1, 2))
    if isinstance(loss, TargetTrace | InstantaneousCrossEntropy | VoltagePathIntegral):
        rows = [loss.observable.integrand(np.stack([0.0 * v, v]), np.zeros(2), n)[0] for n, v in enumerate(end)]
        return np.array([a - b for a, b in rows])
    if isinstance(loss, VoltageIntegral):
        return weighed(loss, solved, problem) - np.sum(loss.coefficients * end * g_of(loss.weight, 16.0), axis=1)
    if isinstance(loss, IntegralCrossEntropy):
        return moved_softmax(loss, solved, problem, end)
    return zero  # first spikes against each other, gaps, the largest V


def held_at_the_end(solution, population):
    """Which neurons of a population are in their refractory time at the end, shape (n_samples, size)."""
    problem, found = solution.problem, trains(solution, population)
    t_ref = problem.parameters.neurons[population].t_ref
    held = np.zeros((problem.stimulus.n_samples, problem.network.population(population).size), dtype=bool)
    for (sample, k), train in found.items():
        held[sample, k] = t_ref is not None and len(train) and train[-1] + t_ref[k] >= problem.stimulus.duration
    return held


def moved_spikes(loss, spikes, zero):
    """The sum of the derivatives by the times of all spikes."""
    found = zero.copy()
    for (sample, k), train in spikes.items():
        times = np.asarray(train, dtype=float)
        if isinstance(loss, SpikeTimeSum):
            found[sample] += loss.coefficients[k] * len(times)
        else:
            wanted = loss.targets[k][: len(times)]
            found[sample] += np.sum(times[: len(wanted)] - wanted)
    return found


def g_of(weight, t):
    """The weight at a time."""
    if isinstance(weight, ExponentialWeight):
        return np.exp(-t / weight.tau)
    return weight(t) if callable(weight) else {"sum": 1.0, "mean": 1.0 / t}[weight]


def weighed(loss, solved, problem):
    """The integral of g' V of each sample, for the loss's own coefficients."""
    weight = loss.weight
    if isinstance(weight, ExponentialWeight):
        return -solved(problem, loss=loss).sample_losses.astype(float) / weight.tau
    if not callable(weight):
        return 0.0

    def slope(t):
        return -(t / 32) / (1 + (t / 8) ** 2) ** 2  # of 1/(1 + (t/8)^2)

    return solved(problem, loss=replace(loss, weight=slope)).sample_losses.astype(float)


def moved_softmax(loss, solved, problem, end):
    """A moved integral through the cross-entropy of integrals."""
    parts = [VoltageIntegral(loss.population, c, loss.weight) for c in np.eye(2)]
    m = np.stack([solved(problem, loss=part).sample_losses.astype(float) for part in parts], axis=1)
    inner = np.stack([weighed(part, solved, problem) + 0.0 * end[:, 0] for part in parts], axis=1)
    return np.sum(loss.evaluate_voltage(m)[1] * (inner - end * g_of(loss.weight, 16.0)), axis=1)
