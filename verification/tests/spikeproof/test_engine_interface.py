"""One way to solve, for every engine: which gradients are wanted, and what the loss has observed."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest
from own_losses import OfSpikes, OfVoltages, problem

import spikeproof as sp
from spikeproof.engine import check_engine
from spikeproof.losses import SMOOTH, MaxVoltage, PathIntegral, PerSample, terms_of
from spikeproof_reference import MpEngine
from spikeproof_reference.ode.engine import OdeEngine
from spikeproof_reference.textbook.engine import TextbookEngine
from spikeproof_verification.checks.tolerances import AMPLIFIED, RUN

ENGINES = {
    "event": sp.EventEngine(),
    "two threads": sp.EventEngine(threads=2),
    "grid": sp.GridEngine(2.0**-8),
    "mp": MpEngine(dps=20),
    "sensitivities": MpEngine(dps=20, gradient="sensitivity"),
    "ode": OdeEngine("scipy"),
    "textbook": TextbookEngine(),
}
EXACT = [name for name in ENGINES if name != "grid"]
EVERY_ENGINE = pytest.mark.parametrize("engine", ENGINES)


def squared(v, _t, _sample):
    return np.sum(v**2, axis=1), 2 * v


MIXTURE = sp.LossSum(
    [
        (1.0, sp.SpikeTimeSum("hidden")),
        (0.5, sp.MaxVoltageCrossEntropy("readout", [0, 1])),
        (2.0, sp.VoltageIntegral("hidden")),
        (-1.0, sp.VoltageTarget("readout", [3.0, 9.0, 20.0], np.zeros((2, 3)))),
        (0.25, sp.VoltagePathIntegral("hidden", squared, v_width=SMOOTH, t_width=SMOOTH)),
    ]
)
SHAPES = [None, (2, 2), (2, 3), (2, 2, 3), (2,)]


@EVERY_ENGINE
def test_spikes_and_loss_are_the_same_whichever_gradients_are_wanted(engine):
    every, weights, none = (ENGINES[engine].solve(problem(MIXTURE), wanted) for wanted in ("all", "weights", None))
    assert none.gradients is None
    assert every.gradients.delays is not None
    assert every.gradients.neurons is not None
    assert weights.gradients.delays is None
    assert weights.gradients.neurons is None
    for name, w in every.gradients.weights.items():
        assert np.array_equal(w, weights.gradients.weights[name])
    assert np.array_equal(every.gradients.input_times, weights.gradients.input_times)
    for other in (weights, none):
        assert other.loss == every.loss
        assert np.array_equal(other.sample_losses, every.sample_losses)
        assert np.array_equal(other.spikes.times, every.spikes.times)
        assert np.array_equal(other.v_end, every.v_end)
        for a, b in zip(other.observed, every.observed, strict=True):
            assert (a is None and b is None) or np.array_equal(a, b)
    assert ENGINES[engine].solve(problem(MIXTURE)).gradients.delays is not None


@EVERY_ENGINE
def test_all_is_what_is_wanted_if_nothing_is_said_and_another_word_is_refused(engine):
    for wrong in ("some", "ALL", 0, True, ["all"], np.array(["all"])):
        with pytest.raises(sp.InvalidInput, match=r"^gradients: got .*; allowed: 'all', 'weights' or None"):
            ENGINES[engine].solve(problem(MIXTURE), wrong)


@EVERY_ENGINE
def test_what_is_observed_has_an_entry_for_each_term_in_its_order(engine):
    found = ENGINES[engine].solve(problem(MIXTURE), None)
    assert [None if seen is None else seen.shape for seen in found.observed] == SHAPES
    values, spikes = np.zeros(2), replace(found.spikes, times=found.spikes.times.astype(float))
    for (factor, term), seen in zip(terms_of(MIXTURE), found.observed, strict=True):
        part = term.evaluate(spikes, range(3), 30.0) if seen is None else term.evaluate_voltage(seen.astype(float))
        values = values + factor * np.asarray(part[0], dtype=float)
    assert values == pytest.approx(found.sample_losses.astype(float), rel=RUN, abs=0.0)
    assert ENGINES[engine].solve(problem(None), None).observed == ()


@pytest.mark.parametrize("engine", EXACT)
def test_what_is_observed_is_what_the_reference_observes(engine):
    expected = MpEngine(dps=30).solve(problem(MIXTURE), None).observed
    for a, b in zip(ENGINES[engine].solve(problem(MIXTURE), None).observed[1:], expected[1:], strict=True):
        assert a.astype(float) == pytest.approx(b.astype(float), rel=AMPLIFIED, abs=0.0)


def spoiling(observed):
    values = np.sum(observed, axis=1)
    observed[:] = 0.0
    return values, np.ones(observed.shape)


@pytest.mark.parametrize("engine", ["event", "two threads", "grid", "textbook"])
def test_a_loss_that_changes_what_it_was_given_does_not_change_what_was_observed(engine):
    found = ENGINES[engine].solve(problem(OfVoltages(spoiling, MaxVoltage())))
    assert np.sum(found.observed[0], axis=1) == pytest.approx(found.sample_losses, rel=1e-15, abs=0.0)


def test_no_gradient_is_computed_where_none_is_wanted():
    grazing = replace(problem(sp.SpikeTimeSum("hidden")), parameters=grazing_parameters())
    found = sp.EventEngine().solve(grazing, gradients=None)
    assert len(found.spikes) == 2
    assert found.loss == found.sample_losses.sum() / 2
    with pytest.raises(sp.GrazingSpike):
        sp.EventEngine().solve(grazing)


def grazing_parameters():
    """The first channel brings the first neuron to its threshold and no further: 4 (e^-s - e^-2s) is 1 at s = ln 2."""
    once = problem(None).parameters
    weights = {name: np.zeros(w.shape) for name, w in once.weights.items()}
    weights["in->hidden"][0, 0] = 4.0
    hidden = sp.NeuronParameters(4.0, 2.0)
    return sp.Parameters(weights, {"hidden": hidden, "readout": sp.NeuronParameters(20.0, 5.0)})


@dataclass(frozen=True)
class Weighed(PerSample):
    """A user's loss with a number for each sample."""

    population: str
    numbers: Any
    per_sample: ClassVar[tuple[str, ...]] = ("numbers",)

    @property
    def observable(self):
        return MaxVoltage()

    def check(self, network, n_samples):
        pass

    def evaluate_voltage(self, observed):
        return self.numbers * np.sum(observed**2, axis=1), 2 * self.numbers[:, None] * observed


