"""spyx: current-based LIF in time steps of 1 ms in jax, surrogate gradients.

``spyx.nn.run`` on a ``Sequential`` of linear and neuron layers, as its documentation does; multiplying the input spikes
of all steps with their weights before the scan was three times slower on a CPU.
"""

from __future__ import annotations

from importlib import metadata

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from grids import DT, decays, grid_answer
from jax_losses import first_spike_cross_entropy, first_step_times, max_voltage_cross_entropy
from spyx import nn
from work import Answer, Group, Work

NAME = "spyx, 1 ms"
ENVIRONMENT = "spyx"
EXACT = False
WORKLOADS = ("w1", "w2", "w3")
SUPPORTS = {  # it resets by subtraction: with v_reset = 0 that is another model only within a step
    "features": ["several layers", "batch", "recurrence", "readout", "repeated spikes", "ratio 2", "other ratios"]
}
VERSION = f"spyx {metadata.version('spyx')}, jax {jax.__version__}"


class Integrator(nnx.Module):
    """A leaky integrator with a synaptic current: spyx's own has none."""

    def __init__(self, size: int, alpha: float, beta: float) -> None:
        self.size, self.alpha, self.beta = size, alpha, beta

    def initial_state(self, batch_size: int):
        return jnp.zeros((batch_size, self.size)), jnp.zeros((batch_size, self.size))

    def __call__(self, x, state):
        v, i = state
        i = self.alpha * i + x
        v = self.beta * v + i
        return v, (v, i)


class Net(nn.Sequential):
    """spyx's container, whose steps also return the hidden layer's spikes."""

    def __call__(self, x, state):
        spikes, hidden = self.layers[1](self.layers[0](x), state[1])
        seen, output = self.layers[3](self.layers[2](spikes), state[3])
        return (spikes, seen), [None, hidden, None, output]


class Step:
    """Loss and gradient of a jitted scan over the time steps."""

    dtype, differs = "float32", "dt 1 ms; surrogate gradient; reset by subtraction"

    def __init__(self, work: Work) -> None:
        self.work = work
        hidden, output = work.chain
        self.gains = {g.name: decays(g)[2] for g in (hidden, output)}
        self.weights = {x.name: jnp.asarray(x.weights, dtype=jnp.float32) for x in work.links}
        self.names = work.link(work.inputs.name, hidden.name).name, work.link(hidden.name, output.name).name
        self.input, self.labels = jnp.asarray(work.on_grid(DT)), jnp.asarray(work.labels)
        self.step = jax.jit(jax.value_and_grad(self._loss))

    def _net(self, kind, weights):
        work, (hidden, output) = self.work, self.work.chain
        layer = _layer(hidden, work.recurrent is not None)
        if work.recurrent:
            layer.recurrent_w = nnx.Param(weights[work.recurrent.name] * self.gains[hidden.name])
        into, onward = (
            _linear(weights[name] * self.gains[g.name]) for name, g in zip(self.names, work.chain, strict=True)
        )
        return kind(into, layer, onward, _layer(output, False))

    def _loss(self, weights, x, labels):
        work = self.work
        seen, _ = nn.run(self._net(nn.Sequential, weights), x)
        if work.loss["kind"] == "first_spike":
            return first_spike_cross_entropy(first_step_times(seen, DT, 0), labels, work.loss, work.duration)
        return max_voltage_cross_entropy(seen, labels)

    def run(self) -> None:
        jax.block_until_ready(self.step(self.weights, self.input, self.labels))

    def answer(self) -> Answer:
        loss, gradients = self.step(self.weights, self.input, self.labels)
        (spikes, seen), _ = nn.run(self._net(Net, self.weights), self.input)
        layers = [np.asarray(spikes)] + ([np.asarray(seen)] if self.work.chain[1].kind == "lif" else [])
        return grid_answer(layers, DT, 0, float(loss), {k: np.asarray(g) for k, g in gradients.items()})


def prepare(work: Work) -> Step:
    return Step(work)


def _linear(weights):
    layer = nnx.Linear(*weights.shape, use_bias=False, rngs=nnx.Rngs(0))
    layer.kernel = nnx.Param(weights)
    return layer


def _layer(group: Group, recurrent: bool):
    beta, alpha, _ = decays(group)
    if group.kind == "li":
        return Integrator(group.size, alpha, beta)
    kind = nn.RCuBaLIF if recurrent else nn.CuBaLIF
    return kind((group.size,), alpha=alpha, beta=beta, threshold=group.v_th, rngs=nnx.Rngs(0))
