"""The convergence of the grid engine can fail: wrong rules of its backward pass stop it."""

import numpy as np
import pytest
from grid_problems import errors, recurrent

import spikeproof.grid.observed as grid_observed
import spikeproof.grid.run as grid_run
from spikeproof import (
    EventEngine,
    GridEngine,
    IntegralCrossEntropy,
    LossSum,
    SpikeTimeSum,
    TargetTrace,
    VoltageIntegral,
)

LOSS = LossSum([(1.0, SpikeTimeSum("h")), (1.0, IntegralCrossEntropy("o", [0, 1]))])


def transposed(grid):
    """The recurrent weights transposed."""
    weights, row = grid.weights.copy(), grid.row[1]
    weights[row : row + 25] = weights[row : row + 25].reshape(5, 5).T.ravel()
    weights.flags.writeable = grid.weights.flags.writeable  # else kernels are compiled once more
    return grid._replace(weights=weights)


FAULTS = {
    "transposed weights": transposed,
    "no v_th lambda_v in the jump": lambda grid: grid._replace(v_reset=grid.v_th.copy()),
    "v_reset ignored in the jump": lambda grid: grid._replace(v_reset=-grid.bias),
    "lambda_v does not reach lambda_i": lambda grid: grid._replace(lambda_gain=0.0 * grid.lambda_gain),
    "gain of V in place of that of lambda_i": lambda grid: grid._replace(lambda_gain=grid.v_gain),
    "delays ignored backward": lambda grid: grid._replace(lag=0 * grid.lag),
    "tau_syn missing in the weight gradient": lambda grid: grid._replace(tau_syn=np.ones_like(grid.tau_syn)),
}


@pytest.mark.compiled
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_backward_pass_stops_the_convergence(fault, monkeypatch):
    """The kernels get a wrong network backward; forward all is right."""
    real = grid_run.adjoint
    problem = recurrent(LOSS)
    exact = EventEngine().solve(problem)

    def faulty(grid, *rest):
        only_weights = rest[-1]._replace(delays=rest[-1].delays[:0], neurons=rest[-1].neurons[:0])
        return real(FAULTS[fault](grid), *rest[:-1], only_weights)

    monkeypatch.setattr(grid_run, "adjoint", faulty)
    got = GridEngine(2.0**-12).solve(problem).gradients
    worst = max(np.max(np.abs(got.weights[n] - w)) / np.max(np.abs(w)) for n, w in exact.gradients.weights.items())
    assert worst > 0.02


def test_without_a_fault_the_engine_is_closer_than_with_any():
    problem = recurrent(LOSS)
    exact, right = EventEngine().solve(problem).gradients, GridEngine(2.0**-12).solve(problem).gradients
    for name, w in exact.weights.items():
        assert np.max(np.abs(right.weights[name] - w)) < 0.01 * np.max(np.abs(w))


@pytest.mark.compiled
@pytest.mark.parametrize("loss", [TargetTrace("h", [0.1, 0.2, 0.3, 0.4, 0.5]), VoltageIntegral("h")])
def test_a_wrong_sign_of_the_jump_of_l_v_stops_the_convergence(loss, monkeypatch):
    problem = recurrent(loss)
    exact = EventEngine().solve(problem)
    real = grid_run.Run.adjoint
    assert max(errors(GridEngine(2.0**-12), problem, exact).values()) < 0.01
    monkeypatch.setattr(grid_run.Run, "adjoint", lambda run, d_spike, *rest: real(run, -d_spike, *rest))
    assert max(errors(GridEngine(2.0**-12), problem, exact).values()) > 0.1


@pytest.mark.compiled
def test_a_one_sided_rule_for_integrals_of_spiking_neurons_is_noticed(monkeypatch):
    """The limits of V at its jumps taken for each other."""
    problem = recurrent(TargetTrace("h", [0.1, 0.2, 0.3, 0.4, 0.5]))
    exact = EventEngine().solve(problem)
    real = grid_observed._reset
    monkeypatch.setattr(grid_observed, "_reset", lambda run, where: real(run, where) + 0.25)
    assert max(errors(GridEngine(2.0**-12), problem, exact).values()) > 0.02
