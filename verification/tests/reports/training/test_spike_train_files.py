"""Spike trains in the Heidelberg format, from small files that these tests write."""

import sys

import numpy as np
import pytest

from spikeproof import InvalidInput
from spikeproof_reports.training.hdf5 import read_spike_trains
from spikeproof_reports.training.shd import shd_experiment

TIMES = [[0.25, 0.125, 0.5], [], [0.0625]]
UNITS = [[3, 699, 0], [], [5]]
LABELS = [4, 0, 2]


def write_trains(path, times=TIMES, units=UNITS, labels=LABELS, time_type=np.float16, unit_type=np.uint16):
    h5py = pytest.importorskip("h5py", reason="the Heidelberg format needs h5py")
    with h5py.File(path, "w") as file:
        spikes = file.create_group("spikes")
        for name, parts, kind in (("times", times, time_type), ("units", units, unit_type)):
            if parts is not None:
                data = spikes.create_dataset(name, (len(parts),), dtype=h5py.vlen_dtype(np.dtype(kind)))
                for number, part in enumerate(parts):
                    data[number] = np.array(part, dtype=kind)
        if labels is not None:
            file.create_dataset("labels", data=np.asarray(labels))
    return path


def test_times_are_milliseconds_and_sorted_with_their_units(tmp_path):
    samples = read_spike_trains(write_trains(tmp_path / "a.h5"), 700)
    assert samples.labels.tolist() == LABELS
    assert samples.stimulus.duration == 501.0
    times, units = samples.stimulus.sample(0)
    assert times.tolist() == [125.0, 250.0, 500.0]
    assert units.tolist() == [699, 3, 0]
    assert len(samples.stimulus.sample(1)[0]) == 0
    assert samples.stimulus.sample(2)[0].tolist() == [62.5]


def test_an_experiment_keeps_every_sample_once_and_takes_a_fifth_to_test(tmp_path):
    times, units = [[0.001 * (n + 1)] for n in range(10)], [[n] for n in range(10)]
    path = write_trains(tmp_path / "a.h5", times, units, np.arange(10) % 3, np.float64)
    sets = shd_experiment(path).sets
    assert (len(sets.train), len(sets.test)) == (8, 2)
    channels = np.concatenate([sets.train.stimulus.channels, sets.test.stimulus.channels])
    assert sorted(channels.tolist()) == list(range(10))


def test_a_test_file_of_another_duration_is_taken_up(tmp_path):
    train = write_trains(tmp_path / "a.h5")
    test = write_trains(tmp_path / "b.h5", [[0.75]], [[1]], [19])
    experiment = shd_experiment(train, test)
    assert experiment.sets.train.stimulus.duration == experiment.sets.test.stimulus.duration == 751.0
    assert experiment.classifier(0, "complete").network.population("readout").size == 20


WRONG = {
    "no times": ({"times": None}, "a.h5: spikes/times: got 'missing'"),
    "no units": ({"units": None}, "a.h5: spikes/units: got 'missing'"),
    "no labels": ({"labels": None}, "a.h5: labels: got 'missing'"),
    "labels of two dimensions": ({"labels": [[1], [2], [3]]}, "a.h5: labels: got 'missing'"),
    "too few labels": ({"labels": [1, 2]}, "a.h5: labels: got '2 entries'; allowed: one per sample: 3"),
    "too few units": ({"units": UNITS[:2]}, "a.h5: spikes/units: got '2 entries'"),
    "units and times differ": ({"units": [[3, 4], [], [5]]}, "a.h5: spikes[0]: got"),
    "unit too large": ({"units": [[3, 700, 0], [], [5]]}, "a.h5: spikes/units[0]: got 700"),
    "negative unit": ({"units": [[3, 4, 0], [], [-5]], "unit_type": np.int16}, "a.h5: spikes/units[2]: got -5"),
    "units are not whole": ({"unit_type": np.float32}, "a.h5: spikes[0]: got"),
    "negative time": ({"times": [[0.1, -0.1, 0.2], [], [0.1]]}, "a.h5: spikes/times[0]: got"),
    "time is no number": ({"times": [[0.1, np.nan, 0.2], [], [0.1]]}, "a.h5: spikes/times[0]: got"),
    "negative label": ({"labels": [1, -2, 0]}, "samples.labels[1]: got -2"),
    "labels are not whole": ({"labels": [0.5, 1.0, 2.0]}, "a.h5: labels: got 'dtype float64'"),
    "nothing": ({"times": [], "units": [], "labels": np.zeros(0, int)}, "a.h5: labels: got 'no samples'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_malformed_file_is_refused_by_name(name, tmp_path):
    change, message = WRONG[name]
    path = write_trains(tmp_path / "a.h5", **change)
    with pytest.raises(InvalidInput) as refused:
        read_spike_trains(path, 700)
    assert str(refused.value).startswith(message)


def test_spikes_after_the_stated_duration_are_refused(tmp_path):
    path = write_trains(tmp_path / "a.h5")
    with pytest.raises(InvalidInput, match=r"a.h5: spikes/times: got 500.0; allowed: times up to the duration"):
        read_spike_trains(path, 700, duration=100.0)


def test_a_file_that_is_no_hdf5_is_refused_by_name(tmp_path):
    pytest.importorskip("h5py", reason="the Heidelberg format needs h5py")
    path = tmp_path / "a.h5"
    path.write_text("no such format")
    with pytest.raises(InvalidInput, match=r"a.h5: got .*allowed: a readable HDF5 file"):
        read_spike_trains(path, 700)


def test_without_h5py_one_line_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(InvalidInput, match=r"^h5py: got 'not installed'; allowed: pip install 'spikeproof\[train\]'$"):
        read_spike_trains(tmp_path / "a.h5", 700)
