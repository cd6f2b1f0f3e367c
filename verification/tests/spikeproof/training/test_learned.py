"""Time constants, thresholds and delays that are trained too; regressions; and warnings where nothing moves."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from training_problems import NEURON, small_classifier, two_classes

from spikeproof import EventEngine, InvalidInput, Layer, Parameters, Stimulus, chain
from spikeproof.training import (
    Adam,
    Classifier,
    FirstSpikeReadout,
    Learned,
    Samples,
    Sets,
    Settings,
    SpikeTimeReadout,
    Trainer,
    TrainingWarning,
    VoltageReadout,
    evaluate,
)
from spikeproof_verification.checks.tolerances import SECOND_ORDER

LEARNED = [
    Learned("hidden", "tau_mem", 5.0, 40.0, scale=10.0),
    Learned("hidden", "tau_syn", 2.0, 8.0, shared=True, scale=4.0),
    Learned("out", "v_th", 0.5, 2.0),
    Learned("in->hidden", "delay", 0.0, 3.0),
]


def learning(learned=LEARNED, n_hidden=3):
    """A small classifier with a delay, of which more than the weights is learned."""
    plain = small_classifier(n_hidden=n_hidden)
    projections = [replace(p, delay=1.0 if p.pre == "in" else 0.0) for p in plain.network.projections]
    network = replace(plain.network, projections=tuple(projections))
    return Classifier(network, plain.parameters, plain.readout, learned)


def test_the_vector_has_the_weights_and_then_what_else_is_learned_by_its_scale():
    classifier = learning()
    start = classifier.start()
    weights = classifier.parameters.flat()
    assert start[: len(weights)].tolist() == weights.tolist()
    assert start[len(weights) :].tolist() == [2.0, 2.0, 2.0, 1.25, 1.0, 1.0, 1.0]
    network, parameters = classifier.trained(start)
    assert network == classifier.network
    assert parameters.neurons["hidden"].tau_mem.tolist() == [20.0] * 3
    assert parameters.neurons["hidden"].tau_syn == 5.0


@pytest.mark.compiled
def test_the_gradient_of_the_vector_is_that_of_central_differences():
    classifier, samples, engine = learning(), two_classes(4, 1), EventEngine()
    start = classifier.start()
    start[-1] = 1.5  # a delay off the others
    solution = engine.solve(classifier.problem(start, samples), classifier.wanted)
    found, step = classifier.gradient(solution.gradients), 2.0**-20
    for k in range(len(start)):
        sides = []
        for sign in (1.0, -1.0):
            moved = start.copy()
            moved[k] += sign * step
            sides.append(evaluate(classifier, moved, samples, engine).loss)
        quotient = (sides[0] - sides[1]) / (2.0 * step)
        assert found[k] == pytest.approx(quotient, rel=0.0, abs=SECOND_ORDER * np.max(np.abs(found)))
    assert np.all(found[-7:-1] != 0.0)


@pytest.mark.compiled
def test_more_is_learned_within_its_walls_and_a_stopped_training_goes_on_to_the_same_bits(tmp_path):
    sets, settings = Sets(two_classes(30, 1), two_classes(20, 2)), Settings(epochs=6, batch=6, adam=Adam(0.05), seed=1)
    trainer = Trainer(learning(), sets, settings)
    state = trainer.run()
    assert state.history[-1]["test_loss"] < 0.9 * state.history[0]["test_loss"]
    moved = state.weights != trainer.classifier.start()
    assert np.all(moved[-7:])
    stopped = Trainer(learning(), sets, settings)
    stopped.run(tmp_path / "state.npz", stop=lambda: stopped.state.moments.step == 7)
    resumed = Trainer(learning(), sets, settings)
    resumed.resume(tmp_path / "state.npz")
    assert resumed.run().weights.tobytes() == state.weights.tobytes()
    other = Trainer(learning([*LEARNED[:-1], replace(LEARNED[-1], high=2.5)]), sets, settings)
    with pytest.raises(InvalidInput, match="a checkpoint of another run"):
        other.resume(tmp_path / "state.npz")


@pytest.mark.compiled
def test_numbers_that_would_pass_a_wall_stay_on_it():
    walls = [
        Learned("hidden", "tau_mem", 19.5, 20.25, scale=10.0),
        Learned("hidden", "tau_syn", 4.9, 5.05, shared=True, scale=3.0),
        Learned("in->hidden", "delay", 0.95, 1.1),
    ]
    sets, settings = Sets(two_classes(12, 1), two_classes(4, 2)), Settings(epochs=2, batch=4, adam=Adam(0.5))
    trainer = Trainer(learning(walls), sets, settings)
    seen = []
    trainer.run(after_step=lambda state: seen.append(trainer.classifier.numbers(state.weights)))
    at_wall = 0
    for numbers in seen:
        for part, values in numbers:
            assert np.all((values >= part.low) & (values <= part.high))
            at_wall += np.sum((values == part.low) | (values == part.high))
    assert at_wall > len(seen)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: Learned("hidden", "tau", 1.0, 2.0), r"learned\.name"),
        (lambda: Learned("hidden", "tau_mem", 0.0, 2.0), r"learned\.low"),
        (lambda: Learned("hidden", "tau_mem", 2.0, 2.0), r"learned\.low"),
        (lambda: Learned("hidden", "tau_mem", 1.0, float("inf")), r"learned\.high"),
        (lambda: Learned("a->b", "delay", -1.0, 2.0), r"learned\.low"),
        (lambda: Learned("hidden", "tau_mem", 1.0, 2.0, scale=0.0), r"learned\.scale"),
        (lambda: learning([Learned("x", "tau_mem", 1.0, 30.0)]), "population"),
        (lambda: learning([Learned("in->hidden", "tau_mem", 1.0, 30.0)]), "population"),
        (lambda: learning([Learned("hidden", "delay", 0.0, 30.0)]), r"learned\.of"),
        (lambda: learning([Learned("hidden", "tau_mem", 1.0, 19.0)]), "learned, tau_mem of 'hidden'"),
        (lambda: learning([LEARNED[0], LEARNED[0]]), "learned"),
        (lambda: learning([1.0]), "learned"),
        (
            lambda: learning([Learned("out", "v_th", 0.5, 2.0), Learned("out", "v_reset", -1.0, 0.75)]),
            r"parameters\.neurons\.out\.v_reset\[0\]",
        ),
        (lambda: learning().problem(np.zeros(3), two_classes(2, 1)), "vector"),
    ],
)
def test_what_cannot_be_learned_is_refused_by_name(call, field):
    with pytest.raises(InvalidInput, match=f"^{field}: got"):
        call()


def test_a_leaky_integrator_has_no_threshold_to_learn_and_what_is_shared_must_be_equal():
    plain = small_classifier("max voltage")
    with pytest.raises(InvalidInput, match=r"^learned\.name: got 'v_th'; allowed: a parameter that leaky integrators"):
        replace(plain, learned=[Learned("out", "v_th", 0.5, 2.0)])
    neurons = {**plain.parameters.neurons, "out": replace(NEURON, tau_mem=[20.0, 21.0])}
    with pytest.raises(InvalidInput, match=r"allowed: one number for all neurons, if it is shared"):
        Classifier(plain.network, Parameters(plain.parameters.weights, neurons), plain.readout,
                   [Learned("out", "tau_mem", 1.0, 30.0, shared=True)])  # fmt: skip


def regression(readout, kind, seed=0):
    rng = np.random.default_rng(seed)
    network = chain(2, 8, Layer(2, kind, name="out"))
    weights = {"input->hidden": rng.uniform(4.0, 9.0, (2, 8)), "hidden->out": rng.uniform(1.0, 3.0, (8, 2))}
    return Classifier(network, Parameters(weights, {"hidden": NEURON, "out": NEURON}), readout)


def pairs(n, seed, shape):
    """Inputs at two times, and numbers that follow from them."""
    rng = np.random.default_rng(seed)
    times = rng.uniform(0.0, 5.0, (n, 2))
    stimulus = Stimulus.of_samples([(t, [0, 1]) for t in times], 40.0)
    return Samples(stimulus, targets=(times @ [[0.5, 0.2], [0.1, 0.6]]).reshape(n, 2, 1) * shape[0] + shape[1])


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("readout", "kind", "shape"),
    [
        (SpikeTimeReadout("out", missing="absent"), "lif", (1.0, 8.0)),
        (VoltageReadout("out", [20.0]), "li", (0.2, 0.5)),
    ],
)
def test_a_regression_learns_numbers_and_has_no_accuracy(readout, kind, shape):
    sets = Sets(pairs(24, 1, shape), pairs(12, 2, shape))
    settings = Settings(epochs=15, batch=6, adam=Adam(0.05), dropout=0.0)
    history = Trainer(regression(readout, kind), sets, settings).run().history
    assert history[-1]["test_loss"] < 0.25 * history[0]["test_loss"]
    assert history[-1]["train_loss"] < history[1]["train_loss"]
    for part in ("accuracy", "unanswered", "tied"):
        assert all(np.isnan(row[f"{name}_{part}"]) for row in history for name in ("train", "test"))


def test_samples_have_labels_or_targets():
    stimulus = two_classes(3, 0).stimulus
    for given in ({}, {"labels": [0, 1, 0], "targets": [0.0, 1.0, 2.0]}):
        with pytest.raises(InvalidInput, match=r"^samples: got"):
            Samples(stimulus, **given)
    with pytest.raises(InvalidInput, match=r"^samples\.targets: got 'shape \(2,\)'"):
        Samples(stimulus, targets=[0.0, 1.0])
    kept = Samples(stimulus, targets=[[0.0], [1.0], [2.0]]).select(np.array([2, 0]))
    assert kept.targets.tolist() == [[2.0], [0.0]]
    assert kept.thinned(0.5, np.random.default_rng(0)).targets.tolist() == [[2.0], [0.0]]


def silent_classifier(hidden, output):
    network = chain(2, 3, 2)
    weights = {"input->hidden": np.full((2, 3), hidden), "hidden->output": np.full((3, 2), output)}
    neurons = {"hidden": NEURON, "output": NEURON}
    return Classifier(network, Parameters(weights, neurons), FirstSpikeReadout("output", 1.0, 10.0))


@pytest.mark.compiled
def test_a_network_that_is_silent_and_gradients_that_stay_0_are_warned_of_once():
    sets, settings = Sets(two_classes(6, 1), two_classes(4, 2)), Settings(epochs=3, batch=3, adam=Adam(0.05))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Trainer(silent_classifier(0.1, 0.1), sets, settings).run()
    texts = [str(w.message) for w in caught]
    assert all(w.category is TrainingWarning for w in caught)
    assert len(texts) == 2
    assert texts[0].startswith("no neuron spikes in any sample of the watched set, before the training; ")
    assert texts[1].startswith(
        "epoch 1: the gradient was 0 in all steps for the weights 'hidden->output'; the weights 'input->hidden' "
        "(no spikes of hidden, output); "
    )


@pytest.mark.compiled
def test_a_silent_readout_is_named_where_the_hidden_neurons_spike():
    sets, settings = Sets(two_classes(6, 1), two_classes(4, 2)), Settings(epochs=1, batch=3, adam=Adam(0.05))
    with pytest.warns(TrainingWarning, match=r"no spikes of output\)"):
        Trainer(silent_classifier(9.0, 0.1), sets, settings).run()


@pytest.mark.compiled
def test_a_training_that_moves_is_not_warned_of():
    sets, settings = Sets(two_classes(6, 1), two_classes(4, 2)), Settings(epochs=2, batch=3, adam=Adam(0.05))
    Trainer(silent_classifier(9.0, 6.0), sets, settings).run()  # a warning is an error in these tests


def test_the_vector_of_a_plain_classifier_has_the_weights_alone():
    classifier = small_classifier()
    assert classifier.start().tolist() == classifier.parameters.flat().tolist()
    assert classifier.wanted == "weights"
    assert classifier.numbers(classifier.start()) == []
    assert classifier.trained(classifier.start())[0] is classifier.network
