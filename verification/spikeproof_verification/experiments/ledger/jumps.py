"""The jumps of the partial derivatives at a spike: paper 35-51, notes 17-23 and Figure 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from spikeproof_verification.experiments.ledger.critical import figure_1, threshold_curves
from spikeproof_verification.experiments.ledger.equation import Check, Equation, Instances
from spikeproof_verification.experiments.ledger.precision import Number, mp, residual
from spikeproof_verification.experiments.ledger.scenes import plain, with_autapses, with_reset
from spikeproof_verification.experiments.ledger.transition import Transition, transitions

NO_AUTAPSES, AUTAPSES = "no autapses", "with autapses"
PLAIN, AUTAPTIC = transitions(plain), transitions(with_autapses)
RESET = transitions(with_reset)
BY_DIFFERENCES = "both sides from differences of trajectories and root-found spike times, at every spike"


def _for_weights(t: Transition, side: Callable[[int], Any]) -> list[Any]:
    return [side(p) for p in range(len(t.weights))]


def _for_others(t: Transition, side: Callable[[int, int], Number]) -> list[Any]:
    """`side` for each weight p and each neuron m that is silent."""
    return [[side(p, m) for m in t.others] for p in range(len(t.weights))]


def notes_18(t: Transition) -> float:
    """The total derivative of the threshold condition vanishes."""
    a = _for_weights(t, lambda p: t.minus.dv[p][t.n])
    b = _for_weights(t, lambda p: t.minus.vdot[t.n] * t.dt[p])
    return residual([x + y for x, y in zip(a, b, strict=True)], [mp.mpf(0)] * len(a), a, b)


def paper_37(t: Transition) -> float:
    """The implicit function theorem for the spike time."""
    return residual(t.dt, _for_weights(t, lambda p: -t.minus.dv[p][t.n] / t.minus.vdot[t.n]))


def paper_39(t: Transition) -> float:
    """The total derivative of the reset condition vanishes."""
    a = _for_weights(t, lambda p: t.plus.dv[p][t.n])
    b = _for_weights(t, lambda p: t.plus.vdot[t.n] * t.dt[p])
    return residual([x + y for x, y in zip(a, b, strict=True)], [mp.mpf(0)] * len(a), a, b)


def paper_40(t: Transition) -> float:
    """The spiking neuron's derivative after the spike."""
    ratio = t.plus.vdot[t.n] / t.minus.vdot[t.n]
    return residual(_for_weights(t, lambda p: t.plus.dv[p][t.n]), _for_weights(t, lambda p: ratio * t.minus.dv[p][t.n]))


def paper_41(t: Transition, *, corrected: bool = False) -> float:
    """The silent neurons' V does not jump; the print has V+ on the right."""
    right = t.minus.dv if corrected else t.plus.dv
    return residual(
        _for_others(t, lambda p, m: t.plus.dv[p][m] + t.plus.vdot[m] * t.dt[p]),
        _for_others(t, lambda p, m: right[p][m] + t.minus.vdot[m] * t.dt[p]),
    )


def paper_42(t: Transition) -> float:
    """The slopes of silent neurons jump by the weight."""
    return residual(
        [t.tau_mem[m] * t.plus.vdot[m] for m in t.others],
        [t.tau_mem[m] * t.minus.vdot[m] + t.w[m][t.n] for m in t.others],
    )


def paper_43(t: Transition, *, corrected: bool = False) -> float:
    """The silent neurons' derivative; the print has dt/dw_ij."""
    by_weight = dict(zip(t.weights, t.dt, strict=True))
    dt = t.dt if corrected else [by_weight[i, j] for j, i in t.weights]
    return residual(
        _for_others(t, lambda p, m: t.plus.dv[p][m]),
        _for_others(t, lambda p, m: t.minus.dv[p][m] - t.w[m][t.n] / t.tau_mem[m] * dt[p]),
    )


def notes_19(t: Transition) -> float:
    """The difference of the slopes of silent neurons."""
    return residual(
        [t.minus.vdot[m] - t.plus.vdot[m] for m in t.others], [-t.w[m][t.n] / t.tau_mem[m] for m in t.others]
    )


