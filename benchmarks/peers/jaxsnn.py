"""jaxsnn: event-based LIF with EventProp in jax; its spike times are right for tau_mem = tau_syn or 2 tau_syn alone.

Layers have buffers of a fixed number of events, and what does not fit is lost: they are made as long as needed here.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import metadata

import jax
import jax.numpy as jnp
import numpy as np
from jax_losses import first_spike_cross_entropy
from jaxsnn.event.loss import first_spike
from jaxsnn.event.modules import LIF, Linear, Source
from jaxsnn.event.modules.lif.lif import LIFParameters
from jaxsnn.event.topology import Topology
from jaxsnn.event.types import Spike
from spiking_readout import spiking
from work import Answer, Group, Work

NAME = "jaxsnn"
ENVIRONMENT = "jaxsnn"
EXACT = True
WORKLOADS = ("w1", "w2", "w3")
VERSION = f"jaxsnn {metadata.version('jaxsnn')}, jax {jax.__version__}"
BATCH = {"w2": 16}
SHORTEST, LONGEST = 512, 8192  # events of a layer that are tried


class Step:
    """Loss and gradient of a jitted batch."""

    dtype = "float32"

    def __init__(self, work: Work) -> None:
        self.work, self.differs = spiking(work)
        self.weights = {x.name: jnp.asarray(x.weights, dtype=jnp.float32) for x in self.work.links}
        self.input, self.labels = {"input": _spikes(self.work)}, jnp.asarray(self.work.labels)
        self.n_events = self._enough()
        self.apply = self._topology(self.n_events)
        self.step = jax.jit(jax.value_and_grad(self._loss))

    def _topology(self, n_events):
        """The function that runs the network, with buffers of so many events for the two layers."""
        work, (hidden, output) = self.work, self.work.chain
        build = Topology(t_max=work.duration, backprop_method="eventprop")
        into, onward = work.link(work.inputs.name, hidden.name), work.link(hidden.name, output.name)
        build.add(
            {
                "input": Source(work.inputs.size),
                "hidden": LIF(hidden.size, n_events[0], _parameters(hidden)),
                "output": LIF(output.size, n_events[1], _parameters(output)),
                **{x.name: Linear() for x in work.links},
            }
        )
        edges = [("input", into.name), (into.name, "hidden"), ("hidden", onward.name), (onward.name, "output")]
        if work.recurrent:
            edges += [("hidden", work.recurrent.name), (work.recurrent.name, "hidden")]
        build.connect(edges)
        init, apply = build.done()
        init(jax.random.PRNGKey(0))
        return apply

    def _enough(self):
        """Numbers of events of the layers such that no buffer is full for any sample of this batch."""
        n = [SHORTEST, SHORTEST]
        while max(n) <= LONGEST:
            events = jax.jit(self._topology(n))(self.input, self.weights)
            used = [int(jnp.max(jnp.sum(events[g].idx >= 0, axis=1))) for g in ("hidden", "output")]
            if all(u < m for u, m in zip(used, n, strict=True)):
                return [u + 1 for u in used]
            n = [2 * m if u >= m else m for u, m in zip(used, n, strict=True)]
        raise MemoryError(f"more than {LONGEST} events in a layer")

    def _loss(self, weights):
        events = self.apply(self.input, weights)
        times = jax.vmap(lambda spikes: first_spike(spikes, self.work.chain[1].size))(events["output"])
        return first_spike_cross_entropy(times, self.labels, self.work.loss, self.work.duration)

    def run(self) -> None:
        jax.block_until_ready(self.step(self.weights))

    def answer(self) -> Answer:
        loss, gradients = self.step(self.weights)
        events = jax.jit(self.apply)(self.input, self.weights)
        parts, start = [], 0
        for name, group in zip(("hidden", "output"), self.work.chain, strict=True):
            own = np.asarray(events[name].internal)
            samples, places = np.nonzero(own)
            at = samples, places
            parts.append((np.asarray(events[name].time)[at], np.asarray(events[name].idx)[at] + start, samples))
            start += group.size
        spikes = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Answer(*spikes, float(loss), {k: np.asarray(g) for k, g in gradients.items()})


def prepare(work: Work) -> Step:
    return Step(work)


def with_tau_syn(work: Work, ratio: float) -> Work:
    """`work` with tau_syn = tau_mem / ratio."""
    groups = [g if g.kind == "input" else replace(g, tau_syn=g.tau_mem / ratio) for g in work.groups]
    return replace(work, groups=tuple(groups))


def _parameters(group: Group) -> LIFParameters:
    return LIFParameters(tau_syn=group.tau_syn, tau_mem=group.tau_mem, v_th=group.v_th, v_reset=group.v_reset)


def _spikes(work: Work) -> Spike:
    times, channels = work.padded()
    return Spike(
        time=jnp.asarray(times, dtype=jnp.float32), idx=jnp.asarray(channels), current=jnp.zeros(times.shape),
        layer_idx=jnp.zeros(times.shape, dtype=int), internal=jnp.asarray(channels >= 0),
    )  # fmt: skip
