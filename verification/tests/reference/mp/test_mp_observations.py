"""What the mp reference observes of V: closed forms, kinks and ties, losses of one's own, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from mp_gradients import along, assert_close, assert_each_close, direction_of, entry, flat
from one_layer import one_layer
from voltage_losses import LOSSES, SAMPLES, TIMES, network_problem

from spikeproof import (
    ExponentialWeight,
    Input,
    InvalidInput,
    LossSum,
    MaxVoltageCrossEntropy,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeCountRegulariser,
    SpikeTimeSum,
    Stimulus,
    TargetTrace,
    VoltageFunction,
    VoltageIntegral,
    VoltagePathIntegral,
    VoltageTarget,
)
from spikeproof.losses import SMOOTH, VoltageAt
from spikeproof_reference import (
    MpEngine,
    Observed,
    SequenceChanged,
    central_difference,
    central_differences,
    parameters_of,
    rounding_sensitivity,
    voltage_evaluated,
)


def readout(loss, weights=(4.0, -5.0), times=(0.0, 1.0), duration=20.0, **state):
    """Two leaky integrators with tau_mem = 2 tau_syn = 10; both inputs reach the first, none the second."""
    stimulus, neuron = Stimulus.of_channels([[t] for t in times], duration), NeuronParameters(10.0, 5.0, **state)
    return one_layer([[w, 0.0] for w in weights], stimulus, neuron, loss, kind="li", name="out")


def maximum(weights, label=1, rule="complete", **more):
    """The problem, its solution, and the number that the first neuron's maximum must have for this loss."""
    problem = readout(MaxVoltageCrossEntropy("out", [label], rule), weights, **more)
    solution = MpEngine(50).solve(problem)
    return problem, solution, solution.loss.context


def test_a_smooth_maximum_has_the_derivatives_of_its_closed_form():
    # V = w (x - x^2) with x = exp(-t/10) is largest at x = 1/2: w/4, whatever the time of the input
    _, solution, ctx = maximum((4.0, 0.0))
    assert_close([solution.loss], [ctx.log(1 + ctx.e)], 50)
    c = 1 / (1 + 1 / ctx.e)
    assert_close(solution.gradients.weights["in->out"][0], [c / 4, -c / 4 * 0], 50)
    assert_close(solution.gradients.input_times, [0, 0], 50, scale=1)
    assert_close(solution.gradients.neurons["out"].bias, [c * (1 - ctx.mpf(1) / 2), -c * 0 - c * (1 - 1)], 50, scale=1)


def test_a_kink_maximum_moves_with_the_arrival_that_cuts_it():
    # V = 4 (x - x^2) rises until the second input at t = 1
    problem, solution, ctx = maximum((4.0, -5.0))
    x = ctx.exp(-ctx.mpf(1) / 10)
    m, slope = 4 * (x - x * x), 4 * (2 * x * x - x) / 10
    c = 1 / (1 + ctx.exp(-m))
    assert_close([solution.loss], [ctx.log1p(ctx.exp(m))], 50)
    assert_close(solution.gradients.input_times, [-c * slope, c * slope], 50)
    assert_close(solution.gradients.delays["in->out"][:, 0], [-c * slope, c * slope], 50)
    assert_close(solution.gradients.weights["in->out"][:, 0], [c * m / 4, 0], 50)
    quotients = central_differences(problem, [p for p in parameters_of(problem, ["input_time", "delay"]) if p.j == 0])
    assert_close(quotients, [*solution.gradients.input_times, *solution.gradients.delays["in->out"][:, 0]])


