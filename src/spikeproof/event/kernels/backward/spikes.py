"""The spikes of one interval in reverse: lambda_v jumps at each that matters.

docs/theory.md (adjoint-jump), (leibniz), (grazing).
"""

from __future__ import annotations

from spikeproof.compiled import once
from spikeproof.dynamics.equations import jump
from spikeproof.event.kernels.backward.voltage_terms import drive_at, pass_points, rewind_to
from spikeproof.event.kernels.core.tables import GROUP, MEM, RESET, SYN, THRESHOLD, UNRESOLVED

PASSED, GRAZED = True, False


@once
def pass_spike(layout, k, tape, adjoint, cotangents, sample, out):
    """Take the neuron of spike `k` back through it; returns GRAZED if its slope cannot be divided by.

    The neuron stands at the spike then, unless neither loss nor later events depend on it.
    """
    s, now, drive = tape.spike_slot[k], tape.spike_time[k], 0.0
    g = layout.number[GROUP, s]
    tau_mem, tau_syn, lambda_v = layout.time[MEM, g], layout.time[SYN, g], adjoint.lambda_v
    if cotangents is not None:
        if len(cotangents.point_offset) > 1:
            pass_points(s, now, tau_mem, tau_syn, adjoint, cotangents, sample)
        rewind_to(s, now, tau_mem, tau_syn, adjoint, cotangents, sample)
        drive = drive_at(cotangents, sample, s, now)
    out.jumps[k] = 0.0
    if out.d_spike[k] != 0.0 or lambda_v[s] != 0.0 or adjoint.lambda_i[s] != 0.0 or drive != 0.0:
        slope = tape.spike_slope[k]
        if not slope > layout.slot[UNRESOLVED, s]:
            return GRAZED
        rewind_to(s, now, tau_mem, tau_syn, adjoint, cotangents, sample)
        height = layout.slot[THRESHOLD, s] - layout.slot[RESET, s]
        out.jumps[k] = jump(lambda_v[s] + drive, out.d_spike[k], height, slope)
        lambda_v[s] += out.jumps[k]
    return PASSED
