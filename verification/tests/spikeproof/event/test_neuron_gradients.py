"""Gradients of neurons that act on themselves, and of losses with several terms at one kink of V.

Through an autapse the derivatives with what arrives held fixed grow, those of the network do not, and neither may their
rounding.
"""

import numpy as np
import pytest

import spikeproof as sp
from spikeproof.neuron_parameters import PARAMETER_NAMES
from spikeproof_reference import MpEngine
from spikeproof_verification.checks.tolerances import RUN, SHORT_RUN

TWICE = {
    "largest V": sp.MaxVoltageCrossEntropy("n", [0]),
    "of the other one": sp.MaxVoltageCrossEntropy("n", [1]),
    "V at an arrival": sp.VoltageTarget("n", [3.0], np.zeros((1, 2, 1))),
}
READ = {
    "spikes": lambda _: sp.SpikeTimeSum("n"),
    "V": lambda duration: sp.VoltageTarget("n", [0.3 * duration, 0.9 * duration], np.zeros((1, 2))),
    "charge": lambda _: sp.VoltageIntegral("n", [1.0]),
}


def excited_by_itself(duration, loss, delay=0.0, t_ref=0.0, synapses=None):
    """One neuron that its bias makes fire, and that its own spikes excite."""
    network = sp.Network(
        [sp.Input("in", 1)], [sp.Population("n", 1)], [sp.Projection("n", "n", delay, synapses=synapses)]
    )
    weights = [[1.0526114795]] if synapses is None else [1.0526114795]
    neuron = sp.NeuronParameters(
        0.9674455093096128, 0.4837227546548064, 0.9449884304974084, -0.498035855, bias=1.005891825172382, t_ref=t_ref
    )
    stimulus = sp.Stimulus.of_channels([[]], duration)
    return sp.Problem(network, sp.Parameters({"n->n": weights}, {"n": neuron}), stimulus, READ[loss](duration))


@pytest.mark.parametrize("loss", READ)
@pytest.mark.parametrize(
    ("duration", "more"),
    [
        (100.0, {}),
        (100.0, {"synapses": sp.Synapses.one_to_one(1)}),
        (60.0, {"delay": 0.125}),
        (60.0, {"t_ref": 0.25}),
    ],
    ids=["dense", "sparse", "delayed", "held"],
)
def test_gradients_of_a_neuron_that_excites_itself_lose_no_digits_with_time(duration, more, loss):
    problem = excited_by_itself(duration, loss, **more)
    found, exact = sp.EventEngine().solve(problem), MpEngine(dps=40).solve(problem)
    assert len(found.spikes) >= 20
    for name in PARAMETER_NAMES:
        gradient, wanted = (getattr(s.gradients.neurons["n"], name).astype(float) for s in (found, exact))
        assert np.any(wanted)
        assert np.all(abs(gradient - wanted) <= RUN * (1 + abs(wanted))), name


@pytest.mark.parametrize("first", TWICE)
@pytest.mark.parametrize("second", TWICE)
@pytest.mark.parametrize("synapses", [None, sp.Synapses.of_mask(np.ones((2, 2), np.bool_))])
def test_terms_of_a_loss_that_look_at_one_kink_have_the_gradients_of_their_sum(first, second, synapses):
    weights = np.array([[1.0, 0.5], [-5.0, -5.0]])  # the second input ends a rise of both

    def gradients(loss):
        network = sp.Network(
            [sp.Input("in", 2)], [sp.Population("n", 2, "li")], [sp.Projection("in", "n", synapses=synapses)]
        )
        own = {"in->n": weights if synapses is None else weights.ravel()}
        parameters = sp.Parameters(own, {"n": sp.NeuronParameters(10.0, 5.0)})
        problem = sp.Problem(network, parameters, sp.Stimulus.of_channels([[1.0], [3.0]], 20.0), loss)
        found = sp.EventEngine().solve(problem).gradients
        return np.concatenate([found.weights["in->n"].ravel(), found.delays["in->n"].ravel(), found.input_times])

    whole = gradients(sp.LossSum([(1.0, TWICE[first]), (-0.75, TWICE[second])]))
    parts = gradients(TWICE[first]) - 0.75 * gradients(TWICE[second])
    assert np.any(parts)
    assert whole == pytest.approx(parts, rel=SHORT_RUN, abs=SHORT_RUN)
