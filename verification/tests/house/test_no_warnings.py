"""What overflows is refused by name, and what does not has no warning beside it: a warning would fail each test."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import spikeproof as sp

HUGE = 1e200
LOSSES = {
    "SpikeTimeTarget": sp.SpikeTimeTarget("out", [[HUGE]]),
    "VoltageTarget": sp.VoltageTarget("read", [1.0], [[-HUGE], [HUGE]]),
    "TargetTrace": sp.TargetTrace("read", [HUGE, HUGE]),
}


def problem(loss, tau_mem=20.0, tau_syn=5.0, weight=8.0):
    network = sp.Network(
        [sp.Input("in", 1)],
        [sp.Population("out", 1), sp.Population("read", 2, "li")],
        [sp.Projection("in", "out"), sp.Projection("in", "read")],
    )
    neurons = {"out": sp.NeuronParameters(20.0, 5.0), "read": sp.NeuronParameters(tau_mem, tau_syn)}
    weights = {"in->out": [[8.0]], "in->read": [[weight, -weight]]}
    stimulus = sp.Stimulus.of_samples([([0.0], [0]), ([], [])], 32.0)
    return sp.Problem(network, sp.Parameters(weights, neurons), stimulus, loss)


@pytest.mark.parametrize("engine", [sp.EventEngine(), sp.EventEngine(threads=2), sp.GridEngine(0.5)])
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_that_overflows_is_refused(engine, name):
    with pytest.raises(sp.InvalidInput, match="got inf; allowed: a finite number"):
        engine.solve(problem(LOSSES[name]))


@pytest.mark.compiled
@given(
    tau_mem=st.sampled_from([1e-3, 20.0, 1e12, 1e100, 1e140]),
    tau_syn=st.sampled_from([1e-3, 5.0, 1e12, 1e100, 1e140]),
    weight=st.sampled_from([1e-300, 1e-12, 8.0, 1e6, 1e100]),
    engine=st.sampled_from([sp.EventEngine(), sp.GridEngine(0.5)]),
    gradients=st.sampled_from(["all", "weights"]),
)
def test_extreme_scales_have_finite_results_without_a_warning(tau_mem, tau_syn, weight, engine, gradients):
    loss = sp.MaxVoltageCrossEntropy("read", [0, 1])
    found = engine.solve(problem(loss, tau_mem, tau_syn, weight), gradients)
    assert np.isfinite(found.loss)
    assert np.all(np.isfinite(found.v_end))
    assert np.all(np.isfinite(found.gradients.weights["in->read"]))
