"""The grid engine: exact steps, exact gradients where all lies on the grid, and order dt elsewhere."""

from dataclasses import replace

import mpmath
import numpy as np
import pytest
from grid_problems import errors, numbers_of, recurrent
from one_layer import one_layer

from spikeproof import (
    EventEngine,
    ExponentialWeight,
    GridEngine,
    Input,
    InstantaneousCrossEntropy,
    IntegralCrossEntropy,
    InvalidInput,
    LossSum,
    MaxVoltageCrossEntropy,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeFunction,
    SpikeTimeSum,
    Stimulus,
    TargetTrace,
    VoltageIntegral,
    VoltageTarget,
)
from spikeproof.yin_yang import yin_yang, yin_yang_problem
from spikeproof_verification.checks.tolerances import AMPLIFIED, EPS, SHORT_RUN, STEEP

STEPS = 2.0 ** -np.arange(7, 13)


MEAN = VoltageIntegral("o", [1.0, -2.0], weight="mean")


TIME_CONSTANTS = [(20.0, 5.0), (5.0, 20.0), (10.0, 10.0), (10.0, 10.0 * (1 + 1e-12)), (1.0, 1e3), (50.0, 0.05)]


def readouts(kind="li", tau=(12.0, 5.0), loss=None, **numbers):
    """Two channels that act on two neurons with a delay, all at multiples of 1/8."""
    stimulus, neuron = Stimulus.of_channels([[0.0, 1.125], [0.5, 6.25]], 10.0), NeuronParameters(*tau, **numbers)
    return one_layer([[1.5, -0.5], [0.75, 1.25]], stimulus, neuron, loss, kind=kind, delay=0.5)


def exact_end(problem):
    """V and I at the end from the textbook's exponentials in 50 digits; for neurons that do not spike."""
    p, stimulus = problem.parameters.neurons["n"], problem.stimulus
    delay, w = problem.network.projections[0].delay, problem.parameters.weights["in->n"]
    with mpmath.workdps(50):
        m, s, b, v0, i0 = (mpmath.mpf(float(x)) for x in (p.tau_mem, p.tau_syn, p.bias, p.v_init, p.i_init))
        end = mpmath.mpf(stimulus.duration)

        def response(t):
            """V at t after an arrival of weight 1."""
            return t / m * mpmath.exp(-t / m) if m == s else (mpmath.exp(-t / s) - mpmath.exp(-t / m)) * s / (s - m)

        since = [end - mpmath.mpf(t) - mpmath.mpf(delay) for t in stimulus.times]
        v, i = [], []
        for n in range(2):
            weight = [mpmath.mpf(w[c, n]) for c in stimulus.channels]
            v.append(b + (v0 - b) * mpmath.exp(-end / m) + i0 * response(end))
            v[n] += sum(x * response(t) for x, t in zip(weight, since, strict=True))
            i.append(
                i0 * mpmath.exp(-end / s) + sum(x * mpmath.exp(-t / s) for x, t in zip(weight, since, strict=True))
            )
        return [float(x) for x in v], [float(x) for x in i]


