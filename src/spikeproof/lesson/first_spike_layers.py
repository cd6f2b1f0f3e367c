"""The layers of a feed-forward network of single spikes: solved from the inputs on, differentiated in reverse."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import numpy as np

from spikeproof.errors import GrazingSpike, InvalidInput
from spikeproof.lesson.kernels.closed_crossing import UP
from spikeproof.lesson.kernels.single_spike import GRAZING, Arrivals, Neurons, first_spikes, first_spikes_back
from spikeproof.network import Network, Projection
from spikeproof.numbers import Array, Float64Array, IntArray, quiet
from spikeproof.problem import Problem
from spikeproof.solution import Gradients
from spikeproof.spikes import Spikes

SIDE = UP  # of the maximum of V on which a spike is: the rising one


@dataclass(frozen=True)
class Layer:
    """A population that is solved.

    Attributes
    ----------
    incoming : its projections; their weights lie below each other in `weights`.
    neurons, arrivals : what its kernels read.
    sources : for each projection, the numbers of its own arrivals, and the place of each among the input spikes, or in
        the flattened first spikes of the population that it comes from.
    times, vdot, v_end, i_end : arrays, shape (n_samples, size).
    """

    incoming: list[Projection]
    neurons: Neurons
    arrivals: Arrivals
    weights: Float64Array
    sources: list[tuple[IntArray, IntArray]]
    times: Float64Array
    vdot: Float64Array
    v_end: Float64Array
    i_end: Float64Array


class FirstSpikeLayers:
    """The first spikes of all neurons of a dense problem in binary64.

    Parameters
    ----------
    problem : Problem
        One that `spikeproof.lesson.SingleSpike` serves.

    Attributes
    ----------
    layers : mapping from population name to `Layer`, sources first.
    spikes : Spikes
    place : sample and neuron of each spike.
    """

    @quiet
    def __init__(self, problem: Problem) -> None:
        self.problem, self.network = problem, problem.network
        self.layers: dict[str, Layer] = {}
        for population in solving_order(self.network):
            self.layers[population] = self._solved(population)
        self.spikes, self.place = self._spikes()

    def end(self, name: str) -> Float64Array:
        """`v_end` or `i_end` of all neurons, shape (n_samples, n_neurons)."""
        return np.hstack([getattr(self.layers[p.name], name) for p in self.network.populations])

    @quiet
    def gradients(self, slopes: Float64Array) -> Gradients:
        """The gradient of a function of spike times that has these derivatives, shape (n_spikes,).

        Raises
        ------
        GrazingSpike
            If a spike that matters has Vdot = 0 to rounding.
        """
        d_times, d_inputs = np.zeros(self.end("v_end").shape), np.zeros(len(self.problem.stimulus.times))
        d_times[self.place] = slopes
        by_population = {p.name: d_times[:, columns_of(self.network, p.name)].copy() for p in self.network.populations}
        weights = dict[str, Float64Array]()
        for population, layer in reversed(self.layers.items()):
            d_weights, d_arrival = self._back(population, by_population[population])
            row = 0
            for projection, (arrivals, places) in zip(layer.incoming, layer.sources, strict=True):
                n_pre = self.network.shape(projection)[0]
                weights[projection.name] = d_weights[row : row + n_pre]
                row += n_pre
                into = d_inputs if self.network.from_input(projection) else by_population[projection.pre].reshape(-1)
                into[places] += d_arrival[arrivals]
        return Gradients({p.name: weights[p.name] for p in self.network.projections}, d_inputs)

    def _back(self, population: str, d_time: Float64Array) -> tuple[Float64Array, Float64Array]:
        """Derivatives by the weights of a layer and by the times of its arrivals."""
        layer = self.layers[population]
        d_weights, d_arrival = np.zeros_like(layer.weights), np.zeros(len(layer.arrivals.time))
        status, sample, neuron = first_spikes_back(
            layer.neurons, layer.arrivals, layer.weights, layer.times, layer.vdot, d_time, d_weights, d_arrival
        )
        if status == GRAZING:
            number = self.network.neurons(population).start + neuron
            raise GrazingSpike(sample, number, layer.times[sample, neuron])
        return d_weights, d_arrival

    def _solved(self, population: str) -> Layer:
        stimulus, incoming = self.problem.stimulus, [p for p in self.network.projections if p.post == population]
        size = self.network.population(population).size
        arrivals, sources = self._arrivals(incoming)
        weights = np.vstack([np.zeros((0, size)), *(self.problem.parameters.weights[p.name] for p in incoming)])
        outputs = [np.zeros((stimulus.n_samples, size)) for _ in range(4)]
        layer = Layer(incoming, _neurons(self.problem, population), arrivals, weights, sources, *outputs)
        first_spikes(layer.neurons, arrivals, weights, float(stimulus.duration), SIDE, *outputs)
        bias = self.problem.neuron_columns()["bias"][columns_of(self.network, population)]
        layer.v_end[:] = np.where(np.isfinite(layer.times), layer.neurons.v_reset, layer.v_end + bias)
        return layer

    def _arrivals(self, incoming: list[Projection]) -> tuple[Arrivals, list[tuple[IntArray, IntArray]]]:
        """The arrivals of these projections, by sample and time, and the sources of each projection's own."""
        samples, rows, times, sources = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0)], []
        row, count = 0, 0
        for p in incoming:
            sample, own, time, places = self._sent(p)
            samples.append(sample)
            rows.append(own + row)
            times.append(time + float(p.delay))
            sources.append((np.arange(count, count + len(places)), places))
            row, count = row + self.network.shape(p)[0], count + len(places)
        sample, time = np.concatenate(samples), np.concatenate(times)
        order = np.lexsort((time, sample))
        number = np.empty(count, np.int64)
        number[order] = np.arange(count)
        offset = np.searchsorted(sample[order], np.arange(self.problem.stimulus.n_samples + 1))
        arrivals = Arrivals(time[order], np.concatenate(rows)[order], offset)
        return arrivals, [(number[own], places) for own, places in sources]

    def _sent(self, p: Projection) -> tuple[Array, Array, Array, IntArray]:
        """Sample, row of the weights, time and place of each spike that a projection passes on."""
        stimulus = self.problem.stimulus
        if self.network.from_input(p):
            channels = self.network.channels(p.pre)
            places = np.flatnonzero((stimulus.channels >= channels.start) & (stimulus.channels < channels.stop))
            sample_of = np.repeat(np.arange(stimulus.n_samples), np.diff(stimulus.offsets))
            return sample_of[places], stimulus.channels[places] - channels.start, stimulus.times[places], places
        spikes = self.layers[p.pre].times
        places = np.flatnonzero(np.isfinite(spikes))
        sample, row = np.divmod(places, spikes.shape[1])
        return sample, row, spikes.reshape(-1)[places], places

    def _spikes(self) -> tuple[Spikes, tuple[IntArray, IntArray]]:
        """All spikes, by sample, population and time, and the sample and neuron of each."""
        times = np.hstack([self.layers[p.name].times for p in self.network.populations])
        vdot = np.hstack([self.layers[p.name].vdot for p in self.network.populations])
        group = np.repeat(np.arange(len(self.network.populations)), [p.size for p in self.network.populations])
        sample, neuron = np.nonzero(np.isfinite(times))
        order = np.lexsort((times[sample, neuron], group[neuron], sample))
        place = sample[order], neuron[order]
        offsets = np.searchsorted(place[0], np.arange(len(times) + 1))
        return Spikes(times[place], place[1], offsets, vdot[place]), place


def solving_order(network: Network) -> list[str]:
    """The populations, sources first.

    Raises
    ------
    InvalidInput
        If populations project back to themselves, directly or over others.
    """
    sorter: TopologicalSorter[str] = TopologicalSorter({p.name: [] for p in network.populations})
    for projection in network.projections:
        if not network.from_input(projection):
            sorter.add(projection.post, projection.pre)
    try:
        return list(sorter.static_order())
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise InvalidInput("network.projections", circle, "a network without recurrence") from None


def columns_of(network: Network, population: str) -> slice:
    """The columns of a population in arrays over all neurons."""
    numbers = network.neurons(population)
    return slice(numbers.start, numbers.stop)


def _neurons(problem: Problem, population: str) -> Neurons:
    """The neurons of a population, with V measured from the bias but for v_reset."""
    own_columns = columns_of(problem.network, population)
    own = {name: np.array(column[own_columns], np.float64) for name, column in problem.neuron_columns().items()}
    ratio = np.where(own["tau_mem"] == own["tau_syn"], 1.0, 2.0)
    v_th, v_init = own["v_th"] - own["bias"], own["v_init"] - own["bias"]
    return Neurons(own["tau_mem"], ratio, v_th, own["v_reset"], v_init, own["i_init"])
