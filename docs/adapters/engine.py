"""An engine in Python: spikeproof conformance --engine engine:Mine"""

from dataclasses import replace

from spikeproof import EventEngine

SUPPORTS = {"quantities": ["spike_times", "loss", "weights"], "losses": ["first_spike_cross_entropy"]}


class Mine:
    name = "mine"
    supports = SUPPORTS

    def unsupported(self, problem):
        return "delays" if any(p.delay for p in problem.network.projections) else None

    def solve(self, problem, gradients="all"):
        # your own computation: from problem.network, .parameters, .stimulus and .loss to a spikeproof.Solution
        found = EventEngine().solve(problem, None if gradients is None else "weights")
        return replace(found, engine=self.name)
