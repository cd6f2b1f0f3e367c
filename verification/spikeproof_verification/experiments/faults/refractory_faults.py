"""Faults of the refractory time, forward and backward; what is wrong with each is said in `catalogue`."""

from __future__ import annotations

import heapq
from dataclasses import replace

from spikeproof import Problem
from spikeproof_reference.textbook.adjoint import Adjoint
from spikeproof_reference.textbook.engine import TextbookEngine
from spikeproof_reference.textbook.flow import Lambda
from spikeproof_reference.textbook.forward import Forward
from spikeproof_reference.textbook.model import Model
from spikeproof_reference.textbook.record import Arrival, Event, Release, Spike
from spikeproof_verification.experiments.faults.seeded import seeded


@seeded("refractory time ignored")
class _Ignored(Forward):
    def refractory(self, n: int) -> float:
        return 0.0


@seeded("one refractory time for all")
class _OneForAll(TextbookEngine):
    def model(self, problem: Problem) -> Model:
        model = super().model(problem)
        return replace(model, neurons=[replace(n, t_ref=model.neurons[0].t_ref) for n in model.neurons])


@seeded("V free while held")
class _Free(Forward):
    def note(self, n: int, event: Event, u: float, i: float, held: bool = False) -> None:
        super().note(n, event, u, i)

    def predict(self) -> None:
        self.changed -= {n for n, (_, number) in enumerate(self.next_release) if number >= 0}
        super().predict()


@seeded("current held with the potential")
class _CurrentHeld(Forward):
    def flowed(self, n: int, time: float) -> tuple[float, float]:
        node = self.record.nodes[n][-1]
        return (node.u, node.i) if node.held else super().flowed(n, time)


@seeded("arrivals while held lost")
class _Lost(Forward):
    def arrive(self, arrival: Arrival) -> None:
        n = self.model.synapses[arrival.synapse].post
        if not self.record.nodes[n][-1].held:
            super().arrive(arrival)
            return
        u, i = self.flowed(n, arrival.time)
        self.note(n, arrival, u, i, held=True)


@seeded("hold closed on the right")
class _Closed(Forward):
    def step(self) -> bool:
        if self.waiting and self.waiting[0][0] == min(self.next_release)[0]:
            self.arrive(heapq.heappop(self.waiting)[-1])
            return True
        return super().step()


@seeded("lambda_v kept over the release")
class _Kept(Adjoint):
    def held(self, after: Lambda) -> Lambda:
        return after


@seeded("release not moved with its spike")
class _NotMoved(Adjoint):
    def release_moved(self, e: Release, moved: float) -> None:
        pass


@seeded("slope at the release taken at the spike")
class _SlopeAtSpike(Adjoint):
    def by_release(self, e: Spike | Release, after: float) -> float:
        return super().by_release(self.record.spikes[e.number], after)


@seeded("gradient of the refractory time missing")
class _NoGradient(Adjoint):
    def by_refractory(self, moved: float) -> float:
        return 0.0


@seeded("V seen while held belongs to nobody")
class _SeenLost(Adjoint):
    def held_seen(self, n: int, seen: list[tuple[float, float]]) -> None:
        pass
