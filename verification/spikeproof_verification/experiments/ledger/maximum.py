"""Losses of readout voltages, their maxima and integrals: sections 6 and 12 of the notes, notes 32-42 and 75-79."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from spikeproof_verification.experiments.ledger.adjoint import Kick
from spikeproof_verification.experiments.ledger.equation import Check, Equation
from spikeproof_verification.experiments.ledger.precision import Number, derivative, integral, mp, residual
from spikeproof_verification.experiments.ledger.readout import (
    READOUTS,
    Maximum,
    Readout,
    kink_of_label,
    kink_of_other,
    maxima_at_end,
    maximum,
    smooth_maxima,
    softmax,
)  # fmt: skip
from spikeproof_verification.experiments.ledger.traces import Traces, fixed_kinks, rising, traces
from spikeproof_verification.experiments.ledger.trajectory import Trajectory


def notes_35(s: Traces, *, corrected: bool = False) -> float:
    """The logarithm of the quotient; the print subtracts that of the sum outside the sum over samples, once."""
    samples = list(zip(s.maxima, s.labels, strict=True))
    own = mp.fsum(row[label] for row, label in samples) / len(samples)
    sums = [mp.log(mp.fsum(map(mp.exp, row))) for row, _ in samples]
    right = -own + mp.fsum(sums) / len(sums) if corrected else -own - sums[0]
    return residual(s.loss(s.maxima), right)


def notes_36(s: Traces) -> float:
    """The chain rule for a readout that is not the label."""
    places = [(i, r) for i, r in s.places if r != s.labels[i]]
    right = [-1 / mp.mpf(len(s.v)) * (-s.share(i, r)) * s.peak_slope(i, r) for i, r in places]
    return residual([s.loss_slope(*place) for place in places], right)


def notes_37(s: Traces) -> float:
    """The derivative of the maximum: that of V at t_max, which moves along."""
    right = [derivative(lambda e, i=i, r=r: s.moved(i, r, e)(s.when(i, r, e)), mp.mpf(0)) for i, r in s.places]  # type: ignore[misc]
    return residual([s.peak_slope(*place) for place in s.places], right)


def notes_38(s: Traces) -> float:
    """The derivative of V at a fixed t_max."""
    held = [(i, r, s.when(i, r)) for i, r in s.places]
    right = [derivative(lambda e, i=i, r=r, t=t: s.moved(i, r, e)(t), mp.mpf(0)) for i, r, t in held]  # type: ignore[misc]
    return residual([s.peak_slope(*place) for place in s.places], right)


def notes_39(s: Traces) -> float:
    """The change of the trace at t_max."""
    return _sifted(s, {place: s.when(*place) for place in s.places})


def notes_39_at_kinks(s: Traces) -> float:
    """The change of the trace at t_max where the maxima are kinks at known times."""
    return _sifted(s, {(i, r): mp.mpf(8 + 3 * r + i) / 10 for i, r in s.places})


def _sifted(s: Traces, when: dict[tuple[int, int], Number]) -> float:
    right = [s.direction[i][r](when[i, r]) for i, r in s.places]
    return residual([s.peak_slope(*place) for place in s.places], right)


def notes_41(s: Traces) -> float:
    """The chain rule for the label's readout."""
    places = list(enumerate(s.labels))
    right = [-(1 - s.share(i, label)) / len(s.v) * s.peak_slope(i, label) for i, label in places]
    return residual([s.loss_slope(*place) for place in places], right)


def notes_77(s: Traces) -> float:
    """V under a narrow bell at the maximum."""
    return residual(s.maxima, [[s.under_delta(i, r, s.when(i, r)) for r in range(3)] for i in range(len(s.v))])


def notes_77_at_end(s: Traces, *, corrected: bool = False) -> float:
    """An even bell at the end has half its weight outside; the correction counts it all."""
    weight = 2 if corrected else 1
    ends = [[s.v[i][r](s.end) for r in range(3)] for i in range(len(s.v))]
    return residual(ends, [[weight * s.under_delta(i, r, s.end) for r in range(3)] for i in range(len(s.v))])