def test_a_kink_maximum_moves_with_the_spike_that_cuts_it_and_with_the_delay_of_its_synapse():
    # the first input lifts the readout and makes the neuron spike, which inhibits the readout at once
    network = Network(
        (Input("in", 1),),
        (Population("n", 1), Population("out", 2, "li")),
        (Projection("in", "n"), Projection("in", "out"), Projection("n", "out")),
    )
    weights = {"in->n": [[9.0]], "in->out": [[5.0, 1.0]], "n->out": [[-9.0, 0.0]]}
    neurons = {"n": NeuronParameters(20.0, 5.0), "out": NeuronParameters(12.0, 7.0)}
    stimulus = Stimulus.of_channels([[1.0]], 20.0)
    problem = Problem(network, Parameters(weights, neurons), stimulus, MaxVoltageCrossEntropy("out", [1]))
    solution = MpEngine().solve(problem)
    assert solution.gradients.weights["in->n"][0, 0] < 0  # an earlier spike cuts the rise earlier
    assert solution.gradients.weights["n->out"][0, 0] == 0
    chosen = [p for p in parameters_of(problem) if abs(entry(solution.gradients, p)) > 1e-40]  # the input time: 0
    assert {"delay", "v_th", "tau_mem"} <= {p.kind for p in chosen if p.projection.startswith("n")}
    quotients = central_differences(problem, chosen)
    assert_each_close(quotients, [entry(solution.gradients, p) for p in chosen])
    forward = MpEngine(gradient="sensitivity").solve(problem)
    assert_close(flat(problem, forward.gradients), flat(problem, solution.gradients), 45)


def test_a_readout_that_rises_to_its_bias_has_its_maximum_at_the_end():
    # after 400 time constants V agrees with its bias to all digits; arrivals of weight 0 do not bend it
    problem = readout(MaxVoltageCrossEntropy("out", [1]), (0.0, 0.0), (1000.0, 3900.0), 4000.0, bias=[0.7, 0.3])
    solution = MpEngine(30).solve(problem)
    c = solution.gradients.neurons["out"].bias[0]
    assert_close([c], [1 - solution.loss.context.exp(-solution.loss)], 30)


def test_the_published_rule_differs_at_a_kink_only():
    for weights, same in (((4.0, -5.0), False), ((4.0, 0.0), True)):
        (_, complete, _), (_, published, _) = (maximum(weights, rule=rule) for rule in ("complete", "published"))
        assert complete.loss == published.loss
        assert (flat(complete.problem, complete.gradients) == flat(complete.problem, published.gradients)) == same


def test_a_kink_among_coincident_arrivals_belongs_to_the_one_that_ends_the_rise():
    # alone -1 leaves V rising, -5 does not: the stored order decides which of the two it is
    for weights, cut in (((4.0, -1.0, -5.0), 2), ((4.0, -5.0, -1.0), 1)):
        network = Network((Input("in", 3),), (Population("out", 2, "li"),), (Projection("in", "out"),))
        parameters = Parameters({"in->out": [[w, 0.0] for w in weights]}, {"out": NeuronParameters(10.0, 5.0)})
        stimulus = Stimulus.of_channels([[0.0], [1.0], [1.0]], 20.0)
        problem = Problem(network, parameters, stimulus, MaxVoltageCrossEntropy("out", [1]))
        adjoint, forward = (MpEngine(gradient=g).solve(problem) for g in ("adjoint", "sensitivity"))
        assert_close(flat(problem, forward.gradients), flat(problem, adjoint.gradients), 45)
        later, step = stimulus.times.copy(), 1e-12
        later[cut] += step  # towards the side on which the stored order holds
        if cut == 1:
            later[2] += 2 * step
        moved = MpEngine().solve(replace(problem, stimulus=replace(stimulus, times=later)))
        expected = np.dot(adjoint.gradients.input_times, later - stimulus.times)
        assert abs(moved.loss - adjoint.loss - expected) < 100 * step * abs(expected)


@pytest.mark.parametrize(
    ("weights", "state", "kind"),
    [((-4.0, -1.0), {"v_init": 0.5}, "v_init"), ((4.0, 30.0), {"v_init": [0.0, 0.5]}, "end")],
)
def test_maxima_at_the_ends(weights, state, kind):
    problem, solution, ctx = maximum(weights, duration=5.0, **state)
    c = 1 - ctx.exp(-solution.loss)
    if kind == "v_init":
        assert_close(solution.gradients.neurons["out"].v_init, [c, -c], 50)
        assert not np.any(solution.gradients.weights["in->out"])
    else:
        x, y = (ctx.exp(-ctx.mpf(t) / 10) for t in (5, 4))
        assert_close(solution.gradients.weights["in->out"][:, 0], [c * (x - x * x), c * (y - y * y)], 50)
        assert_close(solution.gradients.input_times[1:], [-c * 30 * (2 * y * y - y) / 10], 50)
    direction = direction_of(problem)
    times = {"input_times": np.zeros(2), "delays": {k: 0 * d for k, d in direction.delays.items()}}
    direction = replace(direction, **times)
    assert_close([central_difference(problem, direction)], [along(problem, solution.gradients, direction)])


