"""NEST's iaf_psc_exp_ps: exact spike times on a grid of exchanges; forward only.

NEST's V is in mV, I in pA, C in pF: tau_m dV/dt = -V + tau_m I / C, so that C = tau_m makes I what it is here. NEST's
shortest delay is one step of its grid; spike times are given without it. Timed is Run, without building the network.
"""

from __future__ import annotations

import nest
import numpy as np
from work import Answer, Work

NAME = "NEST"
ENVIRONMENT = "nest"
EXACT = True
WORKLOADS = ("f1", "f2")
VERSION = f"nest {nest.__version__}"
RESOLUTION = 0.125  # ms: step of the grid and delay


class Step:
    """A simulation from a fresh kernel."""

    dtype, differs = "float64", f"refractory for {RESOLUTION} ms after a spike"

    def __init__(self, work: Work) -> None:
        self.work = work
        nest.verbosity = nest.VerbosityLevel.ERROR

    def before(self) -> None:
        """Build the network, all but the last step."""
        work, group, link = self.work, self.work.neurons[0], self.work.links[0]
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
        pre = np.repeat(np.arange(work.inputs.size), np.diff(link.offsets))
        synapses = {"weight": link.weights, "delay": np.full(len(pre), RESOLUTION)}
        nest.Connect(np.array(sources.tolist())[pre], np.array(neurons.tolist())[link.targets], "one_to_one", synapses)
        self.recorder = nest.Create("spike_recorder")
        nest.Connect(neurons, self.recorder, "all_to_all", {"delay": RESOLUTION})
        self.first = neurons.tolist()[0]
        nest.Prepare()

    def run(self) -> None:
        nest.Run(np.ceil((self.work.duration + RESOLUTION) / RESOLUTION) * RESOLUTION)

    def answer(self) -> Answer:
        self.run()
        events = self.recorder.events
        times = events["times"] - RESOLUTION
        seen = times <= self.work.duration
        return Answer(times[seen], events["senders"][seen] - self.first, np.zeros(seen.sum(), dtype=int))


def prepare(work: Work) -> Step:
    return Step(work)
