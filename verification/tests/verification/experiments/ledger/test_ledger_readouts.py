"""The ledger's losses of readout voltages: the claims, smooth maxima and kinks, and faults."""

import pytest
from ledger_faults import caught_by

from spikeproof_verification.experiments.ledger import FAILS, HOLDS, examine, maximum
from spikeproof_verification.experiments.ledger.maximum import jumps, jumps_at_kinks
from spikeproof_verification.experiments.ledger.readout import (
    READOUTS,
    Readout,
    kink_of_label,
    kink_of_other,
    maxima_at_end,
    smooth_maxima,
    softmax,
)

CHECKED = [equation for equation in (*maximum.EQUATIONS, *maximum.LOSSES) if equation.checks]


@pytest.mark.parametrize("equation", CHECKED, ids=lambda e: e.id)
def test_the_residuals_say_what_is_claimed(equation):
    entry = examine(equation)
    assert entry.confirmed, [(f.check.condition, f.printed, f.corrected) for f in entry.findings]


@pytest.mark.parametrize("equation", CHECKED, ids=lambda e: e.id)
def test_every_check_sees_a_fault(equation):
    for check in equation.checks:
        assert caught_by(check), check.condition


def kinds(readout):
    pieces = readout.trajectory.pieces
    found = [readout.maxima[r] for r in READOUTS]
    return ["smooth" if not m.at_end else "end" if pieces[m.piece].source is None else "kink" for m in found]


def test_the_scenes_have_the_maxima_that_they_are_named_for():
    assert kinds(smooth_maxima()[0]) == ["smooth", "smooth"]
    assert kinds(maxima_at_end()[0]) == ["end", "end"]
    assert kinds(kink_of_other()[0]) == kinds(kink_of_label()[0]) == ["smooth", "kink"]
    assert kink_of_label()[0].label == READOUTS[1] != kink_of_other()[0].label


def test_v_rises_before_a_kink_and_falls_after_it():
    readout = kink_of_label()[0]
    peak = readout.maxima[READOUTS[1]]
    after = readout.trajectory.pieces[peak.piece + 1].path.slope(READOUTS[1], peak.t)
    assert readout.slope_before(READOUTS[1]) > 0 > after


def test_the_rule_for_kinks_is_the_published_one_at_smooth_maxima():
    for readout in smooth_maxima():
        assert jumps(readout) < HOLDS
        assert jumps_at_kinks(readout) < HOLDS


def test_a_jump_of_another_height_is_seen():
    class Faulty(Readout):
        @property
        def shares(self):
            return softmax({r: 2 * peak.value for r, peak in self.maxima.items()})

    good = smooth_maxima()[0]
    assert jumps(Faulty(good.scene, good.label)) > FAILS
