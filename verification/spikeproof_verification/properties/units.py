"""Properties of the flow, of units and of time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from spikeproof import Stimulus
from spikeproof.grid import GridEngine
from spikeproof.neuron_parameters import NEURON_PARAMETERS
from spikeproof_verification.checks.tolerances import RUN, SHORT_RUN, STEEP
from spikeproof_verification.properties.changes import (
    at_rest,
    gradients,
    trains,
    with_delays,
    with_inputs,
    with_neurons,
    with_weights,
)
from spikeproof_verification.properties.claims import assert_same, assert_same_bits, holds_for, suppose, tolerance
from spikeproof_verification.properties.drawn import DT

SPIKES = ("spike times",)
TIMES, VOLTAGES = ([p.name for p in NEURON_PARAMETERS if p.unit == unit] for unit in ("time", "V"))


def coarser(engine, unit):
    """The grid engine with steps in another unit of time; exact engines have none."""
    suppose(engine.name != "grid" or isinstance(engine, GridEngine))
    return GridEngine(engine.dt * unit) if engine.name == "grid" else engine


@holds_for("event", "grid", "mp", broken_by="initial current ignored")
def a_run_may_be_cut_and_continued_from_its_end(engine, problem, rng):
    problem = replace(with_delays(problem, lambda _: 0.0), loss=None)
    problem = with_neurons(problem, lambda _, p: replace(p, t_ref=None))  # the rest of a hold is in no state
    cut, (times, channels) = 128.5 * DT + DT / 2, problem.stimulus.sample(0)
    early, late = times <= cut, times > cut
    whole = engine.solve(replace(problem, stimulus=Stimulus.of_samples([(times, channels)], 16.0)))
    first = engine.solve(replace(problem, stimulus=Stimulus.of_samples([(times[early], channels[early])], cut)))
    start = {
        name: {"v_init": first.v_end[0, part].astype(float), "i_init": first.i_end[0, part].astype(float)}
        for name, part in (("hidden", slice(0, 2)), ("out", slice(2, 4)))
    }
    rest = with_neurons(problem, lambda name, p: replace(p, **start[name]))
    second = engine.solve(
        replace(rest, stimulus=Stimulus.of_samples([(times[late] - cut, channels[late])], 16.0 - cut))
    )
    for key, train in trains(whole).items():
        joined = np.concatenate([trains(first)[key], trains(second)[key] + cut])
        assert_same(engine, joined, train, STEEP)  # the state in between was rounded to binary64
    assert_same(engine, second.v_end, whole.v_end, STEEP)


@holds_for("event", "grid", "mp", broken_by="spike times on a grid", losses=SPIKES)
def a_shift_of_all_input_shifts_all_spikes_and_no_gradient(engine, problem, rng):
    shift, problem = (2.0 if engine.name == "grid" else 1.3), at_rest(problem)
    late = with_inputs(problem, lambda t, c: (t + shift, c))
    late = replace(late, stimulus=replace(late.stimulus, duration=problem.stimulus.duration + shift))
    a, b = engine.solve(problem), engine.solve(late)
    bound, kinds = max(tolerance(engine), RUN), {"weights", "delays", "tau_mem"}  # t + 1.3 is rounded to binary64
    assert_same(engine, trains(b), {k: t + shift for k, t in trains(a).items()}, bound)
    assert_same(engine, gradients(b, kinds), gradients(a, kinds), bound)


@holds_for("event", "grid", broken_by="spike times on a grid")
def another_unit_of_time_scales_all_times_without_rounding(engine, problem, rng):
    unit = float(rng.choice([0.25, 4.0, 1024.0]))
    scaled = with_neurons(problem, lambda _, p: in_units(p, TIMES, unit))
    scaled = with_delays(scaled, lambda p: p.delay * unit)
    s = problem.stimulus
    scaled = replace(scaled, stimulus=Stimulus(s.times * unit, s.channels, s.offsets, s.duration * unit), loss=None)
    a, b = engine.solve(replace(problem, loss=None)), coarser(engine, unit).solve(scaled)
    assert_same_bits(b.spikes.times, a.spikes.times * unit)
    assert_same_bits(b.v_end, a.v_end)


@holds_for("event", "grid", broken_by="clamped denominator", losses=SPIKES)
def another_unit_of_voltage_changes_no_spike_time_and_scales_gradients_without_rounding(engine, problem, rng):
    unit = float(rng.choice([0.125, 4.0, 64.0]))
    scaled = with_neurons(problem, lambda _, p: in_units(p, VOLTAGES, unit))
    scaled = with_weights(scaled, lambda _, w: w * unit)
    a, b = engine.solve(problem), engine.solve(scaled)
    assert_same_bits(b.spikes.times, a.spikes.times)
    assert_same_bits(b.v_end, a.v_end * unit)
    for key, g in gradients(a).items():
        assert_same_bits(gradients(b)[key] * (unit if key[0] in (*VOLTAGES, "weights") else 1.0), g)


@holds_for("event", "mp", broken_by="threshold gradient after the spike", losses=SPIKES)
def gradients_of_spike_times_know_that_the_unit_of_voltage_is_free(engine, problem, rng):
    # Euler: the sum of p dL/dp over all that is measured in that unit is 0
    solution = engine.solve(problem)
    terms = euler_terms(solution, ("weights", *VOLTAGES))
    assert abs(sum(terms)) <= tolerance(engine) * sum(abs(t) for t in terms) + 1e-30


@holds_for("event", "mp", broken_by="tau_mem gradient over the reset", losses=SPIKES)
def gradients_of_spike_times_know_that_times_scale_with_the_unit_of_time(engine, problem, rng):
    # Euler: the sum of p dL/dp over all times is L itself, which is linear in the spike times
    solution = engine.solve(problem)
    terms = [*euler_terms(solution, (*TIMES, "input_times", "delays")), -solution.loss]
    assert abs(sum(terms)) <= tolerance(engine) * sum(abs(t) for t in terms) + 1e-30


def in_units(p, names, unit):
    """Parameters of neurons with these numbers in another unit."""
    return replace(p, **{n: x * unit for n in names if (x := getattr(p, n)) is not None})


def euler_terms(solution, kinds):
    """P dL/dp for all parameters of these kinds."""
    problem, found = solution.problem, []
    for (kind, name), g in gradients(solution, set(kinds)).items():
        if kind == "weights":
            p = problem.parameters.weights[name]
        elif kind == "input_times":
            p = problem.stimulus.times
        elif kind == "delays":
            p = next(q.delay for q in problem.network.projections if q.name == name)
        else:
            p = getattr(problem.parameters.neurons[name], kind)
        found += list(np.ravel(g * p))
    return found


@holds_for("event", "mp", broken_by="sign of dl/dt", losses=SPIKES)
def gradients_of_input_times_know_that_a_later_start_delays_every_spike(engine, problem, rng):
    solution = engine.solve(at_rest(problem))
    counts = np.bincount(solution.spikes.neurons, minlength=2)
    expected = (counts @ np.array([1.0, -0.5])) / problem.stimulus.n_samples
    assert_same(engine, np.sum(solution.gradients.input_times), expected)


@holds_for("event", "grid", "mp", broken_by="bias missing in Vdot", losses=SPIKES)
def a_bias_moves_the_origin_of_the_potential(engine, problem, rng):
    c = 0.25  # v_th, v_reset, v_init and bias are moved together, by a number that binary64 adds almost exactly
    moved = with_neurons(
        problem,
        lambda _, p: replace(
            p,
            bias=p.bias + c,
            v_init=p.v_init + c,
            **({} if p.v_th is None else {"v_th": p.v_th + c, "v_reset": p.v_reset + c}),
        ),
    )
    a, b = engine.solve(problem), engine.solve(moved)
    assert_same(engine, trains(b), trains(a), max(tolerance(engine), SHORT_RUN))
    assert_same(engine, b.v_end - c, a.v_end, max(tolerance(engine), SHORT_RUN))
    assert_same(engine, gradients(b), gradients(a), max(tolerance(engine), RUN))


@holds_for("event", "grid", "mp", broken_by="delays ignored")
def a_delay_of_all_input_is_the_same_as_later_input(engine, problem, rng):
    later = with_delays(problem, lambda p: p.delay + 1.0 if p.pre == "in" else p.delay)
    moved = with_inputs(problem, lambda t, c: (t + 1.0, c))
    a, b = engine.solve(later), engine.solve(moved)
    assert_same(engine, trains(a), trains(b))
    assert_same(engine, gradients(a), gradients(b))


@holds_for("event", "grid", "mp", broken_by="sign of the delay")
def delay_gradients_of_the_input_add_up_to_those_of_its_times(engine, problem, rng):
    g = engine.solve(problem).gradients
    assert_same(engine, np.sum(g.delays["in->hidden"]) + np.sum(g.delays["in->out"]), np.sum(g.input_times))


@holds_for("event", "grid", "mp")
def a_parameter_that_neurons_share_is_the_same_as_one_per_neuron(engine, problem, rng):
    mixed = with_neurons(problem, lambda _, p: replace(p, tau_mem=float(p.tau_mem[0]), bias=float(p.bias[0])))
    listed = with_neurons(mixed, lambda _, p: replace(p, tau_mem=np.full(2, p.tau_mem), bias=np.full(2, p.bias)))
    a, b = engine.solve(mixed), engine.solve(listed)
    assert_same_bits(a.spikes.times, b.spikes.times)
    assert_same_bits(gradients(a), gradients(b))
