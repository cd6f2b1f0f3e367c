"""Closed gradients: a loss that is one component of ``exp(B(p) T) z0(p)``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mpmath import MPContext

from spikeproof_reference.mp.precision import exact
from spikeproof_reference.smooth.gradient import LossGradient
from spikeproof_reference.smooth.problem import Matrix, SmoothProblem, Vector


@dataclass(frozen=True)
class LinearSystem:
    """``dz/dt = B z``, ``z(0) = z0``, and their derivatives with respect to each parameter; the loss is the last z."""

    b: Matrix
    db: Sequence[Matrix]
    z0: Vector
    dz0: Sequence[Vector]


def closed_gradient(problem: SmoothProblem, dps: int = 40) -> LossGradient:
    """Loss and gradient of `oscillator` and `leaky_integrator` by matrix exponentials.

    ::

        exp([[B, dB], [0, B]] T) = [[exp(B T), d exp(B T)], [0, exp(B T)]]

    Parameters
    ----------
    problem : SmoothProblem
        One of these two.
    dps : int
        Decimal digits of the results.

    Returns
    -------
    LossGradient
        In mpmath numbers.

    Raises
    ------
    NotImplementedError
        If the problem is another one: no closed form is known.

    References
    ----------
    Van Loan (1978), Computing integrals involving the matrix exponential, IEEE Trans. Autom. Control 23, 395-404;
    Najfeld and Havel (1995), Derivatives of the matrix exponential, Adv. Appl. Math. 16, 321-375.
    """
    if problem.name not in _SYSTEMS:
        raise NotImplementedError(f"no closed form of {problem.name!r} is known")
    ctx = MPContext()
    ctx.dps = dps + 10
    system = _SYSTEMS[problem.name](*(exact(ctx, x) for x in problem.p))
    duration = exact(ctx, problem.duration)
    derivatives = [_loss(ctx, system, db, dz0, duration) for db, dz0 in zip(system.db, system.dz0, strict=True)]
    return LossGradient(derivatives[0][0], [slope for _, slope in derivatives])


def _loss(ctx: Any, system: LinearSystem, db: Matrix, dz0: Vector, duration: Any) -> tuple[Any, Any]:
    n = len(system.z0)
    block = ctx.matrix(2 * n)
    for i in range(n):
        for j in range(n):
            block[i, j] = block[n + i, n + j] = system.b[i][j] * duration
            block[i, n + j] = db[i][j] * duration
    end = ctx.expm(block) * ctx.matrix([*dz0, *system.z0])
    return end[2 * n - 1], end[n - 1]


def _oscillator(k: Any, c: Any, a: Any) -> LinearSystem:
    """The system of z = (x1^2, x1 x2, x2^2, loss)."""
    b = [[0, 2, 0, 0], [-k, -c, 1, 0], [0, -2 * k, -2 * c, 0], [1, 0, 0, 0]]
    db_dk = [[0, 0, 0, 0], [-1, 0, 0, 0], [0, -2, 0, 0], [0, 0, 0, 0]]
    db_dc = [[0, 0, 0, 0], [0, -1, 0, 0], [0, 0, -2, 0], [0, 0, 0, 0]]
    none = [[0] * 4] * 4
    return LinearSystem(b, [db_dk, db_dc, none], [a * a, 0, 0, 0], [[0] * 4, [0] * 4, [2 * a, 0, 0, 0]])


def _leaky_integrator(tau_mem: Any, tau_syn: Any, w: Any) -> LinearSystem:
    """The system of z = (V, I, t V, t I, loss), with ``(t V)' = V + t V'``."""
    m, s = 1 / tau_mem, 1 / tau_syn
    b = [[-m, m, 0, 0, 0], [0, -s, 0, 0, 0], [1, 0, -m, m, 0], [0, 1, 0, -s, 0], [1, 0, 1, 0, 0]]
    db_dm = [[m * m, -m * m, 0, 0, 0], [0] * 5, [0, 0, m * m, -m * m, 0], [0] * 5, [0] * 5]
    db_ds = [[0] * 5, [0, s * s, 0, 0, 0], [0] * 5, [0, 0, 0, s * s, 0], [0] * 5]
    none = [[0] * 5] * 5
    return LinearSystem(b, [db_dm, db_ds, none], [0, w, 0, 0, 0], [[0] * 5, [0] * 5, [0, 1, 0, 0, 0]])


_SYSTEMS = {"damped oscillator": _oscillator, "leaky integrator": _leaky_integrator}
