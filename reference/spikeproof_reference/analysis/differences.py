"""Central differences of the loss in high precision, guarded against changes of the event sequence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from spikeproof.arguments import instance
from spikeproof.errors import InvalidInput
from spikeproof.losses import SpikeCountRegulariser, terms_of
from spikeproof.numbers import finite, integer, rectangular
from spikeproof.problem import Problem
from spikeproof_reference.analysis.branch import require_same_branch
from spikeproof_reference.mp.forward import forward
from spikeproof_reference.mp.losses.evaluate import evaluate
from spikeproof_reference.mp.losses.evaluation import Evaluation
from spikeproof_reference.mp.model import Model, model_of, shifted
from spikeproof_reference.mp.parameter import Parameter, numbers_of, parameters_of
from spikeproof_reference.mp.precision import exact, working_context
from spikeproof_reference.mp.result import as_array
from spikeproof_reference.mp.totals import Totals, no_totals


@dataclass(frozen=True)
class Direction:
    """A direction in parameter space; the components of parameters that are not given are 0.

    Attributes
    ----------
    weights : mapping from projection name to array, shaped like the weights.
    input_times : array, shape (n_input_spikes,), or None.
    delays : mapping from projection name to array, shaped like the weights.
        A delay of 0 is taken below 0 by continuing the solution analytically: an arrival acts as if it had come before
        the spike that causes it. The difference is the derivative on the side of positive delays.
    neurons : mapping from population name to a mapping from parameter name ("tau_mem", "v_th", ...) to an array, shape
        (size,), or a number for all.
        A refractory time of 0 is moved to either side in the same way: what arrives as the neuron spikes meets a free
        neuron. The difference is the derivative of the order in which the release comes first.
    """

    weights: Mapping[str, Any] = field(default_factory=dict)
    input_times: Any = None
    delays: Mapping[str, Any] = field(default_factory=dict)
    neurons: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def central_difference(problem: Problem, direction: Direction, dps: int = 40) -> Any:
    """Derivative of the loss along `direction`: ``(L(p + h d) - L(p - h d)) / 2h``.

    Parameters
    ----------
    problem : Problem
        Has a loss.
    direction : Direction
    dps : int
        Digits aimed at, >= 15. h is ``10**-(dps/2 + 6)`` and the two losses are computed to 3 times that many
        digits, so that truncation and rounding both leave `dps` digits and some, as long as third derivatives stay
        below ``10**12`` times the first.

    Returns
    -------
    mpf

    Raises
    ------
    InvalidInput
        If the direction names something that is no parameter, or the loss counts spikes: it has no derivative.
    SequenceChanged
        If p - h d, p and p + h d do not lie on one smooth branch; a number would mean nothing.
    GrazingSpike
        If a peak of V cannot be told from the threshold.
    """
    return _Quotient(problem, dps).along(direction)


def central_differences(problem: Problem, parameters: Iterable[Parameter] | None = None, dps: int = 40) -> Any:
    """Derivatives of the loss with respect to single parameters, by central differences.

    Parameters
    ----------
    problem : Problem
        Has a loss.
    parameters : iterable of Parameter, or None
        All parameters in the order of `parameters_of` if None.
    dps : int
        Digits aimed at, >= 15: see `central_difference`.

    Returns
    -------
    object array of mpf, shape (n_parameters,)

    Raises
    ------
    InvalidInput, SequenceChanged, GrazingSpike
        As `central_difference`.
    """
    quotient = _Quotient(problem, dps)
    chosen, _ = numbers_of(problem, parameters_of(problem) if parameters is None else parameters)
    return as_array([quotient.of(p) for p in chosen])


class _Quotient:
    """The solution at p, with the numbers needed to solve at p + h d."""

    def __init__(self, problem: Problem, dps: int) -> None:
        integer("dps", dps, low=15)
        loss = instance("problem", problem, Problem).loss
        if loss is None:
            raise InvalidInput("problem.loss", None, "a loss")
        if any(isinstance(p, SpikeCountRegulariser) for _, p in terms_of(loss)):
            raise InvalidInput("problem.loss", "SpikeCountRegulariser", "a loss that has a derivative")
        half = dps // 2 + 6
        self.problem, self.ctx = problem, working_context(3 * half)
        self.h = self.ctx.mpf(10) ** -half
        self.model = model_of(problem, self.ctx, 3 * half)
        self.clean = self._losses(self.model)

    def along(self, direction: Direction) -> Any:
        return self._quotient(step_along(self.problem, direction, self.model))

    def of(self, parameter: Parameter) -> Any:
        step, network = no_totals(self.model), self.problem.network
        if parameter.kind == "input_time":
            step.input_times[parameter.i] = self.ctx.one
        elif parameter.kind in ("weight", "delay"):
            matrices = step.weights if parameter.kind == "weight" else step.delays
            names = [s.name for s in self.model.synapses]
            matrices[names.index(parameter.projection)][parameter.i][parameter.j] = self.ctx.one
        else:
            step.neurons[parameter.kind][network.neurons(parameter.projection)[parameter.i]] = self.ctx.one
        return self._quotient(step)

    def _quotient(self, step: Totals) -> Any:
        plus, minus = self._loss(step, self.h), self._loss(step, -self.h)
        return (plus - minus) / (2 * self.h)

    def _loss(self, step: Totals, h: Any) -> Any:
        """Loss at p + h step, on the branch of p."""

        def active(p: int, i: int, j: int) -> bool:
            return bool(self.model.synapses[p].weights[i][j]) or bool(step.weights[p][i][j])

        losses = self._losses(self._continued(shifted(self.model, step, h)))
        for clean, moved in zip(self.clean, losses, strict=True):
            require_same_branch(clean.paths.tape, moved.paths.tape, active, clean.marks, moved.marks)
        return sum((loss.value for loss in losses), self.ctx.zero) / len(losses)

    def _continued(self, moved: Model) -> Model:
        """A moved model in which a neuron that was never held is released before anything arrives at it."""
        pairs = zip(self.model.neurons, moved.neurons, strict=True)
        return replace(moved, neurons=[replace(b, at_once=not a.t_ref and bool(b.t_ref)) for a, b in pairs])

    def _losses(self, model: Model) -> list[Evaluation]:
        tapes = (forward(model, s) for s in range(self.problem.stimulus.n_samples))
        return [evaluate(self.problem, tape, slopes=False) for tape in tapes]


def step_along(problem: Problem, direction: Direction, model: Model) -> Totals:
    """A direction in the numbers of the model."""
    _check_shapes(problem, direction)
    step, ctx, network = no_totals(model), model.ctx, problem.network
    names = [s.name for s in model.synapses]
    for kind, given, matrices in (
        ("weights", network.as_matrices(direction.weights), step.weights),
        ("delays", network.as_matrices(direction.delays), step.delays),
    ):
        for name, rows in given.items():
            if name not in names:
                raise InvalidInput(f"direction.{kind}.{name}", "unknown name", f"one of {names}")
            matrices[names.index(name)] = [[exact(ctx, x) for x in row] for row in rows]
    if direction.input_times is not None:
        step.input_times = [exact(ctx, x) for x in direction.input_times]
    for population, parameters in direction.neurons.items():
        for name, values in parameters.items():
            if name not in step.neurons or getattr(problem.parameters.neurons[population], name, None) is None:
                raise InvalidInput(f"direction.neurons.{population}.{name}", "unknown name", "a parameter it has")
            for n, x in zip(
                network.neurons(population), _spread(values, network.population(population).size), strict=True
            ):
                step.neurons[name][n] = exact(ctx, x)
    return step


def _check_shapes(problem: Problem, direction: Direction) -> None:
    shapes = {p.name: problem.network.weight_shape(p) for p in problem.network.projections}
    for kind in ("weights", "delays", "neurons"):
        if not isinstance(getattr(instance("direction", direction, Direction), kind), Mapping):
            raise InvalidInput(f"direction.{kind}", getattr(direction, kind), "a mapping")
    for kind, parts in (("weights", direction.weights), ("delays", direction.delays)):
        for name, part in parts.items():
            if name in shapes:
                _check_shape(f"direction.{kind}.{name}", part, shapes[name])
    if direction.input_times is not None:
        _check_shape("direction.input_times", direction.input_times, problem.stimulus.times.shape)
    for population, parameters in direction.neurons.items():
        size = problem.network.population(population).size
        if not isinstance(parameters, Mapping):
            raise InvalidInput(f"direction.neurons.{population}", parameters, "a mapping")
        for name, values in parameters.items():
            _check_shape(f"direction.neurons.{population}.{name}", values, (), (size,))


def _check_shape(field: str, values: Any, *allowed: tuple[int, ...]) -> None:
    shape = rectangular(field, values).shape
    if shape not in allowed:
        raise InvalidInput(field, f"shape {shape}", " or ".join(f"shape {s}" for s in allowed))
    finite(field, values)


def _spread(values: Any, size: int) -> Any:
    return np.broadcast_to(np.asarray(values), (size,))
