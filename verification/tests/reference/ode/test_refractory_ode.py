"""The ode engine, which knows no closed form, with refractory times: what the mp engine says, to 28 digits."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from refractory_problems import AUTAPSES, COUPLED, PROBLEMS, clock, first_plus, held, pair
from test_ode_engine import DIGITS, LOSSES, problem_of, worst

from spikeproof_reference import MpEngine
from spikeproof_reference.ode import OdeEngine
from spikeproof_reference.ode.adjoint import _Replay
from spikeproof_verification.checks.tolerances import COARSE_PATH, SCIPY_PATH

NAMES = [name for name in PROBLEMS if "drive" not in name and "digits" not in name]  # scales far apart take many steps
SPIKING = ["spike times", "function of V at times, spiking", "weighted integral of V, spiking", "largest V"]
SPIKING += ["distance to a trace, spiking"]


@pytest.fixture(autouse=True)
def _enough_digits():
    with mpmath.workdps(60):
        yield


@pytest.mark.parametrize("name", NAMES)
def test_taylor_and_scipy_agree_with_the_mp_engine_for_every_kind_of_hold(name):
    problem = PROBLEMS[name]()
    expected = MpEngine(35).solve(problem)
    assert worst(OdeEngine().solve(problem), expected)[1] < 10.0**-DIGITS
    assert worst(OdeEngine("scipy").solve(problem), expected)[1] < SCIPY_PATH


@pytest.mark.parametrize("name", SPIKING)
def test_losses_that_read_held_neurons_agree_with_the_mp_engine(name):
    problem = held(problem_of(9, recurrent=True, delay=1.25, loss=LOSSES[name]), [0.75, 1.25, 0.0, 30.0])
    expected = MpEngine(35).solve(problem)
    assert len(expected.spikes) >= 5
    assert worst(OdeEngine().solve(problem), expected)[1] < 10.0**-DIGITS
    assert worst(OdeEngine("scipy").solve(problem), expected)[1] < SCIPY_PATH


@pytest.mark.parametrize(
    "problem",
    [pair(AUTAPSES, 1.25), clock(2.5, inputs=(first_plus("2.5"),), w=0.75), pair(COUPLED, 2.5, t_ref=[math.inf, 0.5])],
    ids=["autapses as long as the hold", "an input at the release", "fires once"],
)
def test_at_a_tie_the_order_is_that_of_the_mp_engine(problem):
    assert worst(OdeEngine().solve(problem), MpEngine(35).solve(problem))[1] < 10.0**-DIGITS


def test_a_release_that_is_not_collected_is_caught(monkeypatch):
    problem, engine = pair(COUPLED, 0.5), OdeEngine("scipy", rtol=1e-9, atol=1e-11)
    expected = MpEngine(20).solve(problem)
    assert worst(engine.solve(problem), expected)[1] < COARSE_PATH
    release = _Replay.release

    def without(self, event):
        kept = list(self.d_spike)
        release(self, event)
        self.d_spike = kept

    monkeypatch.setattr(_Replay, "release", without)
    wrong = engine.solve(problem)
    assert worst(wrong, expected)[1] > 1e-3
    assert np.array_equal(wrong.spikes.times, engine.solve(problem).spikes.times)