def test_tied_maxima_have_no_difference_quotient():
    problem, solution, _ = maximum((0.0, 0.0))  # V = 0 throughout: the first instant is the largest
    assert_close(solution.gradients.neurons["out"].v_init, [0.5, -0.5], 50)
    with pytest.raises(SequenceChanged, match="maximum at the start, maximum at the end"):
        central_differences(problem, [p for p in parameters_of(problem) if p.kind == "v_init"])


def test_v_at_an_arrival_is_its_left_limit_and_has_no_difference_quotient():
    problem = readout(VoltageTarget("out", [1.0], [[0.0], [0.0]]))
    solution = MpEngine(50).solve(problem)
    ctx = solution.loss.context
    x = ctx.exp(-ctx.mpf(1) / 10)
    v, slope = 4 * (x - x * x), 4 * (2 * x * x - x) / 10
    assert_close([solution.loss], [v * v / 2], 50)
    assert_close(solution.gradients.input_times, [-v * slope, 0], 50)
    with pytest.raises(SequenceChanged, match="V at t = 1"):
        central_differences(problem, [p for p in parameters_of(problem) if p.kind == "input_time" and p.i == 1])


def test_an_integral_until_the_end_has_the_closed_form_of_the_kernel():
    # the integral of x - x^2 over [0, T] is tau (1/2 - X + X^2/2)
    solution = MpEngine(50).solve(readout(VoltageIntegral("out"), (4.0, 0.0)))
    ctx = solution.loss.context
    x = ctx.exp(-2)
    assert_close([solution.loss], [40 * (0.5 - x + x * x / 2)], 50)
    assert_close(solution.gradients.input_times, [-4 * (x - x * x), 0], 50)


