"""The closed form of a step without events: sections 7 and 10 of the notes, notes 43-74.

Both sections solve tau_mem lambda_V' = -lambda_V, tau_syn lambda_I' = lambda_V - lambda_I from a known state, the
second with t' for t - t0. They are compared with Taylor series of these equations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from spikeproof_verification.experiments.ledger.equation import Check, Equation
from spikeproof_verification.experiments.ledger.precision import Number, derivative, mp, residual
from spikeproof_verification.experiments.ledger.series import Path, integrate

TIMES = tuple(mp.mpf(n) / 10 for n in (3, 8, 14))  # elapsed since t0
FITTED = mp.mpf(1) / 2  # where constants of integration are fitted


@dataclass(frozen=True, eq=False)
class Step:
    """(lambda_V, lambda_I) at t0, and time constants."""

    tau_mem: Number
    tau_syn: Number
    lambda_v: Number
    lambda_i: Number

    @cached_property
    def path(self) -> Path:
        """The solution, by Taylor series."""
        return self.solution(self.tau_mem, self.tau_syn)

    def solution(self, tau_first: Number, tau_second: Number) -> Path:
        """The first decays with its time constant and drives the second."""
        field = [[(-1 / tau_first, (0,))], [(1 / tau_second, (0,)), (-1 / tau_second, (1,))]]
        return integrate(field, mp.mpf(0), [self.lambda_v, self.lambda_i], mp.mpf(2), mp.mpf(1) / 8)

    def v(self, t: Number) -> Number:
        """The value of lambda_V after `t`."""
        return self.path.component(0, t)

    def i(self, t: Number) -> Number:
        """The value of lambda_I after `t`."""
        return self.path.component(1, t)

    @property
    def gap(self) -> Number:
        """1/tau_mem - 1/tau_syn."""
        return 1 / self.tau_mem - 1 / self.tau_syn

    @property
    def factor(self) -> Number:
        """1 / (tau_syn/tau_mem - 1), infinite for equal time constants."""
        return _over(1, self.tau_syn / self.tau_mem - 1)

    @property
    def other_factor(self) -> Number:
        """The factor ``tau_mem / (tau_syn - tau_mem)``, as section 10 writes it."""
        return _over(self.tau_mem, self.tau_syn - self.tau_mem)

    def fast(self, t: Number) -> Number:
        """The factor ``exp(-t/tau_syn)``."""
        return mp.exp(-t / self.tau_syn)

    def slow(self, t: Number) -> Number:
        """The factor ``exp(-t/tau_mem)``."""
        return mp.exp(-t / self.tau_mem)

    def amplitude(self, t: Number) -> Number:
        """c(t): lambda_I without its own decay."""
        return self.i(t) / self.fast(t)


def steps() -> Sequence[Step]:
    """Time constants either way round."""
    return (
        Step(mp.mpf("1.3"), mp.mpf("0.6"), mp.mpf("0.8"), mp.mpf("-0.5")),
        Step(mp.mpf("0.7"), mp.mpf("1.2"), mp.mpf("-0.6"), mp.mpf("0.9")),
    )


def equal_steps() -> Sequence[Step]:
    """tau_mem = tau_syn."""
    return (Step(mp.mpf("0.9"), mp.mpf("0.9"), mp.mpf("0.8"), mp.mpf("-0.5")),)


def _over(a: Number, b: Number) -> Number:
    return a / b if b else mp.inf


def _at_times(left: Callable[[Number], Number], right: Callable[[Number], Number]) -> float:
    return residual([left(t) for t in TIMES], [right(t) for t in TIMES])


def decay(s: Step) -> float:
    """Notes 45, 61, 73."""
    return _at_times(s.v, lambda t: s.lambda_v * s.slow(t))


def notes_46(s: Step, *, corrected: bool = False) -> float:
    """The derivative of the closed form; the print lacks the 1/tau_mem of the inner derivative."""
    inner = -1 / s.tau_mem if corrected else mp.mpf(-1)
    return _at_times(
        lambda t: s.tau_mem * derivative(lambda x: s.lambda_v * s.slow(x), t),
        lambda t: s.tau_mem * s.lambda_v * inner * s.slow(t),
    )


def notes_47(s: Step) -> float:
    """The closed form solves notes 43."""
    return _at_times(
        lambda t: s.tau_mem * derivative(lambda x: s.lambda_v * s.slow(x), t), lambda t: -s.lambda_v * s.slow(t)
    )


def notes_48(s: Step) -> float:
    """The closed form at t0."""
    return residual(s.lambda_v * s.slow(mp.mpf(0)), s.path.at(mp.mpf(0))[0])


def notes_50(s: Step) -> float:
    """Both sides of the equation: ``tau_syn lambda_I'`` by the product rule, and ``lambda_V - lambda_I``."""

    def right(t: Number) -> Number:
        c = s.amplitude(t) * s.fast(t)
        return s.tau_syn * derivative(s.amplitude, t) * s.fast(t) - c

    return max(_at_times(lambda t: s.tau_syn * derivative(s.i, t), right), _at_times(lambda t: s.v(t) - s.i(t), right))