def notes_20(t: Transition, *, corrected: bool = False) -> float:
    """Paper 41 regrouped; the print has V+ on the right."""
    right = t.minus.dv if corrected else t.plus.dv
    return residual(
        _for_others(t, lambda p, m: t.plus.dv[p][m]),
        _for_others(t, lambda p, m: right[p][m] + (t.minus.vdot[m] - t.plus.vdot[m]) * t.dt[p]),
    )


def paper_44(t: Transition, *, corrected: bool = False) -> float:
    """The silent neurons' derivative without the spike time; the print has w_nm."""

    def weight(m: int) -> Number:
        return t.w[m][t.n] if corrected else t.w[t.n][m]

    def right(p: int, m: int) -> Number:
        return t.minus.dv[p][m] + weight(m) * t.minus.dv[p][t.n] / (t.tau_mem[m] * t.minus.vdot[t.n])

    return residual(_for_others(t, lambda p, m: t.plus.dv[p][m]), _for_others(t, right))


def paper_46(t: Transition) -> float:
    """The total derivative of the jump of the current."""
    return residual(
        _for_others(t, lambda p, m: t.plus.di[p][m] + t.plus.idot[m] * t.dt[p]),
        _for_others(t, lambda p, m: t.minus.di[p][m] + t.minus.idot[m] * t.dt[p] + t.delta(t.weights[p], m)),
    )


def paper_47(t: Transition) -> float:
    """The slope of the current jumps."""
    return residual(
        [t.tau_syn[m] * t.plus.idot[m] for m in t.others],
        [t.tau_syn[m] * t.minus.idot[m] - t.w[m][t.n] for m in t.others],
    )


def notes_21(t: Transition) -> float:
    """The jump of the slope of the current is that of the current."""
    neurons = range(t.size)
    return residual(
        [t.tau_syn[m] * t.plus.idot[m] - t.tau_syn[m] * t.minus.idot[m] for m in neurons],
        [-(t.plus.i[m] - t.minus.i[m]) for m in neurons],
    )


def paper_48(t: Transition) -> float:
    """The silent neurons' current derivative."""
    return residual(
        _for_others(t, lambda p, m: t.plus.di[p][m]),
        _for_others(
            t,
            lambda p, m: t.minus.di[p][m] + t.w[m][t.n] / t.tau_syn[m] * t.dt[p] + t.delta(t.weights[p], m),
        ),
    )


def paper_49(t: Transition) -> float:
    """The silent neurons' current derivative without the spike time."""
    vdot = t.minus.vdot[t.n]

    def right(p: int, m: int) -> Number:
        through_time = t.w[m][t.n] * t.minus.dv[p][t.n] / (t.tau_syn[m] * vdot)
        return t.minus.di[p][m] - through_time + t.delta(t.weights[p], m)

    return residual(_for_others(t, lambda p, m: t.plus.di[p][m]), _for_others(t, right))


def paper_50(t: Transition, *, corrected: bool = False) -> float:
    """The spiking neuron's current derivative; with an autapse it jumps as those of the others."""

    def jump(p: int) -> Number:
        return t.w[t.n][t.n] / t.tau_syn[t.n] * t.dt[p] + t.delta(t.weights[p], t.n) if corrected else mp.mpf(0)

    return residual(
        _for_weights(t, lambda p: t.plus.di[p][t.n]), _for_weights(t, lambda p: t.minus.di[p][t.n] + jump(p))
    )


def notes_23(t: Transition, *, corrected: bool = False) -> float:
    """The total derivative of I_n+ = I_n-."""

    def jump(p: int) -> int:
        return t.delta(t.weights[p], t.n) if corrected else 0

    return residual(
        _for_weights(t, lambda p: t.plus.di[p][t.n] + t.plus.idot[t.n] * t.dt[p]),
        _for_weights(t, lambda p: t.minus.di[p][t.n] + t.minus.idot[t.n] * t.dt[p] + jump(p)),
    )


