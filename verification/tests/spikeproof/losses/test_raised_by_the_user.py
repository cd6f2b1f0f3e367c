"""An exception in a user's own function: its type stays, and a note says of which loss and sample it came."""

import numpy as np
import pytest
from own_losses import OfSpikes, OfVoltages, problem

from spikeproof import (
    EventEngine,
    GridEngine,
    LossSum,
    SpikeTimeFunction,
    SpikeTimeSum,
    TargetTrace,
    VoltageFunction,
    VoltageIntegral,
    VoltagePathIntegral,
)
from spikeproof.losses import VoltageAt
from spikeproof_reference import MpEngine
from spikeproof_reference.ode.engine import OdeEngine
from spikeproof_reference.textbook.engine import TextbookEngine


class Broken(Exception):
    """Of the user's own."""


def broken(*_):
    raise Broken("by the user")


LOSSES = {
    "loss.function of spikes": SpikeTimeFunction("hidden", broken),
    "loss.function of V": VoltageFunction("readout", [3.0], broken),
    "loss.integrand": VoltagePathIntegral("readout", broken),
    "loss.weight": VoltageIntegral("readout", weight=broken),
    "loss.target": TargetTrace("readout", broken),
    "loss.evaluate": OfSpikes(broken),
    "loss.evaluate_voltage": OfVoltages(broken, VoltageAt([3.0])),
}
ENGINES = {
    "event": EventEngine(),
    "two threads": EventEngine(threads=2),
    "grid": GridEngine(0.5),
    "mp": MpEngine(dps=20),
    "ode": OdeEngine("scipy"),
    "textbook": TextbookEngine(),
}


def notes(engine, loss):
    with pytest.raises(Broken, match=r"^by the user") as caught:
        engine.solve(problem(loss))
    return "\n".join(caught.value.__notes__)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", LOSSES)
def test_the_note_names_the_field_the_term_and_the_kind_of_loss(engine, name):
    if ENGINES[engine].unsupported(problem(LOSSES[name])):
        pytest.skip("a loss without a form in this engine")
    found = notes(ENGINES[engine], LossSum([(1.0, SpikeTimeSum("hidden")), (2.0, LOSSES[name])]))
    if engine != "textbook" or not name.startswith("loss.evaluate"):
        assert f"raised inside {name.split()[0]}" in found
    assert f"raised inside loss.terms[1], a {type(LOSSES[name]).__name__}" in found
    alone = notes(ENGINES[engine], LOSSES[name])
    assert f"raised inside loss, a {type(LOSSES[name]).__name__}" in alone


def of_spikes(trains):
    """Neuron 0 spikes before neuron 1 in sample 0 alone."""
    return broken() if trains[0][0] > trains[1][0] else (0.0, [0 * t for t in trains])


def of_potentials(v):
    """V of neuron 0 is above that of neuron 1 in sample 0 alone."""
    return broken() if v[0, 0] < v[1, 0] else (0.0, 0 * v)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_note_names_the_sample(engine):
    for loss in (SpikeTimeFunction("hidden", of_spikes), VoltageFunction("hidden", [3.0], of_potentials)):
        assert "sample 1" in notes(ENGINES[engine], loss)


def in_the_second(_v, _t, sample):
    return broken() if sample == 1 else (np.zeros(len(_t)), np.zeros(_v.shape))


@pytest.mark.parametrize("engine", ["event", "two threads", "grid", "mp", "textbook"])
def test_the_note_names_the_sample_of_an_integrand(engine):
    assert "sample 1" in notes(ENGINES[engine], VoltagePathIntegral("readout", in_the_second))
