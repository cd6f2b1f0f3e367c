"""The ledger's jumps of the adjoint and gradients: the claims, and rules for the jump that are wrong."""

from dataclasses import replace

import pytest
from ledger_faults import caught_by, transposed

from spikeproof_verification.experiments.ledger import FAILS, examine, gradients
from spikeproof_verification.experiments.ledger.gradients import by_rule, continuity, paper_52a_jump, runs, section_35
from spikeproof_verification.experiments.ledger.rules import no_jump, table_2
from spikeproof_verification.experiments.ledger.scenes import plain
from spikeproof_verification.experiments.ledger.sensitivity import sensitivity

CHECKED = [equation for equation in gradients.EQUATIONS if equation.checks]


@pytest.mark.parametrize("equation", CHECKED, ids=lambda e: e.id)
def test_the_residuals_say_what_is_claimed(equation):
    entry = examine(equation)
    assert entry.confirmed, [(f.check.condition, f.printed, f.corrected) for f in entry.findings]


@pytest.mark.parametrize("equation", CHECKED, ids=lambda e: e.id)
def test_every_check_sees_a_fault(equation):
    for check in equation.checks:
        if check.printed is not section_35:
            assert caught_by(check), check.condition


def test_the_jump_of_lambda_depends_on_every_number_that_it_should():
    check = next(e for e in CHECKED if e.id == "table 2").checks[0]
    wanted = {
        "lambda_V after the spike",
        "lambda_I after the spike",
        "dl_p/dt",
        "W transposed",
        "dV/dt before the spike",
    }
    assert wanted <= set(caught_by(check))


WRONG = {
    "no jump at all": no_jump,
    "the jump with the wrong sign": lambda s, v, i: 2 * v[s.n] - table_2(s, v, i),
    "W transposed": lambda s, v, i: table_2(replace(s, network=transposed(s.network)), v, i),
    "lambda_V and lambda_I exchanged": lambda s, v, i: table_2(s, v, i) + 2 * _through(s, v, i),
    "without the loss of spike times": lambda s, v, i: table_2(replace(s, drive=0), v, i),
    "the slope after the spike": lambda s, v, i: table_2(replace(s, vdot_minus=s.vdot_plus), v, i),
    "without the threshold term": lambda s, v, i: table_2(
        replace(s, network=replace(s.network, v_th=(0,) * len(v))), v, i
    ),
}


def _through(s, v, i):
    w, n = s.network.w, s.n
    terms = (w[m][n] * (i[m] - v[m]) for m in range(len(w)))
    return sum(terms) / (s.network.tau_mem[n] * s.vdot_minus)


@pytest.mark.parametrize("rule", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_rule_for_the_jump_is_seen_in_lambda_and_in_the_gradient(rule):
    assert max(paper_52a_jump(spike, rule) for spike in gradients.MEASURED()) > FAILS
    assert max(by_rule(rule)(run) for run in runs(plain)()) > FAILS


def test_measured_lambda_jumps_at_spikes_though_not_at_input_arrivals():
    scene = plain()[0]
    assert continuity(scene, [sensitivity(scene).trajectory.spikes[0][2]]) > FAILS


def test_trajectories_whose_events_differ_are_not_subtracted(monkeypatch):
    scene = plain()[0]
    fresh = type(sensitivity(scene))(scene)
    monkeypatch.setattr("spikeproof_verification.experiments.ledger.sensitivity.STEP", 1)
    with pytest.raises(ArithmeticError, match="events of a scene change"):
        fresh.neighbours((0, 1))
