"""NEST's iaf_psc_exp_ps: exact spike times on a grid of exchanges; forward only.

NEST's V is in mV, I in pA, C in pF: tau_m dV/dt = -V + tau_m I / C, so that C = tau_m makes I what it is here. NEST's
shortest delay is one step of its grid; spike times are given without it. Timed is Run, without building the network:
nothing is compiled in a first step, which is left out.
"""

from __future__ import annotations

import nest
import numpy as np
from work import Answer, Link, Work

NAME = "NEST"
ENVIRONMENT = "nest"
EXACT = True
WORKLOADS = ("f1", "f2", "f3", "f4", "f5")
VERSION = f"nest {nest.__version__}"
RESOLUTION = 0.125  # ms: step of the grid and delay


class Step:
    """A simulation from a fresh kernel."""

    dtype, compiles = "float64", False

    def __init__(self, work: Work) -> None:
        self.work, self.built = work, False
        self.differs = "" if work.neurons[0].t_ref == RESOLUTION else f"refractory for {RESOLUTION} ms after a spike"
        nest.verbosity = nest.VerbosityLevel.ERROR

    def before(self) -> None:
        """Build the network, all but the last step, unless one is there that has not run."""
        if self.built:
            return
        work, group = self.work, self.work.neurons[0]
        nest.ResetKernel()
        nest.set(resolution=RESOLUTION, local_num_threads=1, print_time=False)
        neuron = {
            "C_m": group.tau_mem, "tau_m": group.tau_mem, "tau_syn_ex": group.tau_syn, "tau_syn_in": group.tau_syn,
            "E_L": 0.0, "V_m": 0.0, "V_reset": group.v_reset, "V_th": group.v_th, "t_ref": RESOLUTION, "I_e": 0.0,
        }  # fmt: skip
        neurons = nest.Create("iaf_psc_exp_ps", group.size, params=neuron)
        sources = nest.Create("spike_generator", work.inputs.size, params={"precise_times": True})
        order = np.lexsort((work.times, work.channels))
        trains = np.split(work.times[order], np.searchsorted(work.channels[order], np.arange(1, work.inputs.size)))
        for source, train in zip(sources, trains, strict=True):
            source.spike_times = train
        for link in work.links:
            self.connect(link, sources if link.pre == work.inputs.name else neurons, neurons)
        self.recorder = nest.Create("spike_recorder")
        nest.Connect(neurons, self.recorder, "all_to_all", {"delay": RESOLUTION})
        self.first = neurons.tolist()[0]
        nest.Prepare()
        self.built = True

    def connect(self, link: Link, sources, neurons) -> None:
        """Connect single pairs, after whose delay what is sent arrives; that of inputs is what NEST needs."""
        senders, receivers = np.array(sources.tolist()), np.array(neurons.tolist())
        pre = np.repeat(np.arange(len(senders)), np.diff(link.offsets))
        synapses = {"weight": link.weights, "delay": np.full(len(pre), link.delay or RESOLUTION)}
        nest.Connect(senders[pre], receivers[link.targets], "one_to_one", synapses)

    def run(self) -> None:
        self.built = False
        nest.Run(np.ceil((self.work.duration + RESOLUTION) / RESOLUTION) * RESOLUTION)

    def answer(self) -> Answer:
        self.run()
        events = self.recorder.events
        times = events["times"] - RESOLUTION
        seen = times <= self.work.duration
        return Answer(times[seen], events["senders"][seen] - self.first, np.zeros(seen.sum(), dtype=int))


def prepare(work: Work) -> Step:
    return Step(work)