def notes_79(s: Traces) -> float:
    """The loss with the integrals of notes 77 for the maxima."""
    return residual(s.loss(s.maxima), s.loss([[s.under_delta(i, r, s.when(i, r)) for r in range(3)] for i in range(2)]))


def _jump(s: Readout, r: int) -> Number:
    """Notes 40, and notes 42 for the label, for a batch of one."""
    tau_mem = s.scene.network.tau_mem[r]
    return (1 - s.shares[r]) / tau_mem if r == s.label else -s.shares[r] / tau_mem


def jumps(s: Readout) -> float:
    """The gradient with the jumps of notes 40 and 42; at an arrival, on the side that comes closer."""
    sides = ([_kick(s, r, plus=False) for r in READOUTS], [_kick(s, r, plus=True) for r in READOUTS])
    differences = s.differences(s.loss)
    return min(residual(differences, s.adjoint(kicks)) for kicks in sides)


def jumps_at_kinks(s: Readout) -> float:
    """Jumps before the arrival, and dV/dt before it times dL/dM in dl_p/dt of the spike that arrives."""
    numbers = {piece: k for k, (_, _, piece) in enumerate(s.trajectory.spikes)}
    more: dict[int, Number] = {}
    for r in READOUTS:
        peak = s.maxima[r]
        if _is_kink(s, peak):
            slope = -_jump(s, r) * s.scene.network.tau_mem[r] * s.slope_before(r)
            more[numbers[peak.piece]] = more.get(numbers[peak.piece], 0) + slope
    kicks = [_kick(s, r, plus=False) for r in READOUTS]
    return residual(s.differences(s.loss), s.adjoint(kicks, more))


def _is_kink(s: Readout, peak: Maximum) -> bool:
    return peak.at_end and s.trajectory.pieces[peak.piece].source is not None


def _kick(s: Readout, r: int, *, plus: bool, amount: Number | None = None) -> Kick:
    peak = s.maxima[r]
    piece = peak.piece + 1 if plus and _is_kink(s, peak) else peak.piece
    return Kick(piece, peak.t, r, _jump(s, r) if amount is None else amount)


def envelope(s: Readout, *, corrected: bool = False) -> float:
    """The derivative dM/dw against dV/dw at a fixed time, from before it; at a kink the arrival's time moves."""
    left, right = [], []
    numbers = {piece: k for k, (_, _, piece) in enumerate(s.trajectory.spikes)}
    for r in READOUTS:
        peak = s.maxima[r]
        left += s.differences(lambda trajectory, r=r: _value(trajectory, r))  # type: ignore[misc]
        for weight in s.weights:
            moved = s.base.dstate(weight, peak.piece, peak.t)[r]
            if corrected and _is_kink(s, peak):
                moved += s.slope_before(r) * s.base.dtimes(weight)[numbers[peak.piece]]
            right.append(moved)
    return residual(left, right)


def _value(trajectory: Trajectory, r: int) -> Number:
    return maximum(trajectory, r).value


PROBE = mp.mpf("1.25")


def dirac(s: Readout) -> float:
    """The loss V_r(t_i), with a jump of 1/tau_mem at t_i."""
    r = READOUTS[0]
    place = next(n for n, piece in enumerate(s.trajectory.pieces) if piece.start < PROBE < piece.end)
    kick = Kick(place, PROBE, r, -1 / s.scene.network.tau_mem[r])
    differences = s.differences(lambda trajectory: trajectory.pieces[place].path.component(r, PROBE))
    return residual(differences, s.adjoint([kick]))


def section_12(s: Readout) -> float:
    """Jumps by the derivative of l_m for t_max, which is dL/dM times the slope at the maximum."""
    kicks = []
    for r in READOUTS:
        by_time = -_jump(s, r) * s.scene.network.tau_mem[r] * s.slope_before(r)
        kicks.append(_kick(s, r, plus=False, amount=by_time))
    return residual(s.differences(s.loss), s.adjoint(kicks))


