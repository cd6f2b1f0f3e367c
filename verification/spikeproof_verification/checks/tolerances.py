"""All tolerances of the project: each a name, a multiple of a unit, the reason, and the worst error seen.

An error is accepted if ``deviation <= multiple * unit * scale``. The scale is the size of what was computed: it
carries 1/Vdot for spike times and the conditioning for gradients (see `rounding_sensitivity` of the reference:
the deviation, in units of roundoff, that simulated rounding of every operation causes).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

EPS = 2.0**-52
EPS32 = 2.0**-23
UNDERFLOW = 2.0**-1022 / EPS  # added to every float64 scale: below it binary64 loses relative accuracy
UNDERFLOW_32 = 2.0**-126 / EPS32  # added to the scales of engines that compute in binary32


@dataclass(frozen=True)
class Tolerance:
    """A named bound on an error.

    Attributes
    ----------
    name : how measurements refer to it.
    multiple : largest accepted error, in units of ``unit * scale``.
    unit : `EPS` for float64 engines, a power of ten for the reference.
    scale : what the scale is, in words.
    reason : why this multiple.
    worst : largest error seen in a published run, in the same units.
    """

    name: str
    multiple: float
    unit: float
    scale: str
    reason: str
    worst: float = math.nan


SPIKE_COUNT = Tolerance(
    "SPIKE_COUNT",
    0.0,
    1.0,
    "1",
    "a spike is there or not: the number of spikes of each neuron must be exact",
    worst=0.0,
)
CASE_TIME = Tolerance(
    "CASE_TIME",
    512.0,
    EPS,
    "t + 1/Vdot",
    "fair for any case file: the threshold condition is met to a few eps, divided by Vdot; times are stored to "
    "eps t; errors of earlier spikes add up along chains of up to 600 spikes",
    worst=25.1,
)
CASE_JACOBIAN = Tolerance(
    "CASE_JACOBIAN",
    256.0,
    EPS,
    "(1 + v_th^2/(tau_mem tau_syn Vdot^2)) max|row|",
    "a derivative of a spike time carries 1/Vdot, and Vdot is taken at a time that is off by eps/Vdot; Vdot is the "
    "smallest up to that spike",
    worst=72.0,
)
SPIKE_TIME = Tolerance(
    "SPIKE_TIME",
    16.0,
    EPS,
    "t + 1/Vdot + conditioning",
    "a stable algorithm loses its conditioning; the multiple covers the rounding of a few operations per event",
    worst=4.2,
)
LOSS = Tolerance("LOSS", 16.0, EPS, "|L| + conditioning", "as for spike times, through the loss", worst=2.1)
GRADIENT = Tolerance(
    "GRADIENT",
    32.0,
    EPS,
    "|g| + conditioning",
    "as for spike times, through the adjoint; conditioning is that of the gradient, estimated with four probes",
    worst=7.6,
)
END_STATE = Tolerance(
    "END_STATE",
    16.0,
    EPS,
    "|V| (or |I|) + conditioning",
    "as for spike times, through the flow to the end",
    worst=6.1,
)
_SINGLE = "the same multiple in units of binary32: rounding is larger, and the algorithm no less stable"
SPIKE_TIME_32 = replace(SPIKE_TIME, name="SPIKE_TIME_32", unit=EPS32, reason=_SINGLE, worst=math.nan)
LOSS_32 = replace(LOSS, name="LOSS_32", unit=EPS32, reason=_SINGLE, worst=math.nan)
GRADIENT_32 = replace(GRADIENT, name="GRADIENT_32", unit=EPS32, reason=_SINGLE, worst=math.nan)
REFERENCE_TIME = Tolerance("REFERENCE_TIME", 1.0, 1e-44, "t + 1/Vdot", "case files carry 45 digits", worst=0.43)
REFERENCE_JACOBIAN = Tolerance(
    "REFERENCE_JACOBIAN",
    1.0,
    1e-30,
    "|derivative|",
    "case files carry 32 digits from central differences",
    worst=0.048,
)
REFERENCE_END_STATE = Tolerance(
    "REFERENCE_END_STATE", 1.0, 1e-28, "|V| (or |I|)", "case files carry 30 digits", worst=0.045
)
REFERENCE_SOLUTION = Tolerance(
    "REFERENCE_SOLUTION",
    1.0,
    1e-44,
    "largest number of its kind",
    "solution files carry 45 digits of spike times, losses and gradients",
    worst=0.35,
)
REFERENCE_AGREEMENT = Tolerance(
    "REFERENCE_AGREEMENT",
    1.0,
    1e-30,
    "|g| + 1e-30 max|g|; of differences |g| + 1e-20 (max|g| + |L|)",
    "adjoint, forward sensitivities and central differences of the reference must agree to 30 digits; a gradient that "
    "silence has let decay to 1e-40 or 1e-9000 of the largest is one product in the adjoint, but a sum of large terms "
    "in the others, which resolve it to 1e-60 and 1e-50 of the largest",
    worst=1e-13,
)
ONE_SIDED = Tolerance(
    "ONE_SIDED",
    1.0,
    1.0,
    "stated error",
    "the exact derivative a step of 1e-40 off a tie is stated with its distance to the limit; closed forms must lie "
    "within it, so this is a check of the statement too",
    worst=0.5,
)
ONE_SIDED_DIFFERENCE = Tolerance(
    "ONE_SIDED_DIFFERENCE",
    1.0,
    1e-37,
    "1 + |number|",
    "three losses on one side, 1e-18 apart, give a derivative to about the square of that distance",
    worst=0.14,
)
AT_TIE = Tolerance(
    "AT_TIE",
    4.0,
    EPS,
    "1 + |derivative|",
    "a handful of well conditioned operations; a number between the one-sided derivatives is off by 1e14 units",
    worst=0.35,
)
SQUARE_ROOT_LAW = Tolerance(
    "SQUARE_ROOT_LAW",
    4.0,
    1.0,
    "sqrt(distance)",
    "the leading term of the approach to a grazing spike; the next one is smaller by the square root of the distance",
    worst=1.2,
)
KERNEL = Tolerance(
    "KERNEL",
    8.0,
    EPS,
    "|V|",
    "one formula for every ratio of time constants: an exponential, a quotient and two products",
    worst=2.4,
)
KINK_RULE = Tolerance(
    "KINK_RULE",
    2048.0,
    EPS,
    "largest gradient of the problem",
    "the complete rule for maxima of V against differences in high precision, conditioning not counted; the published "
    "rule is off by 1e13 and more",
    worst=561.0,
)
BRANCH = Tolerance(
    "BRANCH",
    0.0,
    1.0,
    "1",
    "the order of events is the same or not: the reference must see the same branch just inside the radius, and "
    "another one just outside",
    worst=0.0,
)
LINEAR_PREDICTION = Tolerance(
    "LINEAR_PREDICTION",
    1.0,
    1e-6,
    "1",
    "the change of the loss over its linear prediction, at 2, 1, 1/2 and 1/4 thousandths of the radius, extrapolated "
    "to 0: fifth derivatives remain, and the rounding of the loss",
    worst=0.48,
)
GRID_ORDER = Tolerance(
    "GRID_ORDER",
    0.15,
    1.0,
    "1",
    "a slope through seven steps: where a spike falls within its step is as good as random, and of a hundred spikes "
    "the mean still scatters by a few percent",
    worst=0.044,
)
GRID_STATE = Tolerance(
    "GRID_STATE",
    2.0,
    EPS,
    "largest |V| (or |I|) times the number of steps",
    "closed-form steps are exact to rounding, and the roundings of all steps and of their coefficients add up",
    worst=0.77,
)
SAME_BITS = Tolerance(
    "SAME_BITS",
    0.0,
    1.0,
    "1",
    "neither the number of threads nor the other samples of a batch may change a bit",
    worst=0.0,
)
LEDGER_RESIDUAL = Tolerance(
    "LEDGER_RESIDUAL",
    1.0,
    1e-20,
    "largest term of the equation",
    "difference quotients with 60 digits are good to 28 digits, one-sided ones to 22",
    worst=1.9e-3,
)
LEDGER_CLAIM = Tolerance(
    "LEDGER_CLAIM",
    0.0,
    1.0,
    "1",
    "a residual says what is claimed of the equation or it does not: below 1e-20 it holds, above 1e-6 it fails",
    worst=0.0,
)
MUTATION = Tolerance(
    "MUTATION",
    0.0,
    1.0,
    "1",
    "every quantity that a seeded fault spoils must be rejected, and nothing of an engine without a fault",
    worst=0.0,
)
EXACTLY_ZERO = Tolerance(
    "EXACTLY_ZERO",
    0.0,
    1.0,
    "1",
    "a gradient is a sum over spikes: without any it is the number 0, not a small one",
    worst=0.0,
)
ODE_TAYLOR = Tolerance(
    "ODE_TAYLOR",
    1.0,
    1e-28,
    "largest number of its kind",
    "two references to 30 digits or more, one by closed forms and one by numerical integration",
    worst=7.4e-31,
)
ODE_RUNGE_KUTTA = Tolerance(
    "ODE_RUNGE_KUTTA",
    1.0,
    1e-10,
    "largest number of its kind",
    "local errors of 1e-12, a hundredfold for what integration, reset after reset, and the way back make of them",
    worst=0.09,
)
SMOOTH_TAYLOR = Tolerance(
    "SMOOTH_TAYLOR",
    1.0,
    1e-30,
    "largest of loss and gradient",
    "Taylor series to 30 digits, with six more in reserve",
    worst=3.3e-9,
)
SMOOTH_ORDER = Tolerance(
    "SMOOTH_ORDER",
    0.25,
    1.0,
    "1",
    "errors fall as a power of the integrator's tolerance, the order of its error over that of its estimate, on "
    "average: steps do not follow the tolerance exactly",
    worst=0.2,
)

TOLERANCES = (
    SPIKE_COUNT,
    CASE_TIME,
    CASE_JACOBIAN,
    SPIKE_TIME,
    LOSS,
    GRADIENT,
    END_STATE,
    SPIKE_TIME_32,
    LOSS_32,
    GRADIENT_32,
    REFERENCE_TIME,
    REFERENCE_JACOBIAN,
    REFERENCE_END_STATE,
    REFERENCE_SOLUTION,
    REFERENCE_AGREEMENT,
    ONE_SIDED,
    ONE_SIDED_DIFFERENCE,
    AT_TIE,
    SQUARE_ROOT_LAW,
    KINK_RULE,
    KERNEL,
    BRANCH,
    LINEAR_PREDICTION,
    GRID_ORDER,
    GRID_STATE,
    SAME_BITS,
    LEDGER_RESIDUAL,
    LEDGER_CLAIM,
    MUTATION,
    EXACTLY_ZERO,
    ODE_TAYLOR,
    ODE_RUNGE_KUTTA,
    SMOOTH_TAYLOR,
    SMOOTH_ORDER,
)

# Bounds that tests write themselves: relative to what is compared, or to the sum of its terms. Counted roundings, up to
# 64 EPS, and what is below all of binary64 need no name.
SHORT_RUN = 1e-13  # a handful of events, or two ways to compute one formula: hundreds of roundings
RUN = 1e-12  # tens of events, or a quadrature: thousands of roundings
AMPLIFIED = 1e-11  # the same, and spikes with a small Vdot, which divide by it
STEEP = 1e-10  # times and gradients after hundreds of such spikes
RENUMBERED = 5e-14  # sums in another order: 5e-15 is the worst of 2001 generated networks
REWRITTEN = 1e-10  # other roundings of I, amplified by spikes close to grazing: 1e-11 is the worst of those networks
LINEAR = 1e-12  # roundings of the backward pass, amplified by the jumps of a burst: 1e-13 is the worst of them
REPEATED = 2e-13  # one problem in two ways, of 1 + the largest number: 2e-14 is the worst of 400 per property
MP_REPEATED = 1e-28  # the same with 30 digits
MOVED = 1e-11  # the same, where times or the state in between are rounded to binary64 somewhere else
SECOND_ORDER = 1e-6  # of central differences with a step of 2^-20, relative to the sum of the terms
GRAZING_TIME = 1e-6  # of a peak: V is flat there, so its time is known to about the root of a rounding
TRAPEZOIDS = 1e-8  # 30 000 of them: their width squared, times V''
COARSE_PATH = 1e-6  # of an integrator that is asked for 1e-7 to 1e-9 per step
COARSE_QUOTIENT = 1e-4  # of a difference quotient along such a path: its error over the step, 1e-3
SCIPY_PATH = 1e-9  # of SciPy's integrator at the tolerance the ode engine asks for: 1e-10 is the worst of the tests
STRAIGHT_RISE = 1e-9  # a rise that takes 1e-11 time constants, taken for a straight line
FINEST_GRID = 5e-3  # gradients of the grid engine, whose errors are of the order of dt, at dt = 2^-12 and below
DRAWN = 0.08  # of a mean or a deviation over 200 drawn neurons, and 100 times in a common input
TABULATED = 1e-5  # a quantile as tables print it, with seven digits, and what is computed from it
