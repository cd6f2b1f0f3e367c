"""Whatever is put in the place of an argument, it is accepted or refused in one line, without a warning."""

from pathlib import Path

import numpy as np
import pytest
from wrong_calls import CALLS, NETWORK, NONE, PROBLEM, RUN, STIMULUS, WRONG

import spikeproof as sp
from spikeproof import training
from spikeproof.errors import InvalidInput
from spikeproof.losses.mixture import MAX_DEPTH
from spikeproof_reference import SequenceChanged

PLACES = [(name, place) for name, (_, arguments) in CALLS.items() for place in range(len(arguments))]
NO_INPUT = {  # results, errors, protocols, and what holds numbers without looking at them
    "Diagnostics", "Engine", "EventLimitExceeded", "Gradients", "GrazingSpike", "InvalidInput", "Loss",
    "LossLine", "NeuronGradients", "Solution", "Spikes", "ValidityRadius",
    "NO_CLASS", "TIED", "Moments", "Probe", "Readout", "Regression", "Row", "Score", "State", "TrainingWarning",
    "warm",
}  # fmt: skip


@pytest.mark.compiled
@pytest.mark.parametrize(("name", "place"), PLACES, ids=[f"{name}-{place}" for name, place in PLACES])
def test_a_wrong_argument_is_refused_in_one_line(name, place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call, right = CALLS[name]
    refusals = []
    for wrong in WRONG:
        try:
            call(*(wrong if k == place else argument for k, argument in enumerate(right)))
        except InvalidInput as error:
            refusals.append(str(error))
        except FileNotFoundError:
            assert any(
                argument is NONE or isinstance(argument, Path) for argument in right
            )  # a file that is not there has its own error
        except SequenceChanged:
            assert "Direction" in name  # a step that is too far
    assert refusals
    assert all(message.isprintable() and len(message) < 400 for message in refusals)
    assert {path.name for path in tmp_path.iterdir()} <= {"x", "checkpoint", "state", "problem", "solution"}


@pytest.mark.compiled
@pytest.mark.parametrize("name", [name for name, (_, right) in CALLS.items() if not any(a is NONE for a in right)])
def test_the_calls_that_the_mistakes_start_from_are_right(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call, right = CALLS[name]
    call(*right)


def test_everything_public_that_takes_arguments_is_called():
    public = {*sp.__all__, *training.__all__}
    assert public - NO_INPUT <= set(CALLS)


@pytest.mark.parametrize("number", [-1, 2, 1.0, True, None, "0", 10**30])
@pytest.mark.parametrize("of", [STIMULUS, RUN.spikes])
def test_a_sample_that_is_not_there_is_no_empty_sample(of, number):
    with pytest.raises(InvalidInput, match=r"sample: got .*; allowed: a whole number from 0 to 1"):
        of.sample(number)


def test_spikes_of_several_samples_have_no_trains():
    with pytest.raises(InvalidInput, match="spikes: got '2 samples'; allowed: one sample"):
        RUN.spikes.trains(range(3))


def test_only_leaky_integrators_have_a_largest_potential():
    with pytest.raises(InvalidInput, match="population: got 'o'; allowed: a population of leaky integrators"):
        RUN.maxima("o")


def test_a_vector_of_weights_with_a_number_too_many_is_refused():
    with pytest.raises(InvalidInput, match=r"vector: got 'shape \(15,\)'; allowed: an array of shape \(14,\)"):
        NETWORK.split(np.zeros(15))


def test_masked_numbers_are_refused_everywhere():
    for make in (sp.Synapses.of_mask, lambda m: sp.Stimulus([1.0, 1.0], m, [0, 2], 2.0)):
        with pytest.raises(InvalidInput, match="without a mask"):
            make(np.ma.array([0, 1], mask=[0, 1]))


def test_sums_in_sums_are_refused_before_they_are_too_deep_to_be_looked_at():
    loss = PROBLEM.loss
    for _ in range(MAX_DEPTH):
        loss = sp.LossSum([(0.5, loss)])
    problem = sp.Problem(NETWORK, PROBLEM.parameters, STIMULUS, loss)
    assert sp.EventEngine().solve(problem).loss == sp.EventEngine().solve(PROBLEM).loss * 0.5**MAX_DEPTH
    with pytest.raises(InvalidInput, match=r"loss\.terms: got 'sums 101 deep in each other'; allowed: at most 100"):
        sp.LossSum([(0.5, PROBLEM.loss), (0.5, loss)])
