"""Solutions and histories as pandas DataFrames."""

import subprocess
import sys

import numpy as np
import pytest
from one_layer import one_layer
from own_losses import problem

import spikeproof as sp
from spikeproof.training import State
from spikeproof_reference import MpEngine
from spikeproof_reference.textbook import TextbookEngine
from spikeproof_reports.dataframes import history_frame, spikes_frame, synapses_frame


def test_each_spike_is_a_row_with_its_neuron_and_rank():
    solution = TextbookEngine().solve(problem(sp.SpikeTimeSum("hidden"), n_samples=3))
    frame = spikes_frame(solution)
    assert list(frame) == ["sample", "population", "neuron", "rank", "time", "vdot"]
    assert len(frame) == len(solution.spikes) > 3
    for s in range(3):
        trains = solution.spikes.sample(s).trains(range(3))
        for n, train in enumerate(trains):
            mine = frame[(frame["sample"] == s) & (frame["population"] == "hidden") & (frame["neuron"] == n)]
            assert mine["time"].tolist() == train.tolist()
            assert mine["rank"].tolist() == list(range(len(train)))
    assert all(rows["time"].is_monotonic_increasing for _, rows in frame.groupby("sample"))


def test_neurons_are_numbered_within_their_population_and_numbers_of_the_reference_are_rounded():
    network = sp.chain(1, 1, 2)
    neurons = dict.fromkeys(("hidden", "output"), sp.NeuronParameters(20.0, 5.0))
    weights = {"input->hidden": [[9.0]], "hidden->output": [[0.0, 9.0]]}
    stimulus = sp.Stimulus([0.0], [0], [0, 1], 20.0)
    given = sp.Problem(network, sp.Parameters(weights, neurons), stimulus, sp.SpikeTimeSum("output"))
    frame = spikes_frame(MpEngine(dps=30).solve(given))
    assert frame[["population", "neuron"]].to_numpy().tolist() == [["hidden", 0], ["output", 1]]
    assert frame["time"].dtype == np.float64
    assert spikes_frame(TextbookEngine().solve(given))["time"].tolist() == pytest.approx(
        frame["time"].tolist(), rel=1e-15, abs=0.0
    )


def test_no_spikes_are_an_empty_frame_with_all_columns():
    given = one_layer([[0.5]], sp.Stimulus([0.0], [0], [0, 1], 9.0), sp.NeuronParameters(20.0, 5.0))
    frame = spikes_frame(TextbookEngine().solve(given))
    assert list(frame) == ["sample", "population", "neuron", "rank", "time", "vdot"]
    assert frame.empty


@pytest.mark.parametrize(
    ("gradients", "more"), [("all", ["d_weight", "d_delay"]), ("weights", ["d_weight"]), (None, [])]
)
def test_each_synapse_is_a_row_with_the_gradients_that_there_are(gradients, more):
    pairs = sp.Synapses([0, 1, 3], [1, 0, 2])
    weights = [9.0, 8.0, 0.5]
    given = one_layer(
        weights, sp.Stimulus([0.0, 1.0], [0, 1], [0, 2], 20.0), sp.NeuronParameters(20.0, 5.0),
        sp.SpikeTimeSum("n"), synapses=pairs, delay=0.25,
    )  # fmt: skip
    solution = TextbookEngine().solve(given, gradients)
    frame = synapses_frame(solution)
    assert list(frame) == ["projection", "pre", "post", "weight", "delay", *more]
    assert frame[["pre", "post", "weight", "delay"]].to_numpy().tolist() == [
        [0, 1, 9.0, 0.25], [1, 0, 8.0, 0.25], [1, 2, 0.5, 0.25],
    ]  # fmt: skip
    for name in more:
        part = solution.gradients.weights if name == "d_weight" else solution.gradients.delays
        assert frame[name].tolist() == part["in->n"].tolist()


def test_histories_are_rows_and_several_have_a_key():
    one, two = (State.first(np.zeros(1), 0) for _ in range(2))
    one.history[:] = [{"epoch": 0.0, "test_loss": 2.0, "idle": 3.0}, {"epoch": 1.0, "test_loss": 1.5, "idle": 0.0}]
    two.history[:] = [{"epoch": 0.0, "test_loss": 2.5, "idle": 1.0}]
    frame = history_frame(one)
    assert frame.to_dict("list") == {"epoch": [0, 1], "test_loss": [2.0, 1.5], "idle": [3, 0]}
    both = history_frame({7: one, 8: two})
    assert both["training"].tolist() == [7, 7, 8]
    assert both["test_loss"].tolist() == [2.0, 1.5, 2.5]


@pytest.mark.parametrize("call", [spikes_frame, synapses_frame, history_frame])
def test_something_else_is_refused(call):
    with pytest.raises(sp.InvalidInput):
        call([1.0])


@pytest.mark.parametrize(
    ("package", "module", "what"),
    [("pandas", "dataframes", "data frames"), ("matplotlib", "pictures", "pictures")],
)
def test_without_their_package_one_line_says_what_to_install(package, module, what):
    code = f"import sys; sys.modules[{package!r}] = None; import spikeproof_reports.{module}"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    last = result.stderr.strip().splitlines()[-1]
    assert last == f"ModuleNotFoundError: {what} need the package {package}: pip install 'spikeproof[notebook]'"
