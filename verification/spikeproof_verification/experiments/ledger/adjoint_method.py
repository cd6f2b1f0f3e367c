"""The general adjoint method: section 2 of the notes, paper 15-24 and notes 1-10."""

from __future__ import annotations

from collections.abc import Callable

from spikeproof_verification.experiments.ledger.equation import Check, Equation
from spikeproof_verification.experiments.ledger.precision import (
    Number,
    derivative,
    derivatives,
    dot,
    integral,
    integrals,
    mp,
    residual,
)  # fmt: skip
from spikeproof_verification.experiments.ledger.smooth import System, scalar_systems, systems

PARAMETERS = (0, 1)
TIMES = tuple(mp.mpf(n) / 10 for n in (2, 5, 9))
TRANSPOSED = "the transpose of dF/dx"
BY_DIFFERENCES = "dL/dp_i by differences of losses"


def paper_17(s: System) -> float:
    """The chain rule under the integral, against differences of the loss."""
    return _gradient(s, lambda i, t: dot(s.loss_slope(s.x(t), t), s.dx(i, t)))


def notes_2(s: System) -> float:
    """The derivative is taken inside the integral, point by point."""
    return _gradient(s, lambda i, t: derivative(lambda p: s.loss_density(s.path(s.moved(i, p)).at(t), t), mp.mpf(0)))


def notes_3(s: System) -> float:
    """Sum over the components."""
    return _at_times(
        lambda i, t: derivative(lambda p: s.loss_density(s.path(s.moved(i, p)).at(t), t), mp.mpf(0)),
        lambda i, t: mp.fsum(a * b for a, b in zip(s.loss_slope(s.x(t), t), s.dx(i, t), strict=True)),
    )


def notes_4(s: System) -> float:
    """The chain rule as a scalar product."""
    return _at_times(
        lambda i, t: derivative(lambda p: s.loss_density(s.path(s.moved(i, p)).at(t), t), mp.mpf(0)),
        lambda i, t: dot(s.loss_slope(s.x(t), t), s.dx(i, t)),
    )


def paper_18(s: System) -> float:
    """The dynamics of the sensitivities, against mixed differences of trajectories."""
    return _at_times(s.dx_dt, lambda i, t: _flow_derivative(s, i, t))


def notes_5(s: System) -> float:
    """The trajectory's difference quotient in time against F."""
    return residual([derivatives(s.x, t) for t in TIMES], [s.flow(s.x(t), s.p) for t in TIMES])


def notes_6(s: System) -> float:
    """d/dp of dx/dt, the latter a difference in time, against d/dp of F along the trajectories."""
    return _at_times(
        lambda i, t: derivatives(lambda p: derivatives(s.path(s.moved(i, p)).at, t), mp.mpf(0)),
        lambda i, t: _flow_along(s, i, t),
    )


def notes_7(s: System) -> float:
    """d/dt of dx/dp against d/dp of F along the trajectories."""
    return _at_times(s.dx_dt, lambda i, t: _flow_along(s, i, t))


def notes_8(s: System) -> float:
    """The chain rule for F along the trajectories."""
    return _at_times(lambda i, t: _flow_along(s, i, t), lambda i, t: _flow_derivative(s, i, t))


def paper_19(s: System) -> float:
    """The loss with an arbitrary multiplier of what vanishes, against the loss."""

    def density(t: Number) -> Number:
        x = s.x(t)
        gap = [a - b for a, b in zip(derivatives(s.x, t), s.flow(x, s.p), strict=True)]
        return s.loss_density(x, t) + dot(s.free_lambda(t), gap)

    return residual(s.loss(s.p), integral(density, s.knots))


def paper_20(s: System) -> float:
    """The gradient with an arbitrary multiplier of the sensitivities' dynamics."""

    def density(i: int, t: Number) -> Number:
        gap = [a - b for a, b in zip(s.dx_dt(i, t), _flow_derivative(s, i, t), strict=True)]
        return dot(s.loss_slope(s.x(t), t), s.dx(i, t)) + dot(s.free_lambda(t), gap)

    return _gradient(s, density)


