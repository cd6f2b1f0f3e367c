"""The delta reference against differences in high precision, on both sides, and against closed forms."""

from dataclasses import replace
from decimal import Decimal, localcontext

import mpmath
import numpy as np
import pytest
from delta_problems import delta_problem

import spikeproof as sp
from spikeproof_reference.lesson.delta import delta_spikes
from spikeproof_verification.checks.tolerances import ONE_SIDED_DIFFERENCE

DPS = 80
STEP = Decimal("1e-25")  # a one-sided difference of three values is off by its square


def moved(problem, kind, place, step):
    """The problem with one weight, input time or bias changed by `step`."""
    stimulus, parameters = problem.stimulus, problem.parameters
    if kind == "input":
        times = [Decimal(float(t)) + (step if k == place[0] else 0) for k, t in enumerate(stimulus.times)]
        return replace(problem, stimulus=replace(stimulus, times=times))
    if kind == "bias":
        neurons = dict(parameters.neurons)
        bias = [Decimal(float(b)) + (step if n == place[0] else 0) for n, b in enumerate(neurons["h"].bias)]
        neurons["h"] = replace(neurons["h"], bias=bias)
        return replace(problem, parameters=sp.Parameters(parameters.weights, neurons))
    weights = {
        name: np.array([[Decimal(float(x)) for x in row] for row in w]) for name, w in parameters.weights.items()
    }
    weights[kind][place] += step
    return replace(problem, parameters=sp.Parameters(weights, parameters.neurons))


def one_sided_difference(problem, kind, place, sign):
    """(-3 f(0) + 4 f(h) - f(2h)) / 2h of all spike times, shape (n_spikes,)."""
    with localcontext(prec=2 * DPS):  # of sums of decimals
        problems = [moved(problem, kind, place, sign * k * STEP) for k in (0, 1, 2)]
    runs = [delta_spikes(p, dps=DPS) for p in problems]
    assert [s.neuron for s in runs[0]] == [s.neuron for s in runs[1]] == [s.neuron for s in runs[2]]
    h = mpmath.mp.mpf(str(sign * STEP))
    return [(-3 * a.time + 4 * b.time - c.time) / (2 * h) for a, b, c in zip(*runs, strict=True)]


def errors(problem, kind, place, sign):
    """Largest error of a tangent in the units of its tolerance."""
    with mpmath.workdps(DPS):
        found = delta_spikes(problem, dps=DPS)
        exact = [s.tangent.get((kind, *place, 0)[:3], 0) for s in found]
        differences = one_sided_difference(problem, kind, place, sign)
        bound = ONE_SIDED_DIFFERENCE.multiple * ONE_SIDED_DIFFERENCE.unit
        return max(float(abs(a - b) / (1 + abs(b)) / bound) for a, b in zip(exact, differences, strict=True))


def short(seed):
    """A problem of few spikes."""
    problem = delta_problem(seed)
    return replace(problem, stimulus=replace(problem.stimulus.select(np.array([0])), duration=30.0), loss=None)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("kind", "place"),
    [("in->h", (0, 1)), ("h->h", (2, 1)), ("h->h", (1, 1)), ("h->o", (0, 0)), ("input", (0,)), ("bias", (1,))],
)
def test_tangents_are_one_sided_differences(kind, place, sign):
    assert errors(short(0), kind, place, sign) < 1.0


def test_a_tangent_of_another_synapse_is_rejected():
    problem = short(0)
    spikes = delta_spikes(problem, dps=DPS)
    with mpmath.workdps(DPS):
        wrong = [s.tangent.get(("in->h", 1, 1), 0) for s in spikes]
        right = one_sided_difference(problem, "in->h", (0, 1), 1)
    assert max(abs(a - b) for a, b in zip(wrong, right, strict=True)) > 1e-6


def test_spikes_by_bias_come_at_the_interval_of_the_closed_form():
    network = sp.Network([], [sp.Population("a", 1)], [])
    neuron = sp.NeuronParameters(Decimal("16"), 5.0, bias=Decimal("1.5"), v_reset=Decimal("-0.5"))
    problem = sp.Problem(network, sp.Parameters({}, {"a": neuron}), sp.Stimulus([], [], [0, 0], 100.0))
    times = [s.time for s in delta_spikes(problem, dps=DPS)]
    with mpmath.workdps(DPS):
        first, period = 16 * mpmath.log(3), 16 * mpmath.log(4)
        expected = [first + k * period for k in range(4)]
        assert len(times) == 4
        assert max(abs(a - b) for a, b in zip(times, expected, strict=True)) < 1e-55


def test_a_network_that_runs_away_is_stopped():
    network = sp.Network(
        [sp.Input("in", 1)], [sp.Population("a", 1)], [sp.Projection("in", "a"), sp.Projection("a", "a")]
    )
    weights, neurons = {"in->a": [[2.0]], "a->a": [[2.0]]}, {"a": sp.NeuronParameters(10.0, 5.0)}
    problem = sp.Problem(network, sp.Parameters(weights, neurons), sp.Stimulus([1.0], [0], [0, 1], 5.0))
    with pytest.raises(RuntimeError, match="more than 100 instants"):
        delta_spikes(problem, event_limit=100)
