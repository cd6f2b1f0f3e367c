"""A bias equal to the threshold: V comes up to it for ever, and reaches it only if it is driven."""

import math

import numpy as np
import pytest

from spikeproof import (
    EventEngine,
    GridEngine,
    Input,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeSum,
    Stimulus,
)
from spikeproof_reference import MpEngine
from spikeproof_verification.checks.tolerances import EPS, SPIKE_TIME


def drawn_up(weight, duration, tau_mem=20.0, tau_syn=5.0, recurrent=False):
    """A neuron with v_th = bias = 1 and one input at 0."""
    projections = [Projection("in", "a"), *([Projection("a", "a", delay=1.0)] if recurrent else [])]
    weights = {"in->a": np.array([[weight]]), **({"a->a": np.array([[-0.5]])} if recurrent else {})}
    neuron = NeuronParameters(tau_mem=tau_mem, tau_syn=tau_syn, bias=1.0)
    stimulus = Stimulus.of_samples([([0.0], [0])], duration=duration)
    network = Network([Input("in", 1)], [Population("a", 1)], projections)
    return Problem(network, Parameters(weights, {"a": neuron}), stimulus, SpikeTimeSum("a"))


@pytest.mark.parametrize("recurrent", [False, True])
@pytest.mark.parametrize("duration", [60.0, 1e3, 2e4, 1e8])
@pytest.mark.parametrize("weight", [-1.0, 0.0, 0.1, 2.9, 3.0])
def test_nobody_spikes_who_only_comes_closer(weight, duration, recurrent):
    """The limit is a weight of (tau_mem - tau_syn) / tau_syn = 3."""
    problem = drawn_up(weight, duration, recurrent=recurrent)
    assert len(EventEngine().solve(problem).spikes) == 0
    assert len(MpEngine(dps=30).solve(problem).spikes) == 0


@pytest.mark.parametrize(
    ("tau_mem", "tau_syn", "duration"),
    [(20.0, 5.0, 60.0), (20.0, 5.0, 2e4), (10.0, 10.0, 60.0), (5.0, 20.0, 60.0)],  # slow currents spike for ever
)
@pytest.mark.parametrize("weight", [3.5, 10.0, 100.0])
def test_the_first_spike_comes_when_the_drive_says(weight, tau_mem, tau_syn, duration):
    problem = drawn_up(weight, duration, tau_mem, tau_syn)
    spikes = EventEngine().solve(problem).spikes
    if tau_mem == tau_syn:
        time = tau_mem / weight
    else:
        time = -math.log1p(-(tau_mem - tau_syn) / (tau_syn * weight)) * tau_mem * tau_syn / (tau_mem - tau_syn)
    assert abs(spikes.times[0] - time) <= SPIKE_TIME.multiple * EPS * (time + 1.0 / spikes.vdot[0])
    assert len(spikes) == len(MpEngine(dps=30).solve(problem).spikes)


@pytest.mark.parametrize(("duration", "tau_mem", "dt"), [(2e4, 20.0, 1.0), (2e4, 20.0, 16.0), (2e3, 1.0, 1.0)])
def test_on_a_grid_a_potential_that_has_faded_does_not_spike(duration, tau_mem, dt):
    assert len(GridEngine(dt=dt).solve(drawn_up(0.1, duration, tau_mem, tau_mem / 4.0)).spikes) == 0
