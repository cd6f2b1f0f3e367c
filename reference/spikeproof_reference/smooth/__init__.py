"""Gradients of losses along smooth ordinary differential equations, without spikes."""

from spikeproof_reference.smooth.examples import leaky_integrator, oscillator, van_der_pol
from spikeproof_reference.smooth.gradient import (
    LossGradient,
    adjoint_gradient,
    difference_gradient,
    forward_sensitivity,
)
from spikeproof_reference.smooth.matrix_exponential import closed_gradient
from spikeproof_reference.smooth.problem import SmoothProblem
from spikeproof_reference.smooth.runge_kutta import RungeKutta
from spikeproof_reference.smooth.series import Series
from spikeproof_reference.smooth.taylor import TaylorSeries

__all__ = [
    "LossGradient",
    "RungeKutta",
    "Series",
    "SmoothProblem",
    "TaylorSeries",
    "adjoint_gradient",
    "closed_gradient",
    "difference_gradient",
    "forward_sensitivity",
    "leaky_integrator",
    "oscillator",
    "van_der_pol",
]
