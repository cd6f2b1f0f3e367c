"""The nodes of an NIR graph and of all graphs in it, in one table, with the nodes that lead to each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from spikeproof.errors import InvalidInput

JOINT = ":"  # between the name of a graph and that of a node in it; HDF5 and PyTorch allow it in a name


@dataclass(frozen=True)
class Flattened:
    """Nodes by name, and the names of the nodes whose output each of them gets.

    The input and output nodes of a graph within the graph pass on what they get.
    """

    nodes: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, list[str]] = field(default_factory=dict)
    passing: set[str] = field(default_factory=set)


def flattened(graph: Any) -> Flattened:
    """All nodes of `graph`, an NIRGraph.

    Raises
    ------
    InvalidInput
        If an edge names no node, or leads to or from a graph with several inputs or outputs.
    """
    found = Flattened()
    _add(found, graph, "")
    return found


def kind(node: Any) -> str:
    """Type of an NIR node, as files name it."""
    return type(node).__name__


def _add(found: Flattened, graph: Any, prefix: str) -> None:
    entry, leaving = {}, {}
    for name, node in graph.nodes.items():
        full = prefix + name
        if kind(node) == "NIRGraph":
            _add(found, node, full + JOINT)
            entry[name], leaving[name] = (_only(full, node, side) for side in ("Input", "Output"))
            continue
        if full in found.nodes:
            raise InvalidInput("graph.nodes", full, "names that differ once graphs in the graph are taken apart")
        found.nodes[full], found.sources[full] = node, []
        entry[name] = leaving[name] = full
        if prefix and kind(node) in ("Input", "Output"):
            found.passing.add(full)
    for pre, post in graph.edges:
        for name in (pre, post):
            if name not in graph.nodes:
                raise InvalidInput("graph.edges", f"({pre!r}, {post!r})", f"names of nodes; {name!r} is none")
        source, target = _end(leaving, pre, "Output"), _end(entry, post, "Input")
        if source in found.sources[target]:
            raise InvalidInput("graph.edges", f"({pre!r}, {post!r})", "every edge once")
        found.sources[target].append(source)


def _only(name: str, graph: Any, side: str) -> str:
    """Full name of the only input or output node of a graph; empty if it has several, or none."""
    names = [n for n, node in graph.nodes.items() if kind(node) == side]
    return name + JOINT + names[0] if len(names) == 1 else ""


def _end(ends: dict[str, str], name: str, side: str) -> str:
    if not ends[name]:
        raise InvalidInput(f"graph.nodes[{name!r}]", "NIRGraph", f"one {side} node where an edge ends or begins")
    return ends[name]
