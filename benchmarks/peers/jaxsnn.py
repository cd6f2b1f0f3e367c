"""jaxsnn: event-based LIF with EventProp in jax; its spike times are right for tau_mem = tau_syn or 2 tau_syn alone.

Layers have buffers of a fixed number of events, and what does not fit is lost: they are made as long as needed here.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import metadata

import jax
import jax.numpy as jnp
import numpy as np
from jax_losses import loss_of_events
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
FIRST, SHORTEST, LONGEST = 128, 512, 8192  # events of a layer that are tried
X64, ANY, TIGHT = 0, 0, 1  # double precision; ratios that it takes without being made for them; no event to spare
LAYERS, LOOPS = (1, 2, 3), 3
FEATURES = ["several layers", "batch", "recurrence", "reset", "repeated spikes", "ratio 1", "ratio 2"]
SUPPORTS = {"features": FEATURES, "losses": ["first_spike_cross_entropy", "spike_time_sum"]}


def configured() -> None:
    """Take the settings into account."""
    jax.config.update("jax_enable_x64", bool(X64))
    SUPPORTS["features"] = [*FEATURES, "other ratios"] if ANY else FEATURES


class Step:
    """Loss and gradient of a jitted batch."""

    def __init__(self, work: Work) -> None:
        self.work, self.differs = spiking(work)
        self.dtype = "float64" if X64 else "float32"
        self.weights = {x.name: jnp.asarray(x.weights, dtype=self.dtype) for x in self.work.links}
        self.names = [g.name for g in self.work.neurons]
        self.input, self.labels = {self.work.inputs.name: _spikes(self.work)}, jnp.asarray(self.work.labels)
        self.prepare(self._enough() if TIGHT else [FIRST] * len(self.names))

    def prepare(self, n_events) -> None:
        """Take buffers of so many events for the layers."""
        self.n_events, self.apply = n_events, self._topology(n_events)
        self.step = jax.jit(jax.value_and_grad(self._loss, has_aux=True))

    def _topology(self, n_events):
        """The function that runs the network, with buffers of so many events for the layers."""
        work = self.work
        build = Topology(t_max=work.duration, backprop_method="eventprop")
        build.add(
            {
                work.inputs.name: Source(work.inputs.size),
                **{g.name: LIF(g.size, n, _parameters(g)) for g, n in zip(work.neurons, n_events, strict=True)},
                **{x.name: Linear() for x in work.links},
            }
        )
        build.connect([edge for x in work.links for edge in ((x.pre, x.name), (x.name, x.post))])
        init, apply = build.done()
        init(jax.random.PRNGKey(0))
        return apply

    def _used(self, events) -> list[int]:
        """The most events of each layer in a sample."""
        return [int(jnp.max(jnp.sum(events[g].idx >= 0, axis=1))) for g in self.names]

    def _enough(self):
        """Numbers of events of the layers such that no buffer is full for any sample of this batch."""
        n = [SHORTEST] * len(self.names)
        while max(n) <= LONGEST:
            used = self._used(jax.jit(self._topology(n))(self.input, self.weights))
            if all(u < m for u, m in zip(used, n, strict=True)):
                return [u + 1 for u in used]
            n = [2 * m if u >= m else m for u, m in zip(used, n, strict=True)]
        raise MemoryError(f"more than {LONGEST} events in a layer")

    def _loss(self, weights, x, labels):
        events = self.apply(x, weights)
        found, size = events[self.names[-1]], self.work.neurons[-1].size
        times = jnp.where(found.internal, found.time, jnp.inf)
        loss = loss_of_events(times, found.idx, labels, self.work.loss | {"size": size}, self.work.duration)
        return loss, events

    def run(self) -> None:
        jax.block_until_ready(self.step(self.weights, self.input, self.labels))

    def answer(self) -> Answer:
        (loss, events), gradients = self.step(self.weights, self.input, self.labels)
        while any(u >= m for u, m in zip(self._used(events), self.n_events, strict=True)):
            if max(self.n_events) >= LONGEST:
                raise MemoryError(f"more than {LONGEST} events in a layer")
            self.prepare([4 * m for m in self.n_events])
            (loss, events), gradients = self.step(self.weights, self.input, self.labels)
        parts, start = [], 0
        for group in self.work.neurons:
            found = events[group.name]
            own = np.asarray(found.internal)
            at = np.nonzero(own)
            parts.append((np.asarray(found.time)[at], np.asarray(found.idx)[at] + start, at[0]))
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
    if not times.size:  # its layers need an event
        times, channels = (np.full((work.n_samples, 1), x) for x in (np.inf, -1))
    kind = jnp.float64 if X64 else jnp.float32
    return Spike(
        time=jnp.asarray(times, dtype=kind), idx=jnp.asarray(channels), current=jnp.zeros(times.shape, kind),
        layer_idx=jnp.zeros(times.shape, dtype=int), internal=jnp.asarray(channels >= 0),
    )  # fmt: skip
