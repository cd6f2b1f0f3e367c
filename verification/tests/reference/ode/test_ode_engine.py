"""The ode engine: without closed forms, and to 28 digits what the mp engine says."""

from __future__ import annotations

from dataclasses import fields, replace

import mpmath
import numpy as np
import pytest
from one_layer import one_layer

from spikeproof import (
    EventLimitExceeded,
    ExponentialWeight,
    FirstSpikeCrossEntropy,
    GrazingSpike,
    Input,
    InstantaneousCrossEntropy,
    IntegralCrossEntropy,
    InvalidInput,
    LossSum,
    MaxVoltageCrossEntropy,
    Network,
    NeuronGradients,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeCountRegulariser,
    SpikeTimeFunction,
    SpikeTimeSum,
    SpikeTimeTarget,
    Stimulus,
    TargetTrace,
    VoltageFunction,
    VoltageIntegral,
    VoltagePathIntegral,
    VoltageTarget,
)
from spikeproof_reference import MpEngine
from spikeproof_reference.ode import OdeEngine
from spikeproof_reference.ode.peaks import peaks_of
from spikeproof_verification.checks.tolerances import COARSE_PATH, ODE_RUNGE_KUTTA

DIGITS = 28


def problem_of(seed, *, recurrent=False, delay=0.0, tau=(12.0, 5.0), per_neuron=False, loss=None, n_samples=1):
    """Two neurons that drive two, which drive two leaky integrators; every parameter is there."""
    rng = np.random.default_rng(seed)
    populations = (Population("a", 2), Population("b", 2), Population("out", 2, "li"))
    edges = [("in", "a", delay / 2), ("a", "b", delay), ("b", "out", 0.0)]
    edges += [("a", "a", delay), ("b", "b", 0.0)] if recurrent else []
    network = Network((Input("in", 2),), populations, tuple(Projection(*edge) for edge in edges))
    height = {"in": 4.0 * min(1.0, tau[0] / tau[1]), "a": 2.0, "b": 1.0}
    weights = {
        p.name: rng.uniform(0.5, 1.0, network.shape(p)) * (height[p.pre] if p.pre != p.post else -0.3)
        for p in network.projections
    }
    neurons = {p.name: neurons_of(p, tau, per_neuron, rng) for p in populations}
    samples = [(rng.uniform(0.0, 6.0, 3), rng.integers(0, 2, 3)) for _ in range(n_samples)]
    stimulus = Stimulus.of_samples(samples, 9.0)
    return Problem(network, Parameters(weights, neurons), stimulus, loss or SpikeTimeSum("b", [1.0, -0.5]))


def neurons_of(population, tau, per_neuron, rng):
    tau_mem, tau_syn = (t * rng.uniform(0.8, 1.2, population.size) if per_neuron else t for t in tau)
    bias, v_init, i_init = (rng.uniform(-0.2, 0.3, population.size) for _ in range(3))
    if population.kind == "li":
        return NeuronParameters(tau_mem, tau_syn, None, None, bias, v_init, i_init)
    v_th, v_reset = (x * (rng.uniform(0.8, 1.2, population.size) if per_neuron else 1.0) for x in (0.75, -0.25))
    return NeuronParameters(tau_mem, tau_syn, v_th, v_reset, bias, v_init, i_init)


PROBLEMS = {
    "feed-forward": lambda: problem_of(1),
    "recurrent with autapses": lambda: problem_of(9, recurrent=True),
    "recurrent with delays": lambda: problem_of(9, recurrent=True, delay=1.25),
    "equal time constants": lambda: problem_of(4, recurrent=True, tau=(8.0, 8.0)),
    "tau_mem < tau_syn, per neuron": lambda: problem_of(5, recurrent=True, tau=(5.0, 9.0), per_neuron=True),
}


def squares(v):
    return (v * v).sum() / 2 + v.sum(), v + 1


def cubes(v, t, _sample):
    return (v * v * v).sum(axis=1) + t * v[:, 0], 3 * v * v + t.reshape(-1, 1) * np.array([[1.0, 0.0]])


LOSSES = {
    "spike times": LossSum([(0.5, SpikeTimeTarget("b", [[3.0, 7.0]] * 2)), (-1.5, SpikeTimeSum("a"))]),
    "function of spike times": SpikeTimeFunction(
        "b", lambda trains: (sum(t[0] for t in trains), [[1 if k == 0 else 0 for k in range(len(t))] for t in trains])
    ),
    "first spikes": FirstSpikeCrossEntropy("b", [1], 0.5, 6.4, 0.003),
    "V at times": VoltageTarget("out", [2.0, 5.5, 9.0], [[0.1, 0.2, 0.3]] * 2),
    "function of V at times, spiking": VoltageFunction("b", [0.0, 4.0, 7.0], squares),
    "mean of V": IntegralCrossEntropy("out", [0], "mean"),
    "weighted integral of V, spiking": VoltageIntegral("b", [1.0, -2.0], ExponentialWeight(6.0)),
    "distance to a trace, spiking": TargetTrace("b", [0.2, 0.4]),
    "cross-entropy at every instant": InstantaneousCrossEntropy("out", [1]),
    "integral of a polynomial of V and t": VoltagePathIntegral("out", cubes),
    "largest V": MaxVoltageCrossEntropy("out", [1]),
}


