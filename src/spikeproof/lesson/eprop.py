"""E-prop: an eligibility trace of each synapse, forward in time, times a learning signal from the readouts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from spikeproof.arguments import choice
from spikeproof.errors import InvalidInput
from spikeproof.lesson.discrete import Discrete
from spikeproof.lesson.estimator import Estimate, Stopwatch
from spikeproof.lesson.kernels.columns import I_DECAY, V_DECAY, V_GAIN
from spikeproof.lesson.kernels.eligibility import eligible_derivatives
from spikeproof.lesson.on_discrete import OnDiscreteNetwork
from spikeproof.lesson.reading import Reading
from spikeproof.lesson.shapes import SHAPES, Shape
from spikeproof.lesson.trace import Trace
from spikeproof.losses import terms_of
from spikeproof.network import Population
from spikeproof.numbers import Float64Array, integer, positive, quiet
from spikeproof.problem import Problem

Feedback: TypeAlias = Literal["symmetric", "random", "uniform"]


@dataclass(frozen=True)
class EProp(OnDiscreteNetwork):
    """Eligibility traces that each synapse can compute by itself, and a signal that the readouts send to each neuron.

    What a spike changes by way of other neurons that spike is left out, and so is what goes back through layers. For
    one hidden layer without recurrent weights and with symmetric feedback nothing is left out: it is the surrogate
    gradient.

    Parameters
    ----------
    dt : float
        Step, > 0, in the unit of the time constants; it divides the duration and every delay.
    shape, slope, reset_gradient
        The surrogate derivative of the step, as for `SurrogateGradient`.
    feedback : ``"symmetric"``, ``"random"`` or ``"uniform"``
        The weights of the learning signal from a readout to a neuron: those from the neuron to the readout; drawn
        from a normal distribution of mean 0 and variance 1; all 1.
    seed : int
        >= 0, of the random ones, which are the same in all steps of a training.
    synapse : ``"exponential"`` or ``"delta"``
    name : str

    Raises
    ------
    InvalidInput
        If an argument is outside its range.

    Notes
    -----
    The learning signal at a grid point is ``sum over readouts of feedback * dL/dV``. For a loss that is known at the
    end alone, such as one of the largest V, a first forward pass finds it. Traces take four numbers for each synapse.

    References
    ----------
    Bellec et al. (2020), Nature Communications 11, 3625; Zenke and Ganguli (2018), Neural Computation 30, 1514, for
    the three kinds of feedback.
    """

    shape: Shape = "super_spike"
    slope: float = 25.0
    reset_gradient: bool = True
    feedback: Feedback = "symmetric"
    seed: int = 0
    name: str = field(default="e-prop", kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        choice("shape", self.shape, *SHAPES)
        object.__setattr__(self, "slope", float(positive("slope", self.slope)))
        if not isinstance(self.reset_gradient, bool):
            raise InvalidInput("reset_gradient", self.reset_gradient, "True or False")
        choice("feedback", self.feedback, "symmetric", "random", "uniform")
        integer("seed", self.seed, low=0)

    def unsupported(self, problem: Problem) -> str | None:
        """Why this estimator cannot serve `problem`; None if it can."""
        reason = super().unsupported(problem)
        return _refusal(problem, self.feedback) if reason is None else reason

    def estimate(self, problem: Problem) -> Estimate:
        """The estimate by eligibility traces.

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
            If `unsupported` has a reason against the problem, or it has no loss.
        """
        watch, network = Stopwatch(), self.discrete(problem)
        trace = network.run()
        reading = network.read(trace)
        if (reason := _refusal(problem, self.feedback)) is not None:
            raise InvalidInput("problem", reason, "a problem that e-prop serves")
        gradients = network.by_projection(self._derivatives(network, trace, reading))
        solution = network.solution(self.name, network.answer(trace, reading))
        assert solution.loss is not None
        spikes = trace.n_spikes / problem.stimulus.n_samples
        return Estimate(solution.loss, gradients, watch.cost(2, 0), spikes, solution)

    @quiet
    def _derivatives(self, network: Discrete, trace: Trace, reading: Reading) -> Float64Array:
        """The sum over all samples, as one vector over all weights."""
        dense, tables = network.dense, network.tables
        total, d_v = np.zeros(len(tables.weights)), np.zeros(trace.v.shape)
        parts = dense.network.split(total)
        d_v[:, :, reading.neurons] = reading.of_mean()
        rng = np.random.default_rng(self.seed)
        for population in dense.network.populations:
            spiking = population.kind == "lif"
            signal = self._signal(dense, population, d_v, rng)
            readout = _readout(network) if spiking else np.zeros(0)
            for number, p in enumerate(dense.network.projections):
                if p.post == population.name:
                    eligible_derivatives(
                        tables, number, trace, SHAPES.index(self.shape), self.slope,
                        1.0 if self.reset_gradient else 0.0, readout, signal, parts[p.name],
                    )  # fmt: skip
        return total

    def _signal(
        self, problem: Problem, population: Population, d_v: Float64Array, rng: np.random.Generator
    ) -> Float64Array:
        """The learning signal of each neuron of a population, shape (n_samples, K + 1, size)."""
        if population.kind == "li":
            return np.ascontiguousarray(d_v[:, :, problem.network.neurons(population.name)])
        signal = np.zeros((*d_v.shape[:2], population.size))
        for name in _read_populations(problem):
            feedback = self._feedback(problem, population, name, rng)
            signal += np.einsum("skr,nr->skn", d_v[:, :, problem.network.neurons(name)], feedback)
        return signal

    def _feedback(
        self, problem: Problem, population: Population, readout: str, rng: np.random.Generator
    ) -> Float64Array:
        """The feedback weights, shape (size, size of the readout)."""
        shape = population.size, problem.network.population(readout).size
        if self.feedback == "random":
            return rng.normal(size=shape)
        if self.feedback == "uniform":
            return np.ones(shape)
        network, weights = problem.network, problem.parameters.weights
        own = [weights[p.name] for p in network.projections if (p.pre, p.post) == (population.name, readout)]
        return np.asarray(np.sum([np.zeros(shape), *own], axis=0))


def _read_populations(problem: Problem) -> list[str]:
    """The populations that the loss reads, each once."""
    return list(dict.fromkeys(part.population for _, part in terms_of(problem.loss))) if problem.loss else []


def _refusal(problem: Problem, feedback: Feedback) -> str | None:
    """Why e-prop cannot serve a problem that the discrete network serves; None if it can."""
    network, read = problem.network, _read_populations(problem)
    columns = problem.rounded().neuron_columns()
    readouts = [n for name in read for n in network.neurons(name)]
    for name in ("tau_mem", "tau_syn"):
        if len(set(columns[name][readouts].tolist())) > 1:
            return f"the readouts have several {name}, and a synapse has traces for one readout"
    for p in network.projections:
        if p.post in read and not network.from_input(p) and p.delay != 0:
            return f"the projection {p.name!r} to a readout has a delay of {p.delay}, and traces have none"
    for population in network.populations:
        direct = any(p.pre == population.name and p.post in read for p in network.projections)
        if feedback == "symmetric" and population.kind == "lif" and not direct:
            return f"the population {population.name!r} has no synapses to a readout, so no symmetric feedback"
    return None


def _readout(network: Discrete) -> Float64Array:
    """a, b, c and the lag of the readouts."""
    name = _read_populations(network.dense)[0]
    first = network.dense.network.neurons(name).start
    columns = [network.tables.neurons[row, first] for row in (V_DECAY, I_DECAY, V_GAIN)]
    return np.array([*columns, 0.0 if network.synapse == "delta" else 1.0])
