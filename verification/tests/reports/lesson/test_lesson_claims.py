"""The claims of the lesson turn with the numbers that they are judged from."""

import math

import pandas as pd
import pytest
from lesson_records import (
    converted,
    hidden_cosines,
    history,
    noisy,
    pools,
    pulses,
    quotients,
    record,
    sized,
    stated,
    trained,
)

from spikeproof_reports.lesson.claims.accuracies import share_of_gain
from spikeproof_reports.lesson.claims.catalogue import CLAIMS, judged_claims
from spikeproof_reports.lesson.claims.claim import FAILS, HOLDS, IN_PART, OPEN, of_parts
from spikeproof_reports.lesson.claims.conversion import conversion_wastes_spikes
from spikeproof_reports.lesson.claims.evolution import evolution_is_expensive
from spikeproof_reports.lesson.claims.feasible import thousands_are_feasible
from spikeproof_reports.lesson.claims.local import local_rules_do_worse
from spikeproof_reports.lesson.claims.probabilistic import probabilistic_does_not_scale
from spikeproof_reports.lesson.claims.reservoir import reservoirs_work
from spikeproof_reports.lesson.claims.single_spike import one_spike_limits, one_spike_works
from spikeproof_reports.lesson.claims.smoothed import smoothed_is_not_spiking
from spikeproof_reports.lesson.claims.statements import (
    continuous_time_has_no_derivative,
    derivative_vanishes,
    weights_move_no_spike,
)
from spikeproof_reports.lesson.claims.statistics import above, below, mean_of, paired
from spikeproof_reports.lesson.claims.surrogate import exact_trains_better, surrogates_work
from spikeproof_verification.checks.tolerances import SHORT_RUN

BOTH = ("yin-yang", "digits")
GOOD, BETTER, POOR = (0.94, 0.95, 0.96), (0.99, 0.98, 0.99), (0.50, 0.52, 0.51)


def exact(accuracies=GOOD, **more):
    return [trained(task, "exact", accuracies, **more) for task in (*BOTH, "recurrent")]


def test_a_claim_of_several_parts_holds_if_all_do_and_in_part_if_one_does():
    assert of_parts(True, True) == HOLDS
    assert of_parts(True, False) == of_parts(True, None) == IN_PART
    assert of_parts(False, None) == OPEN
    assert of_parts(False, False) == FAILS


def test_a_mean_near_its_bound_is_not_decided():
    spread = mean_of([0.8, 1.0, 1.2, 1.0])  # mean 1, standard error 0.0816...
    assert spread.mean == 1.0
    assert spread.error == pytest.approx((0.08 / 3) ** 0.5 / 2, rel=1e-15, abs=0.0)
    assert above(spread, 0.9) is None
    assert above(spread, 0.8) is True
    assert below(spread, 0.8) is False
    assert above(mean_of([1.0]), 0.0) is None
    assert above(mean_of([]), 0.0) is None


def test_paired_differences_are_taken_seed_by_seed():
    first, second = (record(trained("digits", "exact", a))["trained"] for a in ((0.5, 0.75), (0.25, 0.5, 1.0)))
    difference = paired(first, second, "accuracy_epochs")
    assert (difference.mean, difference.deviation, difference.n) == (0.25, 0.0, 2)


def test_without_any_measurement_no_claim_is_decided():
    assert {claim.verdict for claim in judged_claims(record())} == {OPEN}
    assert len(CLAIMS) >= 9


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [
        ([*exact(), *(pools(t, (0.90, 0.91, 0.90)) for t in BOTH)], HOLDS),
        ([*exact(), *(pools(t, BETTER) for t in BOTH)], IN_PART),  # well, and nothing lost
        ([*exact(), *(pools(t, POOR) for t in BOTH)], IN_PART),  # not well, and something lost
    ],
)
def test_reservoirs(parts, verdict):
    assert reservoirs_work(record(*parts)).verdict == verdict


@pytest.mark.parametrize(
    ("accuracies", "seconds", "verdict"),
    [((0.70, 0.72, 0.71), 40.0, HOLDS), ((0.70, 0.72, 0.71), 2.0, IN_PART), ((0.333, 0.32, 0.34), 2.0, OPEN)],
)
def test_evolution(accuracies, seconds, verdict):
    curve = [(0.001, 0.34), (seconds, 0.70)]
    ours = history("evolution", [curve, curve, [(0.001, 0.34), (1.1 * seconds, 0.70)]])
    theirs = history("exact", 3 * [[(0.001, 0.33), (1.0, 0.9)]])
    parts = [trained("yin-yang", "evolution", accuracies), *exact(), ours, theirs]
    found = evolution_is_expensive(record(*parts))
    assert found.verdict == verdict
    assert "or more" not in found.found


def test_evolution_that_does_not_get_there_counts_with_all_of_its_time():
    ours, theirs = history("evolution", 3 * [[(30.0, 0.4)]]), history("exact", 3 * [[(1.0, 0.9)]])
    parts = [trained("yin-yang", "evolution", (0.40, 0.41, 0.40)), *exact(), ours, theirs]
    assert "or more" in evolution_is_expensive(record(*parts)).found