def paper_21(s: System) -> float:
    """Partial integration of an arbitrary multiplier against the sensitivities."""

    def sides(i: int) -> tuple[Number, Number]:
        both = integrals(
            lambda t: [
                dot(s.free_lambda(t), s.dx_dt(i, t)),
                -dot(derivatives(s.free_lambda, t), s.dx(i, t)),
            ],
            s.knots,
        )
        ends = [dot(s.free_lambda(t), s.dx(i, t)) for t in (s.end, mp.mpf(0))]
        return both[0], both[1] + ends[0] - ends[1]

    left, right = zip(*map(sides, PARAMETERS), strict=True)
    return residual(left, right)


def notes_9(s: System) -> float:
    """Partial integration of two arbitrary functions, boundary terms taken at both ends."""

    def u(t: Number) -> Number:
        return mp.exp(s.multiplier[0] * t) + t

    def v(t: Number) -> Number:
        return mp.cos(s.multiplier[-1] + t)

    left = integral(lambda t: u(t) * derivative(v, t), s.knots)
    boundary = u(s.end) * v(s.end) - u(mp.mpf(0)) * v(mp.mpf(0))
    return residual(left, boundary - integral(lambda t: derivative(u, t) * v(t), s.knots))


def notes_10(s: System, *, transposed: bool = False) -> float:
    """The regrouped gradient with an arbitrary multiplier that ends at 0."""

    def density(i: int, t: Number) -> Number:
        x, multiplier = s.x(t), s.free_lambda(t)
        matrix = s.jacobian(x)
        product = _product(_transpose(matrix) if transposed else matrix, multiplier)
        slopes = zip(s.loss_slope(x, t), derivatives(s.free_lambda, t), product, strict=True)
        factor = [slope - rate - flow for slope, rate, flow in slopes]
        return dot(factor, s.dx(i, t)) - dot(multiplier, s.flow_slope(i, x))

    return _gradient(s, density)


def paper_23(s: System, *, transposed: bool = False) -> float:
    """The adjoint equation: with its solution, the gradient of the next equation is that of differences."""
    path = s.adjoint(transposed=transposed)

    def density(i: int, t: Number) -> Number:
        return -dot(path.at(t)[s.size + 1 :], s.flow_slope(i, s.x(t)))

    return _gradient(s, density)


def _gradient(s: System, density: Callable[[int, Number], Number]) -> float:
    """The integral of `density` for each parameter against differences of the loss."""
    right = [integral(lambda t, i=i: density(i, t), s.knots) for i in PARAMETERS]  # type: ignore[misc]
    return residual(s.loss_gradient, right)


def _at_times(left: Callable[..., object], right: Callable[..., object]) -> float:
    places = [(i, t) for i in PARAMETERS for t in TIMES]
    return residual([left(*place) for place in places], [right(*place) for place in places])


def _flow_along(s: System, i: int, t: Number) -> list[Number]:
    """d/dp_i of F(x(t, p), p), everything that depends on p included."""
    return derivatives(lambda p: s.flow(s.path(s.moved(i, p)).at(t), s.moved(i, p)), mp.mpf(0))


def _flow_derivative(s: System, i: int, t: Number) -> list[Number]:
    """The total derivative ``dF/dx dx/dp_i + dF/dp_i``."""
    x = s.x(t)
    moved = zip(_product(s.jacobian(x), s.dx(i, t)), s.flow_slope(i, x), strict=True)
    return [a + b for a, b in moved]


def _product(matrix: list[list[Number]], vector: list[Number]) -> list[Number]:
    return [dot(row, vector) for row in matrix]


def _transpose(matrix: list[list[Number]]) -> list[list[Number]]:
    return [list(column) for column in zip(*matrix, strict=True)]


def _holds(how: str, printed: Callable[[System], float]) -> tuple[Check, ...]:
    return (Check("holds", how, systems, printed),)


def _transposition(how: str, function: Callable[..., float]) -> tuple[Check, ...]:
    return (
        Check("corrected", how, systems, function, lambda s: function(s, transposed=True)),
        Check("holds", how, scalar_systems, function, condition="one component, or dF/dx symmetric"),
    )


