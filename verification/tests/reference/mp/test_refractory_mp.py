"""The mp reference with refractory times: closed forms, cases, and three gradients of every kind of hold."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from mp_gradients import along, assert_close, assert_each_close, direction_of, entry, flat
from refractory_problems import COUPLED, FIRST, PRECISE, PROBLEMS, clock, first_plus, held, pair
from test_mp_cases import CASES, deviation, ranked
from test_mp_losses import LOSSES, SAMPLES, network_problem

from spikeproof import (
    EventLimitExceeded,
    ExponentialWeight,
    LossSum,
    SpikeTimeFunction,
    SpikeTimeSum,
    VoltageFunction,
    VoltageIntegral,
)
from spikeproof.losses import SMOOTH
from spikeproof_reference import (
    Direction,
    MpEngine,
    Parameter,
    SequenceChanged,
    central_difference,
    central_differences,
    one_sided,
    parameters_of,
    rounding_sensitivity,
    spike_time_jacobian,
)
from spikeproof_reference.mp.forward import forward
from spikeproof_reference.mp.losses.narrow import Narrow
from spikeproof_reference.mp.model import model_of
from spikeproof_reference.mp.path import Paths
from spikeproof_reference.mp.precision import working_context
from spikeproof_verification.checks.tolerances import STRAIGHT_RISE
from spikeproof_verification.files import load_case

OF_HELD = [  # losses of V of spiking neurons
    "V of spiking neurons at given times",
    "function of V",
    "sum over spiking neurons",
    "exponential weight",
    "target trace",
    "path integral",
]
HOLDS = [0.7, 2.25, 0.0, 1.3]


@pytest.mark.parametrize("stem", ["Q01_tref_delay_recurrent1", "Q02_tref_delay_recurrent6", "Q05_delay1_ring"])
def test_spikes_of_cases_with_a_refractory_time_agree_to_all_digits(stem):
    case = load_case(CASES[stem])
    solution = MpEngine().solve(case.problem)
    assert ranked(solution.spikes) == list(case.order)
    for train, times in zip(solution.spikes.trains(range(len(case.spike_times))), case.spike_times, strict=True):
        assert len(train) == len(times)
        assert deviation(train, times) < 1e-44
    assert deviation(solution.spikes.vdot, [case.vdot[n][k] for n, k in case.order]) < 1e-29
    assert deviation(solution.v_end[0], case.v_end) < 1e-29
    assert deviation(solution.i_end[0], case.i_end) < 1e-29


def three_gradients_agree(problem, direction):
    adjoint, forward = (MpEngine(gradient=g).solve(problem) for g in ("adjoint", "sensitivity"))
    expected = flat(problem, adjoint.gradients)
    assert_each_close(flat(problem, forward.gradients), expected, 40)
    assert_close([central_difference(problem, direction, 34)], [along(problem, adjoint.gradients, direction)])
    chosen = parameters_of(problem, ["t_ref"])
    single = [entry(adjoint.gradients, p) for p in chosen]
    size = max(map(abs, expected))
    assert_close(central_differences(problem, chosen, 34), single, scale=size)
    return adjoint


@pytest.mark.parametrize("name", PROBLEMS)
def test_three_gradients_agree_for_every_kind_of_hold(name):
    problem = PROBLEMS[name]()
    solution = three_gradients_agree(problem, direction_of(problem))
    assert len(solution.spikes) >= 2
    gradient, t_ref = solution.gradients.neurons["n"].t_ref, problem.parameters.neurons["n"].t_ref
    spikes = [np.sum(solution.spikes.neurons == n) for n in range(2)]
    for n, hold in enumerate(np.broadcast_to(t_ref, 2)):
        assert (gradient[n] == 0) == (spikes[n] < 2 or hold > 25.0)
        if hold == math.inf:
            assert spikes[n] <= 1


@pytest.mark.parametrize("name", OF_HELD)
def test_three_gradients_of_losses_that_read_held_neurons_agree(name):
    problem = held(network_problem(LOSSES[name], n_samples=SAMPLES.get(name, 1)), HOLDS)
    adjoint, forward = (MpEngine(gradient=g).solve(problem) for g in ("adjoint", "sensitivity"))
    assert_each_close(flat(problem, forward.gradients), flat(problem, adjoint.gradients), 40)
    direction = direction_of(problem)
    assert_close([central_difference(problem, direction, 34)], [along(problem, adjoint.gradients, direction)])


@pytest.mark.parametrize("taus", ["equal", "close"])
def test_three_gradients_agree_for_equal_time_constants(taus):
    problem = held(network_problem(LOSSES["exponential weight"], 3, taus=taus, delay=0.5), HOLDS)
    assert sum(x != 0 for x in three_gradients_agree(problem, direction_of(problem)).gradients.neurons["b"].t_ref) > 0


def test_each_spike_of_a_clock_is_later_by_what_the_earlier_ones_are_held():
    # V = b (1 - exp(-t / tau)) from each release: periods of 20 log 3 + t_ref
    problem = clock(2.5, duration=100.0)
    jacobian = spike_time_jacobian(problem, only=parameters_of(problem, ["t_ref", "v_reset", "tau_syn"]))
    times = jacobian.spikes.times
    ctx = times[0].context
    period = 20 * ctx.log(ctx.mpf(3))
    assert_close(times, [(k + 1) * period + 2.5 * k for k in range(4)], 50)
    at = [p.kind for p in jacobian.parameters].index
    assert_close(jacobian.values[:, at("t_ref")], range(4), 50)
    assert_close(jacobian.values[:, at("v_reset")], [-20 / ctx.mpf(1.5) * k for k in range(4)], 50)
    assert not np.any(jacobian.values[:, at("tau_syn")])
    solution = MpEngine().solve(problem)
    assert_close(solution.gradients.neurons["n"].t_ref, [6], 50)
    assert_close(solution.gradients.neurons["n"].v_reset, [-80], 50)


def test_what_a_held_potential_shows_is_the_reset_and_its_gradient_alone():
    times = [float(FIRST) + 0.25, float(FIRST) + 2.25]
    loss = VoltageFunction("n", times, lambda v: (v[0, 0] + 3 * v[0, 1], np.array([[1.0, 3.0]])))
    for inputs in ((), (22.5, 24.0)):  # while it is held
        problem = clock(2.5, inputs=inputs, w=0.5, duration=times[-1], loss=loss, v_reset=-0.125)
        for gradient in ("adjoint", "sensitivity"):
            solution = MpEngine(gradient=gradient).solve(problem)
            assert len(solution.spikes) == 1
            assert_close([solution.loss], [-0.5], 50)
            seen = {p: x for p, x in zip(parameters_of(problem), flat(problem, solution.gradients), strict=True) if x}
            assert [(p.kind, x) for p, x in seen.items()] == [("v_reset", 4)]


def test_the_integral_of_a_held_potential_is_the_reset_for_so_long():
    end = float(FIRST) + 2.0
    for weight, scale in (("sum", 1), (lambda t: 3 + 0 * t, 3), (ExponentialWeight(8.0), None)):
        problem = clock(2.5, duration=end, loss=VoltageIntegral("n", weight=weight), v_reset=-0.125)
        solution = MpEngine().solve(problem)
        ctx = solution.loss.context
        first = 20 * ctx.log(ctx.mpf(3))
        rest = scale * (end - first) if scale else 8 * (ctx.exp(-first / 8) - ctx.exp(-ctx.mpf(end) / 8))
        assert_close(solution.gradients.neurons["n"].v_reset, [rest], 48)
        assert not np.any(solution.gradients.neurons["n"].t_ref)
        if scale:
            assert_close([solution.loss], [scale * (1.5 * (first - 20 * (1 - ctx.mpf(1) / 3))) - rest / 8], 48)
            at_spike = scale * ctx.mpf(1.125)  # V is above the reset for longer
            assert_close(solution.gradients.neurons["n"].v_th, [at_spike * 20 / ctx.mpf(0.5)], 48)


def test_an_interval_in_which_v_is_held_is_not_cut_however_narrow_an_integrand_is():
    ctx = working_context(20)
    paths = Paths(forward(model_of(pair(COUPLED, 2.5), ctx, 20), 0))
    segments = [s for n in range(2) for s in paths.course(n)]
    ends = [(s.flow.holds, len(Narrow(ctx.mpf(10) ** -3, SMOOTH).cuts([s], ctx.zero))) for s in segments]
    assert {n for held, n in ends if held} == {2}
    assert max(n for held, n in ends if not held) > 9


def arriving_at_the_release(w=0.75, **more):
    """An input that arrives exactly when the clock is released for the first time."""
    return clock(Decimal("2.5"), inputs=(first_plus("2.5"),), w=w, duration=60.0, **more)


def test_an_arrival_at_the_release_meets_a_free_neuron():
    problem = arriving_at_the_release()
    adjoint, forward = (MpEngine(gradient=g).solve(problem) for g in ("adjoint", "sensitivity"))
    assert_close(flat(problem, forward.gradients), flat(problem, adjoint.gradients), 45)
    sides = one_sided(problem, Direction(input_times=[1.0]))
    derivative = adjoint.gradients.input_times[0]
    assert abs(sides.right.derivative - derivative) < 1e-35
    assert abs(sides.left.derivative - derivative) > 0.01
    assert abs(sides.jump) < 1e-70
    for kind in ("input_time", "t_ref"):
        with pytest.raises(SequenceChanged, match=r"the release before spike 1 and the arrivals .* change order"):
            central_differences(problem, [p for p in parameters_of(problem) if p.kind == kind])
    # held for less is on the side of the order that is stored, held for longer is not
    sides = one_sided(problem, Direction(neurons={"n": {"t_ref": 1.0}}))
    derivative = adjoint.gradients.neurons["n"].t_ref[0]
    assert abs(sides.left.derivative - derivative) < 1e-35
    assert abs(sides.right.derivative - derivative) > 0.01


def test_an_arrival_just_before_the_release_acts_on_the_current_alone():
    """The spike after it has the derivative by its time of a current that decays from there."""
    before = clock(Decimal("2.5"), inputs=(PRECISE.subtract(first_plus("2.5"), Decimal("1e-50")),), w=0.75)
    solution, after = MpEngine().solve(before), MpEngine().solve(arriving_at_the_release())
    by_weight = after.gradients.weights["in->n"][0, 0]
    assert_close(solution.gradients.weights["in->n"], [[by_weight]], 45)
    assert_close(solution.gradients.input_times, [by_weight * 0.75 / 5], 45)


def test_an_autapse_as_long_as_the_hold_is_smooth_where_both_move_together():
    problem = pair([[4.0, 0.0], [0.0, -3.0]], 1.25, t_ref=1.25)
    together = direction_of(problem)
    lag = 0.375
    together = replace(together, delays={"in->n": together.delays["in->n"], "n->n": np.full((2, 2), lag)})
    together = replace(together, neurons={"n": {**together.neurons["n"], "t_ref": np.full(2, lag)}})
    adjoint, forward = (MpEngine(gradient=g).solve(problem) for g in ("adjoint", "sensitivity"))
    assert len(adjoint.spikes) >= 6
    assert_each_close(flat(problem, forward.gradients), flat(problem, adjoint.gradients), 40)
    assert_close([central_difference(problem, together, 34)], [along(problem, adjoint.gradients, together)])
    for kind, side in (("t_ref", "left"), ("delay", "right")):
        alone = Parameter(kind, *(("n", 0, 0) if kind == "t_ref" else ("n->n", 0, 0)))
        with pytest.raises(SequenceChanged, match="release"):
            central_differences(problem, [alone])
        step = {"neurons": {"n": {"t_ref": [1.0, 0.0]}}} if kind == "t_ref" else {"delays": {"n->n": [[1, 0], [0, 0]]}}
        sides = one_sided(problem, Direction(**step))
        assert abs(getattr(sides, side).derivative - entry(adjoint.gradients, alone)) < 1e-33
        assert abs(sides.kink) > 1e-3


def test_a_neuron_that_is_never_held_has_the_refractory_gradient_of_a_tiny_one():
    for delay in (0.5, 0.0):
        never, little = (MpEngine(40).solve(pair(COUPLED, delay, t_ref=t)) for t in (0.0, Decimal("1e-60")))
        assert len(never.spikes) == len(little.spikes) > 5
        assert_close(little.spikes.times, never.spikes.times, 45)
        assert_close(flat(little.problem, little.gradients), flat(never.problem, never.gradients), 40)


def test_a_drive_of_any_strength_takes_its_time_after_each_release():
    problem = pair(np.zeros((2, 2)), 0.5, t_ref=0.5, times=(1.0,), w_in=(1e12, 0.0), duration=11.25)
    times = MpEngine().solve(problem).spikes.times
    assert len(times) == 21
    for a, b in pairwise(times):
        rise = b - a - a.context.mpf(0.5)
        current = 1e12 * a.context.exp(-(a + 0.5 - 1) / 4)
        assert abs(rise * current / (10 * 1.25) - 1) < STRAIGHT_RISE


def test_a_neuron_held_for_ever_fires_once_and_hears_nothing_more():
    problem = pair(COUPLED, 2.5, t_ref=math.inf, loss=SpikeTimeSum("n"))
    solution = MpEngine().solve(problem)
    assert sorted(solution.spikes.neurons) == [0, 1]
    assert solution.v_end[0].tolist() == [-0.25, 0.125]
    assert not np.any(solution.gradients.neurons["n"].t_ref)
    assert not np.any(solution.gradients.neurons["n"].v_reset)
    longer = MpEngine().solve(held(problem, [Decimal("Infinity"), 1e300]))
    assert flat(problem, longer.gradients) == flat(problem, solution.gradients)


def test_a_later_unit_of_time_is_the_same_solution():
    """The sum of p dL/dp over all times, the refractory ones among them, is that of t dl/dt (unit-of-time)."""
    problem = pair(COUPLED, 2.5)
    solution = MpEngine().solve(problem)
    g, n, ctx = solution.gradients, solution.gradients.neurons["n"], solution.loss.context
    total = 10 * sum(n.tau_mem) + 4 * sum(n.tau_syn) + ctx.mpf(1.25) * sum(n.t_ref)
    total += np.sum(2.5 * g.delays["n->n"]) + np.sum(problem.stimulus.times * g.input_times)
    assert_close([total], [solution.loss], 45)


def test_the_events_that_are_limited_are_spikes_and_arrivals():
    problem = pair(np.zeros((2, 2)), 0.5)
    n_events = len(MpEngine().solve(problem).spikes)
    n_events += 4 + n_events  # each input arrives once, and each spike
    assert len(MpEngine(event_limit=n_events).solve(problem).spikes) > 5
    with pytest.raises(EventLimitExceeded):
        MpEngine(event_limit=n_events - 1).solve(problem)


@pytest.mark.parametrize("t_ref", [0.0, 1.25, [math.inf, 0.5]])
def test_conditioning_covers_the_refractory_time(t_ref):
    problem = pair(
        COUPLED, 2.5, t_ref=t_ref, duration=12.0, loss=LossSum([(1.0, SpikeTimeSum("n")), (0.5, VoltageIntegral("n"))])
    )
    found, gradients = rounding_sensitivity(problem, n_probes=1), MpEngine().solve(problem).gradients.neurons["n"]
    assert np.all((found.neurons["n"].t_ref > 0) == (gradients.t_ref != 0))
    assert np.all(found.neurons["n"].t_ref < 1e6)


def test_a_potential_that_is_read_at_the_release_has_no_difference_quotient():
    loss = SpikeTimeFunction("n", lambda trains: (trains[0][0], [[1] + [0] * (len(t) - 1) for t in trains]))
    read = VoltageFunction("n", [first_plus("2.5")], lambda v: (v[0, 0], np.array([[1.0]])))
    problem = clock(Decimal("2.5"), loss=LossSum([(1.0, loss), (1.0, read)]))
    solution = MpEngine().solve(problem)
    assert_close(solution.gradients.neurons["n"].t_ref, [0], scale=1)  # it is read before the release
    with pytest.raises(SequenceChanged, match="V at t = 24"):
        central_differences(problem, parameters_of(problem, ["t_ref"]))
