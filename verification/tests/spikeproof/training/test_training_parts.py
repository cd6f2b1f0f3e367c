"""Adam against plain arithmetic, parts of samples, and dropout."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from training_problems import two_classes

from spikeproof import Stimulus
from spikeproof.training import Adam, Moments, Samples
from spikeproof_verification.checks.tolerances import SHORT_RUN

NUMBERS = st.floats(-1e3, 1e3).filter(lambda x: x == 0 or abs(x) > 1e-3)


def adam_in_decimals(w, gradients, rate, beta1, beta2, epsilon, factors):
    """Algorithm 1 of Kingma and Ba, line by line, for one parameter, in 50 digits."""
    with localcontext() as context:
        context.prec = 50
        theta, m, v = Decimal(w), Decimal(0), Decimal(0)
        alpha, b1, b2, eps = (Decimal(x) for x in (rate, beta1, beta2, epsilon))
        for t, (g, factor) in enumerate(zip(gradients, factors, strict=True), 1):
            g = Decimal(g)
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * g * g
            m_hat, v_hat = m / (1 - b1**t), v / (1 - b2**t)
            theta -= alpha * Decimal(factor) * m_hat / (v_hat.sqrt() + eps)
        return float(theta)


@given(
    w=st.floats(-10, 10),
    gradients=st.lists(NUMBERS, min_size=1, max_size=12),
    rate=st.floats(1e-4, 0.5),
    betas=st.sampled_from([(0.9, 0.999), (0.0, 0.5), (0.5, 0.0), (0.99, 0.9)]),
    decay=st.floats(0.5, 1.0),
)
def test_adam_is_the_published_algorithm(w, gradients, rate, betas, decay):
    factors = [decay**k for k in range(len(gradients))]
    expected = adam_in_decimals(w, gradients, rate, *betas, 1e-8, factors)
    optimiser, moments, parameter = Adam(rate, *betas), Moments.zero(1), np.array([w])
    way = 0.0
    for g, factor in zip(gradients, factors, strict=True):
        before = parameter[0]
        optimiser.update(parameter, np.array([g]), moments, factor)
        way += abs(parameter[0] - before)
    # 1 - beta^t loses digits for small t, and m cancels: the sums of magnitudes carry the error
    scale = abs(w) + rate * len(gradients) * 10 + way
    assert abs(parameter[0] - expected) <= SHORT_RUN * scale
    assert moments.step == len(gradients)


def test_adam_has_the_published_defaults():
    assert (Adam().rate, Adam().beta1, Adam().beta2, Adam().epsilon) == (1e-3, 0.9, 0.999, 1e-8)


def test_the_first_step_of_adam_has_the_size_of_the_rate_whatever_the_gradient():
    w, small = np.zeros(3), 1e-3
    Adam(0.25).update(w, np.array([1e3, -small, 0.0]), Moments.zero(3))
    assert w == pytest.approx([-0.25, 0.25, 0.0], rel=2 * Adam().epsilon / small, abs=0.0)


@pytest.mark.parametrize("size", [1, 8191, 8192, 8193, 20000])
def test_adam_by_blocks_has_the_bits_of_adam_one_by_one(size):
    rng = np.random.default_rng(3)
    w, moments = rng.normal(size=size), Moments.zero(size)
    alone = [(w[k : k + 1].copy(), Moments.zero(1)) for k in (0, size // 2, size - 1)]
    for _ in range(3):
        g = rng.normal(size=size)
        for (one, its), k in zip(alone, (0, size // 2, size - 1), strict=True):
            Adam().update(one, g[k : k + 1], its)
        Adam().update(w, g, moments)
    assert [one[0] for one, _ in alone] == [w[0], w[size // 2], w[size - 1]]


def samples_of(lists):
    stimulus = Stimulus.of_samples([(np.arange(n) + 0.5, np.arange(n)) for n in lists], 100.0)
    return Samples(stimulus, np.arange(len(lists)))


@given(
    lists=st.lists(st.integers(0, 5), min_size=1, max_size=6),
    data=st.data(),
)
def test_taken_samples_are_the_samples_with_these_numbers(lists, data):
    numbers = data.draw(st.lists(st.integers(0, len(lists) - 1), min_size=1, max_size=8))
    whole = samples_of(lists)
    part = whole.select(np.array(numbers))
    assert part.labels.tolist() == numbers
    for place, number in enumerate(numbers):
        for got, wanted in zip(part.stimulus.sample(place), whole.stimulus.sample(number), strict=True):
            assert np.array_equal(got, wanted)
    assert part.stimulus.duration == 100.0


@given(dropout=st.sampled_from([0.1, 0.2, 0.5, 0.9]), seed=st.integers(0, 1000))
def test_dropout_leaves_out_that_part_of_the_spikes_to_five_standard_deviations(dropout, seed):
    whole = samples_of([200] * 20)
    kept = whole.thinned(dropout, np.random.default_rng(seed))
    n = 4000
    assert abs(len(kept.stimulus.times) - (1 - dropout) * n) < 5 * np.sqrt(dropout * (1 - dropout) * n)
    per_sample = np.diff(kept.stimulus.offsets)
    assert np.all(np.abs(per_sample - (1 - dropout) * 200) < 6 * np.sqrt(dropout * (1 - dropout) * 200))
    assert np.array_equal(kept.labels, whole.labels)
    for number in range(20):
        times, channels = kept.stimulus.sample(number)
        assert np.array_equal(times, channels + 0.5)  # what stays is as it was
        assert np.all(np.diff(times) > 0)


def test_spikes_are_left_out_independently_of_each_other():
    whole = samples_of([50] * 400)
    kept = whole.thinned(0.3, np.random.default_rng(1))
    table = np.zeros((400, 50))
    table[np.repeat(np.arange(400), np.diff(kept.stimulus.offsets)), kept.stimulus.channels] = 1.0
    off_diagonal = np.corrcoef(table.T) - np.eye(50)
    assert np.max(np.abs(off_diagonal)) < 5.5 / np.sqrt(400)


def test_parts_are_stimuli_that_would_pass_the_checks_and_cannot_be_changed():
    whole = samples_of([3, 0, 4])
    for part in (whole.select(np.array([2, 2, 1])), whole.thinned(0.5, np.random.default_rng(0))):
        s = part.stimulus
        again = Stimulus(s.times, s.channels, s.offsets, s.duration)
        for name in ("times", "channels", "offsets"):
            assert np.array_equal(getattr(s, name), getattr(again, name))
            assert getattr(s, name).dtype == getattr(again, name).dtype
            assert not getattr(s, name).flags.writeable


def test_without_dropout_nothing_is_drawn():
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    whole = two_classes(5, 0)
    assert whole.thinned(0.0, rng) is whole
    assert rng.bit_generator.state == before