def notes_51(s: Step) -> float:
    """The remaining equation, for the derivative of the amplitude."""
    return _at_times(lambda t: s.tau_syn * derivative(s.amplitude, t) * s.fast(t), lambda t: s.lambda_v * s.slow(t))


def notes_52(s: Step) -> float:
    """Solved for it."""
    return _at_times(lambda t: derivative(s.amplitude, t), lambda t: s.lambda_v / s.tau_syn * mp.exp(-s.gap * t))


def amplitude(s: Step, *, equal: bool = False) -> float:
    """Notes 53, 67: the amplitude up to a constant, which is fitted at one time."""

    def right(t: Number) -> Number:
        return s.lambda_v / s.tau_syn * (t if equal else -_over(1, s.gap) * mp.exp(-s.gap * t))

    return _at_times(lambda t: s.amplitude(t) - s.amplitude(FITTED), lambda t: right(t) - right(FITTED))


def _fitted(s: Step, factor: Number) -> Number:
    """The constant of notes 54 with which lambda_I is right at one time."""
    return (s.i(FITTED) + s.lambda_v * factor * s.slow(FITTED)) / s.fast(FITTED)


def fitted(s: Step, factor: Callable[[Step], Number], *, joint: bool = False) -> float:
    """Notes 54, 68, 69: lambda_I with a fitted constant; `joint` writes both exponents in one."""

    def right(t: Number) -> Number:
        decay = mp.exp(-s.gap * t - t / s.tau_syn) if joint else s.slow(t)
        return -s.lambda_v * factor(s) * decay + _fitted(s, factor(s)) * s.fast(t)

    return _at_times(s.i, right)


def start(s: Step, factor: Callable[[Step], Number]) -> float:
    """Notes 55, 70: lambda_I at t0 with the fitted constant."""
    return residual(s.lambda_i, -s.lambda_v * factor(s) + _fitted(s, factor(s)))


def constant(s: Step, factor: Callable[[Step], Number]) -> float:
    """Notes 56, 71: the constant, against the fitted one."""
    return residual(_fitted(s, factor(s)), s.lambda_i + s.lambda_v * factor(s))


def notes_57(s: Step) -> float:
    """Three terms."""

    def right(t: Number) -> Number:
        drive = s.lambda_v * s.factor
        return -drive * s.slow(t) + s.lambda_i * s.fast(t) + drive * s.fast(t)

    return _at_times(s.i, right)


def closed(s: Step, factor: Callable[[Step], Number]) -> float:
    """Notes 58, 72, 74: a difference of exponentials."""
    return _at_times(s.i, lambda t: s.lambda_v * factor(s) * (s.fast(t) - s.slow(t)) + s.lambda_i * s.fast(t))


def closed_if_equal(s: Step) -> float:
    """The limit of equal time constants."""
    return _at_times(s.i, lambda t: (s.lambda_v * t / s.tau_syn + s.lambda_i) * s.fast(t))


def forward(s: Step) -> float:
    """V after a step, with I in the place of lambda_V and the time constants changed over."""
    path = s.solution(s.tau_syn, s.tau_mem)
    factor = _over(1, s.tau_mem / s.tau_syn - 1)
    return _at_times(
        lambda t: path.component(1, t),
        lambda t: s.lambda_v * factor * (s.slow(t) - s.fast(t)) + s.lambda_i * s.slow(t),
    )


def notes_62(s: Step) -> float:
    """The equation with lambda_V put in."""
    return _at_times(lambda t: derivative(s.i, t), lambda t: (-s.i(t) + s.lambda_v * s.slow(t)) / s.tau_syn)


def notes_63(s: Step) -> float:
    """The solution without lambda_V."""
    alone = Step(s.tau_mem, s.tau_syn, mp.mpf(0), s.lambda_i)
    return _at_times(alone.i, lambda t: s.lambda_i * s.fast(t))


def notes_64(s: Step) -> float:
    """The product rule."""
    left = [derivative(s.i, t) for t in TIMES]
    product = [derivative(s.amplitude, t) * s.fast(t) - s.amplitude(t) * s.fast(t) / s.tau_syn for t in TIMES]
    regrouped = [-s.i(t) / s.tau_syn + derivative(s.amplitude, t) * s.fast(t) for t in TIMES]
    return max(residual(left, product), residual(left, regrouped))


