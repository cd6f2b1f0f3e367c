"""Training: what it reaches, that it is reproducible, and that it goes on where it was stopped."""

from dataclasses import replace

import numpy as np
import pytest
from training_problems import NEURON, small_classifier, small_sets, two_classes, two_patterns

from spikeproof import (
    EventEngine,
    GridEngine,
    Input,
    InvalidInput,
    Layer,
    Parameters,
    Stimulus,
    chain,
)
from spikeproof.event.kernels.reading.maxima import KINK
from spikeproof.training import (
    NO_CLASS,
    Adam,
    Classifier,
    FirstSpikeReadout,
    MaxVoltageReadout,
    Samples,
    Sets,
    Settings,
    Trainer,
    evaluate,
)
from spikeproof_reference import MpEngine
from spikeproof_reference.textbook.engine import TextbookEngine
from spikeproof_verification.checks.tolerances import AMPLIFIED

KINDS = ["first spike", "max voltage"]
SETTINGS = Settings(epochs=6, batch=7, adam=Adam(0.05), decay=0.9, dropout=0.1, seed=5)


class Stranger:
    """A third party's engine: it has what an engine has, and no more."""

    name = "stranger"

    def __init__(self):
        self.wanted = []

    def unsupported(self, problem):
        return None

    def solve(self, problem, gradients="all"):
        self.wanted.append(gradients)
        return EventEngine().solve(problem, gradients)


def trainer(kind="first spike", settings=SETTINGS, **options):
    return Trainer(small_classifier(kind), small_sets(), settings, **options)


def without_time(history):
    return [{name: value for name, value in row.items() if name != "seconds"} for row in history]


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("kind", "samples", "n_hidden", "rate"),
    [("first spike", two_classes, 6, 0.05), ("max voltage", two_patterns, 12, 0.1)],
)
def test_training_reduces_the_loss_and_learns_the_classes(kind, samples, n_hidden, rate):
    sets = Sets(samples(60, 1), samples(30, 2))
    settings = Settings(epochs=20, batch=7, adam=Adam(rate), decay=0.95)
    history = Trainer(small_classifier(kind, n_hidden=n_hidden), sets, settings).run().history
    assert history[-1]["test_loss"] < 0.5 * history[0]["test_loss"]
    assert history[-1]["train_loss"] < 0.5 * history[1]["train_loss"]
    assert history[0]["test_accuracy"] < 0.7
    assert history[-1]["test_accuracy"] >= 0.9


@pytest.mark.parametrize("kind", KINDS)
def test_two_runs_have_the_same_bits_whatever_the_threads(kind):
    settings = replace(SETTINGS, epochs=2)
    one = trainer(kind, settings, engine=EventEngine(threads=1)).run()
    three = trainer(kind, settings, engine=EventEngine(threads=3)).run()
    assert one.weights.tobytes() == three.weights.tobytes()
    np.testing.assert_equal(without_time(one.history), without_time(three.history))


def test_another_seed_gives_another_order_and_other_weights():
    one, other = (trainer(settings=replace(SETTINGS, epochs=1, seed=seed)).run() for seed in (5, 6))
    assert not np.array_equal(one.order, other.order)
    assert not np.array_equal(one.weights, other.weights)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("steps", [3, 9, 11])  # within an epoch of 9 steps, at its end, within the next
def test_a_resumed_run_has_the_bits_of_one_that_was_not_stopped(kind, steps, tmp_path):
    settings, path = replace(SETTINGS, epochs=3), tmp_path / "checkpoint.npz"
    whole = trainer(kind, settings).run()
    stopped = trainer(kind, settings)
    stopped.run(path, stop=lambda: stopped.state.moments.step == steps)
    assert not stopped.finished
    resumed = trainer(kind, settings)
    resumed.resume(path)
    assert resumed.state.moments.step == steps
    resumed.run(path)
    assert resumed.finished
    for name in ("weights", "order"):
        assert getattr(resumed.state, name).tobytes() == getattr(whole, name).tobytes()
    for name in ("first", "second"):
        assert getattr(resumed.state.moments, name).tobytes() == getattr(whole.moments, name).tobytes()
    np.testing.assert_equal(without_time(resumed.state.history), without_time(whole.history))
    assert resumed.state.rng.bit_generator.state == whole.rng.bit_generator.state
    assert list(tmp_path.iterdir()) == [path]


