"""One spike per neuron: the exact gradient of first spike times, event-driven, by closed forms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spikeproof.arguments import instance
from spikeproof.errors import InvalidInput
from spikeproof.lesson.estimator import Estimate, Stopwatch, refuse_unsupported
from spikeproof.lesson.first_spike_layers import FirstSpikeLayers, solving_order
from spikeproof.lesson.spike_loss import refusal, spike_loss
from spikeproof.losses import terms_of
from spikeproof.losses.checked import mean
from spikeproof.numbers import Float64Array
from spikeproof.problem import Problem
from spikeproof.solution import Solution


@dataclass(frozen=True)
class SingleSpike:
    """The exact gradient of a feed-forward network in which each neuron fires at most once.

    Spike times are closed forms, docs/theory.md (closed-crossings), of which the gradient is that of the implicit
    function theorem, layer by layer. The network is that of `problem` with an infinite refractory time, whatever its
    own.

    Parameters
    ----------
    name : str

    Notes
    -----
    A problem is served whose neurons all are leaky integrate-and-fire with ``tau_mem = tau_syn`` (Lambert's W) or
    ``tau_mem = 2 tau_syn`` (a quadratic), exactly, and with a threshold above their bias; whose populations do not
    project back to themselves, directly or over others; and whose loss is one of spike times. Sparse projections are
    solved as all-to-all ones with weights of 0.

    References
    ----------
    Mostafa (2018), IEEE Transactions on Neural Networks and Learning Systems 29, 3227; Comsa et al. (2020), ICASSP,
    8529 (Lambert's W); Göltz et al. (2021), Nature Machine Intelligence 3, 823 (both ratios).
    """

    name: str = "single-spike"

    def __post_init__(self) -> None:
        instance("name", self.name, str)

    def unsupported(self, problem: Problem) -> str | None:
        """Why this estimator cannot serve `problem`; None if it can."""
        network = instance("problem", problem, Problem).network
        for population in network.populations:
            if population.kind == "li":
                return f"population {population.name} is of leaky integrators, which do not spike"
            own = problem.rounded().parameters.neurons[population.name]
            ratio = np.asarray(own.tau_mem / own.tau_syn)
            if not np.all((own.tau_mem == own.tau_syn) | (own.tau_mem == 2.0 * np.asarray(own.tau_syn))):
                wrong = ratio[(ratio != 1.0) & (ratio != 2.0)] if ratio.ndim else ratio
                return (
                    f"population {population.name} has tau_mem / tau_syn = {float(np.ravel(wrong)[0])!r}: "
                    "closed forms are known for 1 and 2"
                )
            if not np.all(np.asarray(own.bias) < np.asarray(own.v_th)):
                return f"population {population.name} has a bias that reaches its threshold"
        try:
            solving_order(network)
        except InvalidInput as error:
            return str(error)
        return None if problem.loss is None else refusal(problem.loss)

    def answer(self, problem: Problem) -> Solution:
        """The first spikes, and the loss if the problem has one.

        Parameters
        ----------
        problem : Problem

        Returns
        -------
        Solution

        Raises
        ------
        InvalidInput
            If `unsupported` names a reason.
        """
        layers = FirstSpikeLayers(self._checked(problem))
        return self._solution(problem, layers)[0]

    def estimate(self, problem: Problem) -> Estimate:
        """The gradient of the loss of `problem`, exact for the network of single spikes.

        Parameters
        ----------
        problem : Problem
            It has a loss, of spike times.

        Returns
        -------
        Estimate

        Raises
        ------
        GrazingSpike
            If a spike that matters has Vdot = 0 to rounding.
        InvalidInput
            If `unsupported` names a reason, or a derivative overflows binary64.
        """
        watch = Stopwatch()
        layers = FirstSpikeLayers(self._checked(refuse_unsupported(self, problem)))
        solution, slopes = self._solution(problem, layers)
        gradients = layers.gradients(slopes).at_synapses(problem.network)
        gradients.require_finite()
        spikes = len(solution.spikes) / solution.spikes.n_samples
        assert solution.loss is not None
        return Estimate(solution.loss, gradients.weights, watch.cost(1, 1), spikes, solution)

    def _checked(self, problem: Problem) -> Problem:
        """The dense problem in binary64, if it is served."""
        reason = self.unsupported(problem)
        if reason is not None:
            raise InvalidInput("problem", reason, f"a problem that {self.name} serves")
        return problem.rounded().dense()

    def _solution(self, problem: Problem, layers: FirstSpikeLayers) -> tuple[Solution, Float64Array]:
        """The solution of `problem`, and the derivatives of its loss by spike times."""
        spikes, ends, loss = layers.spikes, (layers.end("v_end"), layers.end("i_end")), layers.problem.loss
        if loss is None:
            return Solution(self.name, problem, spikes, *ends), np.zeros(len(spikes))
        values, slopes = spike_loss(loss, problem.network, layers.problem.stimulus.duration, spikes)
        observed = (None,) * sum(1 for _ in terms_of(loss))
        return Solution(self.name, problem, spikes, *ends, mean(values), values, None, observed), slopes
