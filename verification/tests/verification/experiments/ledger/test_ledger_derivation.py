"""The ledger's equations of the adjoint method, general and for networks: the claims, and faults in their terms."""

import pytest
from ledger_faults import caught_by, sees

from spikeproof_verification.experiments.ledger import adjoint_method, examine, hybrid
from spikeproof_verification.experiments.ledger.smooth import scalar_systems, systems

CHECKED = {e.id: e for e in (*adjoint_method.EQUATIONS, *hybrid.EQUATIONS) if e.checks}
FAULT_IN = {
    "paper 17": "dl/dx with the wrong sign",
    "notes 2": "L with the wrong sign",
    "notes 3": "dx/dp exchanged",
    "notes 4": "dx/dp exchanged",
    "paper 18": "d/dt dx/dp exchanged",
    "notes 5": "F with the wrong sign",
    "notes 6": "F with the wrong sign",
    "notes 7": "d/dt dx/dp exchanged",
    "notes 8": "dx/dp exchanged",
    "paper 19": "F with the wrong sign",
    "paper 20": "dl/dx with the wrong sign",
    "paper 21": "d/dt dx/dp exchanged",
    "notes 9": "the interval halved",
    "notes 10": "dl/dx with the wrong sign",
    "paper 23": "dF/dp with the wrong sign",
    "paper 24": "dF/dp with the wrong sign",
    "paper 26": "time constants exchanged",
    "paper 28": "d/dt dx/dw with the wrong sign",
    "paper 29": "d/dt dx/dw with the wrong sign",
    "paper 30": "d/dt dx/dw with the wrong sign",
    "paper 31": "dl_V/dV with the wrong sign",
    "paper 32a": "dl_V/dV with the wrong sign",
    "paper 32b": "dlambda/dt with the wrong sign",
    "paper 33": "lambda without the time constants",
    "paper 34": "lambda without the time constants",
}


@pytest.mark.parametrize("equation", CHECKED.values(), ids=CHECKED)
def test_the_residuals_say_what_is_claimed(equation):
    entry = examine(equation)
    assert entry.confirmed, [(f.check.condition, f.printed, f.corrected) for f in entry.findings]


@pytest.mark.parametrize("name", CHECKED)
def test_a_fault_in_a_term_of_the_equation_is_seen(name):
    check = CHECKED[name].checks[0]
    assert sees(check, FAULT_IN[name]) if name in FAULT_IN else caught_by(check)


def test_the_systems_tell_a_matrix_from_its_transpose_only_where_they_should():
    def asymmetry(system):
        matrix = system.jacobian(system.start)
        return max(abs(matrix[a][b] - matrix[b][a]) for a in range(system.size) for b in range(system.size))

    assert asymmetry(systems()[0]) > 0.1
    assert asymmetry(scalar_systems()[0]) == 0