@pytest.mark.parametrize(
    ("by_steps", "verdict"),
    [
        ({1: (0.5, 10.0), 8: (0.975, 400.0), 64: (0.98, 3000.0)}, HOLDS),
        ({1: (0.975, 10.0), 8: (0.975, 40.0), 64: (0.98, 300.0)}, IN_PART),  # as good, with few spikes
        ({1: (0.975, 10.0), 8: (0.5, 400.0), 64: (0.98, 300.0)}, HOLDS),  # good by chance, then not
        ({1: (0.5, 10.0), 64: (0.7, 30.0)}, OPEN),
    ],
)
def test_conversion(by_steps, verdict):
    parts = [*exact(), *(converted(task, 0.98, by_steps) for task in BOTH)]
    assert conversion_wastes_spikes(record(*parts)).verdict == verdict


@pytest.mark.parametrize(("accuracies", "verdict"), [((0.97, 0.98, 0.97), HOLDS), (POOR, FAILS)])
def test_one_spike_works(accuracies, verdict):
    assert one_spike_works(record(*exact(), trained("yin-yang", "single-spike", accuracies))).verdict == verdict


@pytest.mark.parametrize(
    ("freely", "once", "verdict"), [(0.99, 0.5, HOLDS), (0.99, 0.9, IN_PART), (0.6, 0.5, IN_PART), (0.6, 0.9, FAILS)]
)
def test_one_spike_limits(freely, once, verdict):
    assert one_spike_limits(record(pulses(freely, once))).verdict == verdict


@pytest.mark.parametrize(
    ("accuracies", "hard", "verdict"),
    [(BETTER, 0.6, HOLDS), (BETTER, None, IN_PART), (POOR, 0.3, IN_PART), (POOR, None, FAILS)],
)
def test_smoothed(accuracies, hard, verdict):
    parts = [*exact(), *(trained(task, "smoothed", accuracies, accuracy_hard=hard) for task in BOTH)]
    assert smoothed_is_not_spiking(record(*parts)).verdict == verdict


@pytest.mark.parametrize(
    ("power", "accuracies", "verdict"),
    [(1.0, POOR, HOLDS), (1.0, BETTER, IN_PART), (0.1, BETTER, FAILS)],
)
def test_probabilistic(power, accuracies, verdict):
    found = probabilistic_does_not_scale(record(*exact(), noisy(power), trained("yin-yang", "score", accuracies)))
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("cosines", "accuracies", "verdict"),
    [
        ((0.2, 0.3, 0.25), (0.97, 0.98, 0.97), HOLDS),
        (BETTER, (0.97, 0.98, 0.97), IN_PART),
        (BETTER, POOR, FAILS),
    ],
)
def test_surrogate(cosines, accuracies, verdict):
    parts = [*exact(), hidden_cosines(cosines), trained("yin-yang", "surrogate", accuracies)]
    assert surrogates_work(record(*parts)).verdict == verdict


@pytest.mark.parametrize(("seconds", "peak", "verdict"), [(2.0, 1e9, HOLDS), (2.0, 5e9, IN_PART), (100.0, 5e9, FAILS)])
def test_feasible(seconds, peak, verdict):
    assert thousands_are_feasible(record(sized(seconds, peak))).verdict == verdict


@pytest.mark.parametrize(("accuracies", "verdict"), [(POOR, HOLDS), ((0.98, 0.99, 0.99), FAILS)])
def test_local(accuracies, verdict):
    surrogate = [trained(task, "surrogate", GOOD) for task in (*BOTH, "recurrent")]
    local = [trained(task, "e-prop", accuracies) for task in (*BOTH, "recurrent")]
    parts = [*surrogate, *local, trained("recurrent", "e-prop symmetric", accuracies)]
    assert local_rules_do_worse(record(*parts)).verdict == verdict


@pytest.mark.parametrize(
    ("stepped", "exact_one", "verdict"), [(0.0, 0.0, HOLDS), (0.0, 1.0, IN_PART), (1.0, 1.0, FAILS)]
)
def test_continuous_time(stepped, exact_one, verdict):
    assert continuous_time_has_no_derivative(record(quotients(stepped, exact_one))).verdict == verdict


@pytest.mark.parametrize(("holds", "verdict"), [(True, HOLDS), (False, FAILS)])
def test_statements_of_the_verification_are_taken_as_they_are(holds, verdict):
    assert derivative_vanishes(record(stated("zero_almost_everywhere", holds))).verdict == verdict
    assert weights_move_no_spike(record(stated("which_synapse", holds))).verdict == verdict


@pytest.mark.parametrize(("accuracies", "verdict"), [(POOR, HOLDS), ((0.98, 0.99, 0.99), FAILS)])
def test_exact_beside_surrogate(accuracies, verdict):
    surrogate = [trained(task, "surrogate", accuracies) for task in (*BOTH, "recurrent")]
    assert exact_trains_better(record(*exact(), *surrogate)).verdict == verdict


@pytest.mark.parametrize("at_chance", [1 / 3, 0.2])
def test_a_share_of_no_gain_is_no_number_and_gives_no_warning(at_chance):
    ours = pd.DataFrame({"seed": [0, 1], "accuracy": [0.8, 0.6]})
    theirs = pd.DataFrame({"seed": [0, 1], "accuracy": [0.9, at_chance]})
    assert math.isnan(share_of_gain(ours, theirs, "yin-yang").mean)
    right = share_of_gain(ours, ours.assign(accuracy=[0.9, 0.9]), "yin-yang").mean
    assert right == pytest.approx(((0.8 - 1 / 3) + (0.6 - 1 / 3)) / 2 / (0.9 - 1 / 3), rel=SHORT_RUN, abs=0.0)