def notes_65(s: Step) -> float:
    """The remaining equation, for the derivative of the amplitude."""
    left = [derivative(s.amplitude, t) * s.fast(t) for t in TIMES]
    by_path, closed_form = [s.v(t) / s.tau_syn for t in TIMES], [s.lambda_v * s.slow(t) / s.tau_syn for t in TIMES]
    return max(residual(left, by_path), residual(left, closed_form))


def _first(s: Step) -> Number:
    return s.factor


def _second(s: Step) -> Number:
    return s.other_factor


SERIES = "Taylor series of the equations, at three times"
EQUAL = "tau_mem = tau_syn"
LIMIT = "for equal time constants, the limit: (lambda_V(t0) t / tau_syn + lambda_I(t0)) exp(-t/tau_syn)"


def _holds(printed: Callable[[Step], float], how: str = SERIES, *, equal: bool = True) -> tuple[Check, ...]:
    """The check for unequal time constants and, by default, for equal ones."""
    general = Check("holds", how, steps, printed)
    return (general, Check("holds", how, equal_steps, printed, condition=EQUAL)) if equal else (general,)


def _singular(
    printed: Callable[[Step], float], limit: Callable[[Step], float] = closed_if_equal, how: str = SERIES
) -> tuple[Check, ...]:
    """The check for unequal time constants, and the limit where the print divides by 0."""
    return (Check("holds", how, steps, printed), Check("corrected", how, equal_steps, printed, limit, EQUAL))


def _same(name: str, states: str, of: str) -> Equation:
    return Equation(name, "7" if int(name.split()[1]) < 59 else "10", states, "definition", note=f"{of} without l_V.")


