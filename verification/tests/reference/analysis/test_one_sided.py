"""One-sided derivatives at ties: closed forms hold, wrong rules are caught, what is no tie of two events is refused."""

from dataclasses import replace
from decimal import Decimal, localcontext

import numpy as np
import pytest

from spikeproof import EventEngine, InvalidInput, Stimulus
from spikeproof.neuron_parameters import PARAMETER_NAMES
from spikeproof_reference import Direction, MpEngine
from spikeproof_reference.analysis.one_sided import NotOneSided, OneSided, one_sided
from spikeproof_verification import random_problem
from spikeproof_verification.checks.tolerances import AT_TIE, RUN
from spikeproof_verification.experiments.studies import coincidence
from spikeproof_verification.experiments.studies.coincidence import derivative_along
from spikeproof_verification.experiments.studies.ties import pair_problem, ties

TIES = {tie.name: tie for tie in ties()}
KINK, JUMP = TIES["spikes, excitation"], TIES["spikes, strong inhibition"]


@pytest.mark.parametrize("tie", TIES.values(), ids=TIES)
def test_both_sides_are_the_closed_forms_within_the_stated_error(tie):
    found = one_sided(tie.problem, tie.direction)
    for side, wanted in ((found.left, tie.left), (found.right, tie.right)):
        assert side.derivative_error < 1e-38
        assert abs(side.derivative - wanted) <= side.derivative_error + 1e-60
    assert abs(found.jump - tie.jump) < 1e-75
    assert (abs(found.kink) < 1e-38) == (tie.kind == "smooth")


@pytest.mark.parametrize("seed", [1, 4])
def test_where_the_loss_is_smooth_both_sides_are_the_gradient(seed):
    problem = random_problem(seed)
    rng = np.random.default_rng(seed)
    weights = {p.name: rng.normal(size=problem.network.shape(p)) for p in problem.network.projections}
    times = rng.normal(size=len(problem.stimulus.times))
    found = one_sided(problem, Direction(weights, times), dps=20)
    gradients = MpEngine().solve(problem).gradients
    along = sum((gradients.weights[n] * w).sum() for n, w in weights.items()) + (gradients.input_times * times).sum()
    assert abs(found.kink) < 1e-15 * abs(along)
    assert abs(found.jump) < 1e-30
    assert abs(found.left.derivative - along) < 1e-15 * abs(along)


def mirrored(side):
    return replace(side, derivative=-side.derivative)


WRONG = {
    "the adjoint at the tie on both sides": lambda exact, at: OneSided(
        replace(exact.left, derivative=at), replace(exact.right, derivative=at)
    ),
    "sides exchanged": lambda exact, _: OneSided(exact.right, exact.left),
    "mean of the sides": lambda exact, _: OneSided(
        *(
            replace(s, derivative=(exact.left.derivative + exact.right.derivative) / 2)
            for s in (exact.left, exact.right)
        )
    ),
    "sign of the left side": lambda exact, _: OneSided(mirrored(exact.left), exact.right),
    "the arrival forgotten": lambda exact, at: OneSided(replace(exact.left, derivative=0 * at), exact.right),
}


@pytest.mark.parametrize("rule", WRONG.values(), ids=WRONG)
def test_a_wrong_one_sided_rule_is_caught_by_closed_form_and_differences(rule):
    at = derivative_along(MpEngine().solve(KINK.problem), KINK.direction)
    wrong = rule(one_sided(KINK.problem, KINK.direction), at)
    assert {m.verdict for m in coincidence._judged(KINK, wrong) if m.quantity == "one_sided_derivative"} >= {"fail"}
    quotients = {sign: coincidence.one_sided_difference(KINK, sign) for sign in (-1, 1)}
    assert any(m.verdict == "fail" for m in coincidence._quotients(KINK, wrong, quotients))


def test_a_jump_that_is_overlooked_is_caught():
    exact = one_sided(JUMP.problem, JUMP.direction)
    smooth = OneSided(replace(exact.left, loss=exact.right.loss), exact.right)
    assert [m.verdict for m in coincidence._judged(JUMP, smooth)] == ["pass", "pass", "fail"]


def test_an_engine_that_returns_no_one_sided_derivative_is_caught(monkeypatch):
    class Between(EventEngine):
        def solve(self, problem):
            solution = super().solve(problem)
            times = 0.5 * solution.gradients.input_times + 0.1
            return replace(solution, gradients=replace(solution.gradients, input_times=times))

    monkeypatch.setattr(coincidence, "EventEngine", Between)
    verdicts = {(m.engine, m.verdict, m.tolerance) for m in coincidence._at_tie(KINK)}
    assert verdicts == {("event", "fail", AT_TIE.name), ("mp", "pass", AT_TIE.name)}


def test_the_adjoint_at_a_tie_of_neurons_coupled_both_ways_is_no_one_sided_derivative():
    tie = TIES["spikes, coupled both ways"]
    found = derivative_along(EventEngine().solve(tie.problem), tie.direction)
    assert abs(found - 1.0) < RUN
    assert min(abs(found - float(tie.left)), abs(found - float(tie.right))) > 0.4


def test_another_event_within_a_step_is_refused():
    problem = pair_problem(2.0)
    with localcontext() as context:
        context.prec = 100
        near = Decimal(2) + Decimal("1.5e-40")
    times = np.array([near, Decimal(2), Decimal(20)], dtype=object)
    moved = Stimulus.of_samples([(times, [0, 1, 2])], 60.0)
    direction = Direction(input_times=[1.0 if c == 0 else 0.0 for c in moved.channels])
    with pytest.raises(
        NotOneSided, match="left of the problem the derivative is not settled within one step: event sequence changed"
    ):
        one_sided(replace(problem, stimulus=moved), direction)


@pytest.mark.parametrize(
    ("direction", "field"),
    [
        (Direction({"nothing": [[1.0]]}), r"direction\.weights\.nothing: got 'unknown name'"),
        (Direction({"n->n": [[1.0]]}), r"direction.weights.n->n: got 'shape \(1, 1\)'"),
        (Direction(input_times=[1.0]), r"direction.input_times: got 'shape \(1,\)'"),
    ],
)
def test_a_direction_that_does_not_fit_is_refused(direction, field):
    with pytest.raises(InvalidInput, match=field):
        one_sided(KINK.problem, direction)


def test_a_problem_without_a_loss_has_no_derivative():
    with pytest.raises(InvalidInput, match=r"problem\.loss"):
        one_sided(replace(KINK.problem, loss=None), KINK.direction)


def test_an_input_at_time_zero_has_two_sides():
    problem = replace(random_problem(0), stimulus=Stimulus.of_channels([[0.0], [1.0]], 50.0))
    found = one_sided(problem, Direction(input_times=[1.0, 0.0]))
    assert found.left.derivative != 0
    assert abs(found.kink) < 1e-35


@pytest.mark.parametrize("name", PARAMETER_NAMES)
def test_the_sides_along_a_parameter_of_neurons_are_its_gradient(name):
    problem = random_problem(3)
    expected = getattr(MpEngine().solve(problem).gradients.neurons["a"], name).sum()
    found = one_sided(problem, Direction(neurons={"a": {name: 1.0}}), dps=20)
    assert abs(found.left.derivative - expected) < 1e-15 * abs(expected)
    if name == "t_ref":  # what autapses without delay send meets free neurons at 0, and held ones above
        assert abs(found.kink) > 0.1 * abs(expected)
    else:
        assert abs(found.right.derivative - expected) < 1e-15 * abs(expected)
    assert expected != 0
