"""Stimuli from lists per channel, dense rasters and structured event arrays."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from spikeproof import InvalidInput, Stimulus

EVENT = np.dtype([("x", np.int16), ("y", np.int16), ("t", np.int64), ("p", bool)])
SENSOR = (4, 3, 2)


def spikes(stimulus):
    """(time, channel) of every spike, sample by sample, in no order within it."""
    return [sorted(zip(*map(np.ndarray.tolist, stimulus.sample(s)), strict=True)) for s in range(stimulus.n_samples)]


def test_lists_of_times_keep_their_sample_and_channel():
    stimulus = Stimulus.of_trains([[[3.0, 1.0], [], [2.0]], [[], [0.0, 5.0], []]], 5.0)
    assert spikes(stimulus) == [[(1.0, 0), (2.0, 2), (3.0, 0)], [(0.0, 1), (5.0, 1)]]
    assert stimulus.duration == 5.0


def test_decimals_in_one_list_alone_keep_their_digits():
    stimulus = Stimulus.of_trains([[[Decimal("0.1")], [0.5]], [[], []]], 5.0)
    assert spikes(stimulus) == [[(Decimal("0.1"), 0), (Decimal("0.5"), 1)], []]


@given(arrays.arrays(np.int8, arrays.array_shapes(min_dims=3, max_dims=3), elements=st.integers(0, 3)))
def test_a_raster_has_all_its_spikes_at_the_start_of_their_steps(raster):
    stimulus = Stimulus.of_raster(raster, 0.1)
    n_samples, n_steps, _ = raster.shape
    found = np.zeros(raster.shape, dtype=int)
    for s in range(n_samples):
        times, channels = stimulus.sample(s)
        steps = [float(Fraction(0.1) * k) for k in range(n_steps)]  # rounded once
        np.add.at(found, (s, [steps.index(t) for t in times.tolist()], channels), 1)
    assert np.array_equal(found, raster)
    assert stimulus.duration == float(Fraction(0.1) * n_steps)


@pytest.mark.parametrize("kind", [bool, np.uint8, np.int64, np.float32, np.float64])
def test_rasters_of_all_types_are_alike_and_one_sample_needs_no_axis(kind):
    raster = np.array([[0, 1], [0, 0], [1, 1]], dtype=kind)
    assert spikes(Stimulus.of_raster(raster, 0.5)) == [[(0.0, 1), (1.0, 0), (1.0, 1)]]
    assert spikes(Stimulus.of_raster(raster[None], 0.5, 4.0)) == [[(0.0, 1), (1.0, 0), (1.0, 1)]]


def test_steps_can_be_counted_from_another_one_and_decimals_lose_no_digit():
    raster = [[1], [0], [1]]
    assert spikes(Stimulus.of_raster(raster, 0.5, first_step=1)) == [[(0.5, 0), (1.5, 0)]]
    dt = Decimal("0.1234567890123456789012345678901234567891")
    stimulus = Stimulus.of_raster(raster, dt, first_step=7)
    assert [Fraction(t) for t in stimulus.times] == [Fraction(dt) * 7, Fraction(dt) * 9]
    assert Fraction(stimulus.duration) == Fraction(dt) * 10


def test_events_have_the_channel_of_their_place_in_a_frame_of_the_sensor():
    rng = np.random.default_rng(0)
    events = np.zeros(50, dtype=EVENT)
    events["x"], events["y"], events["p"] = rng.integers(0, 4, 50), rng.integers(0, 3, 50), rng.integers(0, 2, 50)
    events["t"] = rng.permutation(50) * 100
    stimulus = Stimulus.of_events(events, SENSOR, 5.0, ticks=1000)
    frame = np.arange(24).reshape(2, 3, 4)  # polarity, row, column
    wanted = [(float(Fraction(int(e["t"]), 1000)), int(frame[int(e["p"]), e["y"], e["x"]])) for e in events]
    assert spikes(stimulus) == [sorted(wanted)]


def test_fields_that_a_sensor_does_not_have_can_be_missing_and_samples_are_a_list():
    line = np.array([(3, 2), (1, 0)], dtype=[("t", np.uint32), ("x", np.uint16)])
    assert spikes(Stimulus.of_events([line, line[:0]], (4, 1, 1), 5.0)) == [[(1.0, 0), (3.0, 2)], []]


def test_polarities_are_merged_when_asked_and_not_otherwise():
    ones = np.array([(3, 2, 1)], dtype=[("t", np.int64), ("x", np.int64), ("p", np.int64)])
    with pytest.raises(InvalidInput, match=r"events\['p'\]\[0\]: got 1; allowed: whole numbers from 0 to 0"):
        Stimulus.of_events(ones, (4, 1, 1), 5.0)
    assert spikes(Stimulus.of_events(ones, (4, 1, 1), 5.0, merge_polarities=True)) == [[(3.0, 2)]]
    with pytest.raises(InvalidInput, match="one polarity if polarities are merged"):
        Stimulus.of_events(ones, (4, 1, 2), 5.0, merge_polarities=True)


def events_at(*times):
    return np.array([(t, 1) for t in times], dtype=[("t", np.int64), ("x", np.int64)])


@pytest.mark.parametrize(
    ("make", "kept", "place"),
    [
        (lambda **k: Stimulus.of_trains([[[1.0], [2.0, 2.5]]], 2.0, **k), [1.0, 2.0], "[2]: got 2.5"),
        (lambda **k: Stimulus.of_trains([[[-0.5, 0.0], []]], 2.0, **k), [0.0], "[0]: got -0.5"),
        (lambda **k: Stimulus.of_raster([[1], [0], [1], [1]], 1.0, 2.0, **k), [0.0, 2.0], "[2]: got 3.0"),
        (lambda **k: Stimulus.of_events(events_at(3, 0, -1), (2, 1, 1), 2, **k), [0.0], "[0]: got 3.0"),
    ],
    ids=["late train", "early train", "raster", "events"],
)
def test_spikes_outside_the_duration_are_refused_or_left_out_if_asked(make, kept, place):
    with pytest.raises(InvalidInput) as refused:
        make()
    assert str(refused.value).startswith(f"sample 0, times{place}; allowed: times from 0 to the duration 2.0")
    assert make(outside="drop").times.tolist() == kept


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: Stimulus.of_trains([], 1.0), "trains"),
        (lambda: Stimulus.of_trains([[[0.5]], [[0.5], []]], 1.0), r"trains\[1\]"),
        (lambda: Stimulus.of_trains([[0.5]], 1.0), r"trains\[0\]\[0\]"),
        (lambda: Stimulus.of_raster([1, 0], 1.0), "raster"),
        (lambda: Stimulus.of_raster([[0.5]], 1.0), r"raster\[0\]\[0\]"),
        (lambda: Stimulus.of_raster([[-1]], 1.0), r"raster\[0\]\[0\]"),
        (lambda: Stimulus.of_raster([[float("nan")]], 1.0), r"raster\[0\]\[0\]"),
        (lambda: Stimulus.of_raster([["a"]], 1.0), "raster"),
        (lambda: Stimulus.of_raster(np.zeros((0, 3, 2)), 1.0), "raster"),
        (lambda: Stimulus.of_raster(np.zeros((0, 2)), 1.0), "raster"),
        (lambda: Stimulus.of_raster([[1]], 0.0), "dt"),
        (lambda: Stimulus.of_raster([[1]], 1.0, first_step=-1), "first_step"),
        (lambda: Stimulus.of_events(np.zeros(3), (4, 1, 1), 1.0), "events"),
        (lambda: Stimulus.of_events([], (4, 1, 1), 1.0), "events"),
        (lambda: Stimulus.of_events(np.zeros(1, EVENT), (4, 3), 1.0), "sensor_size"),
        (lambda: Stimulus.of_events(np.zeros(1, [("x", int), ("t", int)]), SENSOR, 1.0), "events"),
        (lambda: Stimulus.of_events(np.zeros(1, [("x", int), ("t", int), ("z", int)]), (4, 1, 1), 1.0), "events"),
        (lambda: Stimulus.of_events(np.array([(4, 0, 0, 0)], EVENT), SENSOR, 1.0), r"events\['x'\]\[0\]"),
        (lambda: Stimulus.of_events(np.array([(0, 3, 0, 0)], EVENT), SENSOR, 1.0), r"events\['y'\]\[0\]"),
        (lambda: Stimulus.of_events(np.zeros(1, EVENT), SENSOR, 1.0, ticks=0), "ticks"),
        (lambda: Stimulus.of_events(np.zeros(1, EVENT), SENSOR, 1.0, outside="keep"), "outside"),
    ],
)
def test_what_is_no_such_recording_is_refused_by_name(call, field):
    with pytest.raises(InvalidInput, match=f"^{field}: got"):
        call()
