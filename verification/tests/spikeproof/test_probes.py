"""The adjoint variables at given times, from the gradients of probe spikes."""

from dataclasses import replace

import numpy as np
import pytest
from grid_problems import recurrent
from one_layer import one_layer
from refractory_problems import PROBLEMS

import spikeproof as sp
from spikeproof_reference.textbook import TextbookEngine
from spikeproof_verification.checks.tolerances import AMPLIFIED, SHORT_RUN

TAU_MEM, TAU_SYN = 20.0, 5.0
NEURON = sp.NeuronParameters(TAU_MEM, TAU_SYN)


def response(x):
    """Convolution of the two exponentials, over tau_syn."""
    return TAU_MEM / (TAU_MEM - TAU_SYN) * (np.exp(-x / TAU_MEM) - np.exp(-x / TAU_SYN))


@pytest.mark.parametrize("engine", [TextbookEngine(), pytest.param(None, marks=pytest.mark.compiled)])
def test_before_its_only_spike_a_neuron_has_the_adjoint_of_one_jump(engine):
    problem = one_layer([[9.0]], sp.Stimulus([0.0], [0], [0, 1], 12.0), NEURON, sp.SpikeTimeSum("n", [0.5]))
    spikes = (engine or sp.EventEngine()).solve(problem).spikes
    assert len(spikes) == 1
    until = np.array([2.0, 1.0, 0.5])
    t = spikes.times[0] - until
    jump = 0.5 / (TAU_MEM * spikes.vdot[0])
    lambda_v, lambda_i = sp.adjoint_variables(problem, "n", [0], [*t, 11.0], engine=engine)
    assert np.allclose(lambda_v[0, :3], jump * np.exp(-until / TAU_MEM), rtol=AMPLIFIED, atol=0.0)
    assert np.allclose(lambda_i[0, :3], jump * response(until), rtol=AMPLIFIED, atol=0.0)
    assert (lambda_v[0, 3], lambda_i[0, 3]) == (0.0, 0.0)


@pytest.mark.compiled
def test_before_an_observation_of_v_it_decays_from_the_derivative_of_the_loss():
    stimulus = sp.Stimulus.of_samples([([0.0], [0]), ([0.0], [0])], 12.0)
    problem = one_layer([[2.0]], stimulus, NEURON, sp.VoltageTarget("n", [8.0], [[0.0]]), kind="li")
    v = sp.EventEngine().solve(problem).observed[0][1, 0, 0]
    lambda_v, lambda_i = sp.adjoint_variables(problem, "n", [0], [3.0, 9.0], sample=1)
    assert lambda_v[0] == pytest.approx([-v / TAU_MEM * np.exp(-5.0 / TAU_MEM), 0.0], rel=SHORT_RUN, abs=0.0)
    assert lambda_i[0] == pytest.approx([-v / TAU_MEM * response(5.0), 0.0], rel=SHORT_RUN, abs=0.0)


@pytest.mark.compiled
@pytest.mark.parametrize("name", ["several spikes", "delays", "arrivals during the hold"])
def test_the_event_engine_and_the_textbook_have_the_same_adjoint_variables(name):
    problem = PROBLEMS[name]()
    times = [0.5, 2.0, 6.0, 7.25]
    found = sp.adjoint_variables(problem, "n", [1, 0], times)
    wanted = sp.adjoint_variables(problem, "n", [1, 0], times, engine=TextbookEngine())
    for a, b in zip(found, wanted, strict=True):
        assert a.shape == (2, 4)
        assert np.any(b != 0.0)
        assert np.allclose(a, b, rtol=0.0, atol=AMPLIFIED * np.max(np.abs(b)))


@pytest.mark.compiled
def test_in_a_recurrent_network_they_are_the_sums_of_the_jumps_of_the_adjoint_pass():
    problem = recurrent(sp.SpikeTimeSum("h"), n_samples=1)
    run = sp.EventEngine().run(problem)
    _, jumps = run.adjoint(np.ones(len(run.spikes)))
    tau_mem = problem.parameters.neurons["h"].tau_mem
    t = np.array([0.25, 5.5, 11.0])
    lambda_v, _ = sp.adjoint_variables(problem, "h", list(range(5)), t)
    for n in range(5):
        mine = run.spikes.neurons == n
        until = run.spikes.times[mine] - t[:, None]
        sums = np.where(until > 0.0, np.exp(-np.maximum(until, 0.0) / tau_mem[n]), 0.0) @ jumps[mine]
        assert np.allclose(lambda_v[n], sums, rtol=0.0, atol=AMPLIFIED * np.max(np.abs(jumps)))


@pytest.mark.compiled
def test_the_variables_are_those_of_the_chosen_sample_and_no_neurons_have_none():
    problem = recurrent(sp.SpikeTimeTarget("h", np.full((2, 5, 1), 3.0)))
    alone = sp.adjoint_variables(problem.select([1]), "h", [2], [4.0])
    assert sp.adjoint_variables(problem, "h", [2], [4.0], sample=1) == alone
    assert sp.adjoint_variables(problem, "h", [], [4.0])[0].shape == (0, 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"problem": replace(recurrent(None))}, r"problem\.loss"),
        ({"population": "x"}, "population"),
        ({"neurons": [5]}, r"neurons\[0\]"),
        ({"times": [25.0]}, r"times\[0\]"),
        ({"sample": 2}, "sample"),
        ({"engine": "event"}, "engine"),
    ],
)
def test_what_is_not_there_is_refused_by_name(change, field):
    right = {"problem": recurrent(sp.SpikeTimeSum("h")), "population": "h", "neurons": [0], "times": [1.0]}
    with pytest.raises(sp.InvalidInput, match=f"^{field}: got"):
        sp.adjoint_variables(**{**right, **change})
