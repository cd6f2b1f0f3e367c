"""jaxsnn where its spike times are right: tau_syn = tau_mem / 2, another network than asked for."""

from __future__ import annotations

from peers.jaxsnn import VERSION as VERSION
from peers.jaxsnn import Step, with_tau_syn
from work import Work

NAME = "jaxsnn, tau 20/10"
ENVIRONMENT = "jaxsnn"
EXACT = True
WORKLOADS = ("w1",)
BATCH = {"w1": 50}


def prepare(work: Work) -> Step:
    step = Step(with_tau_syn(work, 2.0))
    step.differs = "tau_syn 10 ms"
    return step
