"""Smooth systems with known gradients: a damped oscillator, a leaky integrator, and Van der Pol's oscillator."""

from __future__ import annotations

from typing import Any

from spikeproof_reference.smooth.problem import SmoothProblem, Vector


def oscillator(stiffness: float = 2.0, damping: float = 0.375, amplitude: float = 1.5) -> SmoothProblem:
    """Damped oscillator ``x1' = x2, x2' = -k x1 - c x2`` from (a, 0); ``l = x1^2``; p = (k, c, a), T = 4.

    Parameters
    ----------
    stiffness, damping, amplitude : float
        k, c and a.

    Returns
    -------
    SmoothProblem
        Of two state variables and three parameters; without units.
    """

    def f(x: Vector, p: Vector) -> list[Any]:
        return [x[1], -p[0] * x[0] - p[1] * x[1]]

    return SmoothProblem(
        name="damped oscillator",
        f=f,
        df_dx=lambda _x, p: [[0, 1], [-p[0], -p[1]]],
        df_dp=lambda x, _p: [[0, 0, 0], [-x[0], -x[1], 0]],
        density=lambda x, _t: x[0] * x[0],
        ddensity_dx=lambda x, _t: [2 * x[0], 0],
        x0=lambda p: [p[2], 0],
        dx0_dp=lambda _p: [[0, 0, 1], [0, 0, 0]],
        duration=4.0,
        p=(stiffness, damping, amplitude),
    )


def leaky_integrator(tau_mem: float = 20.0, tau_syn: float = 5.0, w: float = 1.25) -> SmoothProblem:
    """Leaky integrator after one spike: ``tau_mem V' = -V + I, tau_syn I' = -I`` from (0, w).

    ``l = (1 + t) V``; p = (tau_mem, tau_syn, w), T = 30.

    Parameters
    ----------
    tau_mem, tau_syn : float
        Time constants, > 0, in the unit of T.
    w : float
        I at t = 0.

    Returns
    -------
    SmoothProblem
        Of two state variables and three parameters.

    References
    ----------
    docs/theory.md (model).
    """

    def df_dp(x: Vector, p: Vector) -> list[list[Any]]:
        return [[(x[0] - x[1]) / (p[0] * p[0]), 0, 0], [0, x[1] / (p[1] * p[1]), 0]]

    return SmoothProblem(
        name="leaky integrator",
        f=lambda x, p: [(x[1] - x[0]) / p[0], -x[1] / p[1]],
        df_dx=lambda _x, p: [[-1 / p[0], 1 / p[0]], [0, -1 / p[1]]],
        df_dp=df_dp,
        density=lambda x, t: (1 + t) * x[0],
        ddensity_dx=lambda _x, t: [1 + t, 0],
        x0=lambda p: [0, p[2]],
        dx0_dp=lambda _p: [[0, 0, 0], [0, 0, 1]],
        duration=30.0,
        p=(tau_mem, tau_syn, w),
    )


def van_der_pol(mu: float = 2.0, x0: tuple[float, float] = (2.0, 0.0), duration: float = 5.0) -> SmoothProblem:
    """Van der Pol's oscillator ``x1' = x2, x2' = mu ((1 - x1^2) x2) - x1``; ``l = x2^2``; p = (mu,).

    Parameters
    ----------
    mu : float
        Strength of the nonlinear damping.
    x0 : pair of float
        The initial state.
    duration : float
        T > 0.

    Returns
    -------
    SmoothProblem
        Of two state variables and one parameter; without units.
    """
    return SmoothProblem(
        name="Van der Pol",
        f=lambda x, p: [x[1], p[0] * (1 - x[0] * x[0]) * x[1] - x[0]],
        df_dx=lambda x, p: [[0, 1], [-2 * p[0] * x[0] * x[1] - 1, p[0] * (1 - x[0] * x[0])]],
        df_dp=lambda x, _p: [[0], [(1 - x[0] * x[0]) * x[1]]],
        density=lambda x, _t: x[1] * x[1],
        ddensity_dx=lambda x, _t: [0, 2 * x[1]],
        x0=lambda _p: list(x0),
        dx0_dp=lambda _p: [[0], [0]],
        duration=duration,
        p=(mu,),
    )