def test_a_finished_run_goes_on_when_more_epochs_are_asked_for(tmp_path):
    path = tmp_path / "checkpoint.npz"
    trainer(settings=replace(SETTINGS, epochs=1)).run(path)
    longer = trainer(settings=replace(SETTINGS, epochs=2))
    longer.resume(path)
    whole = trainer(settings=replace(SETTINGS, epochs=2)).run()
    assert longer.run().weights.tobytes() == whole.weights.tobytes()


def test_a_checkpoint_that_is_further_on_is_refused(tmp_path):
    path = tmp_path / "checkpoint.npz"
    trainer(settings=replace(SETTINGS, epochs=2)).run(path)
    with pytest.raises(InvalidInput, match="epochs: got 1; allowed: more than the 2"):
        trainer(settings=replace(SETTINGS, epochs=1)).resume(path)


def test_a_path_that_cannot_be_written_is_refused_by_name(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match=r"^path: got '.*; allowed: a path that can be written \("):
        trainer().save(tmp_path / "file" / "state.npz")


@pytest.mark.parametrize(
    "other",
    [
        lambda: trainer(settings=replace(SETTINGS, batch=8)),
        lambda: trainer(settings=replace(SETTINGS, adam=Adam(0.04))),
        lambda: trainer("max voltage"),
        lambda: Trainer(small_classifier(seed=1), small_sets(), SETTINGS),
        lambda: Trainer(small_classifier(), replace(small_sets(), train=two_classes(60, 9)), SETTINGS),
    ],
    ids=["batch", "rate", "network", "weights", "samples"],
)
def test_a_checkpoint_of_another_run_is_refused(other, tmp_path):
    path = tmp_path / "checkpoint.npz"
    trainer().save(path)
    with pytest.raises(InvalidInput, match=r"checkpoint.npz: got 'a checkpoint of another run'"):
        other().resume(path)


@pytest.mark.parametrize("harm", ["cut", "text", "another version", "another compression", "without weights"])
def test_a_damaged_checkpoint_is_refused_by_name(harm, tmp_path):
    path = tmp_path / "checkpoint.npz"
    trainer().save(path)
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-200])
    elif harm == "text":
        path.write_text("not an archive")
    elif harm.startswith("another"):
        content = bytearray(path.read_bytes())
        entry = content.index(b"PK\x01\x02")  # the first one of the archive's directory
        content[entry + (6 if harm == "another version" else 10)] = 173
        path.write_bytes(content)
    else:
        with np.load(path) as file:
            kept = {name: file[name] for name in file.files if name != "weights"}
        np.savez(path, **kept)
    with pytest.raises(InvalidInput, match=r"checkpoint.npz"):
        trainer().resume(path)


def test_a_missing_checkpoint_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        trainer().resume(tmp_path / "none.npz")


def test_every_sample_is_seen_once_in_an_epoch_and_the_last_batch_is_smaller():
    run, sizes = trainer(settings=replace(SETTINGS, epochs=1)), []
    run.run(after_step=lambda state: sizes.append(state.tally.seen))
    assert sizes == [*range(7, 60, 7), 60]
    assert sorted(run.state.order.tolist()) == list(range(60))


def test_rate_of_each_epoch_is_in_the_history():
    history = trainer(settings=replace(SETTINGS, epochs=3)).run().history
    assert np.isnan(history[0]["rate"])
    assert [row["rate"] for row in history[1:]] == pytest.approx([0.05, 0.05 * 0.9, 0.05 * 0.81], rel=1e-15, abs=0.0)


def test_without_a_validation_set_the_test_set_is_watched():
    sets = small_sets()
    row = Trainer(small_classifier(), Sets(sets.train, sets.test), replace(SETTINGS, epochs=1)).run().history[-1]
    assert np.isnan(row["validation_accuracy"])
    assert 0.0 <= row["test_accuracy"] <= 1.0
    assert row["spikes"] > 0