def on_the_grid(loss):
    """A network with a loop and delays that spikes, in exact arithmetic, just before multiples of 1/16.

    Weights are chosen one after the other so that V is v_th (1 + 1e-13) where each neuron is to spike.
    """
    network = Network(
        (Input("in", 3),),
        (Population("a", 3), Population("b", 2), Population("out", 2, "li")),
        (
            Projection("in", "a", 0.25),
            Projection("a", "b", 0.5),
            Projection("b", "a", 1.0),
            Projection("b", "b", 0.5),
            Projection("a", "out"),
            Projection("b", "out", 0.125),
        ),
    )
    neurons = {
        "a": NeuronParameters(12.0, 4.0, 1.0, -0.125, 0.0625, 0.25, 0.125),
        "b": NeuronParameters(8.0, 8.0, 1.25, 0.0, 0.125),
        "out": NeuronParameters([10.0, 6.0], [4.0, 9.0], bias=0.25, v_init=0.125),
    }
    stimulus = Stimulus.of_channels([[0.0], [0.5], [1.25]], 16.0)
    weights = {p.name: np.zeros(network.shape(p)) for p in network.projections}
    weights["a->out"][:], weights["b->out"][:] = [[0.5, -1.0], [0.75, 0.25], [-1.0, 0.5]], [[1.0, -0.5], [0.5, 1.5]]
    weights["b->a"][:], weights["b->b"][:] = [[-0.25, 0.125, 0.25], [0.25, -0.5, 0.125]], [[-0.5, 0.25], [-0.25, -0.75]]
    scaled = [("in->a", n, 2.5 + 0.3125 * n, [1.0, 0.25, 0.5]) for n in range(3)]
    scaled += [("a->b", n, 6.0 + 0.4375 * n, [1.0, 0.5, 0.75]) for n in range(2)]
    for name, n, time, pattern in scaled:
        silent = {k: replace(p, v_th=1e6) if p.v_th is not None else p for k, p in neurons.items()}
        silent |= {"a": neurons["a"]} if name == "a->b" else {}
        post = network.neurons("a" if name == "in->a" else "b").start + n
        v = []
        for weight in (np.zeros(3), np.array(pattern)):
            weights[name][:, n] = weight
            until = replace(stimulus, duration=time)
            v.append(EventEngine().solve(Problem(network, Parameters(weights, silent), until)).v_end[0, post])
        threshold = float(neurons["a" if name == "in->a" else "b"].v_th)
        weights[name][:, n] = np.array(pattern) * (threshold * (1 + 1e-13) - v[0]) / (v[1] - v[0])
    return Problem(network, Parameters(weights, neurons), stimulus, loss)


def squares(trains):
    """Sum of the squares of all spike times."""
    return sum(float(np.sum(t**2)) for t in trains), [2.0 * t for t in trains]


def pooled_errors(problem):
    """Error of the loss, and median error of the gradients, at each of `STEPS`."""
    exact = EventEngine().solve(problem)
    for engine in map(GridEngine, STEPS):
        loss_error = abs(engine.solve(problem).loss - exact.loss)
        yield loss_error, np.median(list(errors(engine, problem, exact).values()))


LOSSES = (
    SpikeTimeSum("h"),
    SpikeTimeFunction("h", squares),
    MaxVoltageCrossEntropy("o", [0, 1]),
    IntegralCrossEntropy("o", [1, 0]),
    VoltageIntegral("h", weight=ExponentialWeight(8.0)),
    VoltageIntegral("h", weight=lambda t: np.cos(t / 7.0)),
    MEAN,
    VoltageTarget("h", [3.0, 17.3, 24.0], np.linspace(-1.0, 1.0, 15).reshape(5, 3)),
    TargetTrace("h", [0.1, 0.2, 0.3, 0.4, 0.5]),
    InstantaneousCrossEntropy("h", [0, 2]),
    LossSum([(1.0, SpikeTimeSum("h")), (-2.0, MEAN), (3.0, TargetTrace("o", [0.1, 0.3]))]),
)


@pytest.mark.parametrize("tau", TIME_CONSTANTS)
@pytest.mark.parametrize("dt", [0.125, 2.0**-9])
def test_between_spikes_the_state_is_exact_to_rounding(tau, dt):
    problem = readouts(tau=tau, bias=0.375, v_init=-0.5, i_init=2.0)
    solution, (v, i) = GridEngine(dt).solve(problem), exact_end(problem)
    size = 4.0 * 10.0 / dt * EPS  # a few roundings of numbers up to 4 in every step
    assert solution.v_end[0] == pytest.approx(v, rel=0, abs=size)
    assert solution.i_end[0] == pytest.approx(i, rel=0, abs=size)


@pytest.mark.parametrize(
    "loss",
    [
        VoltageTarget("n", [2.0, 7.5, 10.0], [[0.5, 1.0, 0.0], [-0.5, 0.25, 1.0]]),
        LossSum([(2.0, VoltageTarget("n", [4.0], [[0.0], [1.0]])), (-0.5, VoltageTarget("n", [9.5], [[1.0], [0.5]]))]),
    ],
)
def test_without_spikes_the_gradient_of_voltages_on_the_grid_is_exact(loss):
    problem = readouts(loss=loss, bias=0.375, v_init=-0.5, i_init=2.0)
    assert max(errors(GridEngine(0.125), problem, EventEngine().solve(problem)).values()) < SHORT_RUN


