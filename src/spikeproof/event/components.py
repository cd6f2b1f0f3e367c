"""Strongly connected components of a network's populations, in the order in which they can be solved."""

from __future__ import annotations

from spikeproof.network import Network


def components(network: Network) -> list[list[str]]:
    """Populations grouped into strongly connected components, sources first.

    Tarjan's algorithm (SIAM Journal on Computing 1, 1972) without recursion. Populations of a component keep
    the network's order.
    """
    names = [p.name for p in network.populations]
    targets = {name: [q.post for q in network.projections if q.pre == name] for name in names}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    open_names: list[str] = []
    found: list[list[str]] = []
    for root in names:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        open_names.append(root)
        path = [(root, iter(targets[root]))]
        while path:
            name, rest = path[-1]
            for target in rest:
                if target not in index:
                    index[target] = low[target] = len(index)
                    open_names.append(target)
                    path.append((target, iter(targets[target])))
                    break
                if target in open_names:
                    low[name] = min(low[name], index[target])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[name])
                if low[name] == index[name]:
                    start = open_names.index(name)
                    found.append(sorted(open_names[start:], key=names.index))
                    del open_names[start:]
    return found[::-1]  # Tarjan closes a component after all that it leads to
