"""The loss along a line in weight space."""

import math

import numpy as np
import pytest
from one_layer import one_layer

import spikeproof as sp
from spikeproof_verification.checks.tolerances import AMPLIFIED, SECOND_ORDER

NEURON = sp.NeuronParameters(20.0, 10.0)  # tau_mem = 2 tau_syn: V = w (x - x^2), x = exp(-t / 20), so t is known
STIMULUS = sp.Stimulus([0.0], [0], [0, 1], 200.0)


def first_spike(w):
    """The first time at which w (x - x^2) = 1."""
    return -20.0 * math.log(0.5 + math.sqrt(0.25 - 1.0 / w))


@pytest.mark.compiled
def test_the_loss_is_that_of_the_moved_weight_and_the_slope_its_derivative():
    problem = one_layer([[4.25]], STIMULUS, NEURON, sp.SpikeTimeSum("n"))
    line = sp.loss_line(problem, {"in->n": [[2.0]]}, [-0.125, 0.0, 0.125])
    assert line.direction["in->n"] == [[1.0]]
    assert line.losses == pytest.approx([first_spike(w) for w in (4.125, 4.25, 4.375)], rel=AMPLIFIED, abs=0.0)
    assert line.loss == line.losses[1]
    step = 2.0**-20
    slope = (first_spike(4.25 + step) - first_spike(4.25 - step)) / (2.0 * step)
    assert line.slope == pytest.approx(slope, rel=SECOND_ORDER, abs=0.0)
    assert line.changes == ()


@pytest.mark.compiled
def test_a_spike_that_vanishes_is_marked_where_the_weight_no_longer_reaches_the_threshold():
    problem = one_layer([[4.25]], STIMULUS, NEURON, sp.SpikeTimeSum("n"))
    line = sp.loss_line(problem, {"in->n": [[-1.0]]}, np.linspace(0.0, 1.0, 8))
    assert [change.spikes for change in line.changes] == [True]
    assert line.changes[0].distance == pytest.approx(0.25, rel=0.0, abs=SECOND_ORDER)
    assert line.changes[0].description == "a spike of n[0] vanishes (1 → 0)"
    assert line.losses[-1] == 0.0


def overtaken():
    """A spike that a slightly inhibitory arrival overtakes when the weight falls by 0.125, and that vanishes later."""
    stimulus = sp.Stimulus([0.0, first_spike(4.25)], [0, 1], [0, 2], 200.0)
    return one_layer([[4.375], [-0.0625]], stimulus, NEURON, sp.SpikeTimeSum("n"))


@pytest.mark.compiled
def test_an_arrival_that_a_spike_overtakes_is_marked_as_a_change_of_order():
    line = sp.loss_line(overtaken(), {"in->n": [[-1.0], [0.0]]}, np.linspace(0.0, 0.1875, 4))
    assert [(change.spikes, change.description) for change in line.changes] == [
        (False, "spike 0 of n[0] and an arrival change order")
    ]
    assert line.changes[0].distance == pytest.approx(0.125, rel=0.0, abs=SECOND_ORDER)


@pytest.mark.compiled
def test_a_spike_that_vanishes_is_marked_beside_a_change_of_order_in_the_same_interval():
    line = sp.loss_line(overtaken(), {"in->n": [[-1.0], [0.0]]}, [0.0, 1.0])
    assert [change.spikes for change in line.changes] == [False, True]
    assert line.changes[0].distance == pytest.approx(0.125, rel=0.0, abs=SECOND_ORDER)
    assert 0.1875 < line.changes[1].distance < 0.5


@pytest.mark.compiled
def test_the_first_change_is_the_validity_radius():
    network = sp.chain(2, 3, 2)
    weights = sp.normal_weights(network, (6.0, 2.0), seed=2)
    neurons = dict.fromkeys(("hidden", "output"), sp.NeuronParameters(20.0, 5.0))
    stimulus = sp.Stimulus.of_samples([([1.0, 4.0], [0, 1]), ([2.0, 2.5], [1, 0])], duration=60.0)
    problem = sp.Problem(network, sp.Parameters(weights, neurons), stimulus, sp.SpikeTimeSum("output"))
    radius = sp.validity_radius(problem)
    line = sp.loss_line(problem, None, np.linspace(0.0, 1.25 * radius.radius, 6))
    assert line.slope == radius.slope < 0.0
    assert line.changes[0].distance == pytest.approx(radius.radius, rel=SECOND_ORDER, abs=0.0)
    assert line.changes[0].description == radius.change


@pytest.mark.parametrize(
    ("loss", "direction", "distances", "field"),
    [
        (None, None, [0.0, 1.0], r"problem\.loss"),
        (sp.SpikeTimeSum("n"), {"x": [[1.0]]}, [0.0, 1.0], "direction"),
        (sp.SpikeTimeSum("n"), None, [0.0], "distances"),
        (sp.SpikeTimeSum("n"), None, [0.0, 1.0, 1.0], r"distances\[2\]"),
    ],
)
def test_other_lines_are_refused_by_name(loss, direction, distances, field):
    problem = one_layer([[4.25]], STIMULUS, NEURON, loss)
    with pytest.raises(sp.InvalidInput, match=f"^{field}: got"):
        sp.loss_line(problem, direction, distances)