PAIRS = {
    "mean of the sum": (VoltageIntegral("b", weight="mean"), LossSum([(1 / 16, VoltageIntegral("b"))]), 16.0),
    "own weight, constant": (
        VoltageIntegral("b", weight=lambda t: 1 + 0 * t, t_width=SMOOTH),
        VoltageIntegral("b"),
        12.0,
    ),
    "linear path integral": (
        VoltagePathIntegral(
            "b", lambda v, t, _: (v[:, 0] - 2 * v[:, 1], np.array([[1, -2]] * len(t))), v_width=SMOOTH, t_width=SMOOTH
        ),
        VoltageIntegral("b", [1.0, -2.0]),
        12.0,
    ),
    "constant target as a function": (
        TargetTrace("b", lambda t: np.stack([0 * t + 0.5, 0 * t - 0.25], axis=1), t_width=SMOOTH),
        TargetTrace("b", [0.5, -0.25]),
        12.0,
    ),
    "exponential weight by quadrature": (
        VoltageIntegral("b", weight=lambda t: np.exp(-t / 7), t_width=SMOOTH),
        VoltageIntegral("b", weight=ExponentialWeight(7.0)),
        12.0,
    ),
    "V at given times as a function": (
        VoltageFunction("b", TIMES, lambda v: (np.sum(v * v) / 2, v)),
        VoltageTarget("b", TIMES, np.zeros((2, 4))),
        12.0,
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_two_ways_to_say_the_same_loss_agree(name):
    one, other, duration = PAIRS[name]
    a, b = (MpEngine(40).solve(network_problem(loss, n_samples=1, duration=duration)) for loss in (one, other))
    assert_close([a.loss], [b.loss], 40)
    assert_each_close(flat(a.problem, a.gradients), flat(b.problem, b.gradients), 38)


def test_a_spike_count_has_the_pseudo_derivative_that_it_says_and_no_difference():
    problem = network_problem(SpikeCountRegulariser("b", 2.0, 0.5), n_samples=1)
    solution = MpEngine().solve(problem)
    counts = np.array([np.sum(solution.spikes.neurons == n) for n in (2, 3)])
    assert solution.loss == 0.25 * np.sum((counts - 2.0) ** 2)
    same = SpikeTimeSum("b", -0.5 * (counts - 2.0))
    assert flat(problem, solution.gradients) == flat(problem, MpEngine().solve(replace(problem, loss=same)).gradients)
    with pytest.raises(InvalidInput, match="SpikeCountRegulariser"):
        central_difference(replace(problem, loss=LossSum([(1.0, problem.loss)])), direction_of(problem))


@dataclass(frozen=True)
class HalfSquares:
    """A user's loss of V at the end."""

    population: str

    @property
    def observable(self):
        return VoltageAt([12.0])

    def check(self, network, n_samples):
        pass

    def evaluate_voltage(self, observed):
        return 0.5 * np.sum(observed**2, axis=(1, 2)), observed


class Registered(HalfSquares):
    """The same; its form is registered below."""


def test_a_loss_of_ones_own_is_unsupported_until_its_form_is_registered():
    problem = network_problem(HalfSquares("out"), n_samples=1)
    assert "HalfSquares" in MpEngine().unsupported(problem)
    assert "HalfSquares" in MpEngine().unsupported(replace(problem, loss=LossSum([(1.0, problem.loss)])))
    with pytest.raises(NotImplementedError, match="HalfSquares"):
        MpEngine().solve(problem)

    @voltage_evaluated.register
    def _(_loss: Registered, seen: Observed):
        return sum(v * v / 2 for (v,) in seen.numbers), seen.numbers

    solution = MpEngine().solve(replace(problem, loss=Registered("out")))
    assert_close([solution.loss], [np.sum(solution.v_end[0, 4:] ** 2) / 2], 45)


def bent(v, *_):
    """Absolute value of V - 0.1, which every neuron passes."""
    above = np.where(v > 0.1, 1, -1)
    return np.sum(above * (v - 0.1), axis=1), above


@pytest.mark.parametrize(
    ("loss", "match"),
    [
        (VoltagePathIntegral("b", bent), "loss.integrand: got .not smooth between"),
        (VoltagePathIntegral("b", lambda v, *_: (np.exp2(v[:, 0]), v)), "loss.integrand"),
        (VoltagePathIntegral("b", lambda v, *_: (v[:, 0], v[:1])), "loss.integrand, derivatives: got .shape"),
        (VoltageIntegral("b", weight=np.rint), "loss.weight"),
        (VoltageFunction("b", TIMES, lambda v: (0, v[:1])), "loss.function"),
    ],
)
def test_functions_that_the_reference_cannot_use_are_refused(loss, match):
    with pytest.raises(InvalidInput, match=match):
        MpEngine(20).solve(network_problem(loss, n_samples=1))


@pytest.mark.parametrize("name", ["mixture", "exponential weight"])
def test_the_conditioning_of_losses_of_v_is_finite_and_positive(name):
    problem = network_problem(LOSSES[name], n_samples=SAMPLES.get(name, 1))
    found = rounding_sensitivity(problem, n_probes=1)
    assert 0 < found.loss < 1e4
    for name, weights in found.weights.items():
        assert np.all(np.isfinite(weights))
        assert np.any(weights > 0) or name.endswith("out")
    assert np.all(found.neurons["b"].bias > 0)


@pytest.mark.parametrize("gradient", ["adjoint", "sensitivity"])
@pytest.mark.parametrize("tau_syn", [2.0**-10, 2.5, 20.0])
def test_a_potential_at_rest_is_pulled_at_in_the_layer_after_the_start_too(tau_syn, gradient):
    # V = 0, a target level and a weight that never change: the derivatives are integrals of 1 - e_mem, e_mem and k
    tau_mem, duration, level = 10.0, 2.0**19, 0.75
    network = Network((Input("in", 1),), (Population("out", 1, "li"),), (Projection("in", "out"),))
    parameters = Parameters({"in->out": [[1.0]]}, {"out": NeuronParameters(tau_mem, tau_syn)})
    silence = Stimulus.of_samples([([], [])], duration)
    trace, weighted = TargetTrace("out", [level]), VoltageIntegral("out", [-level], lambda t: 1 + 0 * t, t_width=SMOOTH)
    for loss in (trace, weighted):
        found = MpEngine(50, gradient=gradient).solve(Problem(network, parameters, silence, loss)).gradients
        ctx = found.neurons["out"].bias[0].context
        a, b = ctx.mpf(tau_mem), ctx.mpf(tau_syn)
        mem, syn = (tau * -ctx.expm1(-duration / tau) for tau in (a, b))
        expected = {"bias": duration - mem, "v_init": mem, "i_init": b / (a - b) * (mem - syn)}
        for name, x in expected.items():
            assert abs(getattr(found.neurons["out"], name)[0] / (-level * x) - 1) < 1e-48, (loss, name)
