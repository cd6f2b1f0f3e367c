"""The score function: a probabilistic network, and an unbiased estimate of the gradient of its expected loss."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.lesson.derivatives import WeightDerivatives
from spikeproof.lesson.discrete import Discrete
from spikeproof.lesson.estimator import Estimate, Stopwatch
from spikeproof.lesson.kernels.scores import write_scores
from spikeproof.lesson.on_discrete import OnDiscreteNetwork
from spikeproof.lesson.reading import Reading
from spikeproof.lesson.trace import Trace
from spikeproof.losses.checked import mean
from spikeproof.numbers import Float64Array, IntArray, integer, positive
from spikeproof.problem import Problem
from spikeproof.solution import Solution


@dataclass(frozen=True)
class ScoreFunction(OnDiscreteNetwork):
    """REINFORCE: neurons spike with P(S = 1) = 1 / (1 + exp(-beta (V - v_th))), and draws are weighed by their loss.

    ::

        grad E[L] = E[(L - B) grad log P(S) + dL/dw at fixed S]

    Parameters
    ----------
    dt : float
        Step, > 0, in the unit of the time constants; it divides the duration and every delay.
    beta : float
        Steepness, > 0, in 1/V.
    samples : int
        Draws of all spikes of each sample of the batch, >= 1; with the baseline >= 2.
    seed : int
        >= 0. Draws follow from it and from the weights and input spikes of the problem: the same problem gives the
        same bits, and each step of a training gets draws of its own.
    baseline : bool
        True: B is the mean loss of the other draws of the same sample, which leaves the estimate unbiased, and takes
        a second forward pass for each draw; False: B is 0.
    synapse : ``"exponential"`` or ``"delta"``
    name : str

    Raises
    ------
    InvalidInput
        If an argument is outside its range.

    References
    ----------
    Williams (1992), Machine Learning 8, 229; Kool, van Hoof and Welling (2019), for the mean of the other draws.
    """

    beta: float
    samples: int
    seed: int
    baseline: bool = True
    name: str = field(default="score function", kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "beta", float(positive("beta", self.beta)))
        if not isinstance(self.baseline, bool):
            raise InvalidInput("baseline", self.baseline, "True or False")
        integer("samples", self.samples, low=2 if self.baseline else 1)
        integer("seed", self.seed, low=0)

    def answer(self, problem: Problem) -> Solution:
        """The spikes of the first draw; loss and observed numbers are means over all draws.

        Raises
        ------
        InvalidInput
            If the problem is none that the discrete network serves.
        """
        network = self.discrete(problem)
        if problem.loss is None:
            return network.solution(self.name, network.answer(next(self._traces(network)), None))
        answers = (network.answer(trace, network.read(trace)) for trace in self._traces(network))
        return _mean_solution([network.solution(self.name, answer) for answer in answers])

    def estimate(self, problem: Problem) -> Estimate:
        """The estimate of the gradient of the expected loss, over all draws.

        Parameters
        ----------
        problem : Problem
            It has a loss, of potentials of leaky integrators.

        Returns
        -------
        Estimate

        Raises
        ------
        InvalidInput
            If the problem is none that the discrete network serves.
        """
        watch, network = Stopwatch(), self.discrete(problem)
        derivatives, n_spikes, solutions = WeightDerivatives(network, shape=None), 0, []
        baselines = self._baselines(network)
        for trace, baseline in zip(self._traces(network), baselines, strict=True):
            reading = network.read(trace)
            neurons, d_v = self._derivatives(network, trace, reading, reading.values - baseline)
            derivatives.add(network, trace, neurons, d_v)
            n_spikes += trace.n_spikes
            solutions.append(network.solution(self.name, network.answer(trace, reading)))
        draws, solution = self.samples * problem.stimulus.n_samples, _mean_solution(solutions)
        assert solution.loss is not None
        cost = watch.cost((2 if self.baseline else 1) * self.samples, self.samples)
        return Estimate(
            solution.loss, network.by_projection(derivatives.total / draws), cost, n_spikes / draws, solution
        )

    def _traces(self, network: Discrete) -> Iterator[Trace]:
        """The traces of all draws, one after the other; each call draws the same."""
        key = _key(network)
        for number in range(self.samples):
            random = np.random.default_rng([self.seed, number, key])
            yield network.run_drawn(self.beta, random.random(network.tables.shape))

    def _baselines(self, network: Discrete) -> Float64Array:
        """B of each draw and sample, shape (draws, n_samples)."""
        if not self.baseline:
            return np.zeros((self.samples, network.problem.stimulus.n_samples))
        losses = np.array([network.read(trace).values for trace in self._traces(network)])
        return np.asarray((np.sum(losses, axis=0) - losses) / (self.samples - 1))

    def _derivatives(
        self, network: Discrete, trace: Trace, reading: Reading, factors: Float64Array
    ) -> tuple[IntArray, Float64Array]:
        """All neurons, and the derivatives by their V: the scores times `factors`, and those of the loss itself."""
        d_v = np.empty(trace.v.shape)
        write_scores(network.tables.neurons, trace, self.beta, factors, d_v)
        d_v[:, :, reading.neurons] += reading.d_v
        return np.arange(trace.v.shape[2]), d_v


def _key(network: Discrete) -> int:
    """A number that follows from the weights and the input spikes."""
    digest = hashlib.blake2b(digest_size=8)
    stimulus = network.dense.stimulus
    for array in (network.tables.weights, stimulus.times, stimulus.channels, stimulus.offsets):
        digest.update(np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False).tobytes())
    return int.from_bytes(digest.digest(), "little")


def _mean_solution(draws: list[Solution]) -> Solution:
    """The first of some solutions, with the means of their losses and observed numbers."""
    values = np.mean(np.array([d.sample_losses for d in draws]), axis=0)
    observed = tuple(np.mean(terms, axis=0) for terms in zip(*(d.observed for d in draws), strict=True))
    return replace(draws[0], loss=mean(values), sample_losses=values, observed=observed)