@pytest.mark.parametrize(
    "loss",
    [
        SpikeTimeSum("b"),
        LossSum([(1.0, SpikeTimeSum("a")), (2.0, VoltageTarget("out", [9.0, 16.0], [[0.5, 0.0], [1.0, 0.25]]))]),
    ],
)
def test_where_all_lies_on_the_grid_spikes_and_gradients_are_those_of_the_event_engine(loss):
    problem = on_the_grid(loss)
    exact, solution = EventEngine().solve(problem), GridEngine(0.0625).solve(problem)
    assert len(exact.spikes) >= 5
    assert np.array_equal(np.sort(solution.spikes.neurons), np.sort(exact.spikes.neurons))
    assert np.sort(solution.spikes.times) == pytest.approx(np.sort(exact.spikes.times), abs=AMPLIFIED)
    assert solution.loss == pytest.approx(exact.loss, rel=AMPLIFIED, abs=0.0)
    assert max(errors(GridEngine(0.0625), problem, exact).values()) < STEEP


@pytest.mark.compiled
@pytest.mark.parametrize("loss", LOSSES)
def test_every_gradient_of_every_loss_converges_to_the_exact_one(loss):
    problem = recurrent(loss)
    exact = EventEngine().solve(problem)
    dt = 2.0**-13
    coarse, fine = (errors(GridEngine(step), problem, exact) for step in (2.0**-7, dt))
    assert max(fine.values()) < 16.0 * dt
    assert np.median(list(coarse.values())) > 10.0 * np.median(list(fine.values()))


@pytest.mark.compiled
def test_losses_and_gradients_converge_with_order_one():
    """In the mean over losses: where a spike falls within its step is as good as random."""
    found = [list(pooled_errors(recurrent(loss))) for loss in LOSSES]
    for name in (0, 1):
        error = np.exp(np.mean(np.log(np.array(found)[:, :, name]), axis=0))
        assert 0.85 < np.polyfit(np.log2(STEPS), np.log2(error), 1)[0] < 1.15


@pytest.mark.compiled
def test_a_kink_maximum_converges_by_the_complete_rule_and_not_by_the_published_one():
    network = Network(
        (Input("in", 2),),
        (Population("h", 1), Population("o", 2, "li")),
        (Projection("in", "h"), Projection("h", "o"), Projection("in", "o")),
    )
    weights = {"in->h": [[8.0], [1.0]], "h->o": [[-4.0, 0.5]], "in->o": [[2.0, 1.0], [0.0, 0.5]]}
    neurons = {"h": NeuronParameters(20.0, 5.0), "o": NeuronParameters(10.0, 8.0)}
    stimulus = Stimulus.of_channels([[0.0], [1.0]], 16.0)
    complete, published = (
        Problem(network, Parameters(weights, neurons), stimulus, MaxVoltageCrossEntropy("o", [0], rule))
        for rule in ("complete", "published")
    )
    exact, dt = EventEngine().solve(complete), 2.0**-13
    assert max(errors(GridEngine(dt), complete, exact).values()) < 2.4 * dt
    assert max(errors(GridEngine(dt), published, exact).values()) > 1.0
    wrong = EventEngine().solve(published)
    assert max(errors(GridEngine(dt), published, wrong).values()) < 2.4 * dt


@pytest.mark.parametrize("threads", [2, 3, 5])
def test_the_number_of_threads_does_not_change_a_bit(threads):
    samples, labels = yin_yang(37, 3)
    problem = yin_yang_problem(samples, labels, 3, n_hidden=7)
    one, many = (GridEngine(0.25, threads=n).solve(problem) for n in (1, threads))
    assert np.array_equal(one.spikes.times, many.spikes.times)
    assert np.array_equal(one.spikes.neurons, many.spikes.neurons)
    a, b = numbers_of(one.gradients), numbers_of(many.gradients)
    assert all(np.array_equal(a[name], b[name]) for name in a)