def numbers(solution):
    """Everything a solution says, by name."""
    gradients = solution.gradients
    found = {"times": solution.spikes.times, "vdot": solution.spikes.vdot, "loss": [solution.loss]}
    found |= {"V": solution.v_end, "I": solution.i_end, "d input": gradients.input_times}
    found |= {f"d w {name}": g for name, g in gradients.weights.items()}
    found |= {f"d delay {name}": g for name, g in gradients.delays.items()}
    for name, g in gradients.neurons.items():
        found |= {f"d {f.name} {name}": getattr(g, f.name) for f in fields(NeuronGradients)}
    return {name: np.ravel(x) for name, x in found.items() if x is not None}


def worst(actual, expected):
    """Name and size of the largest deviation, each relative to the largest entry of its array."""
    assert list(actual.spikes.neurons) == list(expected.spikes.neurons)
    errors = {}
    actual, expected = numbers(actual), numbers(expected)
    assert actual.keys() == expected.keys()
    for name, want in expected.items():
        assert actual[name].shape == want.shape, name
        scale = max(map(abs, want), default=0) or 1
        deviations = [abs(mpmath.mpf(a) - b) / scale for a, b in zip(actual[name], want, strict=True)]
        assert all(map(mpmath.isfinite, deviations)), name
        errors[name] = float(max(deviations, default=0))
    return max(errors.items(), key=lambda item: item[1])


@pytest.fixture(autouse=True)
def _enough_digits():
    with mpmath.workdps(60):
        yield


@pytest.mark.parametrize("name", PROBLEMS)
def test_taylor_and_scipy_agree_with_the_mp_engine(name):
    problem = PROBLEMS[name]()
    expected = MpEngine(35).solve(problem)
    assert len(expected.spikes) >= 5
    assert worst(OdeEngine().solve(problem), expected)[1] < 10.0**-DIGITS
    assert worst(OdeEngine("scipy").solve(problem), expected)[1] < ODE_RUNGE_KUTTA.unit


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_agrees_with_the_mp_engine(name):
    problem = problem_of(6, loss=LOSSES[name])
    expected = MpEngine(35).solve(problem)
    assert expected.loss != 0
    assert worst(OdeEngine().solve(problem), expected)[1] < 10.0**-DIGITS
    assert worst(OdeEngine("scipy").solve(problem), expected)[1] < ODE_RUNGE_KUTTA.unit


def test_a_batch_is_the_mean_over_its_samples():
    problem = problem_of(8, n_samples=2)
    expected = MpEngine(20).solve(problem)
    assert expected.spikes.n_samples == 2
    assert worst(OdeEngine(dps=15).solve(problem), expected)[1] < 1e-14


def single(w, v_th=1.0, times=(1.0,), duration=30.0, delay=0.0):
    """One neuron and its input, tau_mem = 2 tau_syn: ``V = w (x - x^2)``, ``x = exp(-(t - 1) / 10)``, at most w/4."""
    stimulus, neuron = Stimulus.of_channels([times], duration), NeuronParameters(10.0, 5.0, v_th)
    return one_layer([[w]], stimulus, neuron, SpikeTimeSum("a"), name="a", delay=delay)


@pytest.mark.parametrize("engine", [OdeEngine(), OdeEngine("scipy"), OdeEngine("scipy", rtol=1e-8, atol=1e-10)])
def test_two_crossings_within_one_step_are_not_missed(engine):
    w = 4.0 * (1.0 + 2.0**-12)  # V is above the threshold for a thirtieth of the time constant
    spikes = engine.solve(single(w)).spikes
    x = (1 + mpmath.sqrt(1 - 4 / mpmath.mpf(w))) / 2
    digits = 28 if engine.method == "taylor" else -np.log10(1e3 * engine.rtol)
    assert len(spikes) == 1
    assert abs(spikes.times[0] - (1 - 10 * mpmath.log(x))) < 10.0**-digits
    assert len(engine.solve(single(4.0 * (1.0 - 2.0**-12))).spikes) == 0


@pytest.mark.parametrize("engine", [OdeEngine(), OdeEngine("scipy")])
def test_a_grazing_spike_is_named(engine):
    with pytest.raises(GrazingSpike) as caught:
        engine.solve(single(4.0))
    assert caught.value.neuron == 0


