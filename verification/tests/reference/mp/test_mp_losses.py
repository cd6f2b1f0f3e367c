"""Losses of V in the mp reference: three gradients of every loss agree."""

from __future__ import annotations

import pytest
from mp_gradients import along, assert_close, assert_each_close, direction_of, entry, flat
from voltage_losses import LOSSES, SAMPLES, network_problem

from spikeproof_reference import (
    MpEngine,
    central_difference,
    central_differences,
    parameters_of,
)


@pytest.mark.parametrize("name", LOSSES)
def test_three_gradients_of_every_loss_agree(name):
    problem = network_problem(LOSSES[name], n_samples=SAMPLES.get(name, 1))
    adjoint, forward = (MpEngine(gradient=g).solve(problem) for g in ("adjoint", "sensitivity"))
    assert len(adjoint.spikes) >= 5
    expected = flat(problem, adjoint.gradients)
    assert sum(x != 0 for x in expected) > 0.4 * len(expected)
    assert_each_close(flat(problem, forward.gradients), expected, 40)
    direction = direction_of(problem)
    assert_close([central_difference(problem, direction, 34)], [along(problem, adjoint.gradients, direction)])
    assert adjoint.loss == forward.loss == sum(adjoint.sample_losses) / len(adjoint.sample_losses)


@pytest.mark.parametrize(
    ("name", "taus"), [("own weight", "close"), ("exponential weight", "close"), ("mixture", "equal")]
)
def test_two_gradients_agree_for_equal_time_constants(name, taus):
    problem = network_problem(LOSSES[name], 1, taus=taus, delay=0.3, n_samples=SAMPLES.get(name, 1))
    adjoint, forward = (MpEngine(gradient=g).solve(problem) for g in ("adjoint", "sensitivity"))
    assert_each_close(flat(problem, forward.gradients), flat(problem, adjoint.gradients), 40)
    time_constants = [p for p in parameters_of(problem) if p.kind in ("tau_mem", "tau_syn")][3:5]
    quotients = central_differences(problem, time_constants, 34)
    assert_each_close(quotients, [entry(adjoint.gradients, p) for p in time_constants])