def test_weights_alone_have_the_bits_of_all_gradients():
    problem = recurrent(SpikeTimeSum("h"))
    some, all_ = (GridEngine(0.25).solve(problem, wanted).gradients for wanted in ("weights", "all"))
    assert all(np.array_equal(some.weights[name], w) for name, w in all_.weights.items())
    assert np.array_equal(some.input_times, all_.input_times)
    assert some.delays is None
    assert some.neurons is None


def test_spikes_are_reported_at_the_first_grid_point_above_the_threshold():
    problem = replace(recurrent(None), loss=None)
    dt = 2.0**-10
    exact, solution = EventEngine().solve(problem).spikes, GridEngine(dt).solve(problem).spikes
    first, found = float(np.min(exact.sample(0).times)), float(np.min(solution.sample(0).times))
    assert np.array_equal(solution.times / dt, np.rint(solution.times / dt))
    assert abs(found - first) <= 2.0 * dt


def test_a_batch_has_the_bits_of_its_samples_one_by_one():
    problem = recurrent(SpikeTimeSum("h"), n_samples=3)
    batch = GridEngine(0.125).solve(problem)
    for n in range(3):
        times, channels = problem.stimulus.sample(n)
        alone = replace(problem, stimulus=Stimulus(times, channels, [0, len(times)], 24.0))
        solution = GridEngine(0.125).solve(alone)
        assert np.array_equal(solution.spikes.times, batch.spikes.sample(n).times)
        assert solution.sample_losses[0] == batch.sample_losses[n]


def test_input_after_the_end_has_no_effect_and_no_gradient():
    problem = readouts(loss=VoltageTarget("n", [10.0], [[0.0], [1.0]]))
    late = Stimulus(
        [*problem.stimulus.times, 10.01, 99.0], [*problem.stimulus.channels, 0, 1], [0, 6], problem.stimulus.duration
    )
    with_late = GridEngine(0.125).solve(replace(problem, stimulus=late))
    without = GridEngine(0.125).solve(problem)
    assert np.array_equal(with_late.v_end, without.v_end)
    assert np.array_equal(with_late.i_end, without.i_end)
    assert np.all(with_late.gradients.input_times[4:] == 0.0)


def test_what_the_grid_moves_is_told():
    problem = replace(readouts(), stimulus=Stimulus.of_channels([[0.3], [1.0]], 10.0))
    shifts = GridEngine(0.25).shifts(problem)
    assert shifts.n_steps == 40
    assert shifts.input_time == pytest.approx(0.05, rel=4 * EPS, abs=0.0)
    assert shifts.delay == 0.0
    assert GridEngine(0.1).shifts(problem).input_time < 1e-15


@pytest.mark.parametrize("dt", [0.0, -1.0, np.nan, np.inf, "0.1", None])
def test_a_step_that_is_no_positive_number_is_refused(dt):
    with pytest.raises(InvalidInput, match="dt"):
        GridEngine(dt)


@pytest.mark.parametrize("dt", [0.3, 4.0, 11.0, 1e300, 1e-300, 10.0 / 2**31])
def test_a_duration_that_is_no_whole_number_of_steps_is_refused(dt):
    problem = readouts()
    assert "dt" in GridEngine(dt).unsupported(problem)
    with pytest.raises(InvalidInput, match="dt"):
        GridEngine(dt).solve(problem)


@pytest.mark.parametrize("dt", [0.1, 10.0, 10.0 / 3.0, 1e-3])
def test_a_duration_that_is_whole_to_rounding_is_solved(dt):
    assert GridEngine(dt).unsupported(readouts()) is None
    assert np.all(np.isfinite(GridEngine(dt).solve(readouts()).v_end))


def test_other_wrong_settings_are_refused():
    with pytest.raises(InvalidInput, match="threads"):
        GridEngine(0.1, threads=0)
    with pytest.raises(InvalidInput, match="gradients"):
        GridEngine(0.1).solve(readouts(), "some")
