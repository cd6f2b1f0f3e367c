"""Evolution: the gradient of a loss from its values at random weights, and training by nothing but such values."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any, Literal, TypeAlias

import numpy as np

from spikeproof.arguments import choice, function, instance
from spikeproof.engine import Engine, check_engine
from spikeproof.errors import InvalidInput
from spikeproof.event import EventEngine
from spikeproof.lesson.estimator import Estimate, Stopwatch, refuse_unsupported
from spikeproof.numbers import Array, Float64Array, array, integer, positive, scalar
from spikeproof.parameters import Parameters
from spikeproof.problem import Problem
from spikeproof.solution import Solution
from spikeproof.training.adam import Adam, Moments

Fitness: TypeAlias = Literal["raw", "ranked"]
ValueFunction: TypeAlias = Callable[[Float64Array], float]


@dataclass(frozen=True)
class EvolutionStrategy:
    """Evolution strategy with antithetic pairs, as an estimator of the gradient of any loss of any engine.

    With n pairs of weights, e_k from the standard normal distribution and the fitness u of each value of the loss::

        g = 1 / (2 n sigma) sum over k of (u(w + sigma e_k) - u(w - sigma e_k)) e_k

    Parameters
    ----------
    sigma : float
        Standard deviation of the weights that are tried, > 0, in their unit.
    pairs : int
        n, >= 1.
    seed : int
        >= 0. The e_k follow from it, the weights and the input spikes: equal problems give equal bits, and each step of
        a training has e_k of its own.
    fitness : ``"raw"`` or ``"ranked"``
        u is the loss itself; or its rank among all 2 n values, from -1/2 to 1/2, equal values sharing their mean rank.
    engine : Engine
        Solves the problems, without gradients; the event engine by default.
    name : str

    Raises
    ------
    InvalidInput
        If an argument is outside its range.

    Notes
    -----
    With raw fitness g is unbiased for the gradient of the loss *averaged over the normal distribution* around w, which
    differs from that of the loss by O(sigma^2) where the loss is smooth, and exists where the loss is a stair.
    Where the loss is quadratic the mean of g is its gradient, with ``E|g - grad|^2 = (d + 1) / n |grad|^2`` for d
    weights.
    Ranked fitness gives a direction that does not change under monotone changes of the loss, and no gradient's size.

    References
    ----------
    Salimans, Ho, Chen, Sidor and Sutskever (2017), arXiv:1703.03864; Wierstra et al. (2014), JMLR 15, 949.
    """

    sigma: float = 0.1
    pairs: int = 32
    seed: int = 0
    fitness: Fitness = "raw"
    engine: Engine = field(default_factory=EventEngine)
    name: str = "evolution"

    def __post_init__(self) -> None:
        object.__setattr__(self, "sigma", float(positive("sigma", self.sigma)))
        integer("pairs", self.pairs, low=1)
        integer("seed", self.seed, low=0)
        choice("fitness", self.fitness, "raw", "ranked")
        check_engine("engine", self.engine)
        instance("name", self.name, str)

    def unsupported(self, problem: Problem) -> str | None:
        """Why the engine cannot solve `problem`; None if it can."""
        return self.engine.unsupported(problem)

    def answer(self, problem: Problem) -> Solution:
        """The engine's own solution at the weights of `problem`, without gradients."""
        return self.engine.solve(problem, gradients=None)

    def estimate(self, problem: Problem) -> Estimate:
        """The gradient of the loss of `problem` as it follows from ``2 pairs`` values.

        Parameters
        ----------
        problem : Problem
            It has a loss.

        Returns
        -------
        Estimate
            Its value is the loss at the weights themselves.

        Raises
        ------
        InvalidInput
            If the problem has no loss, or the engine does not solve it.
        """
        watch, problem = Stopwatch(), refuse_unsupported(self, problem)
        solution, center = self.answer(problem), problem.rounded().parameters.flat()
        random = np.random.default_rng([self.seed, _key(problem)])
        gradient = self.gradient(loss_of_weights(problem, self.engine), center, random)
        if solution.loss is None:
            raise InvalidInput("engine", self.engine.name, "an engine that returns the loss")
        spikes = len(solution.spikes) / solution.spikes.n_samples
        cost = watch.cost(2 * self.pairs + 1, 0)
        return Estimate(solution.loss, problem.network.split(gradient), cost, spikes, solution)

    def gradient(self, value: ValueFunction, center: Float64Array, random: np.random.Generator) -> Float64Array:
        """The estimate g of the gradient of a function of a vector.

        Parameters
        ----------
        value : callable
            Takes an array of shape (size,), returns a finite number.
        center : array, shape (size,)
        random : numpy Generator
            Draws the e_k.

        Returns
        -------
        ndarray, shape (size,)

        Raises
        ------
        InvalidInput
            If a value is not finite.
        """
        noise = random.standard_normal((self.pairs, len(center)))
        values = paired_values(function("value", value), center, self.sigma * noise)
        fitness = centered_ranks(values) if self.fitness == "ranked" else values
        return np.asarray((fitness[0] - fitness[1]) @ noise / (2.0 * self.pairs * self.sigma))


@dataclass(frozen=True)
class Evolved:
    """The result of a search.

    Attributes
    ----------
    weights : array, shape (size,)
        The last center of `evolve`, the best point that `cma_es` has tried.
    value : the function there.
    history : array, shape (generations,)
        The value at the center before each step of `evolve`, the best value so far after each generation of `cma_es`.
    evaluations : number of values that were computed.
    """

    weights: Float64Array
    value: float
    history: Float64Array
    evaluations: int


