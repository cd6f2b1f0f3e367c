"""Neurons that are held after a spike, forward and backward: their V stands at v_reset until a later grid point.

Loops: the neurons of a segment, or all; the spikes of a sample. Only networks with a refractory time come here. The
caller owns all arrays. `holds`, shape (2, neurons), says of each neuron

- forward: until which grid point it is held after its latest spike, and the number of that spike on the tape;
- backward: whether it is held in the step that is taken next, and which spike is passed next, -1 if there is none.

docs/theory.md (refractory), (ref-adjoint).
"""

from __future__ import annotations

from spikeproof.compiled import inner
from spikeproof.dynamics.equations import spike_slope
from spikeproof.grid.kernels.packed import REFRACTORY, V_RESET, V_TH
from spikeproof.neuron_parameters import T_REF
from spikeproof.neuron_parameters import V_RESET as BY_V_RESET

UNTIL, SPIKE = 0, 1  # rows of `holds`, forward
HELD, NEXT = 0, 1  # and backward


@inner
def hold_none(holds):
    """Begin a forward pass: no neuron is held."""
    for j in range(holds.shape[1]):
        holds[UNTIL, j] = -1


@inner
def hold(n, first, stop, neurons, v, i, holds, restart):
    """Put V of the held neurons of a segment back at grid point `n`; returns how many of them had reached v_th.

    At the grid point of the release V is still v_reset; tau_mem Vdot after it is noted for the backward pass.
    """
    above = 0
    for j in range(first, stop):
        if holds[UNTIL, j] >= n:
            above += v[j] >= neurons[V_TH, j]
            v[j] = neurons[V_RESET, j]
            if holds[UNTIL, j] == n:
                restart[holds[SPIKE, j]] = spike_slope(i[j], v[j])
    return above


@inner
def pass_over(n_steps, source, step, neurons, holds, previous):
    """Begin a backward pass: say which neurons are held at the end, and for each spike the one before of its neuron."""
    for j in range(holds.shape[1]):
        holds[HELD, j], holds[NEXT, j] = 0, -1
    for k in range(len(source)):
        j = source[k]
        previous[k] = holds[NEXT, j]
        holds[HELD, j], holds[NEXT, j] = step[k] + neurons[REFRACTORY, j] > n_steps, k


@inner
def take_back_releases(n, neurons, step, restart, lambda_v, tau_mem, holds, d_time, d_neuron):
    """Go back over the releases at grid point `n`: they move with their spikes, and nothing before displaces V."""
    for j in range(holds.shape[1]):
        k = holds[NEXT, j]
        if k >= 0 and step[k] + neurons[REFRACTORY, j] == n:
            moved = restart[k] * lambda_v[j]
            d_time[k] += moved
            if len(d_neuron):
                d_neuron[T_REF, j] += moved
                d_neuron[BY_V_RESET, j] -= tau_mem[j] * lambda_v[j]
            holds[HELD, j], lambda_v[j] = 1, 0.0


@inner
def put_held(slopes, traced, tau_mem, lambda_v, holds, d_neuron):
    """Let lambda_v jump by -dL/dV / tau_mem; what is seen of a held neuron is its v_reset. Returns True."""
    for r in range(len(traced)):
        j = traced[r]
        if holds[HELD, j] == 0:
            lambda_v[j] -= slopes[r] / tau_mem[j]
        elif len(d_neuron):
            d_neuron[BY_V_RESET, j] += slopes[r]
    return True
