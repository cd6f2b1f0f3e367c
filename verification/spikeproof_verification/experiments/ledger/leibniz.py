"""Integrals whose limits move, and flows of functions that solve nothing: notes 13-16, paper 27."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spikeproof_verification.experiments.ledger.precision import (
    STEP,
    Number,
    derivative,
    integral,
    mp,
    panels,
    residual,
)

Function = Callable[[Number, Number], Number]
PANELS = 4


@dataclass(frozen=True)
class MovingIntegral:
    """The integral of h(x, t) over t from f(x) to g(x), at one x; `antiderivative` is that of h in t."""

    h: Function
    antiderivative: Function
    f: Callable[[Number], Number]
    g: Callable[[Number], Number]
    x: Number

    def value(self, x: Number) -> Number:
        """The integral, by quadrature."""
        return integral(lambda t: self.h(x, t), panels(self.f(x), self.g(x), PANELS))


def moving_integrals() -> Sequence[MovingIntegral]:
    """Two functions with known antiderivatives."""
    return (
        MovingIntegral(
            lambda x, t: mp.exp(x * t), lambda x, t: mp.exp(x * t) / x,
            lambda x: x * x, lambda x: 2 + mp.sin(x), mp.mpf("0.7"),
        ),
        MovingIntegral(
            lambda x, t: t * mp.cos(x + t), lambda x, t: t * mp.sin(x + t) + mp.cos(x + t),
            lambda x: mp.sin(3 * x), lambda x: 1 + x**3, mp.mpf("1.1"),
        ),
    )  # fmt: skip


def notes_13(m: MovingIntegral) -> float:
    """The difference of the antiderivative."""
    whole = derivative(lambda x: m.antiderivative(x, m.g(x)) - m.antiderivative(x, m.f(x)), m.x)
    return residual(derivative(m.value, m.x), whole)


def notes_14(m: MovingIntegral) -> float:
    """The chain rule of the antiderivative, at both limits."""

    def at(limit: Callable[[Number], Number]) -> Number:
        end = limit(m.x)
        along = derivative(lambda t: m.antiderivative(m.x, t), end) * derivative(limit, m.x)
        return along + derivative(lambda x: m.antiderivative(x, end), m.x)

    return residual(derivative(m.value, m.x), at(m.g) - at(m.f))


def notes_15(m: MovingIntegral) -> float:
    """The Leibniz rule."""
    f, g = m.f(m.x), m.g(m.x)
    inner = integral(lambda t: derivative(lambda x: m.h(x, t), m.x), panels(f, g, PANELS))
    ends = m.h(m.x, g) * derivative(m.g, m.x) - m.h(m.x, f) * derivative(m.f, m.x)
    return residual(derivative(m.value, m.x), ends + inner)


@dataclass(frozen=True)
class FreeFlow:
    """V(t, w) and I(t, w) of one neuron, multipliers, and times t_k(w) < t_{k+1}(w), all arbitrary."""

    v: Function
    i: Function
    lambda_v: Callable[[Number], Number]
    lambda_i: Callable[[Number], Number]
    times: tuple[Callable[[Number], Number], Callable[[Number], Number]]
    tau_mem: Number
    tau_syn: Number
    w: Number

    def f_v(self, t: Number, w: Number) -> Number:
        """Paper 25a, which V and I need not solve."""
        return self.tau_mem * derivative(lambda s: self.v(s, w), t) + self.v(t, w) - self.i(t, w)

    def f_i(self, t: Number, w: Number) -> Number:
        """Paper 25b."""
        return self.tau_syn * derivative(lambda s: self.i(s, w), t) + self.i(t, w)

    def loss(self, t: Number, w: Number) -> Number:
        """l_V = V^2 / 2."""
        return self.v(t, w) ** 2 / 2

    def density(self, t: Number, w: Number) -> Number:
        """L_V + lambda_V f_V + lambda_I f_I."""
        return self.loss(t, w) + self.lambda_v(t) * self.f_v(t, w) + self.lambda_i(t) * self.f_i(t, w)


def free_flows() -> Sequence[FreeFlow]:
    """Functions that solve nothing."""
    return (
        FreeFlow(
            v=lambda t, w: mp.sin(w * t + 1) + w * t, i=lambda t, w: mp.exp(-w * t) * (1 + t),
            lambda_v=lambda t: mp.cos(2 * t), lambda_i=lambda t: 1 + mp.sin(t),
            times=(lambda w: w * w / 2, lambda w: 1 + mp.sin(w)),
            tau_mem=mp.mpf("1.2"), tau_syn=mp.mpf("0.5"), w=mp.mpf("0.6"),
        ),
    )  # fmt: skip


def resting_flows() -> Sequence[FreeFlow]:
    """V and I that do solve paper 25: I = w exp(-t/tau_syn) and V for tau_mem = 2 tau_syn."""
    free, tau = free_flows()[0], mp.mpf("0.5")
    return (
        FreeFlow(
            v=lambda t, w: w * (mp.exp(-t / (2 * tau)) - mp.exp(-t / tau)), i=lambda t, w: w * mp.exp(-t / tau),
            lambda_v=free.lambda_v, lambda_i=free.lambda_i, times=free.times,
            tau_mem=2 * tau, tau_syn=tau, w=free.w,
        ),
    )  # fmt: skip


def paper_27(f: FreeFlow, *, current: bool = False) -> float:
    """The derivative of f_V (or f_I) by w against the right side, where d/dt follows d/dw and has another step."""
    tau, function, side = (f.tau_syn, f.i, f.f_i) if current else (f.tau_mem, f.v, f.f_v)

    def slope(t: Number, of: Function = function) -> Number:
        return derivative(lambda w: of(t, w), f.w)

    times = (mp.mpf("0.3"), mp.mpf("0.8"))
    left = [derivative(lambda w, t=t: side(t, w), f.w) for t in times]  # type: ignore[misc]
    currents = [mp.mpf(0) if current else slope(t, f.i) for t in times]
    right = [tau * derivative(slope, t, 3 * STEP) + slope(t) - i for t, i in zip(times, currents, strict=True)]
    return residual(left, right)


def notes_16(f: FreeFlow, *, corrected: bool = False) -> float:
    """The contribution of the moving limits; the print lacks lambda_V at the lower one."""
    low, high = (time(f.w) for time in f.times)
    knots = panels(low, high, PANELS)

    def whole(w: Number) -> Number:
        return integral(lambda t: f.density(t, w), panels(f.times[0](w), f.times[1](w), PANELS))

    inner = integral(lambda t: derivative(lambda w: f.density(t, w), f.w), knots)
    factor = f.lambda_v(low) if corrected else 1
    lower = f.loss(low, f.w) + factor * f.f_v(low, f.w) + f.lambda_i(low) * f.f_i(low, f.w)
    right = f.density(high, f.w) * derivative(f.times[1], f.w) - lower * derivative(f.times[0], f.w)
    return residual(derivative(whole, f.w) - inner, right)
