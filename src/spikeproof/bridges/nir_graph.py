"""The NIR graph of a network: a node for each population, projection, delay, input and output."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from spikeproof.arguments import members
from spikeproof.errors import InvalidInput
from spikeproof.network import Network, Population, Projection
from spikeproof.numbers import Float64Array
from spikeproof.parameters import Parameters


def graph_of(network: Network, parameters: Parameters, area: float | None, unit: float, outputs: Any) -> Any:
    """The NIR graph of a network with checked parameters: see `spikeproof.bridges.nir.to_nir`."""
    nir = _package()
    _check_represented(network)
    own = {p.name: _columns(p, parameters) for p in network.populations}
    nodes = {group.name: nir.Input(input_type={"input": np.array([group.size])}) for group in network.inputs}
    edges: list[tuple[str, str]] = []
    left = {name: -columns["i_init"] for name, columns in own.items()}  # constants that an Affine node has to bring
    nodes |= {p.name: _neurons(nir, p, own[p.name], unit) for p in network.populations}
    for projection in network.projections:
        last, shape = projection.pre, network.shape(projection)
        if projection.delay:
            delay = nir.Delay(delay=np.full(shape[0], float(projection.delay) / unit))
            last = _added(nodes, edges, f"{projection.name}, delay", delay, last)
        weight = _matrix(network, projection, parameters)
        if area is not None:
            weight = (weight.T * (own[projection.post]["tau_syn"] / unit / area)).T
        constant = left.pop(projection.post, np.zeros(shape[1]))
        node = nir.Affine(weight, constant) if np.any(constant) else nir.Linear(weight)
        last = _added(nodes, edges, projection.name, node, last)
        edges.append((last, projection.post))
    for name in _outputs(network, outputs):
        output = nir.Output(output_type={"output": np.array([network.population(name).size])})
        _added(nodes, edges, f"{name}, output", output, name)
    return nir.NIRGraph(nodes=nodes, edges=edges)


def _package() -> Any:
    try:
        return import_module("nir")
    except ModuleNotFoundError as error:
        if error.name != "nir":
            raise
        raise ModuleNotFoundError("NIR is not installed: pip install 'spikeproof[nir]'", name="nir") from None


def _check_represented(network: Network) -> None:
    """Raise `InvalidInput` for groups without edges, to which NIR adds inputs and outputs of its own."""
    pre, post = {p.pre for p in network.projections}, {p.post for p in network.projections}
    for group in network.inputs:
        if group.name not in pre:
            raise InvalidInput(f"network.inputs.{group.name}", group, "an input that a projection starts from")
    for population in network.populations:
        if population.name not in post:
            field = f"network.populations.{population.name}"
            raise InvalidInput(field, population, "a population that a projection leads to")
    groups = [*(i.name for i in network.inputs), *(p.name for p in network.populations)]
    for name in [*groups, *(p.name for p in network.projections)]:
        if "/" in name:
            raise InvalidInput("network", name, "names without '/', which HDF5 does not allow in them")


def _columns(population: Population, parameters: Parameters) -> dict[str, Float64Array]:
    """The parameters of each neuron of a population, shape (size,), by name."""
    given = {name: x for name, x in vars(parameters.neurons[population.name]).items() if x is not None}
    columns = {name: np.array(np.broadcast_to(x, population.size)) for name, x in given.items() if name[0] != "_"}
    held = columns.get("t_ref", np.zeros(1))
    if np.any(held > 0):
        field = f"parameters.neurons.{population.name}.t_ref"
        raise InvalidInput(field, float(np.max(held)), "0: neurons of NIR have no refractory time")
    return columns


def _neurons(nir: Any, population: Population, p: dict[str, Float64Array], unit: float) -> Any:
    shared = {
        "tau_syn": p["tau_syn"] / unit,
        "tau_mem": p["tau_mem"] / unit,
        "r": np.ones(population.size),
        "v_leak": p["bias"] + p["i_init"],
        "w_in": np.ones(population.size),
        "metadata": {"v_init": p["v_init"]},
    }
    if population.kind == "li":
        return nir.CubaLI(**shared)
    return nir.CubaLIF(**shared, v_threshold=p["v_th"], v_reset=p["v_reset"])


def _matrix(network: Network, projection: Projection, parameters: Parameters) -> Float64Array:
    """The weights of a projection as NIR has them, shape (n_post, n_pre)."""
    dense = network.as_matrices({projection.name: parameters.weights[projection.name]})
    return np.ascontiguousarray(dense[projection.name].T)


def _added(nodes: dict[str, Any], edges: list[tuple[str, str]], name: str, node: Any, after: str) -> str:
    """Add a node and the edge to it; returns its name."""
    if name in nodes:
        raise InvalidInput("network", name, "a name that no other group or projection has")
    nodes[name] = node
    edges.append((after, name))
    return name


def _outputs(network: Network, given: Any) -> list[str]:
    """The populations that lead to an output node: all those that lead to no other, at least."""
    ends = [p.name for p in network.populations if not any(q.pre == p.name != q.post for q in network.projections)]
    names = ends if given is None else members("outputs", given, "names of populations")
    for name in names:
        network.population(name)
    leaves = [p.name for p in network.populations if p.name not in {q.pre for q in network.projections}]
    if not names or set(leaves) - set(names) or len(set(names)) != len(names):
        allowed = f"one population or more, each once, and among them those without projections: {leaves}"
        raise InvalidInput("outputs", names, allowed)
    return names