def test_a_probe_adds_its_numbers_to_each_epoch():
    history = trainer(settings=replace(SETTINGS, epochs=1), probe=lambda w: {"norm": np.linalg.norm(w)}).run().history
    assert all(row["norm"] > 0 for row in history)


@pytest.mark.parametrize("kind", KINDS)
def test_evaluation_has_the_loss_of_the_engine_and_counts_right_answers(kind):
    classifier, samples, engine = small_classifier(kind), two_classes(25, 7), EventEngine()
    score = evaluate(classifier, classifier.start(), samples, engine)
    solution = engine.solve(classifier.problem(classifier.start(), samples))
    assert score.loss == pytest.approx(solution.loss, rel=1e-14, abs=0.0)
    assert score.spikes == len(solution.spikes) / 25
    right = 0
    for number in range(25):
        one = samples.select(np.array([number]))
        losses = []
        for label in (0, 1):  # the smaller loss is that of the right answer
            problem = classifier.problem(classifier.start(), Samples(one.stimulus, [label]))
            plain = replace(problem, loss=replace_alpha(problem.loss))
            losses.append(float(engine.solve(plain, gradients=None).sample_losses[0]))
        right += int(np.argmin(losses)) == one.labels[0]
    assert score.accuracy == right / 25


def replace_alpha(loss):
    """The loss without its second term, which prefers no class."""
    return replace(loss, alpha=0.0) if hasattr(loss, "alpha") else loss


def silent_classifier(weight):
    network = chain(Input("in", 2), 3, Layer(2, name="out"))
    weights = {
        "in->hidden": np.array([[20.0, 20.0, 0.1], [0.0, 0.0, 0.0]]),
        "hidden->out": np.array([[weight, 0.0], [weight, 0.0], [0.0, 9.0]]),
    }
    parameters = Parameters(weights, {"hidden": NEURON, "out": NEURON})
    return Classifier(network, parameters, FirstSpikeReadout("out", 1.0, 10.0))


def test_silent_neurons_are_counted():
    samples = Samples(Stimulus.of_samples([([1.0], [0]), ([], [])], 40.0), [0, 0])
    classifier = silent_classifier(9.0)
    score = evaluate(classifier, classifier.start(), samples, EventEngine())
    assert score.idle == 1  # the third hidden neuron
    assert score.silent == 0.75  # only neuron 0 of the readout spikes, in the first sample
    assert score.unanswered == 0.5
    assert score.accuracy == 0.5


def test_a_silent_readout_gives_no_class_and_is_wrong():
    samples = Samples(Stimulus.of_samples([([1.0], [0])], 40.0), [0])
    classifier = silent_classifier(0.0)
    problem = classifier.problem(classifier.start(), samples)
    answer = classifier.readout.classes(EventEngine().solve(problem, gradients=None))
    assert answer.tolist() == [NO_CLASS]
    assert evaluate(classifier, classifier.start(), samples, EventEngine()).accuracy == 0.0


def test_a_readout_that_never_spikes_has_no_silent_part():
    classifier = small_classifier("max voltage")
    score = evaluate(classifier, classifier.start(), two_classes(5, 1), EventEngine())
    assert np.isnan(score.silent)


def test_weights_are_split_as_they_were_joined_and_the_start_is_not_changed():
    classifier = small_classifier()
    vector = classifier.start()
    for name, part in classifier.split(vector).items():
        assert np.array_equal(part, classifier.parameters.weights[name])
    vector += 1.0
    assert np.array_equal(classifier.start() + 1.0, vector)