def notes_76(s: Readout) -> float:
    """L = F(integral of V) by the chain rule: a constant dl_V/dV = dF/d(integral)."""

    def areas(trajectory: Trajectory) -> dict[int, Number]:
        return {r: mp.fsum(_area(trajectory, r)) for r in READOUTS}

    def loss(trajectory: Trajectory) -> Number:
        return -mp.log(softmax(areas(trajectory))[s.label])

    shares = softmax(areas(s.trajectory))
    drive = [mp.mpf(0)] * s.scene.network.size
    for r in READOUTS:
        drive[r] = shares[r] - int(r == s.label)
    return residual(s.differences(loss), s.adjoint(drive=drive))


def _area(trajectory: Trajectory, r: int) -> list[Number]:
    return [
        integral(lambda t, path=piece.path: path.component(r, t), piece.path.knots)  # type: ignore[misc]
        for piece in trajectory.pieces
    ]


Instances = Callable[[], Sequence[object]]


def _holds(how: str, instances: Instances, printed: Callable[..., float], condition: str = "") -> Check:
    return Check("holds", how, instances, printed, condition=condition)


def _kinks(instances: Callable[[], Sequence[Readout]]) -> tuple[Check, ...]:
    return (
        _holds(BY_GRADIENT, smooth_maxima, jumps),
        _holds(BY_GRADIENT, maxima_at_end, jumps, "maximum at the end"),
        Check(
            "corrected",
            f"{BY_GRADIENT}, the jump on either side of the arrival",
            instances,
            jumps,
            jumps_at_kinks,
            KINK,
        ),
    )


