"""Closed-form solutions over one step, as coefficients of each neuron.

Loop: neurons. The caller owns the array, a row for each coefficient.
"""

from __future__ import annotations

from spikeproof.compiled import kernel
from spikeproof.dynamics.equations import propagator_derivatives
from spikeproof.dynamics.flow import decays

V_DECAY, I_DECAY, V_GAIN, LAMBDA_GAIN, V_GAIN_BY_TAU_MEM, V_GAIN_BY_TAU_SYN = range(6)
N_COEFFICIENTS = 6


@kernel
def step_coefficients(dt, tau_mem, tau_syn, out):
    """Write the coefficients of neuron n to ``out[:, n]``, for any ratio of the time constants.

    V - bias and I after a step, and lambda_v and lambda_i before it, are::

        V <- V_DECAY V + V_GAIN I                        I <- I_DECAY I
        lambda_i <- I_DECAY lambda_i + LAMBDA_GAIN lambda_v        lambda_v <- V_DECAY lambda_v

    The last two rows are the derivatives of V_GAIN.
    """
    for n in range(len(tau_mem)):
        m, s = tau_mem[n], tau_syn[n]
        e_mem, e_syn, j = decays(dt, m, s)
        out[V_DECAY, n], out[I_DECAY, n] = e_mem, e_syn
        out[V_GAIN, n], out[LAMBDA_GAIN, n] = j / m, j / s
        _, out[V_GAIN_BY_TAU_MEM, n], out[V_GAIN_BY_TAU_SYN, n], _ = propagator_derivatives(dt, m, s, e_mem, e_syn, j)