def xi(t: Transition, p: int) -> Number:
    """Paper 34 as corrected, on both sides of the spike."""
    minus, plus = t.minus, t.plus
    v = (a * (x * y - u * v) for a, x, y, u, v in zip(
        t.tau_mem, minus.lambda_v, minus.dv[p], plus.lambda_v, plus.dv[p], strict=True))  # fmt: skip
    i = (a * (x * y - u * v) for a, x, y, u, v in zip(
        t.tau_syn, minus.lambda_i, minus.di[p], plus.lambda_i, plus.di[p], strict=True))  # fmt: skip
    return (t.time_slope + minus.loss - plus.loss) * t.dt[p] + mp.fsum(v) + mp.fsum(i)


def paper_51(t: Transition, *, bracket: bool = False, autapse: bool = False) -> float:
    """The term xi by derivatives before the spike only.

    The print encloses the last term in the bracket that (dV-/dw)_n multiplies; `bracket` closes it before that term.
    `autapse` adds what the neuron's action on itself contributes.
    """
    return residual(_for_weights(t, lambda p: xi(t, p)), _for_weights(t, lambda p: _collected(t, p, bracket, autapse)))


def _collected(t: Transition, p: int, bracket: bool, autapse: bool) -> Number:
    n, weight, minus, plus = t.n, t.weights[p], t.minus, t.plus
    jump_v = [a - b for a, b in zip(minus.lambda_v, plus.lambda_v, strict=True)]
    jump_i = [a - b for a, b in zip(minus.lambda_i, plus.lambda_i, strict=True)]
    silent = mp.fsum(
        t.tau_mem[m] * jump_v[m] * minus.dv[p][m]
        + t.tau_syn[m] * jump_i[m] * minus.di[p][m]
        - t.tau_syn[m] * t.delta(weight, m) * plus.lambda_i[m]
        for m in t.others
    )
    vdot = minus.vdot[n]
    drive = mp.fsum(t.w[m][n] * (plus.lambda_i[m] - plus.lambda_v[m]) for m in t.others)
    if autapse:
        drive += t.w[n][n] * plus.lambda_i[n]
        silent -= t.tau_syn[n] * t.delta(weight, n) * plus.lambda_i[n]
    drive += -t.time_slope + plus.loss - minus.loss
    own = t.tau_mem[n] * (minus.lambda_v[n] - plus.vdot[n] / vdot * plus.lambda_v[n]) + drive / vdot
    last = t.tau_syn[n] * jump_i[n] * minus.di[p][n]
    if bracket:
        return silent + minus.dv[p][n] * own + last
    return silent + minus.dv[p][n] * (own + last)


def paper_51_continuous(t: Transition) -> float:
    """The print, for a lambda_I that does not jump: then the misplaced term is 0."""
    return paper_51(_with_continuous(t))


def _with_continuous(t: Transition) -> Transition:
    return replace(t, minus=replace(t.minus, lambda_i=t.plus.lambda_i))


def paper_55(t: Transition, *, reset: bool = False, autapse: bool = False) -> float:
    """The ratio of slopes by the threshold."""
    n = t.n
    base = t.network.v_reset[n] if reset else mp.mpf(0)
    jump = mp.mpf(t.network.v_th[n]) - base + (t.w[n][n] if autapse else 0)
    ratio = t.plus.vdot[n] / t.minus.vdot[n]
    return residual(ratio, jump / (t.tau_mem[n] * t.minus.vdot[n]) + 1)


def _check(printed: Callable[[Transition], float], instances: Instances = PLAIN, condition: str = "") -> Check:
    return Check("holds", BY_DIFFERENCES, instances, printed, condition=condition)


def _correction(function: Callable[..., float], how: str = BY_DIFFERENCES) -> tuple[Check, ...]:
    return (Check("corrected", how, PLAIN, function, lambda t: function(t, corrected=True)),)


def _autapse(function: Callable[..., float], **correction: bool) -> tuple[Check, ...]:
    return (
        _check(function),
        Check("corrected", BY_DIFFERENCES, AUTAPTIC, function, lambda t: function(t, **correction), AUTAPSES),
    )