SYSTEM = Equation(
    "paper 15", "2", "dx/dt - F(x, p) = 0", "definition",
    note="Defines the system; the trajectories of all checks of this section are its Taylor series.",
)  # fmt: skip
EQUATIONS = (
    SYSTEM,
    Equation(
        "notes 1", "2", "calF(dx/dt, x, p) = 0 with calF = dx/dt - F(x, p)", "definition",
        note="Another name for paper 15.",
    ),
    Equation("paper 16", "2", "L = integral over (0, T) of l(x, t)", "definition", note="Defines the loss."),
    Equation(
        "paper 17", "2", "dL/dp_i = integral of dl/dx . dx/dp_i", "derived",
        _holds(f"{BY_DIFFERENCES}, against a quadrature of dl/dx . dx/dp_i", paper_17),
    ),
    Equation(
        "notes 2", "2", "d/dp_i of the integral of l = integral of d/dp_i l", "identity",
        _holds(f"{BY_DIFFERENCES}, against a quadrature of differences of l at fixed t", notes_2),
    ),
    Equation(
        "notes 3", "2", "d/dp_i l(x, t) = sum over k of dl/dx_k dx_k/dp_i", "identity",
        _holds("differences of l along trajectories, against the sum, at three times", notes_3),
    ),
    Equation(
        "notes 4", "2", "the sum of notes 3 is dl/dx . dx/dp_i", "identity",
        _holds("as notes 3, the sum as a scalar product", notes_4),
    ),
    Equation(
        "paper 18", "2", "d/dt dx/dp_i = dF/dx dx/dp_i + dF/dp_i", "derived",
        _holds("mixed differences of trajectories in t and p, against the right side, at three times", paper_18),
    ),
    Equation(
        "notes 5", "2", "dx/dt = F(x, p)", "definition",
        _holds("differences of the trajectory in time, against F", notes_5), note="Paper 15 again.",
    ),
    Equation(
        "notes 6", "2", "d/dp_i dx/dt = d/dp_i F(x, p), x depending on p", "identity",
        _holds("differences in p of differences in t, against differences of F along trajectories", notes_6),
    ),
    Equation(
        "notes 7", "2", "d/dt dx/dp_i = d/dp_i F(x, p), x depending on p", "identity",
        _holds("differences in t of differences in p, against differences of F along trajectories", notes_7),
    ),
    Equation(
        "notes 8", "2", "d/dp_i F(x, p) = dF/dx . dx/dp_i + dF/dp_i", "identity",
        _holds("differences of F along trajectories, against the right side", notes_8),
        note='The dot is a product of a matrix and a vector, not the "scalar product" that the notes call it.',
    ),
    Equation(
        "paper 19", "2", "L = integral of l + lambda . (dx/dt - F), for any lambda", "identity",
        _holds("the loss, against a quadrature with an arbitrary lambda(t)", paper_19),
    ),
    Equation(
        "paper 20", "2",
        "dL/dp_i = integral of dl/dx . dx/dp_i + lambda . (d/dt dx/dp_i - dF/dx . dx/dp_i - dF/dp_i)", "derived",
        _holds(f"{BY_DIFFERENCES}, against a quadrature with an arbitrary lambda(t)", paper_20),
    ),
    Equation(
        "paper 21", "2", "integral of lambda . d/dt dx/dp_i = -integral of dlambda/dt . dx/dp_i + boundary", "identity",
        _holds("both sides by quadrature, with an arbitrary lambda(t)", paper_21),
    ),
    Equation(
        "notes 9", "2", "integral of u dv/dt = [u v] - integral of du/dt v", "identity",
        _holds("both sides by quadrature, for two arbitrary functions", notes_9),
    ),
    Equation(
        "notes 10", "2",
        "dL/dp_i = integral of (dl/dx - dlambda/dt - dF/dx lambda) . dx/dp_i - lambda . dF/dp_i, if lambda(T) = 0",
        "derived",
        _transposition(f"{BY_DIFFERENCES}, against a quadrature with an arbitrary lambda(t)", notes_10),
        correction=f"{TRANSPOSED}: (dF/dx)^T lambda", note="Stands where the paper has its number 22.",
    ),
    Equation(
        "paper 23", "2", "dlambda/dt = dl/dx - dF/dx lambda", "derived",
        _transposition(f"{BY_DIFFERENCES}, against paper 24 with the lambda that solves this equation", paper_23),
        correction=f"{TRANSPOSED}: (dF/dx)^T lambda",
    ),
    Equation(
        "paper 24", "2", "dL/dp_i = -integral of lambda . dF/dp_i", "derived",
        _holds(
            f"{BY_DIFFERENCES}, against a quadrature with the lambda of paper 23 as corrected",
            lambda s: paper_23(s, transposed=True),
        ),
    ),
)  # fmt: skip
