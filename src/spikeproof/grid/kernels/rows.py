"""The work on a row of weights when a spike arrives: forward a sum, backward a sum and a dot product.

Loop: the targets of one row. The caller owns all arrays.

Whole arrays are passed, with where the row starts: a slice would be counted in and out at every call, which costs as
much as the row. Indices are unsigned, so that no negative ones have to be looked for, which would keep the loops from
vectorising.
"""

from __future__ import annotations

from numpy import uint64

from spikeproof.compiled import inner, kernel
from spikeproof.dynamics.equations import d_arrival, d_weight


@inner
def add(weights, row, i, first, width):
    """Add the weights of a row to the currents of its targets."""
    r, f = uint64(row), uint64(first)
    for m in range(uint64(width)):
        i[f + m] += weights[r + m]


@kernel
def prepare(tau_syn, lambda_v, lambda_i, first, width, scaled, difference):
    """Write the terms that all arrivals at the same targets and grid point share; returns False if all are 0."""
    f = uint64(first)
    for m in range(uint64(width)):
        scaled[m] = d_weight(lambda_i[f + m], tau_syn[f + m])
        difference[m] = d_arrival(1.0, lambda_v[f + m], lambda_i[f + m])  # of a unit of weight
    k, stop = f, f + uint64(width)
    while k < stop and lambda_v[k] == 0.0 and lambda_i[k] == 0.0:  # rarely goes far
        k += uint64(1)
    return k < stop


@inner
def take(scaled, gradient, row, width):
    """Add ``-tau_syn lambda_i`` of the targets to the gradient of a row."""
    r = uint64(row)
    for m in range(uint64(width)):
        gradient[r + m] += scaled[m]


@inner
def add_products(weights, row, difference, out, width):
    """Add ``w (lambda_v - lambda_i)`` of every synapse of a row."""
    r = uint64(row)
    for m in range(uint64(width)):
        out[r + m] += weights[r + m] * difference[m]


@kernel
def product(weights, row, difference, width, folded):
    """Sum over targets of ``w (lambda_v - lambda_i)``, in a fixed order of summation.

    Compilers may not reorder sums, so that a plain loop runs at the latency of an addition. Here the products are laid
    over each other in four layers, and these sums in four again; both loops vectorise. `folded` is scratch, a quarter
    of the width long.
    """
    r, layer, total = uint64(row), uint64(width // 4), 0.0
    second, third, fourth = layer, layer + layer, layer + layer + layer
    for m in range(layer):
        folded[m] = (
            weights[r + m] * difference[m] + weights[r + second + m] * difference[second + m]
        ) + (
            weights[r + third + m] * difference[third + m] + weights[r + fourth + m] * difference[fourth + m]
        )  # fmt: skip
    for m in range(fourth + layer, uint64(width)):
        total += weights[r + m] * difference[m]
    return total + _folded(folded, layer)


@inner
def _folded(folded, size):
    """Sum of the first entries of an array, which is overwritten."""
    total, layer = 0.0, size // uint64(4)
    second, third, fourth = layer, layer + layer, layer + layer + layer
    for m in range(layer):
        folded[m] = (folded[m] + folded[second + m]) + (folded[third + m] + folded[fourth + m])
    for m in range(layer):
        total += folded[m]
    for m in range(fourth + layer, size):
        total += folded[m]
    return total
