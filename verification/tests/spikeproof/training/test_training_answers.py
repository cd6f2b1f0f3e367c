"""Samples without an answer, and those with several, count as wrong and are counted."""

import json
from dataclasses import replace

import numpy as np
import pytest
from training_problems import NEURON

from spikeproof import (
    EventEngine,
    Input,
    InvalidInput,
    Layer,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Projection,
    Stimulus,
    chain,
)
from spikeproof.training import (
    NO_CLASS,
    TIED,
    Classifier,
    FirstSpikeReadout,
    MaxVoltageReadout,
    Samples,
    Sets,
    Settings,
    Trainer,
    evaluate,
)

READOUTS = {"lif": FirstSpikeReadout("out", 1.0, 10.0), "li": MaxVoltageReadout("out")}


def direct(kind, weights, neuron=NEURON):
    """Inputs that act on the readout themselves; input k has row k of the weights."""
    weights = np.array(weights, dtype=float)
    network = Network(
        (Input("in", len(weights)),), (Population("out", weights.shape[1], kind),), (Projection("in", "out"),)
    )
    return Classifier(network, Parameters({"in->out": weights}, {"out": neuron}), READOUTS[kind])


def samples_of(channels, labels):
    """One spike at 1 in each sample, on the channel given; none for None."""
    return Samples(Stimulus.of_samples([([], []) if c is None else ([1.0], [c]) for c in channels], 60.0), labels)


def answers(classifier, samples):
    problem = classifier.problem(classifier.start(), samples)
    return classifier.readout.classes(EventEngine().solve(problem, gradients=None)).tolist()


SIDES = [[9.0, 4.0, 4.0], [9.0, 9.0, 4.0], [9.0, 9.0, 9.0], [-9.0, -9.0, -1.0], [4.0, 9.0, 9.0]]


@pytest.mark.parametrize("kind", ["lif", "li"])
def test_several_in_the_first_place_are_no_answer_whichever_they_are(kind):
    found = answers(direct(kind, SIDES), samples_of([0, 1, 2, 3, 4, None], [0] * 6))
    assert found == [0, TIED, TIED, NO_CLASS, TIED, NO_CLASS]


@pytest.mark.parametrize("kind", ["lif", "li"])
def test_samples_without_an_answer_and_with_several_are_wrong_and_counted(kind):
    classifier, samples = direct(kind, SIDES), samples_of([0, 1, 2, 3, 4, None], [0, 0, 0, 0, 1, 0])
    score = evaluate(classifier, classifier.start(), samples, EventEngine())
    assert (score.accuracy, score.unanswered, score.tied) == (1 / 6, 2 / 6, 3 / 6)


def test_a_dead_network_has_no_answer_whatever_the_share_of_class_0():
    network = chain(Input("in", 1), 4, Layer(3, "li", name="out"))
    weights = {"in->hidden": np.full((1, 4), 0.1), "hidden->out": np.arange(12.0).reshape(4, 3)}
    classifier = Classifier(network, Parameters(weights, {"hidden": NEURON, "out": NEURON}), MaxVoltageReadout("out"))
    score = evaluate(classifier, classifier.start(), samples_of([0] * 4, [0, 0, 0, 1]), EventEngine())
    assert (score.accuracy, score.unanswered, score.tied, score.idle) == (0.0, 1.0, 0.0, 4)


def test_potentials_that_start_apart_and_only_fall_are_no_answer():
    neuron = NeuronParameters(20.0, 5.0, v_init=[0.3, 0.7, 0.1], bias=[0.1, 0.1, -0.3])
    assert answers(direct("li", [[-1.0, -1.0, -1.0], [0.0, 9.0, 0.0]], neuron), samples_of([0, 1], [1, 1])) == [-1, 1]


def test_one_leaky_integrator_alone_answers_once_it_rises():
    assert answers(direct("li", [[1.0], [-1.0]]), samples_of([0, 1], [0, 0])) == [0, NO_CLASS]


@pytest.mark.parametrize("kind", ["lif", "li"])
def test_the_history_counts_them_too_and_a_checkpoint_keeps_the_counts(kind, tmp_path):
    classifier, path = direct(kind, [[9.0, 9.0], [0.0, 0.0]]), tmp_path / "checkpoint.npz"
    sets = Sets(samples_of([0, 0, 1, None], [0, 1, 0, 1]), samples_of([0, None], [0, 0]))
    settings = Settings(epochs=2, batch=1)
    whole = Trainer(classifier, sets, settings).run().history
    assert (whole[0]["test_accuracy"], whole[0]["test_unanswered"], whole[0]["test_tied"]) == (0.0, 0.5, 0.5)
    assert whole[1]["train_unanswered"] == 0.5
    assert whole[1]["train_tied"] == 0.25  # of two samples that start tied, the first step parts the second
    assert np.isnan(whole[0]["train_tied"])
    assert np.isnan(whole[1]["validation_tied"])
    stopped = Trainer(classifier, sets, settings)
    stopped.run(path, stop=lambda: stopped.state.moments.step == 3)
    resumed = Trainer(classifier, sets, settings)
    resumed.resume(path)
    assert resumed.state.tally == stopped.state.tally
    assert resumed.run().history[1]["train_tied"] == whole[1]["train_tied"]


def test_a_checkpoint_that_has_not_counted_them_is_refused(tmp_path):
    classifier, path = direct("li", SIDES), tmp_path / "checkpoint.npz"
    samples = samples_of([0], [0])
    trainer = Trainer(classifier, Sets(samples, samples), replace(Settings(), epochs=1))
    trainer.save(path)
    with np.load(path) as file:
        content = {name: file[name] for name in file.files}
    facts = {**json.loads(str(content["facts"])), "format": "spikeproof-training-1"}
    np.savez(path, **{**content, "facts": np.array(json.dumps(facts))})
    with pytest.raises(InvalidInput, match="got 'spikeproof-training-1'; allowed: a checkpoint in the format"):
        trainer.resume(path)
