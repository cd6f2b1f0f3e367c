"""The user's own functions with a target for each sample: the same numbers as the losses that have targets built in."""

from dataclasses import replace

import numpy as np
import pytest
from own_losses import problem

from spikeproof import (
    EventEngine,
    GridEngine,
    InvalidInput,
    SpikeTimeFunction,
    SpikeTimeTarget,
    VoltageFunction,
    VoltageTarget,
)
from spikeproof_reference import MpEngine
from spikeproof_reference.ode import OdeEngine
from spikeproof_reference.textbook import TextbookEngine
from spikeproof_verification.checks.tolerances import COARSE_PATH, RUN

TIMES, V_TARGETS = [3.0, 9.0], np.arange(8.0).reshape(2, 2, 2) / 8.0
T_TARGETS = np.array([[[2.0], [3.0], [2.5]], [[4.0], [3.5], [5.0]]])


def first_spikes(trains, target):
    """Half the squared distance of the first spike of each neuron to its target."""
    value, slopes = 0, []
    for train, t in zip(trains, target[:, 0], strict=True):
        slope = np.zeros_like(train)
        if len(train):
            slope[0] = train[0] - t
            value = value + slope[0] * slope[0] / 2
        slopes.append(slope)
    return value, slopes


def distance(v, target):
    return np.sum((v - target) ** 2) / 2, v - target


PAIRS = {
    "spikes": (
        SpikeTimeFunction("hidden", first_spikes, T_TARGETS),
        SpikeTimeTarget("hidden", T_TARGETS, missing="absent"),
    ),
    "voltages": (VoltageFunction("readout", TIMES, distance, V_TARGETS), VoltageTarget("readout", TIMES, V_TARGETS)),
}
COMPILED = [EventEngine(), EventEngine(threads=2), GridEngine(0.5)]
ENGINES = [TextbookEngine(), MpEngine(dps=30), *(pytest.param(e, marks=pytest.mark.compiled) for e in COMPILED)]


def assert_same(found, wanted, bound):
    assert [float(x) for x in found.sample_losses] == pytest.approx(
        [float(x) for x in wanted.sample_losses], rel=bound, abs=0.0
    )
    for name, g in wanted.gradients.weights.items():
        exact = np.asarray(g, dtype=np.float64)
        near = np.asarray(found.gradients.weights[name], dtype=np.float64)
        assert np.allclose(near, exact, rtol=0.0, atol=bound * np.max(np.abs(exact), initial=1e-3))


@pytest.mark.parametrize("engine", ENGINES, ids=lambda e: f"{e.name} {getattr(e, 'threads', '')}")
@pytest.mark.parametrize("kind", PAIRS)
def test_a_function_with_targets_is_the_loss_that_has_them(kind, engine):
    own, known = (engine.solve(problem(loss)) for loss in PAIRS[kind])
    assert own.sample_losses[0] != own.sample_losses[1]
    assert_same(own, known, RUN)


@pytest.mark.parametrize("kind", PAIRS)
def test_the_ode_engine_calls_it_with_the_target_of_the_sample(kind):
    own, known = (OdeEngine("scipy").solve(problem(loss)) for loss in PAIRS[kind])
    assert_same(own, known, COARSE_PATH)


@pytest.mark.parametrize("kind", PAIRS)
def test_a_sample_that_is_selected_keeps_its_target(kind):
    whole = TextbookEngine().solve(problem(PAIRS[kind][0]))
    alone = TextbookEngine().solve(problem(PAIRS[kind][0]).select([1, 0, 1]))
    assert alone.sample_losses.tolist() == whole.sample_losses[[1, 0, 1]].tolist()


def test_the_number_of_the_sample_can_be_its_target():
    seen = []

    def function(trains, number):
        seen.append(int(number))
        return 0.0, [np.zeros(len(train)) for train in trains]

    TextbookEngine().solve(problem(SpikeTimeFunction("hidden", function, np.arange(2))), gradients=None)
    assert set(seen) == {0, 1}


@pytest.mark.parametrize(
    ("targets", "field"),
    [
        ([1.0], r"loss\.targets"),
        ([1.0, float("nan")], r"loss\.targets\[1\]"),
        (1.0, r"loss\.targets"),
        (["a", "b"], r"loss\.targets"),
        ([[1.0], [1.0, 2.0]], r"loss\.targets"),
    ],
)
@pytest.mark.parametrize("kind", PAIRS)
def test_targets_that_do_not_fit_are_refused_by_name(kind, targets, field):
    with pytest.raises(InvalidInput, match=f"^{field}: got"):
        problem(replace(PAIRS[kind][0], targets=targets))


def test_targets_cannot_be_changed_by_a_function():
    def spoiling(v, target):
        target[:] = 0.0
        return distance(v, target)

    with pytest.raises(ValueError, match="read-only"):
        TextbookEngine().solve(problem(VoltageFunction("readout", TIMES, spoiling, V_TARGETS)))