def test_the_two_rules_start_from_the_same_weights_and_part_where_there_are_kinks():
    plain = small_classifier("max voltage")
    inhibited = plain.parameters.weights["hidden->out"] * np.array([[1.0], [-1.0]] * 3)
    parameters = replace(plain.parameters, weights={**plain.parameters.weights, "hidden->out": inhibited})
    complete = replace(plain, parameters=parameters)
    published = replace(complete, readout=MaxVoltageReadout("out", "published"))
    kinds = EventEngine().run(complete.problem(complete.start(), small_sets().train)).maxima("out").kind
    assert np.any(kinds == KINK)
    assert np.array_equal(published.start(), complete.start())
    weights = [Trainer(c, small_sets(), replace(SETTINGS, epochs=1)).run().weights for c in (complete, published)]
    assert not np.array_equal(*weights)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: Settings(epochs=0), "epochs"),
        (lambda: Settings(batch=2.0), "batch"),
        (lambda: Settings(decay=1.5), "decay"),
        (lambda: Settings(decay=0.0), "decay"),
        (lambda: Settings(dropout=1.0), "dropout"),
        (lambda: Settings(dropout=-0.1), "dropout"),
        (lambda: Settings(seed=-1), "seed"),
        (lambda: Settings(adam=0.1), "adam"),
        (lambda: Adam(rate=0.0), "adam.rate"),
        (lambda: Adam(rate=float("nan")), "adam.rate"),
        (lambda: Adam(beta1=1.0), "adam.beta1"),
        (lambda: Adam(beta2=-0.5), "adam.beta2"),
        (lambda: Adam(epsilon=0.0), "adam.epsilon"),
        (lambda: Samples(two_classes(3, 0).stimulus, [0, 1]), "samples.labels"),
        (lambda: Samples(two_classes(1, 0).stimulus, [-1]), r"samples.labels\[0\]"),
    ],
)
def test_wrong_settings_are_refused_by_name(call, field):
    with pytest.raises(InvalidInput, match=f"^{field}: got"):
        call()


ANY_ENGINE = {
    "event": EventEngine(),
    "grid": GridEngine(0.125),
    "mp": MpEngine(dps=20),
    "textbook": TextbookEngine(),
    "a stranger": Stranger(),
}


@pytest.mark.parametrize("name", ANY_ENGINE)
@pytest.mark.parametrize("kind", KINDS)
def test_any_engine_trains(kind, name):
    sets = Sets(two_classes(6, 1), two_classes(4, 2))
    settings = Settings(epochs=1, batch=3, adam=Adam(0.05))
    state = Trainer(small_classifier(kind), sets, settings, engine=ANY_ENGINE[name]).run()
    expected = Trainer(small_classifier(kind), sets, settings).run()
    assert state.weights.dtype == np.float64
    assert len(state.history) == 2
    if name == "grid":  # its gradients are those of other spike times
        assert np.max(np.abs(state.weights - expected.weights)) <= 2.1 * 0.05 * 2
        return
    assert state.weights == pytest.approx(expected.weights, rel=AMPLIFIED, abs=0.0)
    for row, other in zip(state.history, expected.history, strict=True):
        assert row["test_loss"] == pytest.approx(other["test_loss"], rel=AMPLIFIED, abs=0.0)
        assert (row["test_accuracy"], row["spikes"]) == (other["test_accuracy"], other["spikes"])


@pytest.mark.parametrize(("kind", "missing"), [("first spike", "gradients"), ("max voltage", "observed")])
def test_an_engine_that_leaves_out_what_is_needed_is_refused(kind, missing):
    class Lazy(Stranger):
        def solve(self, problem, gradients="all"):
            return replace(super().solve(problem, gradients), **{missing: () if missing == "observed" else None})

    with pytest.raises(InvalidInput, match=r"engine|solution.observed: got "):
        Trainer(small_classifier(kind), small_sets(), SETTINGS, engine=Lazy()).run()


def test_a_checkpoint_belongs_to_the_engine_that_made_it(tmp_path):
    settings, path = replace(SETTINGS, epochs=1), tmp_path / "checkpoint.npz"
    trainer(settings=settings, engine=GridEngine(0.5)).run(path)
    trainer(settings=settings, engine=GridEngine(0.5, threads=2)).resume(path)
    for other in (GridEngine(0.25), EventEngine(), None):
        with pytest.raises(InvalidInput, match="a checkpoint of another run"):
            trainer(settings=settings, engine=other).resume(path)


@pytest.mark.parametrize("kind", KINDS)
def test_an_evaluation_takes_no_adjoint_pass(kind):
    engine = Stranger()
    evaluate(small_classifier(kind), small_classifier(kind).start(), two_classes(5, 1), engine)
    assert engine.wanted == [None]
    with pytest.raises(InvalidInput, match=r"^engine: got None; allowed: an engine"):
        evaluate(small_classifier(kind), small_classifier(kind).start(), two_classes(5, 1), None)
