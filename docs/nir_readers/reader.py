"""One reader of NIR files, in the environment in which it is installed: a line of JSON per job in, one out.

``python reader.py NAME`` reads jobs ``{"file": ..., "spikes": [[step, channel], ...], "channels": n, "steps": n,
"dt": s}`` and answers ``{"out": [[...], ...]}``, the output at each step, or ``{"error": ...}``.
"""

import json
import sys
from contextlib import redirect_stdout
from importlib import metadata

import h5py
import nir
import numpy as np

DISTRIBUTIONS = {"lava": "lava-dl"}


def snntorch(graph, _dt):  # its step is fixed: 1e-4 s
    from snntorch.import_nir import import_from_nir

    return _steps_of_torch(import_from_nir(graph))


def norse(graph, dt):
    from norse.torch import from_nir

    return _steps_of_torch(from_nir(graph, dt=dt))


def sinabs(graph, _dt):
    import torch
    from sinabs.nir import from_nir

    network = from_nir(graph, batch_size=1)

    def run(raster):
        with torch.no_grad():
            found = network(torch.tensor(raster, dtype=torch.float32))
        return np.asarray(found[0] if isinstance(found, tuple) else found)

    return run


def spyx(graph, dt):
    import jax.numpy as jnp
    from spyx.nir import from_nir

    return lambda raster: np.asarray(from_nir(graph, jnp.asarray(raster[:, None]), dt)[1])[:, 0]


def rockpool(graph, _dt):
    import torch
    from rockpool.nn.modules.torch.nir import from_nir

    network = from_nir(graph)

    def run(raster):
        with torch.no_grad():
            return np.asarray(network(torch.tensor(raster[None], dtype=torch.float32))[0][0])

    return run


def spikingjelly(graph, dt):
    import torch
    from spikingjelly.activation_based import functional
    from spikingjelly.activation_based.nir_exchange import import_from_nir

    network = import_from_nir(graph, dt=dt)

    def run(raster):
        functional.reset_net(network)
        return _stepped(network, raster, torch)

    return run


def jaxsnn(graph, dt):
    """It has no grid: its spikes are put on one. It takes files for such in ms: its second is a thousandth of ours."""
    import jax
    import jax.numpy as jnp
    from jaxsnn.event.types import Spike
    from jaxsnn.event.utils.from_nir import ConversionConfig, from_nir

    linear = {n: nir.Linear(x.weight) if isinstance(x, nir.Affine) else x for n, x in graph.nodes.items()}
    graph = nir.NIRGraph(linear, graph.edges)

    def run(raster):
        steps, channels = np.nonzero(raster)
        config = ConversionConfig(t_max=len(raster) * dt * 1e-3, n_steps={"neurons": 120}, backprop_method="eventprop")
        init, apply = from_nir(graph, config).done()
        weights = init(jax.random.PRNGKey(0))
        given = Spike(
            time=jnp.asarray(steps * dt * 1e-3)[None], idx=jnp.asarray(channels)[None],
            current=jnp.zeros((1, len(steps))), layer_idx=jnp.zeros((1, len(steps)), dtype=int),
            internal=jnp.ones((1, len(steps)), dtype=bool),
        )  # fmt: skip
        found = apply({"input": given}, weights)["neurons"]
        size = graph.nodes["neurons"].v_threshold.size
        out = np.zeros((len(raster), size))
        for time, neuron, own in zip(found.time[0], found.idx[0], found.internal[0], strict=True):
            if own and np.isfinite(time):
                out[min(round(float(time) / (dt * 1e-3)), len(raster) - 1), int(neuron)] = 1.0
        return out

    return run


def _steps_of_torch(network):
    import torch

    return lambda raster: _stepped(network, raster, torch)


def _stepped(network, raster, torch):
    """Step by step; what is returned with the output is taken for the state."""
    found, state = [], None
    with torch.no_grad():
        for row in torch.tensor(raster, dtype=torch.float32):
            given = row[None]
            answer = network(given) if state is None else network(given, state)
            answer, state = answer if isinstance(answer, tuple) else (answer, None)
            answer = answer[0] if isinstance(answer, tuple) else answer
            found.append(np.asarray(answer).reshape(-1))
    return np.array(found)


READERS = {f.__name__: f for f in (snntorch, norse, sinabs, spyx, rockpool, spikingjelly, jaxsnn)}


def answer(name, job):
    raster = np.zeros((job["steps"], job["channels"]), dtype=np.float32)
    for step, channel in job["spikes"]:
        raster[step, channel] = 1.0
    graph, noted = _read(job["file"])
    found = np.asarray(READERS[name](graph, job["dt"])(raster))
    return {"out": found.reshape(job["steps"], -1).tolist(), "noted": noted}


def _read(file):
    """The graph of a file; an old nir knows no v_reset, which is 0 here and is left out for it."""
    try:
        return nir.read(file), ""
    except TypeError:
        with h5py.File(file, "a") as content:
            for node in content["node/nodes"].values():
                node.pop("v_reset", None)
        return nir.read(file), f"after v_reset was taken out of the file, which nir {metadata.version('nir')} refuses"


def main(name):
    version = {"version": metadata.version(DISTRIBUTIONS.get(name, name)), "nir": metadata.version("nir")}
    print(json.dumps(version), flush=True)
    for line in sys.stdin:
        try:
            with redirect_stdout(sys.stderr):
                found = answer(name, json.loads(line))
        except Exception as error:  # whatever a reader raises is its answer
            found = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:200]}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
