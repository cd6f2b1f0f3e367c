"""Three ways to the gradient of a loss of a smooth system: forward sensitivities, the adjoint, central differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spikeproof_reference.smooth.path import Integrator
from spikeproof_reference.smooth.problem import Matrix, SmoothProblem, Vector


@dataclass(frozen=True)
class LossGradient:
    """A loss and its gradient.

    Attributes
    ----------
    loss : number
    gradient : list of numbers, shape (n_p,)
        Derivative with respect to each parameter.
    """

    loss: Any
    gradient: list[Any]


def forward_sensitivity(problem: SmoothProblem, integrator: Integrator) -> LossGradient:
    """The gradient by n n_p further state variables, ``S = dx/dp``.

    ::

        dS/dt = dF/dx S + dF/dp        dL/dp = integral of dl/dx S dt

    Parameters
    ----------
    problem : SmoothProblem
    integrator : Integrator
        Its tolerance or digits bound the error.

    Returns
    -------
    LossGradient

    References
    ----------
    docs/theory.md (smooth-sensitivity); Wunderlich and Pehle (2021), eqs. 17 and 18.
    """
    p, duration = _numbers(problem, integrator)
    n, n_p = len(problem.x0(p)), len(p)

    def rate(t: Any, y: Vector) -> list[Any]:
        x, s = y[:n], [y[n + k * n : n + (k + 1) * n] for k in range(n_p)]
        jacobian, forcing, slope = problem.df_dx(x, p), problem.df_dp(x, p), problem.ddensity_dx(x, t)
        d_s = [_dot(row, s[k]) + forcing[j][k] for k in range(n_p) for j, row in enumerate(jacobian)]
        return [*problem.f(x, p), *d_s, problem.density(x, t), *(_dot(slope, column) for column in s)]

    start = [*problem.x0(p), *(row[k] for k in range(n_p) for row in problem.dx0_dp(p))]
    start = [integrator.number(x) for x in (*start, *[0] * (1 + n_p))]
    end = integrator.path(rate, start, duration).end
    return LossGradient(end[n + n * n_p], end[n + n * n_p + 1 :])


def adjoint_gradient(problem: SmoothProblem, integrator: Integrator) -> LossGradient:
    """The gradient by n further state variables, integrated backward from ``lambda(T) = 0``.

    ::

        d lambda/dt = dl/dx - (dF/dx)^T lambda        dL/dp = -integral of lambda . dF/dp dt - lambda(0) . dx0/dp

    Parameters
    ----------
    problem : SmoothProblem
    integrator : Integrator
        Its tolerance or digits bound the error.

    Returns
    -------
    LossGradient

    References
    ----------
    docs/theory.md (smooth-adjoint), (smooth-gradient); Wunderlich and Pehle (2021), eqs. 21, 23 (where the transpose
    is missing) and 24, with the boundary term at t = 0.
    """
    p, duration = _numbers(problem, integrator)
    x0 = [integrator.number(x) for x in problem.x0(p)]
    n, zero = len(x0), integrator.number(0)

    def forward(t: Any, y: Vector) -> list[Any]:
        return [*problem.f(y[:n], p), problem.density(y[:n], t)]

    def backward(t: Any, y: Vector, adjoint: Vector) -> list[Any]:
        x, lam = y[:n], adjoint[:n]
        slope, transposed = problem.ddensity_dx(x, t), _columns(problem.df_dx(x, p))
        d_lam = [_dot(column, lam) - s for column, s in zip(transposed, slope, strict=True)]
        return [*d_lam, *(-_dot(column, lam) for column in _columns(problem.df_dp(x, p)))]

    path = integrator.path(forward, [*x0, zero], duration)
    y = path.back(backward, [zero] * (n + len(p)))
    boundary = [_dot(column, y[:n]) for column in _columns(problem.dx0_dp(p))]
    return LossGradient(path.end[n], [g - b for g, b in zip(y[n:], boundary, strict=True)])


def difference_gradient(problem: SmoothProblem, integrator: Integrator, h: Any) -> LossGradient:
    """The gradient by central differences ``(L(p + h) - L(p - h)) / 2h``; no derivative is used.

    Parameters
    ----------
    problem : SmoothProblem
    integrator : Integrator
    h : number
        Step, relative to ``max(1, abs(p))``.

    Returns
    -------
    LossGradient
        Off by the order of h^2, and of the integrator's error over h.
    """
    p, duration = _numbers(problem, integrator)

    def loss(k: int, shift: Any) -> Any:
        moved = [x + shift if j == k else x for j, x in enumerate(p)]
        start = [integrator.number(x) for x in (*problem.x0(moved), 0)]
        n = len(start) - 1
        path = integrator.path(lambda t, y: [*problem.f(y[:n], moved), problem.density(y[:n], t)], start, duration)
        return path.end[n]

    steps = [integrator.number(h) * max(1, abs(x)) for x in p]
    gradient = [(loss(k, step) - loss(k, -step)) / (2 * step) for k, step in enumerate(steps)]
    return LossGradient(loss(0, integrator.number(0)), gradient)


def _numbers(problem: SmoothProblem, integrator: Integrator) -> tuple[list[Any], Any]:
    return [integrator.number(x) for x in problem.p], integrator.number(problem.duration)


def _columns(matrix: Matrix) -> list[tuple[Any, ...]]:
    return list(zip(*matrix, strict=True))


def _dot(a: Vector, b: Vector) -> Any:
    total = a[0] * b[0]
    for x, y in zip(a[1:], b[1:], strict=True):
        total = total + x * y
    return total
