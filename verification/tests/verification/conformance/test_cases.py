"""The cases that come with the package: their answers are those of the reference, and say what they are about."""

from collections import Counter

import mpmath
import pytest

from spikeproof import InvalidInput
from spikeproof_reference import MpEngine
from spikeproof_verification.conformance import shipped
from spikeproof_verification.conformance.case import MALFORMED, case_from_dict, digest
from spikeproof_verification.conformance.making.families import drafts
from spikeproof_verification.conformance.making.refusals import refusals
from spikeproof_verification.conformance.support import features

SOLVABLE = [case for case in shipped() if not case.refuse]
SMALL = [
    case
    for case in SOLVABLE
    if case.key in ("ratio-equal", "gradient-delays-layers", "ties-coincident-inputs", "grazing-above-1e-6")
]


def test_the_files_are_those_of_the_drafts_and_refusals():
    made = list(drafts())
    assert {case.key for case in shipped()} == {d.key for d in made} | {case.key for case in refusals()}
    assert {case.family for case in shipped() if not case.refuse} == {d.family for d in made}


def test_every_loss_every_parameter_and_every_hard_place_has_a_family():
    families = Counter(case.family.split(",")[0] for case in shipped())
    assert set(families) == {
        "spike times", "loss", "gradient", "silence", "ties", "grazing", "time constants", "long silence",
        "offset of t = 0", "unit of time", "large buffers", "refractory time", "convergence", "no answer", MALFORMED,
    }  # fmt: skip
    judged = {case.judged for case in shipped() if case.family.startswith("gradient")}
    assert {"weights", "input_times", "delays", "tau_mem", "tau_syn", "v_th", "v_reset"} <= {j for (j,) in judged}


def test_most_cases_are_judged_in_single_precision_too_and_a_few_by_order():
    levels = Counter(level for case in shipped() for level in case.levels if not case.refuse)
    assert levels["float32"] > 0.9 * levels["exact64"]
    assert levels["grid"] == 6


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.key)
def test_the_expected_numbers_are_those_of_the_reference(case):
    check(case)


@pytest.mark.deep
@pytest.mark.parametrize("case", SOLVABLE, ids=lambda case: case.key)
def test_all_expected_numbers_are_those_of_the_reference(case):
    check(case)


def check(case):
    """Spike times to 24 digits, and the loss."""
    solution = MpEngine(dps=30).solve(case.model())
    neurons = range(solution.problem.network.n_neurons)
    with mpmath.workdps(30):
        for s, trains in enumerate(case.expected["spike_times"]):
            for ours, theirs in zip(solution.spikes.sample(s).trains(neurons), trains, strict=True):
                assert len(ours) == len(theirs)
                for a, b in zip(ours, theirs, strict=True):
                    assert abs(mpmath.mpf(a) - mpmath.mpf(b)) <= mpmath.mpf(10) ** -23 * (1 + a)
        if "loss" in case.expected:
            assert abs(mpmath.mpf(solution.loss) - mpmath.mpf(case.expected["loss"])) <= 1e-22 * (
                1 + abs(solution.loss)
            )


@pytest.mark.parametrize("case", [c for c in shipped() if c.malformed], ids=lambda case: case.key)
def test_a_wrong_file_is_refused_in_one_line_when_it_is_read(case):
    with pytest.raises(InvalidInput) as error:
        case.model()
    assert "\n" not in str(error.value)


def test_the_digest_tells_cases_apart_by_every_number():
    case = SMALL[0]
    changed = case_from_dict({**case.to_dict(), "expected": {**case.expected, "loss": "0"}})
    assert digest((case,)) == digest((case_from_dict(case.to_dict()),))
    assert len({digest((case,)), digest((changed,)), digest((case, changed))}) == 3


def test_what_a_problem_needs_is_read_from_it():
    by_key = {case.key: features(case.model()) for case in SOLVABLE}
    assert by_key["grazing-above-1e-3"] == ["other ratios"]
    assert set(by_key["spikes-05"]) >= {"recurrence", "batch", "several layers"}
    assert "sparse" in by_key["spikes-sparse-00"]
    assert "delays" in by_key["gradient-delays-layers"]
    assert {"bias", "initial state", "reset", "unlike neurons"} <= set(by_key["gradient-bias-layers"])
    assert {"ratio 1"} == {x for x in by_key["ratio-equal"] if "ratio" in x}
    assert {"ratio 2"} == {x for x in by_key["ratio-half"] if "ratio" in x}
