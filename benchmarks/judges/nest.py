"""NEST's exact neurons for the conformance suite: layers of neurons, spike times alone.

NEST's shortest delay and refractory time are one step of its grid. Delays are taken off the times, layer by layer;
neurons that spike twice are judged where the problem has a refractory time that NEST can have.
"""

from __future__ import annotations

import nest
import numpy as np
from work import Answer, Unsupported, Work

NAME = "NEST"
VERSION = f"nest {nest.__version__}"
MODEL, RESOLUTION = "iaf_psc_exp_ps", 0.125  # of the unit of time
LAYERS = (1, 2)
T_REF = True
SUPPORTS = {
    "levels": ["exact64"],
    "quantities": ["spike_times"],
    "features": [
        "several layers", "batch", "reset", "ratio 1", "ratio 2", "other ratios", "refractory time", "repeated spikes",
    ],
}  # fmt: skip


def configured() -> None:
    """The lossless model is documented for unlike time constants alone."""
    if MODEL.endswith("lossless"):
        SUPPORTS["features"].remove("ratio 1")


class Step:
    """Samples one after the other, each from a fresh kernel."""

    def __init__(self, work: Work) -> None:
        self.work = work
        nest.verbosity = nest.VerbosityLevel.ERROR

    def answer(self) -> Answer:
        found = [self._sample(s) for s in range(self.work.n_samples)]
        free = any(g.t_ref == 0.0 for g in self.work.neurons)
        if free and any(np.unique(f[1]).size < f[1].size for f in found):
            raise Unsupported("a neuron without refractory time that spikes twice")
        times, neurons = (np.concatenate([f[k] for f in found]) for k in (0, 1))
        return Answer(times, neurons, np.repeat(np.arange(len(found)), [len(f[0]) for f in found]))

    def _sample(self, s: int):
        work = self.work
        nest.ResetKernel()
        nest.set(resolution=RESOLUTION, local_num_threads=1, print_time=False)
        part = slice(work.offsets[s], work.offsets[s + 1])
        trains = [np.sort(work.times[part][work.channels[part] == c]) for c in range(work.inputs.size)]
        sources = nest.Create("spike_generator", work.inputs.size, params={"precise_times": True})
        for source, train in zip(sources, trains, strict=True):
            source.spike_times = train + 4.0 * RESOLUTION  # NEST takes none at t = 0
        layers = {work.inputs.name: sources}
        for g in work.neurons:
            neuron = {
                "C_m": g.tau_mem, "tau_m": g.tau_mem, "tau_syn_ex": g.tau_syn, "tau_syn_in": g.tau_syn, "E_L": 0.0,
                "V_m": 0.0, "V_reset": g.v_reset, "V_th": g.v_th, "t_ref": t_ref_of(g.t_ref), "I_e": 0.0,
            }  # fmt: skip
            layers[g.name] = nest.Create(MODEL, g.size, params=neuron)
        for x in work.links:
            synapses = {"weight": x.weights.T, "delay": RESOLUTION}
            nest.Connect(layers[x.pre], layers[x.post], "all_to_all", synapses)
        recorder = nest.Create("spike_recorder")
        for g in work.neurons:
            nest.Connect(layers[g.name], recorder)
        steps = np.ceil((work.duration + 8.0 * RESOLUTION) / RESOLUTION)
        nest.Simulate(float(steps * RESOLUTION))
        first = layers[work.neurons[0].name].tolist()[0]
        events = recorder.events
        neurons = np.asarray(events["senders"]) - first
        layer = np.searchsorted(np.cumsum([g.size for g in work.neurons]), neurons, side="right")
        times = np.asarray(events["times"]) - 4.0 * RESOLUTION - (layer + 1.0) * RESOLUTION
        kept = times <= work.duration
        return times[kept], neurons[kept]


def t_ref_of(t_ref: float) -> float:
    """The refractory time that NEST is given: whole steps, at least one."""
    if t_ref == np.inf or t_ref % RESOLUTION:
        raise Unsupported(f"a refractory time of {t_ref}: whole steps of {RESOLUTION}")
    return max(t_ref, RESOLUTION)


def prepare(work: Work) -> Step:
    return Step(work)
