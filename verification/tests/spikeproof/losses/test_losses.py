"""Losses: their derivatives are those of their values, and every choice about silent neurons is the one made."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikeproof import FirstSpikeCrossEntropy, InvalidInput, Spikes, SpikeTimeFunction, SpikeTimeSum, SpikeTimeTarget
from spikeproof.losses.ranks import first_spikes, ranked_spikes
from spikeproof_verification.checks.tolerances import EPS

T = 64.0
thorough = settings(deadline=None, derandomize=True, max_examples=80)
counts = st.integers(1, 3)
dyadic = st.integers(0, 2**9 - 1).map(lambda k: k / 8)  # sums, squares and differences of these are exact
NEURONS = range(2, 5)  # the losses read neurons 2, 3 and 4 of 6


@st.composite
def batches(draw, n_samples=counts):
    """Spikes of six neurons at distinct dyadic times, so that a small shift keeps their order."""
    times, neurons, offsets = [], [], [0]
    for _ in range(draw(n_samples, label="samples")):
        drawn = sorted(draw(st.lists(dyadic, unique=True, max_size=10), label="times"))
        times += drawn
        neurons += [draw(st.integers(0, 5)) for _ in drawn]
        offsets.append(len(times))
    return spikes_of(times, neurons, offsets)


def spikes_of(times, neurons, offsets):
    return Spikes(np.array(times, float), np.array(neurons, int), np.array(offsets), np.ones(len(times)))


def moved(spikes, index, by):
    times = spikes.times.copy()
    times[index] += by
    return Spikes(times, spikes.neurons, spikes.offsets, spikes.vdot)


def central_differences(loss, spikes, step=2.0**-6):
    """(L(t + h) - L(t - h)) / 2h of every spike: exact in binary64 for losses of degree two in dyadic times."""
    result = []
    for index, sample in enumerate(spikes.samples()):
        up, down = (loss.evaluate(moved(spikes, index, h), NEURONS, T)[0][sample] for h in (step, -step))
        result.append((up - down) / (2 * step))
    return result


@thorough
@given(spikes=batches(), coefficients=st.one_of(st.none(), st.lists(dyadic, min_size=3, max_size=3)))
def test_derivative_of_the_sum_is_its_difference_quotient_exactly(spikes, coefficients):
    loss = SpikeTimeSum("out", coefficients)
    values, derivative = loss.evaluate(spikes, NEURONS, T)
    assert derivative.tolist() == central_differences(loss, spikes)
    assert values.shape == (spikes.n_samples,)
    assert values.sum() == np.dot(derivative, spikes.times)


@thorough
@given(spikes=batches(st.just(2)), data=st.data(), missing=st.sampled_from(["duration", "absent"]))
def test_derivative_of_the_target_loss_is_its_difference_quotient_exactly(spikes, data, missing):
    shape = data.draw(st.sampled_from([(3, 1), (3, 3), (2, 3, 2)]))
    flat = data.draw(st.lists(dyadic, min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    loss = SpikeTimeTarget("out", np.reshape(flat, shape), missing)
    assert loss.evaluate(spikes, NEURONS, T)[1].tolist() == central_differences(loss, spikes)


@thorough
@given(spikes=batches(st.just(1)), targets=st.lists(dyadic, min_size=6, max_size=6))
def test_missing_spikes_count_as_the_duration_or_as_nothing(spikes, targets):
    table = np.reshape(targets, (3, 2))
    trains = spikes.trains(NEURONS)
    missing = [(n, k) for n in range(3) for k in range(2) if k >= len(trains[n])]
    at_end, absent = (
        SpikeTimeTarget("out", table, m).evaluate(spikes, NEURONS, T)[0][0] for m in ("duration", "absent")
    )
    assert at_end - absent == sum((T - table[n, k]) ** 2 / 2 for n, k in missing)


def exact_cross_entropy(times, label, tau0, tau1, alpha):
    """The formula at 60 digits, and its derivative with respect to every time; None marks a neuron left out."""
    with mpmath.workdps(60):
        t = [None if x is None else mpmath.mpf(x) for x in times]
        p = [mpmath.mpf(0) if x is None else mpmath.exp(-x / mpmath.mpf(tau0)) for x in t]
        late = mpmath.exp(t[label] / mpmath.mpf(tau1))
        value = -mpmath.log(p[label] / sum(p)) + mpmath.mpf(alpha) * (late - 1)
        slopes = [((j == label) - x / sum(p)) / mpmath.mpf(tau0) for j, x in enumerate(p)]
        slopes[label] += mpmath.mpf(alpha) / mpmath.mpf(tau1) * late
        return value, slopes


@thorough
@given(
    spikes=batches(st.just(1)),
    label=st.integers(0, 2),
    tau0=st.sampled_from([0.5, 3.0, 40.0]),
    tau1=st.sampled_from([6.4, 30.0]),
    alpha=st.sampled_from([0.0, 0.003, 1.0]),
    silent=st.sampled_from(["duration", "absent", 80.0]),
)
def test_cross_entropy_and_its_derivative_match_the_formula_at_60_digits(spikes, label, tau0, tau1, alpha, silent):
    loss = FirstSpikeCrossEntropy("out", [label], tau0, tau1, alpha, silent)
    (value,), derivative = loss.evaluate(spikes, NEURONS, T)
    fill = {"duration": T, "absent": None}.get(silent, silent)
    trains = spikes.trains(NEURONS)
    times = [train[0] if len(train) else fill for train in trains]
    if times[label] is None:
        assert value == 0.0
        assert not derivative.any()
        return
    expected, slopes = exact_cross_entropy(times, label, tau0, tau1, alpha)
    span = 1.0 + max(t for t in times if t is not None) / tau0  # rounding of t / tau0 is what exp amplifies
    late = alpha * np.exp(times[label] / tau1) * (1.0 + times[label] / tau1)
    assert abs(value - expected) <= 4 * EPS * (span * min(1.0, float(expected)) + float(expected) + late)
    found = [derivative[np.flatnonzero((spikes.neurons == n) & (spikes.times == t[0]))[0]] if len(t) else 0.0
             for n, t in zip(NEURONS, trains, strict=True)]  # fmt: skip
    for n, slope in enumerate(slopes):
        wanted = slope if len(trains[n]) else 0
        softmax = abs(slope - (alpha / tau1 * np.exp(times[label] / tau1) if n == label else 0))
        assert abs(found[n] - wanted) <= 4 * EPS * (span * float(softmax) + late / tau1)
    assert np.count_nonzero(derivative) <= sum(len(t) > 0 for t in trains)


def test_a_confident_sample_keeps_the_digits_of_its_small_loss():
    loss = FirstSpikeCrossEntropy("out", [0], 0.5, 6.4)
    (value,), _ = loss.evaluate(spikes_of([1.0, 16.0], [2, 3], [0, 2]), range(2, 4), T)
    assert abs(value - float(mpmath.log1p(mpmath.exp(-30)))) <= 4 * EPS * value


def test_a_batch_without_any_spike_has_a_loss():
    nothing = spikes_of([], [], [0, 0, 0])
    values = {
        silent: FirstSpikeCrossEntropy("out", [0, 1], 0.5, 6.4, 0.003, silent).evaluate(nothing, NEURONS, T)[0]
        for silent in ("duration", "absent", 3.0)
    }
    assert values["absent"].tolist() == [0.0, 0.0]
    assert np.allclose(values["duration"], np.log(3) + 0.003 * np.expm1(10.0), rtol=8 * EPS, atol=0)
    assert np.allclose(values[3.0], np.log(3) + 0.003 * np.expm1(3 / 6.4), rtol=8 * EPS, atol=0)


def test_a_silent_neuron_is_refused_by_name_where_so_chosen():
    loss = FirstSpikeCrossEntropy("out", [0, 0], 0.5, 6.4, 0.0, "error")
    spikes = spikes_of([1.0, 2.0, 3.0, 1.0, 2.0], [2, 3, 4, 2, 4], [0, 3, 5])
    with pytest.raises(InvalidInput, match="neuron 1 of sample 1"):
        loss.evaluate(spikes, NEURONS, T)


def test_time_scales_that_overflow_the_loss_are_refused():
    loss = FirstSpikeCrossEntropy("out", [0], 0.5, 0.01, 0.003)
    with pytest.raises(InvalidInput, match=r"loss\.tau0, loss\.tau1"):
        loss.evaluate(spikes_of([60.0], [2], [0, 1]), NEURONS, T)


@thorough
@given(spikes=batches())
def test_a_function_of_the_user_gets_every_train_and_its_derivatives_land_on_their_spikes(spikes):
    def squares(trains):
        return sum(float(np.sum(t**2)) for t in trains), [2 * t for t in trains]

    mine = (spikes.neurons >= 2) & (spikes.neurons < 5)
    values, derivative = SpikeTimeFunction("out", squares).evaluate(spikes, NEURONS, T)
    assert derivative.tolist() == np.where(mine, 2 * spikes.times, 0.0).tolist()
    assert values.sum() == np.sum(spikes.times[mine] ** 2)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda trains: (0.0, trains[:2]), "derivatives of lengths"),
        (lambda _: (0.0, [[1.0, 2.0]] * 3), "derivatives of lengths"),
        (lambda trains: (float("nan"), trains), "loss.function, value: got 'not a number'"),
        (lambda trains: (0.0, [[float("inf")] * len(t) for t in trains]), r"derivatives\[0\]\[0\]: got inf"),
    ],
)
def test_wrong_functions_of_the_user_are_refused(function, message):
    with pytest.raises(InvalidInput, match=message):
        SpikeTimeFunction("out", function).evaluate(spikes_of([1.0], [2], [0, 1]), NEURONS, T)


@thorough
@given(spikes=batches(), n_ranks=st.integers(0, 4))
def test_ranks_are_those_of_a_plain_count(spikes, n_ranks):
    table = np.full((spikes.n_samples, 3, n_ranks), -1)
    for s in range(spikes.n_samples):
        for n in NEURONS:
            mine = [i for i in range(spikes.offsets[s], spikes.offsets[s + 1]) if spikes.neurons[i] == n]
            for k, index in enumerate(mine[:n_ranks]):
                table[s, n - 2, k] = index
    assert np.array_equal(ranked_spikes(spikes, NEURONS, n_ranks), table)
    if n_ranks:
        assert np.array_equal(first_spikes(spikes, NEURONS), table[:, :, 0])
