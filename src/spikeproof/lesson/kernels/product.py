"""A matrix product with a fixed order of its sums: the bits of a row do not depend on the other rows.

Loops: columns in parts that stay in the nearest cache; four rows of the second matrix at a time; rows of the first;
columns. Whole arrays are passed, with where a part starts: a slice of columns would not be known to lie side by side.
"""

from __future__ import annotations

from numpy import uint64

from spikeproof.compiled import fused, inner

COLUMNS = 512


@inner
def add_product(x, x_first, w, row, n_inner, width, out, out_first, n_rows):
    """Add ``x @ W`` to `out` for its first `n_rows` rows, each entry summed in the order of the rows of W.

    W lies in the vector `w` from `row` on, shape (n_inner, width); x and out are columns of their arrays from `x_first`
    and `out_first` on.
    """
    whole = n_inner - n_inner % 4
    for start in range(0, width, COLUMNS):
        size, to = min(COLUMNS, width - start), out_first + start
        for j in range(0, whole, 4):
            for b in range(n_rows):
                _add_four(x[b], x_first + j, w, row + j * width + start, width, out[b], to, size)
        for j in range(whole, n_inner):
            for b in range(n_rows):
                _add_one(x[b][x_first + j], w, row + j * width + start, out[b], to, size)


@inner
def _add_four(x, j, w, row, width, out, to, size):
    x0, x1, x2, x3 = x[j], x[j + 1], x[j + 2], x[j + 3]
    r0, t, step = uint64(row), uint64(to), uint64(width)
    r1, r2, r3 = r0 + step, r0 + step + step, r0 + step + step + step
    for n in range(uint64(size)):
        two = _add(x1, w[r1 + n], _add(x0, w[r0 + n], out[t + n]))
        out[t + n] = _add(x3, w[r3 + n], _add(x2, w[r2 + n], two))


@inner
def _add_one(x, w, row, out, to, size):
    r, t = uint64(row), uint64(to)
    for n in range(uint64(size)):
        out[t + n] = _add(x, w[r + n], out[t + n])


@fused
def _add(x, w, total):
    """``x * w + total``, rounded once where the processor can."""
    return x * w + total
