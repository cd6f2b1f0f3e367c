"""The loss of a network split at its spikes: section 3 of the notes, paper 25-34 and notes 11-16."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from spikeproof_verification.experiments.ledger.equation import Check, Equation
from spikeproof_verification.experiments.ledger.intervals import (
    Split,
    multiplier_rates,
    multipliers,
    splits,
    splits_of_input,
    splits_of_times,
)
from spikeproof_verification.experiments.ledger.leibniz import (
    MovingIntegral,
    free_flows,
    moving_integrals,
    notes_13,
    notes_14,
    notes_15,
    notes_16,
    paper_27,
    resting_flows,
)  # fmt: skip
from spikeproof_verification.experiments.ledger.precision import Number, dot, integrals, mp, residual
from spikeproof_verification.experiments.ledger.sensitivity import Weight

Part = Callable[..., Number]


def paper_26(s: Split) -> float:
    """The gradient of the loss with arbitrary multipliers of what vanishes."""
    return residual([s.dloss(w) for w in s.weights], [s.daugmented(w) for w in s.weights])


def paper_28(s: Split) -> float:
    """The gradient with these multipliers, by the Leibniz rule."""

    def density(w: Weight, k: int, piece: int, t: Number) -> Number:
        x, dx, rate = s.state(piece, t), s.dstate(w, piece, t), s.drate(w, piece, t)
        v, i = _halves(dx)
        dv, di = _halves(rate)
        f_v = [a * r + x_v - x_i for a, r, x_v, x_i in zip(s.tau_mem, dv, v, i, strict=True)]
        f_i = [a * r + x_i for a, r, x_i in zip(s.tau_syn, di, i, strict=True)]
        lambda_v, lambda_i = multipliers(k, t, len(v))
        return dot(s.loss_slope(x), v) + dot(lambda_v, f_v) + dot(lambda_i, f_i)

    return _gradient(s, density, _moving_ends)


def paper_29(s: Split, half: int = 0) -> float:
    """Partial integration between spikes of lambda_V with V, or (half = 1) of lambda_I with I."""

    def sides(w: Weight, k: int) -> tuple[Number, Number]:
        def both(piece: int, t: Number) -> list[Number]:
            dx, rate = _halves(s.dstate(w, piece, t))[half], _halves(s.drate(w, piece, t))[half]
            size = len(dx)
            return [dot(multipliers(k, t, size)[half], rate), -dot(multiplier_rates(k, t, size)[half], dx)]

        left, right = _over(s, k, both)
        return left, right + _boundary(s, w, k, half)

    pairs = [sides(w, k) for w in s.weights for k in s.intervals]
    return residual([a for a, _ in pairs], [b for _, b in pairs])


def paper_30(s: Split) -> float:
    """Paper 29 for the current."""
    return paper_29(s, 1)


def paper_31(s: Split) -> float:
    """The gradient with the terms of each sensitivity collected."""

    def density(w: Weight, k: int, piece: int, t: Number) -> Number:
        v, i = _halves(s.dstate(w, piece, t))
        lambda_v, lambda_i = multipliers(k, t, len(v))
        rate_v, rate_i = multiplier_rates(k, t, len(v))
        slope = s.loss_slope(s.state(piece, t))
        of_v = [a - b * c + d for a, b, c, d in zip(slope, s.tau_mem, rate_v, lambda_v, strict=True)]
        of_i = [-b * c + d - e for b, c, d, e in zip(s.tau_syn, rate_i, lambda_i, lambda_v, strict=True)]
        return dot(of_v, v) + dot(of_i, i)

    def ends(s: Split, w: Weight, k: int) -> Number:
        weighted = _boundary(s, w, k, 0, s.tau_mem) + _boundary(s, w, k, 1, s.tau_syn)
        return _moving_ends(s, w, k) + weighted

    return _gradient(s, density, ends)


def paper_32(s: Split, half: int = 0) -> float:
    """The factor of dV/dw (half = 1: of dI/dw) in paper 31 is 0 with lambda integrated backward by paper 32."""
    factors, terms = [], []
    for k in s.intervals:
        for piece, t in s.middles(k):
            lambda_v, lambda_i = _halves(s.adjoint_at(piece, t))
            rate_v, rate_i = _halves(s.adjoint_rate(piece, t))
            slope = s.loss_slope(s.state(piece, t))
            rows = ([slope, _scaled(s.tau_mem, rate_v), lambda_v],
                    [_scaled(s.tau_syn, rate_i), lambda_i, [-x for x in lambda_v]])[half]  # fmt: skip
            terms.append(rows)
            factors.append([mp.fsum(column) for column in zip(*rows, strict=True)])
    return residual(factors, [[mp.mpf(0)] * len(row) for row in factors], terms)


def _scaled(taus: Sequence[Number], rates: Sequence[Number]) -> list[Number]:
    return [-tau * rate for tau, rate in zip(taus, rates, strict=True)]


def paper_33(s: Split) -> float:
    """The gradient as a sum over spikes, xi as corrected; lambda jumps arbitrarily at spikes."""
    return paper_34(s, corrected=True)


def paper_34(s: Split, *, corrected: bool = False) -> float:
    """The gradient as a sum of xi; the print takes l_V- and its dt from the spike after.

    A weight from an input has boundary terms at its arrivals besides.
    """

    def total(w: Weight) -> Number:
        return mp.fsum(_xi(s, w, k, corrected) for k in range(1, s.spikes + 1)) + mp.fsum(_at_arrivals(s, w))

    return residual([s.dloss(w) for w in s.weights], [total(w) for w in s.weights])


def _at_arrivals(s: Split, w: Weight) -> list[Number]:
    sides = [[dot(s.adjoint_weighted(*side), s.dstate(w, *side)) for side in pair] for pair in s.arrivals]
    return [minus - plus for minus, plus in sides]


def _xi(s: Split, w: Weight, k: int, corrected: bool) -> Number:
    times = s.end_slopes(w)
    before = s.loss_before(k) * times[k] if corrected else s.loss_before(k + 1) * times[k + 1]
    minus, plus = (dot(s.adjoint_weighted(*side), s.dstate(w, *side)) for side in (s.before(k), s.after(k)))
    return s.time_slope(k) * times[k] + before - s.loss_after(k) * times[k] + minus - plus


def _gradient(s: Split, density: Callable[..., Number], ends: Callable[[Split, Weight, int], Number]) -> float:
    """The sum over the intervals of an integral and of its boundary terms, against differences of losses."""

    def total(w: Weight) -> Number:
        inner = (_over(s, k, lambda piece, t, k=k: [density(w, k, piece, t)])[0] for k in s.intervals)  # type: ignore[misc]
        return mp.fsum(inner) + mp.fsum(ends(s, w, k) for k in s.intervals)

    return residual([s.dloss(w) for w in s.weights], [total(w) for w in s.weights])


def _moving_ends(s: Split, w: Weight, k: int) -> Number:
    times = s.end_slopes(w)
    own = s.time_slope(k) * times[k] if k else mp.mpf(0)
    return own + s.loss_before(k + 1) * times[k + 1] - s.loss_after(k) * times[k]


def _boundary(s: Split, w: Weight, k: int, half: int, taus: Sequence[Number] | None = None) -> Number:
    """[lambda . dx/dw] between the spikes k and k + 1."""

    def at(side: tuple[int, Number]) -> Number:
        dx = _halves(s.dstate(w, *side))[half]
        return dot(
            multipliers(k, side[1], len(dx))[half],
            dx if taus is None else [a * b for a, b in zip(taus, dx, strict=True)],
        )

    return at(s.before(k + 1)) - at(s.after(k))


def _over(s: Split, k: int, function: Callable[[int, Number], list[Number]]) -> list[Number]:
    """The integral of `function(piece, t)` from spike k to spike k + 1."""
    parts = [integrals(lambda t, piece=piece: function(piece, t), s.knots(piece)) for piece in s.pieces(k)]  # type: ignore[misc]
    return [mp.fsum(column) for column in zip(*parts, strict=True)]


def _halves(x: Sequence[Any]) -> tuple[list[Number], list[Number]]:
    return list(x[: len(x) // 2]), list(x[len(x) // 2 :])


BY_DIFFERENCES = "dL/dw_ji by differences of simulated losses"
FREE = "with arbitrary lambda(t) between spikes"


def _holds(how: str, printed: Callable[[Split], float]) -> tuple[Check, ...]:
    return (Check("holds", how, splits, printed),)


def _moving(how: str, printed: Callable[[MovingIntegral], float]) -> tuple[Check, ...]:
    return (Check("holds", how, moving_integrals, printed),)


EQUATIONS = (
    Equation(
        "paper 25a", "3", "f_V = tau_mem dV/dt + V - I = 0", "definition",
        note="Defines the flow; the trajectories of all checks of this section are its Taylor series.",
    ),
    Equation("paper 25b", "3", "f_I = tau_syn dI/dt + I = 0", "definition", note="As paper 25a."),
    Equation("notes 11", "3", "V_n+ = 0", "definition", note="What a spike does to V."),
    Equation("notes 12", "3", "I+ = I- + W e_n", "definition", note="What a spike does to I: w_mn acts from n on m."),
    Equation(
        "paper 26", "3",
        "dL/dw_ji = d/dw_ji [l_p + sum over k of the integral of l_V + lambda_V . f_V + lambda_I . f_I]", "identity",
        _holds(f"{BY_DIFFERENCES}, against differences of the bracket {FREE}", paper_26),
    ),
    Equation(
        "paper 1", "3", "L = l_p(t_post) + integral of l_V(V, t)", "definition", note="Defines the loss.",
    ),
    Equation(
        "paper 27a", "3", "df_V/dw_ji = tau_mem d/dt dV/dw_ji + dV/dw_ji - dI/dw_ji", "identity",
        (Check("holds", "differences of f_V for arbitrary V(t, w), I(t, w)", free_flows, paper_27),),
        note="Not along trajectories, where both sides are 0.",
    ),
    Equation(
        "paper 27b", "3", "df_I/dw_ji = tau_syn d/dt dI/dw_ji + dI/dw_ji", "identity",
        (Check("holds", "as paper 27a", free_flows, lambda f: paper_27(f, current=True)),),
    ),
    Equation(
        "paper 28", "3", "dL/dw_ji by the Leibniz rule: integrals of paper 27, dl_p/dt_k dt_k/dw, l_V at both ends",
        "derived", _holds(f"{BY_DIFFERENCES}, against the right side by quadrature {FREE}", paper_28),
    ),
    Equation(
        "notes 13", "3", "d/dx of the integral of h from f(x) to g(x) = d/dx (H(x, g) - H(x, f))", "identity",
        _moving("differences of a quadrature, against differences of an antiderivative", notes_13),
    ),
    Equation(
        "notes 14", "3", "= dH/dg dg/dx + dH/dx at g, minus the same at f", "identity",
        _moving("differences of a quadrature, against the right side with an antiderivative", notes_14),
    ),
    Equation(
        "notes 15", "3", "= h(x, g) dg/dx - h(x, f) df/dx + integral of dh/dx", "identity",
        _moving("differences of a quadrature, against the right side by quadrature", notes_15),
    ),
    Equation(
        "notes 16", "3",
        "(l_V- + lambda_V . f_V + lambda_I . f_I) dt_{k+1}/dw - (l_V+ + f_V + lambda_I . f_I) dt_k/dw", "derived",
        (
            Check(
                "corrected", "what differences of the moving integral have beyond that of its integrand's derivative, "
                "for arbitrary V(t, w), I(t, w)", free_flows, notes_16, lambda f: notes_16(f, corrected=True),
            ),
            Check("holds", "the same for a V and I with f_V = f_I = 0", resting_flows, notes_16,
                  condition="along trajectories"),
        ),
        correction='"lambda_V ." before the second f_V',
        note="Without it a vector is added to a number; evaluated for one neuron.",
    ),
    Equation(
        "paper 29", "3", "integral of lambda_V . d/dt dV/dw_ji = -integral of dlambda_V/dt . dV/dw_ji + boundary",
        "identity", _holds(f"both sides by quadrature between spikes, {FREE}", paper_29),
    ),
    Equation(
        "paper 30", "3", "integral of lambda_I . d/dt dI/dw_ji = -integral of dlambda_I/dt . dI/dw_ji + boundary",
        "identity", _holds(f"both sides by quadrature between spikes, {FREE}", paper_30),
    ),
    Equation(
        "paper 31", "3", "dL/dw_ji with the factors of dV/dw_ji and dI/dw_ji collected", "derived",
        _holds(f"{BY_DIFFERENCES}, against the right side by quadrature {FREE}", paper_31),
    ),
    Equation(
        "paper 32a", "3", "tau_mem lambda_V' = -lambda_V - dl_V/dV, ' = -d/dt", "derived",
        _holds("lambda by Taylor series of this equation; the factor of dV/dw_ji in paper 31 against 0", paper_32),
    ),
    Equation(
        "paper 32b", "3", "tau_syn lambda_I' = -lambda_I + lambda_V, ' = -d/dt", "derived",
        _holds("as paper 32a, for the factor of dI/dw_ji", lambda s: paper_32(s, 1)),
    ),
    Equation(
        "paper 33", "3", "dL/dw_ji = sum over k of xi_k", "derived",
        _holds(f"{BY_DIFFERENCES}, against paper 34 as corrected, lambda by paper 32 with arbitrary jumps", paper_33),
    ),
    Equation(
        "paper 34", "3",
        "xi_k = dl_p/dt_k dt_k/dw + l_V,k+1- dt_{k+1}/dw - l_V,k+ dt_k/dw + tau_mem [...] + tau_syn [...]", "derived",
        (
            Check("holds", f"{BY_DIFFERENCES}, against paper 33, lambda by paper 32 with arbitrary jumps", splits,
                  paper_34),
            Check("corrected", "the same, with paper 56 for the arrivals", splits_of_input, paper_34,
                  lambda s: paper_34(s, corrected=True), "weights that move the first spike: those of inputs"),
            Check("holds", "the same", splits_of_times, paper_34, condition="the same weights, no voltage loss"),
        ),
        correction="l_V,k- dt_k/dw for l_V,k+1- dt_{k+1}/dw",
        note="In the sum of paper 33 from k = 1 the print shifts l_V- by one spike and lacks that of the first, which "
        "no weight between the neurons moves; the xi_k that paper 51 collects are those of the correction.",
    ),
)  # fmt: skip
