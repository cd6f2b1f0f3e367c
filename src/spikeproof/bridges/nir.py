"""Networks from NIR graphs, and NIR graphs from networks: the Neuromorphic Intermediate Representation.

To write them needs the package nir: ``pip install 'spikeproof[nir]'``. An NIR file says neither what a spike is nor in
which unit its times are, and nothing of V at t = 0: these are arguments without defaults.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from spikeproof.arguments import instance
from spikeproof.bridges.flattened import flattened, kind
from spikeproof.bridges.nir_graph import graph_of
from spikeproof.bridges.nir_reader import Imported, Reader
from spikeproof.errors import InvalidInput
from spikeproof.network import Network
from spikeproof.numbers import positive
from spikeproof.parameters import Parameters

__all__ = ["Imported", "Spike", "Step", "from_nir", "to_nir"]


@dataclass(frozen=True)
class Step:
    """A spike that is 1 during one time step, as in frameworks with a grid.

    Parameters
    ----------
    dt
        Length of the step, > 0, in the unit of the file.

    Raises
    ------
    InvalidInput
        If `dt` is no finite number > 0.

    Notes
    -----
    The network has its charge arrive at once, at the start of the step: V differs from that of a step by terms of the
    order of dt.
    """

    dt: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "dt", float(positive("spike.dt", self.dt)))


Spike: TypeAlias = Literal["pulse", "jump"] | Step


def from_nir(graph: Any, *, spike: Spike, unit: float, v_init: Any) -> Imported:
    """The network of an NIR graph.

    With I = R I_NIR, ``a`` the area of a spike, W all linear nodes between two neurons and b their constants::

        w[pre, post] = R w_in W[post, pre] a / tau_syn     bias = v_leak + R w_in b     i_init = -R w_in b

    Parameters
    ----------
    graph : nir.NIRGraph
        Its neurons are CubaLIF and CubaLI nodes; between them are Affine, Linear, Scale, Delay, Flatten and Threshold
        nodes. It may have cycles and graphs in it.
    spike : "pulse", "jump" or Step
        What a spike S is in ``tau_syn dI/dt = -I + w_in S``: a Dirac pulse of area 1, so that a = 1 in the unit of the
        file; a jump of I by w_in W, so that a = tau_syn; or 1 during one step, a = dt.
    unit : float
        The file's unit of time in that of the network, > 0: 1000 for seconds and milliseconds.
    v_init : number, or mapping from the name of a neuron node to a number or an array of shape (size,)
        V at t = 0, in the unit of V of the file.

    Returns
    -------
    Imported

    Raises
    ------
    InvalidInput
        If a node, an edge or a number is not what this package can represent; the message names the node and what is
        allowed.

    Notes
    -----
    A `Threshold` passes spikes on as they are if it is directly behind the neurons that send them, perhaps delayed, and
    is at least 0 and below 1; all others are refused. I_NIR is 0 at t = 0, and a constant input has been there since.
    """
    if kind(graph) != "NIRGraph":
        raise InvalidInput("graph", graph, "an NIRGraph")
    return Reader(flattened(graph), _area(spike), float(positive("unit", unit)), v_init).imported()


def to_nir(network: Network, parameters: Parameters, *, spike: Spike, unit: float, outputs: Any = None) -> Any:
    """The NIR graph of a network: the inverse of `from_nir`, with R = 1 and w_in = 1.

    Parameters
    ----------
    network : Network
    parameters : Parameters
    spike, unit
        As for `from_nir`.
    outputs : sequence of names of populations, or None
        Populations that lead to an output node; None: those without projections to others.

    Returns
    -------
    nir.NIRGraph
        A CubaLIF or CubaLI node for each population, under its name, an Output node ``"NAME, output"`` for each that
        is read, a Linear node for each projection, a Delay node before it where it
        has a delay. V at t = 0, which NIR has no place for, is in the metadata of each neuron node, as ``v_init``.
        Synapses that a sparse projection lacks have the weight 0.

    Raises
    ------
    InvalidInput
        If a neuron has a refractory time, a current at t = 0 and no projection that leads to it, or if there is no
        output.
    """
    instance("network", network, Network)
    checked = instance("parameters", parameters, Parameters).checked(network).rounded()
    return graph_of(network, checked, _area(spike), float(positive("unit", unit)), outputs)


def _area(spike: Spike) -> float | None:
    """Area of a spike in the unit of the file; None if that is tau_syn of the neuron that it arrives at."""
    if isinstance(spike, Step):
        return spike.dt
    if not isinstance(spike, str) or spike not in ("pulse", "jump"):
        raise InvalidInput("spike", spike, "'pulse', 'jump' or Step(dt)")
    return 1.0 if spike == "pulse" else None
