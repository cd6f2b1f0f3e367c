"""eventax: event-driven LIF whose potentials diffrax integrates, here by its default, Euler, in steps of 0.05 ms.

A batch is mapped over its samples. Finer steps, its default is 0.01 or less, would take longer still.
"""

from __future__ import annotations

from importlib import metadata

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optimistix
from eventax.evnn import EvNN
from eventax.neuron_models import LIF
from jax_losses import first_spike_cross_entropy
from spiking_readout import spiking
from work import Answer, Work

NAME = "eventax, 0.05 ms"
ENVIRONMENT = "eventax"
EXACT = False
WORKLOADS = ("w1", "w2", "w3")
VERSION = f"eventax {metadata.version('eventax')}, jax {jax.__version__}"
BATCH = {"w1": 10, "w2": 1, "w3": 4}
MOST_EVENTS = {"w1": 300, "w2": 1000, "w3": 700}  # more is an error
DT, SOLVER, TOLERANCE, X64 = 0.05, "Euler", 0.0, 0  # first step; error control and root finder where not its defaults
NUMBERS = {"thresh": "v_th", "vreset": "v_reset", "tmem": "tau_mem", "tsyn": "tau_syn"}
MOST = 0  # events, where not those of the workload
LAYERS, LOOPS = (1, 2, 3), 3
SUPPORTS = {
    "features": [
        "several layers",
        "batch",
        "recurrence",
        "reset",
        "repeated spikes",
        "ratio 1",
        "ratio 2",
        "other ratios",
    ],
    "losses": ["first_spike_cross_entropy"],
}


def configured() -> None:
    """Take the settings into account."""
    jax.config.update("jax_enable_x64", bool(X64))


class Step:
    """Loss and gradient of a jitted batch."""

    def __init__(self, work: Work) -> None:
        self.work, differs = spiking(work)
        self.dtype = "float64" if X64 else "float32"
        self.differs = "; ".join(filter(None, (differs, "Euler steps of 0.05 ms")))
        self.net = _network(self.work)
        self.input, self.labels = jnp.asarray(_per_channel(self.work)), jnp.asarray(self.work.labels)
        self.step = eqx.filter_jit(eqx.filter_value_and_grad(self._loss))

    def _loss(self, net, x, labels):
        times = jax.vmap(net.ttfs)(x)
        return first_spike_cross_entropy(times, labels, self.work.loss, self.work.duration)

    def run(self) -> None:
        jax.block_until_ready(self.step(self.net, self.input, self.labels))

    def answer(self) -> Answer:
        loss, gradient = self.step(self.net, self.input, self.labels)
        times, ids, _ = eqx.filter_jit(jax.vmap(self.net.record))(self.input)
        times, ids = np.asarray(times), np.asarray(ids)
        samples, places = np.nonzero(ids < self.net.n_neurons)
        spikes = times[samples, places], ids[samples, places].astype(int), samples
        weights = np.asarray(gradient.neuron_model.weights)
        return Answer(*spikes, float(loss), {x.name: weights[_rows(self.work, x), _columns(self.work, x)]
                                             for x in self.work.links})  # fmt: skip


def prepare(work: Work) -> Step:
    return Step(work)


def _rows(work: Work, link) -> slice:
    """Rows of a link in eventax's matrix: neurons first, channels after them."""
    total = sum(g.size for g in work.neurons)
    if link.pre == work.inputs.name:
        return slice(total, total + work.inputs.size)
    start = work.first_neuron(link.pre)
    return slice(start, start + work.group(link.pre).size)


def _columns(work: Work, link) -> slice:
    start = work.first_neuron(link.post)
    return slice(start, start + work.group(link.post).size)


def _network(work: Work) -> EvNN:
    total = sum(g.size for g in work.neurons)
    kind = np.float64 if X64 else np.float32
    weights = np.zeros((total + work.inputs.size, total), dtype=kind)
    mask = np.zeros(weights.shape, dtype=kind)
    for link in work.links:
        at = _rows(work, link), _columns(work, link)
        weights[at], mask[at] = link.weights, 1.0
    outputs, first = np.zeros(total, dtype=bool), work.first_neuron(work.neurons[-1].name)
    outputs[first:] = True
    given = {name: np.concatenate([np.full(g.size, getattr(g, of), kind) for g in work.neurons])
             for name, of in NUMBERS.items()}  # fmt: skip
    return EvNN(
        neuron_model=LIF, n_neurons=total, in_size=work.inputs.size, max_solver_time=work.duration,
        key=jax.random.PRNGKey(0), wmask=jnp.asarray(mask), output_neurons=jnp.asarray(outputs),
        max_event_steps=MOST or MOST_EVENTS[work.name], solver_stepsize=DT, output_no_spike_value=work.duration,
        init_weights=jnp.asarray(weights), init_bias=0.0, dtype=jnp.dtype(kind), **given, **_tight(),
    )  # fmt: skip


def _tight() -> dict:
    """Solver, error control and root finder, where its defaults are not asked for."""
    if not TOLERANCE:
        return {"solver": getattr(diffrax, SOLVER)()}
    return {
        "solver": getattr(diffrax, SOLVER)(),
        "stepsize_controller": diffrax.PIDController(rtol=TOLERANCE, atol=TOLERANCE),
        "root_finder": optimistix.Newton(TOLERANCE, TOLERANCE, optimistix.rms_norm),
    }


def _per_channel(work: Work) -> np.ndarray:
    """Input spikes, shape (n_samples, n_channels, most spikes of a channel), infinite where there is none."""
    times, channels = work.padded()
    most = max([1, *(np.bincount(row[row >= 0]).max() for row in channels if (row >= 0).any())])
    found = np.full((work.n_samples, work.inputs.size, most), np.inf, dtype=np.float64 if X64 else np.float32)
    used = np.zeros(found.shape[:2], dtype=int)
    for sample, (ts, cs) in enumerate(zip(times, channels, strict=True)):
        for t, c in zip(ts[cs >= 0], cs[cs >= 0], strict=True):
            found[sample, c, used[sample, c]] = t
            used[sample, c] += 1
    return found