AMPLITUDE = "differences of c(t) = lambda_I exp(t/tau_syn) of the Taylor series"
EQUATIONS = (
    _same("notes 43", "tau_mem lambda_V' = -lambda_V", "Paper 32a"),
    _same("notes 44", "tau_syn lambda_I' = lambda_V - lambda_I", "Paper 32b"),
    Equation("notes 45", "7", "lambda_V(t) = lambda_V(t0) exp(-(t - t0)/tau_mem)", "derived", _holds(decay)),
    Equation(
        "notes 46", "7", "tau_mem lambda_V' = tau_mem lambda_V(t0) (-1) exp(-(t - t0)/tau_mem)", "derived",
        (Check("corrected", "differences of notes 45", steps, notes_46, lambda s: notes_46(s, corrected=True)),),
        correction="the inner derivative is -1/tau_mem, not -1",
    ),
    Equation("notes 47", "7", "= -lambda_V(t0) exp(-(t - t0)/tau_mem) = -lambda_V", "derived",
             _holds(notes_47, "differences of notes 45, against -lambda_V")),
    Equation("notes 48", "7", "lambda_V(t0) = lambda_V(t0)", "identity", _holds(notes_48, "notes 45 at t0")),
    Equation("notes 49", "7", "lambda_I(t) = c(t) exp(-(t - t0)/tau_syn)", "definition",
             note="Defines c(t); it can be found for every lambda_I."),
    Equation(
        "notes 50", "7", "tau_syn lambda_I' = tau_syn c' exp(-(t - t0)/tau_syn) - c exp(...) = lambda_V - lambda_I",
        "derived", _holds(notes_50, AMPLITUDE),
    ),
    Equation("notes 51", "7", "tau_syn c' exp(-(t - t0)/tau_syn) = lambda_V(t0) exp(-(t - t0)/tau_mem)", "derived",
             _holds(notes_51, AMPLITUDE)),
    Equation("notes 52", "7", "c' = lambda_V(t0)/tau_syn exp(-(1/tau_mem - 1/tau_syn)(t - t0))", "derived",
             _holds(notes_52, AMPLITUDE)),
    Equation(
        "notes 53", "7",
        "c(t) = -lambda_V(t0)/tau_syn exp(-(1/tau_mem - 1/tau_syn)(t - t0)) / (1/tau_mem - 1/tau_syn) + c", "derived",
        _singular(amplitude, lambda s: amplitude(s, equal=True), "c(t) of the Taylor series, up to a constant"),
        correction="for equal time constants, c(t) = lambda_V(t0) (t - t0)/tau_syn + c",
    ),
    Equation(
        "notes 54", "7",
        "lambda_I = -lambda_V(t0)/(tau_syn/tau_mem - 1) exp(-(t - t0)/tau_mem) + c exp(-(t - t0)/tau_syn)", "derived",
        _singular(lambda s: fitted(s, _first), how=f"{SERIES}, c fitted at another"), correction=LIMIT,
    ),
    Equation("notes 55", "7", "lambda_I(t0) = -lambda_V(t0)/(tau_syn/tau_mem - 1) + c", "derived",
             _singular(lambda s: start(s, _first), how="c fitted to the Taylor series"), correction=LIMIT),
    Equation("notes 56", "7", "c = lambda_I(t0) + lambda_V(t0)/(tau_syn/tau_mem - 1)", "derived",
             _singular(lambda s: constant(s, _first), how="c fitted to the Taylor series"), correction=LIMIT),
    Equation("notes 57", "7", "lambda_I(t) as the sum of three exponentials", "derived", _singular(notes_57),
             correction=LIMIT),
    Equation(
        "notes 58", "7",
        "lambda_I(t) = lambda_V(t0)/(tau_syn/tau_mem - 1) (exp(-(t - t0)/tau_syn) - exp(-(t - t0)/tau_mem)) "
        "+ lambda_I(t0) exp(-(t - t0)/tau_syn)", "derived", _singular(lambda s: closed(s, _first)), correction=LIMIT,
    ),
    Equation("section 7", "7", "the same form serves V in the forward pass", "claim",
             _holds(forward, f"{SERIES}, with I for lambda_V and the time constants changed over", equal=False)),
    _same("notes 59", "tau_m lambda_V' = -lambda_V", "Paper 32a"),
    _same("notes 60", "tau_syn lambda_I' = -lambda_I + lambda_V", "Paper 32b"),
    Equation("notes 61", "10", "lambda_V(t + Dt - t') = lambda_V(t + Dt) exp(-t'/tau_m)", "derived", _holds(decay)),
    Equation("notes 62", "10", "lambda_I' = (-lambda_I + lambda_V(t + Dt) exp(-t'/tau_m)) / tau_syn", "derived",
             _holds(notes_62, "differences of the Taylor series")),
    Equation("notes 63", "10", "without lambda_V: lambda_I = c exp(-t'/tau_syn)", "derived",
             _holds(notes_63, "Taylor series from lambda_V = 0")),
    Equation("notes 64", "10", "lambda_I' = c' exp(-t'/tau_syn) - c exp(-t'/tau_syn) / tau_syn, c depending on t'",
             "identity", _holds(notes_64, AMPLITUDE)),
    Equation("notes 65", "10", "c' exp(-t'/tau_syn) = lambda_V / tau_syn", "derived", _holds(notes_65, AMPLITUDE)),
    Equation("notes 66", "10", "c' = lambda_V(t + Dt)/tau_syn exp(-(1/tau_m - 1/tau_syn) t')", "derived",
             _holds(notes_52, AMPLITUDE)),
    Equation(
        "notes 67", "10", "c = -lambda_V(t + Dt)/tau_syn exp(-(1/tau_m - 1/tau_syn) t') / (1/tau_m - 1/tau_syn) + C",
        "derived", _singular(amplitude, lambda s: amplitude(s, equal=True), "c of the Taylor series, up to a constant"),
        correction="for equal time constants, c = lambda_V(t + Dt) t'/tau_syn + C",
    ),
    Equation(
        "notes 68", "10",
        "lambda_I = -tau_m/(tau_syn - tau_m) lambda_V(t + Dt) exp(-(1/tau_m - 1/tau_syn) t' - t'/tau_syn) "
        "+ C exp(-t'/tau_syn)", "derived",
        _singular(lambda s: fitted(s, _second, joint=True), how=f"{SERIES}, C fitted at another"), correction=LIMIT,
    ),
    Equation("notes 69", "10", "= -tau_m/(tau_syn - tau_m) lambda_V(t + Dt) exp(-t'/tau_m) + C exp(-t'/tau_syn)",
             "derived", _singular(lambda s: fitted(s, _second), how=f"{SERIES}, C fitted at another"),
             correction=LIMIT),
    Equation("notes 70", "10", "-tau_m/(tau_syn - tau_m) lambda_V(t + Dt) + C = lambda_I(t + Dt)", "derived",
             _singular(lambda s: start(s, _second), how="C fitted to the Taylor series"), correction=LIMIT),
    Equation("notes 71", "10", "C = lambda_I(t + Dt) + tau_m/(tau_syn - tau_m) lambda_V(t + Dt)", "derived",
             _singular(lambda s: constant(s, _second), how="C fitted to the Taylor series"), correction=LIMIT),
    Equation(
        "notes 72", "10", "lambda_I = tau_m/(tau_syn - tau_m) lambda_V(t + Dt) (exp(-t'/tau_syn) - exp(-t'/tau_m)) + "
        "lambda_I(t + Dt) exp(-t'/tau_syn)", "derived", _singular(lambda s: closed(s, _second)), correction=LIMIT,
    ),
    Equation("notes 73", "10", "lambda_V(t) = lambda_V(t + Dt) exp(-Dt/tau_m)", "derived", _holds(decay)),
    Equation("notes 74", "10", "notes 72 for t' = Dt", "derived", _singular(lambda s: closed(s, _second)),
             correction=LIMIT),
)  # fmt: skip