class Heavier(Weighed):
    """Knows more of each sample than `per_sample` of its base says."""

    def evaluate_voltage(self, observed):
        values, slopes = super().evaluate_voltage(observed)
        return values * np.array([1.0, 3.0]), slopes * np.array([1.0, 3.0])[:, None]


WEIGHED = Weighed("readout", np.array([0.5, 4.0]))
TARGETS = np.arange(12.0).reshape(2, 2, 3)


def of_sample(v, t, sample):
    return (sample + 1) * np.sum(v, axis=1), (sample + 1) * np.ones(v.shape)


SELECTED = {
    "labels": sp.MaxVoltageCrossEntropy("readout", [0, 1]),
    "labels of first spikes": sp.FirstSpikeCrossEntropy("hidden", [2, 1], 1.0, 9.0),
    "labels of integrals": sp.IntegralCrossEntropy("readout", [0, 1]),
    "labels at every instant": sp.InstantaneousCrossEntropy("readout", [1, 0]),
    "targets": sp.VoltageTarget("readout", [3.0, 9.0, 20.0], TARGETS),
    "the same targets": sp.VoltageTarget("readout", [3.0, 9.0, 20.0], TARGETS[0]),
    "target times": sp.SpikeTimeTarget("hidden", np.arange(12.0).reshape(2, 3, 2)),
    "spike times": sp.SpikeTimeSum("hidden"),
    "spike counts": sp.SpikeCountRegulariser("hidden", 2),
    "an integrand": sp.VoltagePathIntegral("readout", of_sample, v_width=SMOOTH, t_width=SMOOTH),
    "a trace": sp.TargetTrace("readout", [0.5, 0.25]),
    "a user's": WEIGHED,
    "a sum": MIXTURE,
}