BY_GRADIENT = "dL/dw of all weights by differences of simulated losses, against the adjoint with these jumps"
BY_SEARCH = "differences of the maximum found by golden section, for traces changed in some direction"
KINK = "maximum at a kink, where a spike arrives"
AT_KINK = (
    "where a spike arrives at t_max while V rises: the jump before the arrival, and dL/dM dV/dt before it in dl_p/dt "
    "of that spike"
)
EQUATIONS = (
    Equation("notes 32", "6", "L = -1/N sum over samples of log softmax(max over t of V_k)", "definition",
             note="Defines the loss."),
    Equation("notes 33", "6", "L = l_p(t_post) + integral of l_V(V, t)", "definition", note="Paper 1 again."),
    Equation(
        "section 6, delta", "6", "l_V = V delta(t - t_i) makes lambda_V jump by 1/tau_mem at t_i", "claim",
        (_holds(BY_GRADIENT, lambda: smooth_maxima()[:1], dirac),),
        note="Backward in time the jump of V's own loss is -1/tau_mem.",
    ),
    Equation(
        "section 6, delta'", "6", "max V as an integral with delta(t - t_max): terms with delta' are 0", "claim",
        (
            _holds("dM/dw by differences, against dV/dw at t_max held", lambda: smooth_maxima()[:1], envelope),
            Check("corrected", "the same", kink_of_label, envelope, lambda s: envelope(s, corrected=True), KINK),
        ),
        correction="where a spike arrives at t_max while V rises, dV/dt before it times dt_spike/dw is added",
    ),
    Equation("notes 34", "6", "notes 32 with M_k = max over t of V_k", "definition", note="Defines M_k."),
    Equation(
        "notes 35", "6", "L = -1/N sum over samples of M_l - log(sum over k of exp(M_k))", "identity",
        (Check("corrected", "notes 34, for two samples", traces, notes_35, lambda s: notes_35(s, corrected=True)),),
        correction="brackets: the sum over samples, and its sign, extend over M_l - log(...)",
        note="As printed the logarithm stands outside the sum over samples; it is read as that of the first sample.",
    ),
    Equation("notes 36", "6", "dL/dV_r(t) = -1/N (-P_r) dM_r/dV_r, r not the label", "derived",
             (_holds(f"{BY_SEARCH}, through the loss", traces, notes_36),)),
    Equation("notes 37", "6", "dM_r/dV_r(t) = d/dV_r(t) of the integral of V_r delta(t' - t_max)", "derived",
             (_holds(f"{BY_SEARCH}, against V at a t_max that moves", traces, notes_37),)),
    Equation("notes 38", "6", "= integral of delta(t' - t) delta(t' - t_max)", "derived",
             (_holds(f"{BY_SEARCH}, against V at a t_max that is held", traces, notes_38),)),
    Equation(
        "notes 39", "6", "= delta(t - t_max)", "derived",
        (
            _holds(f"{BY_SEARCH}, against the change at t_max", traces, notes_39),
            _holds(f"{BY_SEARCH}, against the change at t_max", fixed_kinks, notes_39_at_kinks, "kinks at fixed times"),
        ),
        note="As the derivative for a trace V_r(t) it holds at kinks too; what fails there is notes 40 and 42, since "
        "the kink's time depends on the weights.",
    ),
    Equation("notes 40", "6", "lambda_V,r jumps by -P_r / (N tau_mem) at t_max,r, r not the label", "derived",
             _kinks(kink_of_other), correction=AT_KINK,
             note="The section is marked as not correct; for smooth maxima it is."),
    Equation("notes 41", "6", "dL/dV_l(t) = -1/N (1 - P_l) dM_l/dV_l", "derived",
             (_holds(f"{BY_SEARCH}, through the loss", traces, notes_41),)),
    Equation("notes 42", "6", "lambda_V,l jumps by (1 - P_l) / (N tau_mem) at t_max", "derived", _kinks(kink_of_label),
             correction=AT_KINK, note='The text after it says "at t_max,r"; it is that of the label\'s readout.'),
)  # fmt: skip
LOSSES = (
    Equation("notes 75", "12", "L_max: notes 32 with the maximum over (0, T)", "definition", note="Defines the loss."),
    Equation(
        "notes 76", "12", "L_sum = -1/N sum over samples of log softmax(integral of V_k)", "definition",
        note="Defines the loss; its derivative is the next row.",
    ),
    Equation(
        "section 12, form", "12", "L_max and L_sum do not have the form (1): the derivation cannot be applied", "claim",
        (Check("corrected", "dL_sum/dw by differences, against the adjoint driven by a constant", smooth_maxima, None,
               notes_76),),
        correction="it can, by the chain rule: L = F(integrals) has the gradient of l_V = sum over k of "
        "dF/d(integral_k) V_k",
        note="A claim of what is impossible; refuted by the correction.",
    ),
    Equation(
        "notes 77", "12", "max over t of V_k = integral over (0, T) of V_k delta(t - t_max)", "identity",
        (
            _holds("golden section, against a quadrature under a bell of width 1e-26", traces, notes_77),
            Check("corrected", "V(T), against the same", rising, notes_77_at_end,
                  lambda s: notes_77_at_end(s, corrected=True), "maximum at t = T, even delta"),
        ),
        correction="at t = T all of the delta has to count, not its half within (0, T)",
    ),
    Equation(
        "section 12, jump", "12", "lambda_V has to jump by dl_m/dt_max at t_max", "claim",
        (Check("corrected", BY_GRADIENT, smooth_maxima, section_12, jumps),),
        correction="notes 40 and 42: a jump by -(dL/dM) / tau_mem",
        note="At a smooth maximum dl_m/dt_max is 0: no gradient would be left.",
    ),
    Equation("notes 78", "12", "l_m(t_max) = l_m(t_max)", "definition",
             note="Says nothing as printed: both sides are the same. Notes 79 defines l_m."),
    Equation("notes 79", "12", "l_m = notes 75 with the integrals of notes 77", "identity",
             (_holds("notes 75 by golden section, against quadratures under bells of width 1e-26", traces, notes_79),)),
)  # fmt: skip