def evolve(
    value: ValueFunction, start: Array, strategy: EvolutionStrategy, generations: int, adam: Adam | None = None
) -> Evolved:
    """A minimum searched for by Adam on the estimates of an evolution strategy.

    Parameters
    ----------
    value : callable
        What is minimised: takes an array of shape (size,), returns a finite number.
    start : array, shape (size,)
    strategy : EvolutionStrategy
        Its engine is not used: see `loss_of_weights` for the loss of a problem.
    generations : int
        Number of steps, >= 1; generation g draws from ``numpy.random.default_rng([seed, g])``.
    adam : Adam, or None
        ``Adam(rate=sigma)`` if None.

    Returns
    -------
    Evolved

    Raises
    ------
    InvalidInput
        If an argument is outside its range, or a value is not finite.
    """
    center = np.array(array("start", start, ndim=1), np.float64)
    strategy = instance("strategy", strategy, EvolutionStrategy)
    integer("generations", generations, low=1)
    optimiser = Adam(rate=strategy.sigma) if adam is None else instance("adam", adam, Adam)
    moments, history = Moments.zero(len(center)), np.empty(generations)
    for generation in range(generations):
        history[generation] = _finite(value(center.copy()))
        random = np.random.default_rng([strategy.seed, generation])
        optimiser.update(center, strategy.gradient(value, center, random), moments)
    evaluations = generations * (2 * strategy.pairs + 1) + 1
    return Evolved(center, _finite(value(center.copy())), history, evaluations)


def cma_es(
    value: ValueFunction, start: Array, sigma: float, generations: int, seed: int, population: int | None = None
) -> Evolved:
    """A minimum searched for by the covariance matrix adaptation evolution strategy, with the package `cmaes`.

    Parameters
    ----------
    value : callable
        What is minimised: takes an array of shape (size,), returns a finite number.
    start : array, shape (size,), size >= 2
        Its memory and time grow with size^2 and size^3: for small networks.
    sigma : float
        First standard deviation, > 0.
    generations, seed : int
        >= 1 and from 0 to 2**32 - 1.
    population : int or None
        Values per generation, >= 2; ``4 + floor(3 log(size))`` if None.

    Returns
    -------
    Evolved

    Raises
    ------
    InvalidInput
        If an argument is outside its range, a value is not finite, or `cmaes` is not installed: see the extra
        ``spikeproof[lesson]``.

    References
    ----------
    Hansen (2016), arXiv:1604.00772.
    """
    mean = np.array(array("start", start, ndim=1), np.float64)
    if len(mean) < 2:
        raise InvalidInput("start", f"{len(mean)} entries", "at least 2")
    integer("generations", generations, low=1)
    size = None if population is None else integer("population", population, low=2)
    search = _cmaes().CMA(
        mean=mean, sigma=float(positive("sigma", sigma)), population_size=size,
        seed=integer("seed", seed, low=0, high=2**32 - 1),
    )  # fmt: skip
    best, weights, history = np.inf, mean, np.empty(generations)
    for generation in range(generations):
        tried = [search.ask() for _ in range(search.population_size)]
        values = [_finite(value(point.copy())) for point in tried]
        search.tell(list(zip(tried, values, strict=True)))
        first = int(np.argmin(values))
        if values[first] < best:
            best, weights = values[first], tried[first]
        history[generation] = best
    return Evolved(weights, best, history, generations * search.population_size)


def loss_of_weights(problem: Problem, engine: Engine) -> ValueFunction:
    """The loss of a problem as a function of all its weights.

    Parameters
    ----------
    problem : Problem
        It has a loss; its own weights are not used.
    engine : Engine

    Returns
    -------
    callable
        Takes the weights as one vector in the network's order (`Network.split`), returns the loss.

    Raises
    ------
    InvalidInput
        If the problem has no loss.
    """
    if instance("problem", problem, Problem).loss is None:
        raise InvalidInput("problem.loss", None, "a loss, of which the gradient is estimated")
    check_engine("engine", engine)

    def value(weights: Float64Array) -> float:
        parameters = Parameters(problem.network.split(weights), problem.parameters.neurons)
        return _finite(engine.solve(replace(problem, parameters=parameters), gradients=None).loss)

    return value


def paired_values(value: ValueFunction, center: Float64Array, steps: Float64Array) -> Float64Array:
    """The values at ``center + steps[k]`` and at ``center - steps[k]``, shape (2, n)."""
    return np.array([[_finite(value(center + sign * step)) for step in steps] for sign in (1.0, -1.0)])


def centered_ranks(values: Array) -> Float64Array:
    """The ranks of all values, from -1/2 for the least to 1/2 for the largest; equal values share their mean rank."""
    flat = values.ravel()
    ascending = np.sort(flat)
    below, upto = np.searchsorted(ascending, flat, "left"), np.searchsorted(ascending, flat, "right")
    ranks = 0.5 * (below + upto - 1.0)
    return np.asarray(ranks.reshape(values.shape) / max(len(flat) - 1, 1) - 0.5)


def _finite(value: Any) -> float:
    return float(scalar("value", value))


def _key(problem: Problem) -> int:
    """A number that follows from the weights and the input spikes."""
    digest, stimulus = hashlib.blake2b(digest_size=8), problem.rounded().stimulus
    for numbers in (problem.rounded().parameters.flat(), stimulus.times, stimulus.channels, stimulus.offsets):
        digest.update(np.ascontiguousarray(numbers).astype(numbers.dtype.newbyteorder("<"), copy=False).tobytes())
    return int.from_bytes(digest.digest(), "little")


def _cmaes() -> Any:
    try:
        return import_module("cmaes")
    except ImportError:
        raise InvalidInput("cmaes", "not installed", "pip install 'spikeproof[lesson]'") from None
