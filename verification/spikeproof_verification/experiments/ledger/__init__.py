"""The equation ledger: every numbered equation of the EventProp derivation, evaluated as printed and as corrected.

Modules by topic hold the equations with their checks; the others hold what checks need: Taylor series of networks,
difference quotients, quadrature. Nothing here uses an engine of the project.
"""

from spikeproof_verification.experiments.ledger.equation import Check, Equation
from spikeproof_verification.experiments.ledger.finding import FAILS, HOLDS, Entry, Finding, evaluate, examine
from spikeproof_verification.experiments.ledger.registry import EQUATIONS, chosen
from spikeproof_verification.experiments.ledger.rows import check_rows, equation_rows, verdict_rows

__all__ = [
    "EQUATIONS",
    "FAILS",
    "HOLDS",
    "Check",
    "Entry",
    "Equation",
    "Finding",
    "check_rows",
    "chosen",
    "equation_rows",
    "evaluate",
    "examine",
    "verdict_rows",
]
