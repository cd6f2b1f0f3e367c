"""A workload changed for engines without leaky integrators and without potentials as outputs."""

from __future__ import annotations

from dataclasses import replace

from work import Work

FIRST_SPIKE = {"kind": "first_spike", "tau0": 0.5, "tau1": 6.4, "alpha": 0.003}


def spiking(work: Work) -> tuple[Work, str]:
    """`work` with a LIF output and the first-spike loss, and the difference in words, "" if there is none."""
    output = work.neurons[-1]
    if output.kind == "lif":
        return work, ""
    groups = tuple(replace(g, kind="lif", v_th=1.0) if g.name == output.name else g for g in work.groups)
    loss = {**FIRST_SPIKE, "population": output.name}
    return replace(work, groups=groups, loss=loss), "readout spikes; first-spike loss"
