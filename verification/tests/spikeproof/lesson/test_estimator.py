"""Gradient estimators as engines: the exact one, what an estimate holds, and a training with any of them."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from discrete_problems import DT, discrete_problem
from training_problems import small_classifier, two_patterns

import spikeproof as sp
from spikeproof.lesson import EProp, EstimatorEngine, ExactGradient, ScoreFunction, SmoothedStep, SurrogateGradient
from spikeproof.training import Adam, Sets, Settings, Trainer
from spikeproof_verification.checks.tolerances import EPS

ESTIMATORS = [
    SurrogateGradient(DT), SmoothedStep(DT, 5.0), ScoreFunction(DT, 5.0, 2, 0), EProp(DT, feedback="random"),
    ExactGradient(sp.GridEngine(0.125)),
]  # fmt: skip


def served(estimator):
    """A problem that it serves."""
    problem = discrete_problem(0)
    if isinstance(estimator, EProp):
        network = replace(problem.network, projections=[replace(p, delay=0.0) for p in problem.network.projections])
        neurons = {**problem.parameters.neurons, "out": sp.NeuronParameters(6.0, 3.0)}
        return replace(problem, network=network, parameters=replace(problem.parameters, neurons=neurons))
    return problem


def test_the_exact_gradient_is_that_of_its_engine():
    problem, engine = discrete_problem(0), sp.GridEngine(0.125)
    estimate, solution = ExactGradient(engine).estimate(problem), engine.solve(problem, gradients="weights")
    assert estimate.value == solution.loss
    assert all(np.array_equal(estimate.gradients[name], g) for name, g in solution.gradients.weights.items())
    assert estimate.spikes == len(solution.spikes) / 2
    assert (estimate.cost.forward_passes, estimate.cost.backward_passes) == (1, 1)
    assert ExactGradient().name == "exact"
    assert isinstance(ExactGradient().engine, sp.EventEngine)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: e.name)
def test_an_engine_returns_the_estimate(estimator):
    problem = served(estimator)
    assert EstimatorEngine(estimator).unsupported(problem) is None
    estimate, solution = estimator.estimate(problem), EstimatorEngine(estimator).solve(problem)
    assert (solution.engine, solution.problem, solution.loss) == (estimator.name, problem, estimate.value)
    assert all(np.array_equal(solution.gradients.weights[name], g) for name, g in estimate.gradients.items())
    assert {name: g.shape for name, g in estimate.gradients.items()} == {
        name: w.shape for name, w in problem.parameters.weights.items()
    }
    assert len(solution.gradients.input_times) == 0
    assert np.mean(solution.sample_losses) == pytest.approx(solution.loss, abs=16 * EPS)
    assert estimate.cost.seconds > 0


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: e.name)
def test_an_answer_is_an_estimate_without_gradients(estimator):
    problem = served(estimator)
    estimate, answer = estimator.estimate(problem), EstimatorEngine(estimator).solve(problem, gradients=None)
    assert answer.gradients is None
    assert answer.loss == estimate.value
    assert np.array_equal(answer.observed[0], estimate.solution.observed[0])
    without = EstimatorEngine(estimator).solve(replace(problem, loss=None), gradients=None)
    assert without.loss is None
    assert np.array_equal(without.spikes.times, answer.spikes.times)


def test_what_an_engine_of_estimates_does_not_have_is_refused():
    engine = EstimatorEngine(SurrogateGradient(DT))
    with pytest.raises(sp.InvalidInput, match=r"^gradients: got 'all'"):
        engine.solve(discrete_problem(0), gradients="all")
    with pytest.raises(sp.InvalidInput, match=r"^estimator: got"):
        EstimatorEngine(sp.EventEngine())
    with pytest.raises(sp.InvalidInput, match=r"^engine: got"):
        ExactGradient(SurrogateGradient(DT))
    with pytest.raises(sp.InvalidInput, match=r"^problem.loss: got None"):
        ExactGradient(sp.GridEngine(0.125)).estimate(replace(discrete_problem(0), loss=None))


@dataclass(frozen=True)
class Broken:
    """An estimator that returns what is no number."""

    name: str = "broken"

    def unsupported(self, problem):
        return None

    def answer(self, problem):
        return SurrogateGradient(DT).answer(problem)

    def estimate(self, problem):
        estimate = SurrogateGradient(DT).estimate(problem)
        return replace(estimate, gradients={name: np.nan * g for name, g in estimate.gradients.items()})


def test_an_estimate_that_is_no_number_is_refused_by_name():
    with pytest.raises(sp.InvalidInput, match=r"^gradients.weights\['in->a'\]\[0\]\[0\]: got 'not a number'"):
        EstimatorEngine(Broken()).solve(discrete_problem(0))


TRAINED = [
    SurrogateGradient(1.0, slope=5.0), SmoothedStep(1.0, 5.0), ScoreFunction(1.0, 5.0, 8, 0), EProp(1.0, slope=5.0),
]  # fmt: skip


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore::spikeproof.training.TrainingWarning")  # a smoothed network never spikes
@pytest.mark.parametrize("estimator", TRAINED, ids=lambda e: e.name)
def test_a_trainer_trains_with_it(estimator):
    sets = Sets(two_patterns(120, 0), two_patterns(60, 1))
    classifier = small_classifier("max voltage")
    trainer = Trainer(classifier, sets, Settings(8, 20, Adam(0.5)), EstimatorEngine(estimator))
    history = trainer.run().history
    assert history[-1]["test_loss"] < 0.9 * history[0]["test_loss"]
