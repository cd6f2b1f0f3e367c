"""A reader of NIR graphs: neurons, and the signals that lead to them through linear nodes, as a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from spikeproof.bridges.flattened import Flattened, kind
from spikeproof.bridges.signals import Signal
from spikeproof.errors import InvalidInput
from spikeproof.network import Input, Network, Population, Projection
from spikeproof.numbers import Array, Float64Array, finite, scalar
from spikeproof.parameters import NeuronParameters, Parameters
from spikeproof.synapses import Synapses

NEURONS = ("CubaLIF", "CubaLI")
LINEAR = ("Affine", "Linear", "Scale", "Delay", "Flatten", "Threshold")
ALLOWED = "a node of type Input, Output, NIRGraph, CubaLIF, CubaLI, Affine, Linear, Scale, Delay, Flatten or Threshold"


class Imported(NamedTuple):
    """A network that was read from an NIR graph.

    Attributes
    ----------
    network : Network
        Nodes of a graph in the graph are called ``graph:node``.
    parameters : Parameters
    outputs : dict from the name of an output node to that of the population that leads to it
    """

    network: Network
    parameters: Parameters
    outputs: dict[str, str]


class Reader:
    """A graph while it is read.

    Parameters
    ----------
    graph : Flattened
    area : area of a spike in the unit of the file; None if that is tau_syn of the neuron that it arrives at.
    unit : the file's unit of time in that of the network.
    v_init : V at t = 0, a number or a mapping from names of neuron nodes.
    """

    def __init__(self, graph: Flattened, area: float | None, unit: float, v_init: Any) -> None:
        self.graph, self.area, self.unit, self.v_init = graph, area, unit, v_init
        self.known: dict[str, Signal] = {}
        self.open: list[str] = []

    def imported(self) -> Imported:
        """The network."""
        nodes = self.graph.nodes
        outer = {name: node for name, node in nodes.items() if name not in self.graph.passing}
        for name, node in nodes.items():
            if kind(node) not in ("Input", "Output", *NEURONS, *LINEAR):
                raise self.refused(name, ALLOWED)
        inputs = [Input(name, self.size(name)) for name, node in outer.items() if kind(node) == "Input"]
        neurons = {name: node for name, node in outer.items() if kind(node) in NEURONS}
        self.check_names(list(neurons))
        populations, projections, weights, parameters = [], [], {}, {}
        for name, node in neurons.items():
            lif = kind(node) == "CubaLIF"
            populations.append(Population(name, self.size(name), "lif" if lif else "li"))
            signal = self.incoming(name, self.size(name))
            parameters[name], factor = self.neuron(name, node, signal.constant)
            for projection, w in self.projections(name, signal, factor):
                projections.append(projection)
                weights[projection.name] = w
        network = Network(tuple(inputs), tuple(populations), tuple(projections))
        outputs = {name: self.output(name) for name, node in outer.items() if kind(node) == "Output"}
        return Imported(network, Parameters(weights, parameters).checked(network), outputs)

    def neuron(self, name: str, node: Any, constant: Float64Array) -> tuple[NeuronParameters, Float64Array]:
        """The parameters of a neuron node, and R w_in a / tau_syn, by which its weights are multiplied."""
        p = {f: self.field(name, f) for f in ("tau_mem", "tau_syn", "r", "v_leak", "w_in")}
        gain = p["r"] * p["w_in"]
        spiking = {"v_th": "v_threshold", "v_reset": "v_reset"} if kind(node) == "CubaLIF" else {}
        parameters = NeuronParameters(
            tau_mem=self.unit * p["tau_mem"],
            tau_syn=self.unit * p["tau_syn"],
            bias=p["v_leak"] + gain * constant,
            v_init=self.v_init[name] if isinstance(self.v_init, Mapping) else scalar("v_init", self.v_init),
            i_init=-gain * constant + 0.0,  # 0.0 and not -0.0
            **{own: self.field(name, theirs) for own, theirs in spiking.items()},
        )
        return parameters, gain if self.area is None else gain * self.area / p["tau_syn"]

    def projections(self, post: str, signal: Signal, factor: Float64Array) -> list[tuple[Projection, Array]]:
        """The projections to a neuron node: one for each source and delay."""
        found = []
        several = [source for source, _ in signal.terms]
        for source, delay, weight, there in signal.connections():
            late = self.unit * delay
            name = f"{source}->{post}" + (f"@{late:g}" if several.count(source) > 1 else "")
            synapses = None if there.all() else Synapses.of_mask(there)
            w = weight * factor
            found.append((Projection(source, post, late, name, synapses), w if synapses is None else w[there]))
        return found

    def output(self, name: str) -> str:
        """Name of the population that leads to an output node."""
        sources = [self.behind(source) for source in self.graph.sources[name]]
        if len(sources) != 1 or kind(self.graph.nodes[sources[0]]) not in NEURONS:
            raise self.refused(name, "one edge to each output node, from a CubaLIF or CubaLI node")
        return sources[0]

    def behind(self, name: str) -> str:
        """The node itself, or the one behind nodes that pass on what they get."""
        sources = self.graph.sources[name]
        return self.behind(sources[0]) if name in self.graph.passing and len(sources) == 1 else name

    def incoming(self, name: str, size: int | None) -> Signal:
        """The sum of all that leads to a node."""
        total = None
        for source in self.graph.sources[name]:
            signal = self.signal(source)
            if size is not None and signal.size != size:
                raise self.refused(name, f"an input of size {size}, not {signal.size} as from {source!r}")
            total = signal if total is None else total + signal
            size = signal.size
        if total is None:
            if size is not None and kind(self.graph.nodes[name]) in NEURONS:
                return Signal(size, {}, np.zeros(size))
            raise self.refused(name, "a node that an edge leads to")
        return total

    def signal(self, name: str) -> Signal:
        """The signal that leaves a node."""
        if name not in self.known:
            if name in self.open:
                raise self.refused(name, f"a neuron in every cycle; this one has none: {self.open}")
            self.open.append(name)
            self.known[name] = self._signal(name, self.graph.nodes[name])
            self.open.remove(name)
        return self.known[name]

    def _signal(self, name: str, node: Any) -> Signal:
        form, passing = kind(node), name in self.graph.passing
        if form == "CubaLIF" or (form == "Input" and not passing):
            return Signal.spikes(name, self.size(name))
        if form == "CubaLI":
            raise self.refused(name, "a CubaLI node that leads to output nodes alone: it sends no spikes")
        if form == "Output" and not passing:
            raise self.refused(name, "an output node that leads nowhere")
        if form in ("Linear", "Affine"):
            weight = self.field(name, "weight", ndim=2)
            signal = self.incoming(name, weight.shape[1]).times(weight)
            return signal if form == "Linear" else signal.plus(self.field(name, "bias", size=len(weight)))
        signal = self.incoming(name, None)
        if form == "Scale":
            return signal.scaled(self.field(name, "scale", size=signal.size))
        if form == "Delay":
            return self._delayed(name, signal)
        return self._passed(name, signal) if form == "Threshold" else signal

    def _delayed(self, name: str, signal: Signal) -> Signal:
        delay = self.field(name, "delay", size=signal.size)
        if np.any(delay < 0):
            raise self.refused(name, "delays >= 0")
        if np.any(signal.constant[delay != 0] != 0):
            raise self.refused(name, "no Delay behind the bias of an Affine node, which would set in later")
        return signal.delayed(delay)

    def _passed(self, name: str, signal: Signal) -> Signal:
        threshold = self.field(name, "threshold", size=signal.size)
        if not signal.raw or np.any(threshold < 0) or np.any(threshold >= 1):
            raise self.refused(
                name, "a Threshold of 0 to below 1 directly behind spikes, which it passes on as they are"
            )
        return signal

    def size(self, name: str) -> int:
        """Number of channels or neurons of an input or neuron node."""
        node = self.graph.nodes[name]
        shape = node.input_type["input"] if kind(node) == "Input" else np.shape(node.tau_mem)
        return int(np.prod(np.asarray(shape, dtype=np.int64)))

    def field(self, name: str, attribute: str, *, ndim: int = 0, size: int | None = None) -> Float64Array:
        """A parameter of a node, flattened unless it is a matrix; float64, or single precision converted exactly."""
        place = f"graph.nodes[{name!r}].{attribute}"
        values = finite(place, getattr(self.graph.nodes[name], attribute))
        if ndim == 2:
            if values.ndim != 2:
                raise InvalidInput(place, f"shape {values.shape}", "a matrix, shape (n_out, n_in)")
            return values
        if size is not None and values.size != size:
            raise InvalidInput(place, f"shape {values.shape}", f"{size} numbers, one for each entry of what it gets")
        return values.ravel()

    def check_names(self, neurons: list[str]) -> None:
        """Check that V at t = 0 is given for each neuron node, and for nothing else."""
        if isinstance(self.v_init, Mapping) and set(self.v_init) != set(neurons):
            raise InvalidInput("v_init", list(self.v_init), f"a number, or one for each of {neurons}")

    def refused(self, name: str, allowed: str) -> InvalidInput:
        """The error that a node cannot be represented."""
        return InvalidInput(f"graph.nodes[{name!r}]", kind(self.graph.nodes[name]), allowed)
