"""What the reference refuses to differentiate, what it does not, and how it simulates rounding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spikeproof import (
    FirstSpikeCrossEntropy,
    Input,
    InvalidInput,
    MaxVoltageCrossEntropy,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeSum,
    Stimulus,
)
from spikeproof_reference import (
    MpEngine,
    Parameter,
    SequenceChanged,
    central_differences,
    rounding_sensitivity,
)

FIRST_INPUT = Parameter("input_time", "", 0, 0)
FIRST_WEIGHT = Parameter("weight", "in->n", 0, 0)


def pair_of(recurrent, w_in=(6.0, 6.0), trains=((1.0, 2.5), (20.0,)), tau=(20.0, 5.0)):
    """Two neurons with the same input, which spike together unless their weights differ."""
    network = Network((Input("in", 2),), (Population("n", 2),), (Projection("in", "n"), Projection("n", "n")))
    weights = {"in->n": [w_in, (1.0, 1.0)], "n->n": recurrent}
    parameters = Parameters(weights, {"n": NeuronParameters(*tau)})
    return Problem(network, parameters, Stimulus.of_channels(trains, 40.0), SpikeTimeSum("n", [1.0, 0.5]))


@pytest.mark.parametrize("w", [0.5, -0.5, -30.0])
def test_a_coupled_tie_has_no_difference_quotient(w):
    with pytest.raises(SequenceChanged, match="event sequence changed"):
        central_differences(pair_of([[0.0, w], [0.0, 0.0]]), [FIRST_WEIGHT])


def test_an_uncoupled_tie_is_differentiable():
    problem = pair_of([[0.0, 0.0], [0.0, 0.0]])
    solution = MpEngine().solve(problem)
    assert solution.spikes.times[0] == solution.spikes.times[1]
    expected = [solution.gradients.weights["in->n"][0, 0], solution.gradients.input_times[0]]
    for quotient, derivative in zip(central_differences(problem, [FIRST_WEIGHT, FIRST_INPUT]), expected, strict=True):
        assert abs(quotient - derivative) < 1e-35 * abs(derivative)


def test_coincident_inputs_are_differentiable():
    problem = pair_of([[0.0, 0.0], [0.0, 0.0]], trains=((1.0, 1.0), (1.0,)))
    (quotient,) = central_differences(problem, [FIRST_INPUT])
    derivative = MpEngine().solve(problem).gradients.input_times[0]
    assert abs(quotient - derivative) < 1e-35 * abs(derivative)


def test_an_input_at_time_zero_is_differentiable():
    problem = pair_of([[0.0, 0.0], [0.0, 0.0]], trains=((0.0, 2.5), ()))
    (quotient,) = central_differences(problem, [FIRST_INPUT])
    derivative = MpEngine().solve(problem).gradients.input_times[0]
    assert abs(quotient - derivative) < 1e-35 * abs(derivative)


def test_a_weight_that_is_zero_counts_as_soon_as_it_is_varied():
    problem = pair_of([[0.0, 0.0], [0.0, 0.0]])
    with pytest.raises(SequenceChanged):
        central_differences(problem, [Parameter("weight", "n->n", 0, 1)])


def test_a_spike_that_appears_is_a_changed_sequence():
    # tau ratio 2: the peak of V is w/4, here one unit of roundoff below the threshold
    below = np.nextafter(4.0, 0.0)
    problem = pair_of([[0.0, 0.0], [0.0, 0.0]], (below, 6.0), ((1.0,), ()), (10.0, 5.0))
    with pytest.raises(SequenceChanged, match="0 spikes, 1 in the perturbed"):
        central_differences(problem, [FIRST_WEIGHT], dps=15)


def test_rounding_sensitivity_is_that_of_the_shifted_clock():
    """t + s has a relative error of at most one unit, uniform: rms t/sqrt(3); nothing loses much more here."""
    problem = pair_of([[0.0, 0.3], [-0.2, 0.0]], (6.0, 5.0), ((1000.0, 1002.5), ()))
    problem = replace(problem, stimulus=replace(problem.stimulus, duration=1040.0))
    found = rounding_sensitivity(problem, n_probes=8)
    times = MpEngine().solve(problem).spikes.times.astype(float)
    assert len(times) >= 3
    assert np.all(found.spike_times > 0.2 * times)
    assert np.all(found.spike_times < 10 * times)


def test_rounding_sensitivity_grows_as_one_over_vdot():
    sensitivity = []
    for excess in (1e-4, 1e-8):
        problem = pair_of([[0.0, 0.0], [0.0, 0.0]], (4.0 + excess, 0.0), ((1.0,), ()), (10.0, 5.0))
        sensitivity.append(rounding_sensitivity(problem, n_probes=8).spike_times[0])
    assert 20 < sensitivity[1] / sensitivity[0] < 500  # 1/Vdot grows by 100


def test_rounding_sensitivity_covers_every_result_and_repeats():
    network = Network(
        (Input("in", 2),), (Population("h", 3), Population("o", 2)), (Projection("in", "h"), Projection("h", "o"))
    )
    rng = np.random.default_rng(0)
    weights = {"in->h": rng.uniform(4, 7, (2, 3)), "h->o": rng.uniform(3, 4, (3, 2))}
    parameters = Parameters(weights, {"h": NeuronParameters(20.0, 5.0), "o": NeuronParameters(8.0, 8.0)})
    stimulus = Stimulus.of_samples([([1.0, 2.0], [0, 1]), ([1.0, 1.0], [1, 0])], 40.0)
    problem = Problem(network, parameters, stimulus, FirstSpikeCrossEntropy("o", [0, 1], 0.5, 6.4, 0.003))
    a, b = rounding_sensitivity(problem, seed=3), rounding_sensitivity(problem, seed=3)
    assert a.spike_times.shape == (len(MpEngine().solve(problem).spikes),)
    assert a.weights["h->o"].shape == (3, 2)
    assert a.input_times.shape == (4,)
    assert a.loss > 0
    assert np.all(a.weights["in->h"] > 0)
    assert np.all(np.isfinite(a.input_times))
    assert np.array_equal(a.spike_times, b.spike_times)
    assert a.loss == b.loss
    assert rounding_sensitivity(problem, seed=4).loss != a.loss


def test_rounding_sensitivity_of_a_coupled_tie_is_refused():
    with pytest.raises(SequenceChanged):
        rounding_sensitivity(pair_of([[0.0, -30.0], [-30.0, 0.0]]))


def test_too_few_digits_or_probes_are_refused():
    with pytest.raises(InvalidInput, match="n_probes"):
        rounding_sensitivity(pair_of([[0.0, 0.0], [0.0, 0.0]]), n_probes=0)
    with pytest.raises(InvalidInput, match="dps"):
        rounding_sensitivity(pair_of([[0.0, 0.0], [0.0, 0.0]]), dps=20)


def test_rounding_sensitivity_knows_that_the_time_of_a_maximum_counts_from_zero():
    """A derivative at a smooth maximum takes its time as binary64 has it: a late one is known to eps t alone."""
    network = Network((Input("in", 1),), (Population("out", 2, "li"),), (Projection("in", "out"),))
    parameters = Parameters({"in->out": [[2.0, 1.0]]}, {"out": NeuronParameters(16.0, 4.0)})
    found = []
    for t in (1.0, 2.0**20):
        problem = Problem(
            network, parameters, Stimulus.of_channels([[t]], t + 64.0), MaxVoltageCrossEntropy("out", [0])
        )
        found.append(rounding_sensitivity(problem, n_probes=8))
    assert found[1].loss < 10 * found[0].loss  # V does not move where it is largest
    early, late = (f.neurons["out"].tau_syn[0] for f in found)
    assert 1e3 < late / early < 2.0**20
