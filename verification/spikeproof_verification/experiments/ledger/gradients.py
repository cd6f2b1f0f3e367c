"""The jumps of lambda and the gradients: sections 3.3 to 5 of the notes, paper 52-56, notes 24, Tables 1 and 2."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spikeproof_verification.experiments.ledger.adjoint import backward
from spikeproof_verification.experiments.ledger.coincidence import apart, coupled, section_36, section_36_corrected
from spikeproof_verification.experiments.ledger.costate import costate, measured
from spikeproof_verification.experiments.ledger.equation import Check, Equation
from spikeproof_verification.experiments.ledger.jumps import AUTAPSES, RATIO
from spikeproof_verification.experiments.ledger.precision import Number, mp, residual
from spikeproof_verification.experiments.ledger.rules import (
    Rule,
    Spike,
    gradient,
    no_jump,
    paper_52a,
    paper_52a_with_autapse,
    sequential,
    table_2,
    table_2_with_reset,
)  # fmt: skip
from spikeproof_verification.experiments.ledger.scenes import Scene, plain, with_autapses, with_reset
from spikeproof_verification.experiments.ledger.sensitivity import Sensitivity, Weight, sensitivity
from spikeproof_verification.experiments.ledger.transition import Transition

MEASURED = measured(plain, (2, 4))
AUTAPTIC = measured(with_autapses, (3,))
RESET = measured(with_reset, (3,))


def paper_52a_jump(t: Transition, rule: Rule = paper_52a) -> float:
    """The rule against lambda measured on both sides of the spike."""
    return residual(t.minus.lambda_v[t.n], rule(_spike(t), t.plus.lambda_v, t.plus.lambda_i))


def paper_52b(t: Transition) -> float:
    """The values of lambda_V of the silent neurons, measured on both sides."""
    return residual([t.minus.lambda_v[m] for m in t.others], [t.plus.lambda_v[m] for m in t.others])


def paper_52c(t: Transition) -> float:
    """The values of lambda_I of all neurons, measured on both sides."""
    return residual(t.minus.lambda_i, t.plus.lambda_i)


def _spike(t: Transition) -> Spike:
    drive = t.time_slope + t.minus.loss - t.plus.loss
    return Spike(t.network, t.n, t.minus.vdot[t.n], t.plus.vdot[t.n], drive)


@dataclass(frozen=True, eq=False)
class Run:
    """A scene, the weights of interest, and dL/dw by differences."""

    base: Sensitivity
    weights: list[Weight]

    @functools.cached_property
    def differences(self) -> list[Number]:
        """The derivative dL/dw by differences of simulated losses."""
        return [self.base.dloss(weight) for weight in self.weights]

    def adjoint(self, rule: Rule) -> list[Number]:
        """The derivative dL/dw by the adjoint with some rule for the jumps."""
        trajectory, scene = self.base.trajectory, self.base.scene
        return gradient(trajectory, scene, sequential(trajectory, scene, rule), self.weights)


def runs(scenes: Callable[[], Sequence[Scene]], *, inputs: bool = False) -> Callable[[], Sequence[Run]]:
    """The scenes with their recurrent weights, or those of their inputs."""

    def make() -> Sequence[Run]:
        bases = map(sensitivity, scenes())
        return [_run(base, inputs) for base in bases]

    return make


@functools.cache
def _run(base: Sensitivity, inputs: bool) -> Run:
    return Run(base, base.input_weights if inputs else base.weights)


def by_rule(rule: Rule) -> Callable[[Run], float]:
    """The gradient by the adjoint with `rule`, against differences."""
    return lambda run: residual(run.differences, run.adjoint(rule))


def paper_53(run: Run) -> float:
    """The sum over all spikes with a delta for the one that sends."""
    base, size = run.base, run.base.scene.network.size
    trajectory, scene = base.trajectory, base.scene
    adjoint = backward(trajectory, scene.loss, sequential(trajectory, scene, paper_52a))
    totals = []
    for j, i in run.weights:
        terms = (int(i == n) * adjoint.at(piece, t)[size + j] for n, t, piece in trajectory.spikes)
        totals.append(-scene.network.tau_syn[j] * mp.fsum(terms))
    return residual(run.differences, totals)


def section_35(scene: Scene) -> float:
    """Lambda measured on both sides of the arrival of each input spike."""
    pieces = sensitivity(scene).trajectory.pieces
    arrivals = (n for n, piece in enumerate(pieces) if piece.source is not None and piece.source >= scene.network.size)
    return continuity(scene, list(arrivals))


def continuity(scene: Scene, places: list[int]) -> float:
    """Lambda measured on both sides of the events that end some pieces."""
    ends = [sensitivity(scene).trajectory.pieces[n].end for n in places]
    minus = [costate(scene, n, t) for n, t in zip(places, ends, strict=True)]
    return residual(minus, [costate(scene, n + 1, t) for n, t in zip(places, ends, strict=True)])


STATE = "the rule, against lambda measured as derivatives of the remaining loss by the state, on both sides of spikes"
BY_DIFFERENCES = "dL/dw_ji by differences of simulated losses, against lambda_I of the adjoint at spikes"


def _holds(
    how: str, printed: Callable[..., float], instances: Callable[[], Sequence[object]], condition: str = ""
) -> Check:
    return Check("holds", how, instances, printed, condition=condition)


EQUATIONS = (
    Equation(
        "paper 52a", "3.3",
        "lambda_V,n- = (Vdot_n+ / Vdot_n-) lambda_V,n+ + [sum over m not n of w_mn (lambda_V - lambda_I)_m+ + "
        "dl_p/dt_k + l_V- - l_V+] / (tau_mem Vdot_n-)", "derived",
        (
            _holds(STATE, paper_52a_jump, MEASURED),
            Check("corrected", STATE, AUTAPTIC, paper_52a_jump,
                  lambda t: paper_52a_jump(t, paper_52a_with_autapse), AUTAPSES),
            _holds(STATE, paper_52a_jump, RESET, "reset to another value"),
        ),
        correction="with autapses, -w_nn lambda_I,n+ joins the sum; or Table 2 with all of W^T",
    ),
    Equation(
        "paper 52b", "3.3", "lambda_V,m- = lambda_V,m+, m not n", "derived",
        (_holds(STATE, paper_52b, MEASURED), _holds(STATE, paper_52b, AUTAPTIC, AUTAPSES)),
    ),
    Equation(
        "paper 52c", "3.3", "lambda_I- = lambda_I+", "derived",
        (_holds(STATE, paper_52c, MEASURED), _holds(STATE, paper_52c, AUTAPTIC, AUTAPSES)),
    ),
    Equation(
        "paper 53", "3.3", "dL/dw_ji = -tau_syn sum over k of delta_in(k) lambda_I,j", "derived",
        (_holds(BY_DIFFERENCES, paper_53, runs(plain)),),
    ),
    Equation(
        "paper 54", "3.3", "dL/dw_ji = -tau_syn sum over the spikes of i of lambda_I,j(t)", "derived",
        (_holds(BY_DIFFERENCES, by_rule(paper_52a), runs(plain)),),
    ),
    RATIO,
    Equation(
        "paper 2", "3.4", "the gradient of Table 2", "definition",
        note="Named in section 3.4, not printed in the notes; its content is notes 24.",
    ),
    Equation(
        "paper 56", "3.5", "dL/dw_j,input = -tau_syn sum over input spikes of lambda_I,j+(t)", "derived",
        (
            _holds(BY_DIFFERENCES, by_rule(paper_52a), runs(plain, inputs=True)),
            _holds(BY_DIFFERENCES, by_rule(table_2), runs(with_autapses, inputs=True), AUTAPSES),
        ),
    ),
    Equation(
        "section 3.5", "3.5", "at fixed input spikes the adjoint variables do not jump", "claim",
        (
            _holds("lambda measured on both sides of the arrivals", section_35, lambda: plain()[:1]),
            Check(
                "corrected", BY_DIFFERENCES, runs(plain, inputs=True), by_rule(no_jump), by_rule(paper_52a),
                "read as: nor at the spikes of a neuron with fixed input",
            ),
        ),
        correction="the jumps of paper 52 stay at the neurons' own spikes, as the notes suspect",
    ),
    Equation(
        "section 3.6", "3.6", "coincident spikes: the derivation holds, both lambda_V jump by paper 52a", "claim",
        (
            _holds("one-sided derivatives by differences, against the adjoint", section_36, apart, "not coupled"),
            Check(
                "corrected", "the same, against the closer of the two one-sided derivatives", coupled, section_36,
                section_36_corrected, "coupled",
            ),
        ),
        correction="if the two are coupled there are two one-sided derivatives: one jump after the other, in the "
        "order of that side",
        note='"Vary independently" has to mean that neither acts on the other.',
    ),
    Equation(
        "table 1", "5", "free dynamics, transition condition and jumps of V and I", "definition",
        note="Paper 25, 35, notes 11 and 12 together.",
    ),
    Equation(
        "table 2", "5",
        "lambda_V,n- = lambda_V,n+ + [v_th lambda_V,n+ + (W^T (lambda_V+ - lambda_I+))_n + dl_p/dt_k + l_V- - l_V+] / "
        "(tau_mem Vdot_n-)", "derived",
        (
            _holds(STATE, lambda t: paper_52a_jump(t, table_2), MEASURED),
            _holds(STATE, lambda t: paper_52a_jump(t, table_2), AUTAPTIC, AUTAPSES),
            Check("corrected", STATE, RESET, lambda t: paper_52a_jump(t, table_2),
                  lambda t: paper_52a_jump(t, table_2_with_reset), "reset to v_reset"),
        ),
        correction="v_th - v_reset for v_th",
    ),
    Equation(
        "notes 24", "5", "dL/dw_ji = -tau_syn sum over the spikes of i of lambda_I,j+(t)", "derived",
        (
            _holds(BY_DIFFERENCES, by_rule(table_2), runs(plain)),
            _holds(BY_DIFFERENCES, by_rule(table_2), runs(with_autapses), AUTAPSES),
            Check("corrected", BY_DIFFERENCES, runs(with_reset), by_rule(table_2), by_rule(table_2_with_reset),
                  "reset to v_reset"),
        ),
        correction="v_th - v_reset for v_th in Table 2",
    ),
)  # fmt: skip
