"""Runs until the loss is determined: how far a loss sees, what is refused then and what not, and training."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from until_the_loss import END, HORIZONS, LOSS, assert_same_bits, at_horizon, batch, solved

from spikeproof import (
    EventEngine,
    EventLimitExceeded,
    FirstSpikeCrossEntropy,
    InvalidInput,
    MaxVoltageCrossEntropy,
    NeuronParameters,
    Parameters,
    Problem,
    SpikeTimeTarget,
    Stimulus,
    VoltageTarget,
    chain,
)
from spikeproof.losses import PerSample, Ranks, Until, horizon_of
from spikeproof.training import Classifier, FirstSpikeReadout, Samples, Sets, Settings, Trainer


@dataclass(frozen=True)
class Derived(FirstSpikeCrossEntropy):
    """A loss of the user's that may see further than its base."""


def test_only_a_class_itself_says_how_far_it_sees():
    labels = np.zeros(1, np.int64)
    first = FirstSpikeCrossEntropy("out", labels, 1.0, 1.0)
    assert horizon_of(first) == Ranks(1)
    assert horizon_of(Derived("out", labels, 1.0, 1.0)) is None
    assert horizon_of(SpikeTimeTarget("out", np.ones((2, 3)))) == Ranks(3)
    assert horizon_of(SpikeTimeTarget("out", np.ones((2, 0)))) is None
    assert horizon_of(VoltageTarget("out", [1.0, 2.0], np.ones((2, 2)))) == Until(2.0)
    assert horizon_of(MaxVoltageCrossEntropy("out", labels)) is None


class Wrong(PerSample):
    horizon = 3.0


def test_a_horizon_that_is_none_is_refused():
    with pytest.raises(InvalidInput, match=r"loss.horizon: got 3.0; allowed: Ranks\(n\), Until\(time\) or None"):
        horizon_of(Wrong())
    with pytest.raises(InvalidInput, match=r"horizon.n"):
        Ranks(0)
    with pytest.raises(InvalidInput, match=r"horizon.time"):
        Until(-1.0)


def test_until_is_one_of_two_words():
    with pytest.raises(InvalidInput, match=r"until: got 'never'; allowed: 'loss' or 'end'"):
        EventEngine(until="never")


def test_what_lies_beyond_is_refused():
    problem = batch(20)
    short, full = solved(problem)
    first = int(np.argmin(short.until))
    for field in ("v_end", "i_end"):
        for read in (np.asarray, len, lambda x: x[0], lambda x: x.shape, lambda x: x - 1.0, abs):
            with pytest.raises(
                InvalidInput, match=rf"solution.{field}: got 'the state at T'; allowed: what happens unt"
            ):
                read(getattr(short, field))
    name, early = problem.network.populations[0].name, np.array([0.0, 0.5, 1.0]) * short.until[first]
    assert np.array_equal(short.voltage(name, early), full.voltage(name, early))
    assert np.array_equal(short.current(name, early), full.current(name, early))
    with pytest.raises(InvalidInput, match=rf"times\[1\]: got .*; allowed: until .*, as far as sample {first} was"):
        short.voltage(name, [0.0, 1.01 * short.until[first]])
    assert "not followed" in repr(short)


def test_a_loss_that_sees_everything_is_followed_to_the_end():
    problem = replace(batch(5), loss=None)
    assert LOSS.solve(problem).until is None
    assert np.array_equal(LOSS.solve(problem).v_end, END.solve(problem).v_end)


def test_long_trains_from_several_inputs_have_the_same_bits():
    network = chain(2, 2)
    twice = replace(network.projections[0], name="again", delay=0.5)
    network = replace(network, projections=(*network.projections, twice))
    weights = {p.name: np.full((2, 2), 0.2) for p in network.projections}
    parameters = Parameters(weights, {"output": NeuronParameters(20.0, 5.0)})
    labels = np.zeros(1, np.int64)
    for n in (20, 400):
        stimulus = Stimulus.of_samples([(np.linspace(0.0, 60.0, n), np.arange(n) % 2)], 60.0)
        problem = Problem(network, parameters, stimulus, FirstSpikeCrossEntropy("output", labels, 1.0, 5.0))
        short, full = solved(problem)
        assert short.until is not None
        assert_same_bits(short, full)


def runaway(limit):
    """One neuron that spikes without an end once it has spiked for the first time, and the engines with this limit."""
    network = chain(1, 1)
    neurons = {"output": NeuronParameters(tau_mem=1.0, tau_syn=1e6, v_reset=0.0)}
    stimulus = Stimulus.of_samples([([1.0], [0])], 1e4)
    loss = FirstSpikeCrossEntropy("output", np.zeros(1, np.int64), 1.0, 1e6)
    problem = Problem(network, Parameters({"input->output": np.array([[5.0]])}, neurons), stimulus, loss)
    return problem, EventEngine(event_limit=limit), EventEngine(event_limit=limit, until="loss")


def test_events_count_until_the_loss_is_determined():
    problem, end, loss = runaway(2)  # an arrival and a spike
    with pytest.raises(EventLimitExceeded):
        end.solve(problem)
    assert len(loss.solve(problem).spikes) == 1
    with pytest.raises(EventLimitExceeded):
        runaway(1)[2].solve(problem)


def test_a_network_that_runs_away_later_is_solved():
    problem, end, loss = runaway(2000)
    with pytest.raises(EventLimitExceeded):
        end.solve(problem)
    for solution in [loss.solve(problem), *(at_horizon(problem, part, loss) for part in HORIZONS)]:
        assert len(solution.spikes) == 1


def test_a_sample_that_is_refused_is_named():
    problem, _, loss = runaway(1)
    twice = Stimulus.of_samples([([], []), ([1.0], [0])], 1e4)
    two = replace(problem, stimulus=twice, loss=replace(problem.loss, labels=np.zeros(2, np.int64)))
    with pytest.raises(EventLimitExceeded, match="sample 1"):
        loss.solve(two)


def trained(engine):
    """The weights and the history of a training of two epochs."""
    problem, n = batch(40), 40
    samples = Samples(problem.stimulus, problem.loss.labels)
    readout = FirstSpikeReadout(problem.loss.population, tau0=0.5, tau1=6.4, alpha=0.003)
    classifier = Classifier(problem.network, problem.parameters, readout)
    sets = Sets(samples, samples.select(np.arange(n // 2)))
    trainer = Trainer(classifier, sets, Settings(epochs=2, batch=20), engine)
    state = trainer.run()
    return trainer, state.weights, [{**row, "seconds": 0.0} for row in state.history]


def test_training_is_the_same_whichever_way_and_stops_early_by_default():
    by_default, weights, history = trained(None)
    assert by_default.engine.until == "loss"
    for engine in (END, LOSS):
        _, same_weights, same_history = trained(engine)
        assert np.array_equal(weights, same_weights)
        assert repr(history) == repr(same_history)  # NaN equals NaN


@dataclass(frozen=True)
class Counting(FirstSpikeReadout):
    """A readout that looks at all spikes."""

    def classes(self, solution):
        return np.zeros(len(solution.v_end), np.int64)


def test_a_readout_of_another_kind_gets_runs_to_the_end():
    problem = batch(40)
    samples = Samples(problem.stimulus, problem.loss.labels)
    classifier = Classifier(problem.network, problem.parameters, Counting(problem.loss.population, 0.5, 6.4))
    trainer = Trainer(classifier, Sets(samples, samples), Settings(epochs=1, batch=20))
    assert trainer.engine.until == "end"
    trainer.run()
