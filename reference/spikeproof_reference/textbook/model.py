"""The model as the textbook engine reads it: a list of neurons and a list of synapses, in Python floats.

Between events every neuron obeys::

    (1)  tau_mem dV/dt = -V + I + bias        tau_syn dI/dt = -I

The engine computes with ``U = V - level``, which rests at ``rest = bias - level``. As a rule the level is the bias, and
a U that fades away keeps its digits. In a bias of many thresholds, which V never nears, V - bias would lose digits:
the level is the threshold then.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from spikeproof.network import Projection
from spikeproof.problem import Problem


@dataclass(frozen=True)
class Neuron:
    """Parameters of one neuron; the threshold of a leaky integrator is infinite."""

    tau_mem: float
    tau_syn: float
    v_th: float
    v_reset: float
    bias: float
    v_init: float
    i_init: float
    t_ref: float

    @cached_property
    def level(self) -> float:
        """The potential that U is counted from."""
        return self.v_th if abs(self.bias) > STRONG * max(abs(self.v_th), abs(self.v_reset)) else self.bias

    @cached_property
    def rest(self) -> float:
        """The limit of U without a current."""
        return self.bias - self.level

    @cached_property
    def theta(self) -> float:
        """The current that must be exceeded for V to cross the threshold."""
        return self.v_th - self.bias

    @cached_property
    def u_reset(self) -> float:
        """U after a spike."""
        return self.v_reset - self.level


STRONG = 4.0  # thresholds (or resets) in a strong bias


@dataclass(frozen=True)
class Synapse:
    """One synapse, from neuron (or input channel) `pre` to neuron `post`."""

    pre: int
    post: int
    w: float
    delay: float
    from_input: bool
    projection: int  # its place in the network


@dataclass(frozen=True)
class Model:
    """Neurons and synapses, numbered through.

    Attributes
    ----------
    neurons : in the order of the populations.
    synapses : projection by projection, in the order of its weights.
    outgoing, incoming : numbers of the synapses of each neuron, and of each input channel.
    duration : T.
    """

    neurons: list[Neuron]
    synapses: list[Synapse]
    outgoing: list[list[int]]
    incoming: list[list[int]]
    duration: float

    @classmethod
    def of(cls, neurons: list[Neuron], synapses: list[Synapse], n_channels: int, duration: float) -> Model:
        """The model of neurons and synapses."""
        outgoing: list[list[int]] = [[] for _ in neurons]
        incoming: list[list[int]] = [[] for _ in range(n_channels)]
        for number, s in enumerate(synapses):
            (incoming if s.from_input else outgoing)[s.pre].append(number)
        return cls(neurons, synapses, outgoing, incoming, duration)


def model_of(problem: Problem) -> Model:
    """The model of a `problem` in float64."""
    network, columns = problem.network, problem.neuron_columns(float)
    synapses = [s for k, p in enumerate(network.projections) for s in _synapses(problem, p, k)]
    neurons = [Neuron(*values) for values in zip(*columns.values(), strict=True)]
    return Model.of(neurons, synapses, network.n_channels, float(problem.stimulus.duration))


def _synapses(problem: Problem, projection: Projection, number: int) -> list[Synapse]:
    network, weights = problem.network, problem.parameters.weights[projection.name].ravel()
    from_input, delay = network.from_input(projection), float(projection.delay)
    pre = (network.channels if from_input else network.neurons)(projection.pre)
    post = network.neurons(projection.post)
    pairs = zip(network.pairs(projection), weights.tolist(), strict=True)
    return [Synapse(pre[i], post[j], w, delay, from_input, number) for (i, j), w in pairs]
