"""A matrix product with a fixed order of its sums: the bits of a row do not depend on the other rows.

Loops: columns in parts that stay in the nearest cache; four rows of the second matrix at a time; rows of the first.
"""

from __future__ import annotations

from spikeproof.compiled import fused, inner

COLUMNS = 512


@inner
def add_product(x, w, out):
    """Add ``x @ w`` to `out`; each entry is summed in the order of the rows of `w`."""
    n_inner, width = w.shape
    whole = n_inner - n_inner % 4
    for start in range(0, width, COLUMNS):
        stop = min(start + COLUMNS, width)
        for j in range(0, whole, 4):
            for b in range(len(x)):
                _add_four(x[b, j], x[b, j + 1], x[b, j + 2], x[b, j + 3], w[j : j + 4, start:stop], out[b, start:stop])
        for j in range(whole, n_inner):
            for b in range(len(x)):
                _add_one(x[b, j], w[j, start:stop], out[b, start:stop])


@inner
def _add_four(x0, x1, x2, x3, w, out):
    w0, w1, w2, w3 = w[0], w[1], w[2], w[3]
    for n in range(len(out)):
        out[n] = _add(x3, w3[n], _add(x2, w2[n], _add(x1, w1[n], _add(x0, w0[n], out[n]))))


@inner
def _add_one(x, w, out):
    for n in range(len(out)):
        out[n] = _add(x, w[n], out[n])


@fused
def _add(x, w, total):
    """``x * w + total``, rounded once where the processor can."""
    return x * w + total
