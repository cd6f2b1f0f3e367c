"""The study of largest voltages: the complete rule passes, the published one is seen to fail."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from spikeproof import EventEngine, InvalidInput, LossSum, MaxVoltageCrossEntropy, SpikeCountRegulariser, SpikeTimeSum
from spikeproof.event.kernels.reading.maxima import AT_START, KINK, SMOOTH
from spikeproof_verification.checks.tolerances import RUN
from spikeproof_verification.experiments.studies.kink_curve import kink_curve, problem
from spikeproof_verification.experiments.studies.max_voltage import compared, kinked_scenes, measured
from spikeproof_verification.experiments.studies.regulariser import regulariser_rows
from spikeproof_verification.experiments.studies.stroke_images import image_network, image_problem, stroke_images


@pytest.fixture(scope="module")
def rows():
    return [row for seed, scene in kinked_scenes(1) for row in compared(seed, scene)]


def test_the_complete_rule_meets_the_differences_and_the_published_one_does_not(rows):
    assert all(m.verdict == "pass" for m in measured(rows))
    wrong = [{**row, "complete": row["published"]} for row in rows]
    found = list(measured(wrong))
    assert found[0].verdict == "fail"
    assert found[0].error > 1e9 * found[0].bound


def test_a_maximum_is_smooth_where_inhibition_comes_late_and_a_kink_where_it_comes_early():
    times = np.array([0.5, 5.0, 15.0])
    run = EventEngine().run(problem(times, "complete"))
    found = run.maxima("readout")
    assert found.kind[:, 0].tolist() == [KINK, KINK, SMOOTH]
    assert found.time[:2, 0].tolist() == times[:2].tolist()
    # both time constants in closed form: V' = 0 at log(4) 20/3
    assert found.time[2, 0] == pytest.approx(20.0 / 3.0 * np.log(4.0), rel=1e-14, abs=0.0)
    assert (found.slope[:2, 0] > 0).all()
    assert found.slope[2, 0] == 0.0
    nothing = EventEngine().run(replace(problem(times, "complete"), loss=None)).maxima("readout")
    assert nothing.kind[0, 0] != AT_START


def test_the_complete_rule_is_the_slope_of_the_curve_of_maxima():
    rows = list(kink_curve(201))
    for a, b in pairwise(rows):
        slope = (b["largest"] - a["largest"]) / (b["time"] - a["time"])
        assert min(a["complete"], b["complete"]) - RUN <= slope <= max(a["complete"], b["complete"]) + RUN


def test_the_regulariser_reports_what_is_no_derivative():
    for row in regulariser_rows():
        assert row["derivative"] == 0.0
        assert abs(row["reported"]) > 1.0


def test_heuristics_say_so():
    exact = SpikeTimeSum("n")
    assert SpikeCountRegulariser("n", 1.0).heuristic
    assert MaxVoltageCrossEntropy("n", [0], "published").heuristic
    assert not MaxVoltageCrossEntropy("n", [0]).heuristic
    assert LossSum([(1.0, exact), (0.5, SpikeCountRegulariser("n", 1.0))]).heuristic
    assert not LossSum([(1.0, exact)]).heuristic


def test_images_come_from_their_seed_and_classes_differ():
    a, b = stroke_images(20, 3), stroke_images(20, 3)
    np.testing.assert_array_equal(a[0], b[0])
    np.testing.assert_array_equal(a[1], b[1])
    images, labels = stroke_images(200, 4)
    means = np.array([images[labels == k].mean(axis=0) for k in range(10)])
    own = np.array([np.argmin(np.linalg.norm(means - image, axis=1)) for image in images])
    assert (own == labels).mean() > 0.7  # a picture looks most like the mean of its class
    solution = EventEngine().solve(image_problem(*image_network(0, 20), images[:3], labels[:3]), gradients="weights")
    assert np.isfinite(solution.loss)


def test_the_largest_voltage_of_neurons_that_spike_is_refused():
    network, parameters = image_network(0, 10)
    images, labels = stroke_images(1, 0)
    good = image_problem(network, parameters, images, labels)
    with pytest.raises(InvalidInput, match=r"loss\.population: got 'hidden'"):
        replace(good, loss=MaxVoltageCrossEntropy("hidden", [0]))
