"""Rows of neurons: sums that become vector instructions. Loop: the neurons of a row; the caller owns all arrays."""

from __future__ import annotations

from numpy import uint64

from spikeproof.compiled import inner


@inner
def copy(x, out):
    """Copy an array; ``out[:] = x`` takes seconds to compile."""
    for n in range(len(out)):
        out[n] = x[n]


@inner
def fill(value, out):
    """Write a number to all entries."""
    for n in range(len(out)):
        out[n] = value


@inner
def add_row(source, first, out, start, width):
    """Add `width` numbers of `source` from `first` on to `out` from `start` on."""
    a, b = uint64(first), uint64(start)
    for n in range(uint64(width)):
        out[b + n] += source[a + n]


@inner
def add_scaled_row(factor, source, first, out, start, width):
    """Add `factor` times `width` numbers of `source` from `first` on to `out` from `start` on."""
    a, b = uint64(first), uint64(start)
    for n in range(uint64(width)):
        out[b + n] += factor * source[a + n]