@pytest.mark.parametrize("loss", SELECTED)
@pytest.mark.parametrize("samples", [[0], [1], [1, 0], [1, 1, 0]], ids=str)
def test_samples_that_are_selected_have_the_losses_that_they_had(loss, samples):
    whole = sp.EventEngine().solve(problem(SELECTED[loss]))
    part = sp.EventEngine().solve(problem(SELECTED[loss]).select(samples))
    assert np.array_equal(part.sample_losses, whole.sample_losses[samples])
    assert np.array_equal(part.v_end, whole.v_end[samples])
    many = sp.EventEngine(threads=2).solve(problem(SELECTED[loss]))
    assert np.array_equal(many.sample_losses, whole.sample_losses)
    for name, w in whole.gradients.weights.items():
        assert np.array_equal(w, many.gradients.weights[name])


@pytest.mark.parametrize(
    "loss",
    [OfSpikes(len), Heavier("readout", np.array([0.5, 4.0])), sp.LossSum([(1.0, WEIGHED), (1.0, OfSpikes(len))])],
)
def test_a_loss_that_does_not_say_how_it_is_cut_is_refused_where_a_part_is_asked_for(loss):
    with pytest.raises(sp.InvalidInput, match=r"^loss.select: got 'none in (OfSpikes|Heavier)'; allowed: "):
        problem(loss).select([1])


def test_a_loss_that_does_not_say_how_it_is_cut_is_solved_by_any_number_of_threads():
    heavier = problem(Heavier("readout", np.array([0.5, 4.0])))
    one, two = (sp.EventEngine(threads=n).solve(heavier) for n in (1, 2))
    assert one.loss == two.loss
    plain = sp.EventEngine().solve(problem(WEIGHED))
    assert np.array_equal(one.sample_losses, plain.sample_losses * [1.0, 3.0])


@pytest.mark.parametrize("samples", [[2], [-1], [], [0.0], 1, [True]], ids=str)
def test_numbers_of_no_samples_are_refused(samples):
    whole = problem(WEIGHED)
    with pytest.raises(sp.InvalidInput, match=r"^samples"):
        whole.select(samples)
    with pytest.raises(sp.InvalidInput, match=r"^numbers"):
        whole.stimulus.select(samples)


def test_a_select_that_returns_no_loss_is_refused():
    class Wrong(Weighed):
        def select(self, samples):
            return None

    with pytest.raises(sp.InvalidInput, match=r"^loss.select: got None; allowed: a loss"):
        problem(Wrong("readout", np.ones(2))).select([0])


def test_a_part_that_is_refused_is_refused_by_its_numbers_in_the_batch():
    def second(spikes):
        values = np.zeros(spikes.n_samples)
        values[-1] = np.inf
        return values, np.zeros(len(spikes))

    class Own(OfSpikes):
        per_sample = ()

        def select(self, samples):
            return self

    for threads in (1, 2):
        with pytest.raises(sp.InvalidInput, match=r"^loss.evaluate, values\[1\]: got inf"):
            sp.EventEngine(threads=threads).solve(problem(Own(second)))


@pytest.mark.parametrize("wrong", [None, "event", sp.EventEngine, object()], ids=["None", "name", "class", "object"])
def test_what_is_no_engine_is_refused(wrong):
    with pytest.raises(sp.InvalidInput, match=r"^engine: got .*; allowed: an engine, with name, unsupported and solve"):
        check_engine("engine", wrong)
    for engine in ENGINES.values():
        assert check_engine("engine", engine) is engine


def test_the_class_of_an_engine_is_told_from_an_engine():
    with pytest.raises(sp.InvalidInput, match=r"solve; an object, not its class$"):
        check_engine("engine", sp.EventEngine)


def test_an_integrand_of_selected_samples_keeps_their_numbers():
    numbers = []
    observable = PathIntegral(lambda v, t, sample: (numbers.append(sample), squared(v, t, sample))[1])
    observable.select([1]).density(np.ones((3, 2)), np.zeros(3), 0)
    assert numbers == [1]
