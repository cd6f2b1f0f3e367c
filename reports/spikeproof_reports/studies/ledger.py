"""The chapter on the equations of the EventProp derivation."""

from __future__ import annotations

from spikeproof_reports.ledger.figure import residual_picture
from spikeproof_reports.ledger.tables import ledger_tables
from spikeproof_reports.paper.chapter import Chapter, Frames
from spikeproof_verification.experiments.studies.ledger import STUDY

_PARAGRAPHS = (
    "An annotated derivation of EventProp numbers its equations in two series: those that it quotes from Wunderlich "
    "and Pehle (2021), here called paper, and its own, here called notes. It has not been published: the ledger states "
    "what it prints. The ledger has all equations, with the two tables, the figure and the claims without a number.",
    "Each equation that says something about numbers is evaluated as it is printed: both of its sides, on small random "
    "networks with several spikes, with time constants and thresholds that differ from neuron to neuron, in 60 digits. "
    "Partial derivatives are central differences of simulated trajectories, spike times are found as roots, integrals "
    "by quadrature, solutions of differential equations by Taylor series; no engine of the project takes part.",
    "Notation: w_mn acts from neuron n on neuron m; + and - are the sides just after and just before an event; a dot "
    "between vectors is their scalar product, d/dw at fixed time a partial derivative; P is the softmax of what a loss "
    "compares, l the label, N the number of samples.",
    "The residual is the difference of the sides relative to the largest term. Below 10⁻²⁰ an equation holds, "
    "above 10⁻⁶ it does not; nothing may lie between. Where it does not, the correction is evaluated too. The "
    "verdict follows from the residuals of the checks: the first check of an equation is the general case, the others "
    "have a condition.",
)


def chapter(frames: Frames) -> Chapter:
    """Every equation, with its residuals and its verdict."""
    return Chapter(
        STUDY.name,
        STUDY.title,
        _PARAGRAPHS,
        ledger_tables(frames),
        (residual_picture(frames["equations"], frames["checks"]),),
    )