EQUATIONS = (
    Equation(
        "paper 35", "3.1", "V_n- - v_th = 0 at a spike of n", "definition",
        note="Defines when a spike is; what follows from it is checked with root-found spike times.",
    ),
    Equation(
        "paper 36", "3.1", "(V-/dw_ji)_n + Vdot_n- dt_spike/dw_ji = 0", "derived",
        (Check("corrected", BY_DIFFERENCES, PLAIN, None, notes_18),),
        correction="a partial derivative sign: (dV-/dw_ji)_n",
        note="As printed the first term is no derivative, and has no value.",
    ),
    Equation(
        "figure 1", "3.1", "V(t, w) - v_th = 0 defines t(w), dV = 0 along it; its slope diverges where Vdot = 0",
        "claim",
        (Check("holds", "w solved for t; dV along the curve, and dw/dt where Vdot = 0", threshold_curves, figure_1),),
    ),
    Equation(
        "notes 17", "3.1", "d/dw_ji [V_n-(t_spike, w) - v_th], the spike time depending on w", "derived",
        (_check(notes_18),), note="The left side of notes 18; its d/dw_ji is a total derivative.",
    ),
    Equation(
        "notes 18", "3.1", "(dV-/dw_ji)_n + (dV-/dt)_n dt_spike/dw_ji = 0", "derived", (_check(notes_18),),
    ),
    Equation(
        "paper 37", "3.1", "dt_spike/dw_ji = -(dV-/dw_ji)_n / Vdot_n-", "derived",
        (_check(paper_37), _check(paper_37, AUTAPTIC, AUTAPSES)),
    ),
    Equation("paper 38", "3.1", "V_n+ = 0", "definition", note="The reset; notes 11 again."),
    Equation(
        "paper 39", "3.1", "(dV+/dw_ji)_n + Vdot_n+ dt_spike/dw_ji = 0", "derived",
        (_check(paper_39), _check(paper_39, AUTAPTIC, AUTAPSES), _check(paper_39, RESET, "reset to another value")),
    ),
    Equation(
        "paper 40", "3.1", "(dV+/dw_ji)_n = (Vdot_n+ / Vdot_n-) (dV-/dw_ji)_n", "derived",
        (_check(paper_40), _check(paper_40, AUTAPTIC, AUTAPSES), _check(paper_40, RESET, "reset to another value")),
    ),
    Equation(
        "paper 41", "3.1", "(dV+/dw_ji)_m + Vdot_m+ dt/dw_ji = (dV+/dw_ji)_m + Vdot_m- dt/dw_ji, m not n", "derived",
        _correction(paper_41), correction="(dV-/dw_ji)_m on the right",
    ),
    Equation(
        "paper 42", "3.1", "tau_mem Vdot_m+ = tau_mem Vdot_m- + w_mn, m not n", "derived",
        (_check(paper_42), _check(paper_42, AUTAPTIC, AUTAPSES)),
    ),
    Equation(
        "paper 43", "3.1", "(dV+/dw_ji)_m = (dV-/dw_ji)_m - (w_mn / tau_mem) dt_spike/dw_ij", "derived",
        _correction(paper_43), correction="dt_spike/dw_ji for dt_spike/dw_ij",
    ),
    Equation("notes 19", "3.1", "Vdot_m- - Vdot_m+ = -w_mn / tau_mem", "derived", (_check(notes_19),)),
    Equation(
        "notes 20", "3.1", "(dV+/dw_ji)_m = (dV+/dw_ji)_m + (Vdot_m- - Vdot_m+) dt_spike/dw_ji", "derived",
        _correction(notes_20), correction="(dV-/dw_ji)_m on the right",
    ),
    Equation(
        "paper 44", "3.1", "(dV+/dw_ji)_m = (dV-/dw_ji)_m + w_nm (dV-/dw_ji)_n / (tau_mem Vdot_n-)", "derived",
        _correction(paper_44), correction="w_mn for w_nm",
        note="With a time constant per neuron, tau_mem is that of m.",
    ),
    Equation(
        "paper 45", "3.2", "I_m+ = I_m- + w_mn, m not n", "definition", note="The jump of the current; notes 12 again.",
    ),
    Equation(
        "paper 46", "3.2",
        "(dI+/dw_ji)_m + Idot_m+ dt/dw_ji = (dI-/dw_ji)_m + Idot_m- dt/dw_ji + delta_in delta_jm", "derived",
        (_check(paper_46), _check(paper_46, AUTAPTIC, AUTAPSES)),
    ),
    Equation("paper 47", "3.2", "tau_syn Idot_m+ = tau_syn Idot_m- - w_mn", "derived", (_check(paper_47),)),
    Equation(
        "notes 21", "3.2", "tau_syn Idot+ - tau_syn Idot- = -(I+ - I-)", "derived",
        (_check(notes_21), _check(notes_21, AUTAPTIC, AUTAPSES)),
    ),
    Equation("notes 22", "3.2", "I_m+ - I_m- = w_mn", "definition", note="Paper 45 again."),
    Equation(
        "paper 48", "3.2", "(dI+/dw_ji)_m = (dI-/dw_ji)_m + (w_mn / tau_syn) dt_spike/dw_ji + delta_in delta_jm",
        "derived", (_check(paper_48), _check(paper_48, AUTAPTIC, AUTAPSES)),
    ),
    Equation(
        "paper 49", "3.2",
        "(dI+/dw_ji)_m = (dI^i/dw_ji)_m - w_mn (dV-/dw_ji)_n / (tau_syn Vdot_n-) + delta_in delta_jm", "derived",
        (Check("corrected", BY_DIFFERENCES, PLAIN, None, paper_49),), correction="I- for I^i",
        note="I^i is not defined, so the print has no value.",
    ),
    Equation(
        "paper 50", "3.2", "(dI+/dw_ji)_n = (dI-/dw_ji)_n", "derived", _autapse(paper_50, corrected=True),
        correction="with autapses, paper 48 for m = n",
    ),
    Equation(
        "notes 23", "3.2", "(dI+/dw_ji)_n + Idot_n+ dt/dw_ji = (dI-/dw_ji)_n + Idot_n- dt/dw_ji", "derived",
        _autapse(notes_23, corrected=True), correction="with autapses, delta_in delta_jn on the right",
    ),
    Equation(
        "paper 51", "3.3", "xi_k by (dV-/dw), (dI-/dw), the jumps of lambda and the deltas", "derived",
        (
            Check(
                "corrected", "paper 34 as corrected against the collected terms, with arbitrary lambda+ and lambda-",
                PLAIN, paper_51, lambda t: paper_51(t, bracket=True),
            ),
            _check(paper_51_continuous, condition="lambda_I+ = lambda_I- (paper 52c)"),
            Check(
                "corrected", BY_DIFFERENCES, AUTAPTIC, lambda t: paper_51(t, bracket=True),
                lambda t: paper_51(t, bracket=True, autapse=True), "with autapses, the bracket closed earlier",
            ),
        ),
        correction="the bracket after (dV-/dw_ji)_n closes before tau_syn (lambda_I- - lambda_I+)_n (dI-/dw_ji)_n; "
        "with autapses, w_nn (lambda_I+)_n joins the sum over w and -tau_syn delta_in delta_jn (lambda_I+)_n the first",
    ),
)  # fmt: skip
RATIO = Equation(
    "paper 55", "3.4", "Vdot_n+ / Vdot_n- = v_th / (tau_mem Vdot_n-) + 1", "derived",
    (
        _check(paper_55),
        Check("corrected", BY_DIFFERENCES, AUTAPTIC, paper_55, lambda t: paper_55(t, autapse=True), AUTAPSES),
        Check("corrected", BY_DIFFERENCES, RESET, paper_55, lambda t: paper_55(t, reset=True), "reset to v_reset"),
    ),
    correction="v_th - v_reset + w_nn for v_th",
)  # fmt: skip