@pytest.mark.parametrize("engine", [OdeEngine(), OdeEngine("scipy")])
def test_simultaneous_spikes_and_arrivals_follow_the_convention(engine):
    """Neurons with equal weights cross together, inputs arrive together, and one arrives at the very end."""
    network = Network(
        (Input("in", 2),),
        (Population("a", 2), Population("b", 1)),
        (Projection("in", "a"), Projection("a", "b"), Projection("in", "b", 4.0)),
    )
    weights = {"in->a": [[3.0, 3.0], [2.5, 2.5]], "a->b": [[2.0], [3.0]], "in->b": [[0.5], [0.75]]}
    neurons = {"a": NeuronParameters(10.0, 5.0), "b": NeuronParameters(10.0, 5.0, v_reset=-0.5)}
    stimulus = Stimulus.of_channels([[1.0, 4.0], [1.0, 4.0]], 8.0)
    problem = Problem(network, Parameters(weights, neurons), stimulus, SpikeTimeSum("b"))
    expected = MpEngine(35).solve(problem)
    assert len(expected.spikes) >= 4
    assert expected.spikes.times[0] == expected.spikes.times[1]
    assert worst(engine.solve(problem), expected)[1] < (
        10.0**-DIGITS if engine.method == "taylor" else ODE_RUNGE_KUTTA.unit
    )


FAULTS = {
    "no v_th lambda_v": (lambda _v_th, _v_reset, _lambda_v, d_spike, l_jump: d_spike + l_jump, "spike times"),
    "no v_reset": (lambda v_th, _, lambda_v, d_spike, l_jump: v_th * lambda_v + d_spike + l_jump, "spike times"),
    "no l_V^- - l_V^+": (
        lambda v_th, v_reset, lambda_v, d, _: (v_th - v_reset) * lambda_v + d,
        "distance to a trace, spiking",
    ),
    "no dl_p/dt": (lambda v_th, v_reset, lambda_v, _, l_jump: (v_th - v_reset) * lambda_v + l_jump, "spike times"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_wrong_jump_is_caught(name, monkeypatch):
    fault, loss = FAULTS[name]
    problem = problem_of(9, recurrent=True, loss=LOSSES[loss])
    expected, engine = MpEngine(20).solve(problem), OdeEngine("scipy", rtol=1e-9, atol=1e-11)
    assert worst(engine.solve(problem), expected)[1] < COARSE_PATH
    monkeypatch.setattr("spikeproof_reference.ode.adjoint.jump_height", fault)
    assert worst(engine.solve(problem), expected)[1] > 1e-2


def test_a_missing_cut_of_the_largest_potential_is_caught(monkeypatch):
    """An arrival that cuts a rising V moves the maximum: without its term the gradient is the published one."""
    problem = problem_of(6, loss=MaxVoltageCrossEntropy("out", [1]))
    network = replace(problem.network, projections=(*problem.network.projections, Projection("in", "out", 1.0)))
    weights = {**problem.parameters.weights, "in->out": np.array([[3.0, 3.0], [-9.0, -9.0]])}
    stimulus = Stimulus.of_channels([[1.0], [2.0]], 9.0)
    parameters = Parameters(weights, problem.parameters.neurons)
    problem = Problem(network, parameters, stimulus, problem.loss)
    expected, engine = MpEngine(20).solve(problem), OdeEngine(dps=15)
    assert worst(engine.solve(problem), expected)[1] < 1e-14
    monkeypatch.setattr(
        "spikeproof_reference.ode.reading.peaks_of", lambda *args: [replace(p, cut_by=None) for p in peaks_of(*args)]
    )
    assert worst(engine.solve(problem), expected)[1] > 1e-2


def test_results_without_a_loss_have_no_gradient():
    problem = replace(problem_of(1), loss=None)
    solution = OdeEngine("scipy").solve(problem)
    assert solution.loss is None
    assert solution.gradients is None
    assert solution.v_end.dtype == np.float64


def test_heuristics_are_refused():
    for loss in (SpikeCountRegulariser("b", 2), MaxVoltageCrossEntropy("out", [0], "published")):
        problem = problem_of(1, loss=loss)
        assert "heuristic" in OdeEngine().unsupported(problem)
        with pytest.raises(NotImplementedError):
            OdeEngine().solve(problem)


def test_a_network_that_runs_away_stops_at_the_event_limit():
    with pytest.raises(EventLimitExceeded):
        OdeEngine("scipy", event_limit=3).solve(problem_of(1))


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"method": "euler"}, "method"),
        ({"dps": 5}, "dps"),
        ({"rtol": 0.0}, "rtol"),
        ({"event_limit": 0}, "event_limit"),
    ],
)
def test_wrong_options_are_refused(options, field):
    with pytest.raises(InvalidInput) as caught:
        OdeEngine(**options)
    assert caught.value.field == field
