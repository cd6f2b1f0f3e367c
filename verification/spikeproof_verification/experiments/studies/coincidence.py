"""Coincident events: the one-sided derivatives, and what each engine returns at the tie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any

import numpy as np

from spikeproof import EventEngine, Problem, Solution, Stimulus
from spikeproof_reference import Direction, MpEngine, SequenceChanged, central_difference
from spikeproof_reference.analysis.one_sided import OneSided, one_sided
from spikeproof_verification.checks.judge import judge
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import AT_TIE, ONE_SIDED, ONE_SIDED_DIFFERENCE
from spikeproof_verification.experiments.studies.study import Row, Study, StudyResult, subject
from spikeproof_verification.experiments.studies.ties import Tie, pair_problem, ties

NAME = "coincidence"
STEP = Decimal("1e-18")  # of the one-sided difference formulas
FLOOR = 1e-60  # added to stated errors: the rounding of 80 digits where the stated error is 0
REGIMES = (("not coupled", 0.0), ("excitation", 2.0), ("weak inhibition", -0.5), ("strong inhibition", -4.0))
REACH, POINTS = 1.5, 60  # of the curves, on each side


def run() -> StudyResult:
    """One-sided derivatives of every tie in four ways, all engines at the tie, and curves through it."""
    measurements: list[Measurement] = []
    sides: list[Row] = []
    engines: list[Row] = []
    for tie in ties():
        exact = one_sided(tie.problem, tie.direction)
        quotients = {sign: one_sided_difference(tie, sign) for sign in (-1, 1)}
        measurements += [*_judged(tie, exact), *_quotients(tie, exact, quotients), *_at_tie(tie)]
        sides.append(_row(tie, exact, quotients))
        engines.append(_engines(tie))
    curves = [row for name, w in REGIMES for row in _curve(name, w)]
    return StudyResult(tuple(measurements), {"sides": sides, "engines": engines, "curves": curves})


STUDY = Study(NAME, "Coincident events", run)


def one_sided_difference(tie: Tie, sign: int) -> tuple[Any, Any]:
    """Limit of the loss and of its derivative on one side, from losses at 1, 2 and 3 steps: forward passes alone."""
    f1, f2, f3 = (MpEngine(dps=70).solve(_moved(tie.problem, tie.direction, sign * n * STEP)).loss for n in (1, 2, 3))
    assert f1 is not None
    assert f2 is not None
    assert f3 is not None
    return 3 * f1 - 3 * f2 + f3, sign * (-5 * f1 + 8 * f2 - 3 * f3) / (2 * type(f1)(str(STEP)))


def derivative_along(solution: Solution, direction: Direction) -> Any:
    """The gradient of a solution along a direction of input times."""
    assert solution.gradients is not None
    pairs = zip(solution.gradients.input_times, direction.input_times, strict=True)
    return sum((g * d for g, d in pairs if d), start=0 * solution.gradients.input_times[0])


def _moved(problem: Problem, direction: Direction, step: Decimal) -> Problem:
    stimulus = problem.stimulus
    with localcontext() as context:
        context.prec = 400
        times = [Decimal(t) + step * Decimal(d) for t, d in zip(stimulus.times, direction.input_times, strict=True)]
    moved = np.empty(len(times), dtype=object)
    moved[:] = times
    return replace(problem, stimulus=Stimulus.of_samples([(moved, stimulus.channels)], stimulus.duration))


def _judged(tie: Tie, exact: OneSided) -> Iterator[Measurement]:
    """The one-sided derivatives and the jump against closed forms, in units of the stated error."""
    who = subject(NAME, "mp", "closed form")
    for name, side, wanted in (("left", exact.left, tie.left), ("right", exact.right, tie.right)):
        scale = float(side.derivative_error) + FLOOR
        yield judge(who, "one_sided_derivative", f"{tie.name}, {name}", side.derivative, wanted, scale, ONE_SIDED)
    scale = float(exact.left.loss_error + exact.right.loss_error) + FLOOR
    yield judge(who, "loss_jump", tie.name, exact.jump, tie.jump, scale, ONE_SIDED)


def _quotients(tie: Tie, exact: OneSided, quotients: dict[int, tuple[Any, Any]]) -> Iterator[Measurement]:
    who = subject(NAME, "mp", "one-sided differences")
    for name, side, (limit, quotient) in (
        ("left", exact.left, quotients[-1]),
        ("right", exact.right, quotients[1]),
    ):
        for quantity, got, wanted in (
            ("one_sided_derivative", side.derivative, quotient),
            ("loss_limit", side.loss, limit),
        ):
            scale = 1.0 + abs(float(wanted))
            yield judge(who, quantity, f"{tie.name}, {name}", got, wanted, scale, ONE_SIDED_DIFFERENCE)


def _at_tie(tie: Tie) -> Iterator[Measurement]:
    """Measure the engines at the tie, against the stated convention or against the side that rounding put them on."""
    for engine in (EventEngine(), MpEngine(), MpEngine(gradient="sensitivity")):
        got = derivative_along(engine.solve(tie.problem), tie.direction)
        if tie.at_tie is None:
            wanted = min((tie.left, tie.right), key=lambda side: abs(float(got) - float(side)))
            against = "one of the two sides"
        else:
            wanted, against = tie.at_tie, "the convention at a tie"
        way = getattr(engine, "gradient", "adjoint")
        who = subject(NAME, engine.name, against)
        yield judge(who, "derivative_at_tie", f"{tie.name}, {way}", got, wanted, 1.0 + abs(float(wanted)), AT_TIE)


def _row(tie: Tie, exact: OneSided, quotients: dict[int, tuple[Any, Any]]) -> Row:
    return {
        "tie": tie.name,
        "kind": tie.kind,
        "left": _shown(exact.left.derivative),
        "left_off_closed": float(abs(exact.left.derivative - tie.left)),
        "left_off_difference": float(abs(exact.left.derivative - quotients[-1][1])),
        "right": _shown(exact.right.derivative),
        "right_off_closed": float(abs(exact.right.derivative - tie.right)),
        "right_off_difference": float(abs(exact.right.derivative - quotients[1][1])),
        "stated_error": float(max(exact.left.derivative_error, exact.right.derivative_error)),
        "jump": _shown(exact.jump),
        "spikes_left": exact.left.n_spikes,
        "spikes_right": exact.right.n_spikes,
    }


def _shown(number: Any) -> float:
    """`number`, 0 where nothing but the rounding of 80 digits is left."""
    return float(number) if abs(number) > FLOOR else 0.0


def _engines(tie: Tie) -> Row:
    found = {
        "event": derivative_along(EventEngine().solve(tie.problem), tie.direction),
        "mp_adjoint": derivative_along(MpEngine().solve(tie.problem), tie.direction),
        "mp_sensitivity": derivative_along(MpEngine(gradient="sensitivity").solve(tie.problem), tie.direction),
    }
    try:
        difference = f"{float(central_difference(tie.problem, tie.direction)):.6g}"
    except SequenceChanged:
        difference = "sequence changed"
    return {
        "tie": tie.name,
        "left": float(tie.left),
        "right": float(tie.right),
        **{name: _shown(x) for name, x in found.items()},
        "central_difference": difference,
        "event_is": _side_of(found["event"], tie),
        "mp_is": _side_of(found["mp_adjoint"], tie),
    }


def _side_of(found: Any, tie: Tie) -> str:
    """Which of the one-sided derivatives a number is."""
    near = [abs(float(found) - float(side)) <= 1e-9 * (1.0 + abs(float(side))) for side in (tie.left, tie.right)]
    return {(True, True): "both", (True, False): "left", (False, True): "right", (False, False): "neither"}[
        (near[0], near[1])
    ]


def _curve(name: str, w: float) -> Iterator[Row]:
    """t_b and its derivative by the event engine while the input of a moves past that of b."""
    for shift in np.linspace(-REACH, REACH, 2 * POINTS + 1):
        solution = EventEngine().solve(pair_problem(w, shift=float(shift)))
        assert solution.gradients is not None
        channels = solution.problem.stimulus.channels
        slope = solution.gradients.input_times[np.flatnonzero(channels == 0)[0]]
        yield {"regime": name, "w": w, "shift": shift, "t_b": float(solution.loss or 0.0), "derivative": slope}
