"""Working precision: an own mpmath context, with guard digits."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
from mpmath import MPContext

from spikeproof.losses import Loss, LossSum
from spikeproof.numbers import integer

GUARD = 30  # digits above `dps`: a spike with Vdot = 1e-15 still leaves 15 for the accumulation of rounding errors
TIE_GUARD = 10  # of these, digits by which two times must agree beyond `dps` to be one event


def working_context(dps: int) -> Any:
    """An mpmath context of its own that carries `dps` digits and the guard digits.

    The context is new on every call and never the global ``mpmath.mp``. What the difference of exponentials loses for
    nearly equal time constants, `Flow` carries in addition.
    """
    ctx = MPContext()
    ctx.dps = integer("dps", dps, low=15) + GUARD
    return ctx


def exact(ctx: Any, value: Any) -> Any:
    """`value` as a number of `ctx`: binary64 exactly, a Decimal with all its digits at the working precision."""
    if type(value) is float:
        return ctx.convert(value)  # all bits, whatever the precision; a float where ctx is mpmath.fp
    plain = _plain(value)
    return ctx.mpf(str(plain)) if isinstance(plain, Decimal) else ctx.mpf(plain)


def exact_terms(ctx: Any, loss: Loss) -> Iterator[tuple[Any, Loss]]:
    """The (factor, loss) pairs that a loss consists of, sums resolved; factors of sums of sums keep all digits."""
    waiting = [(ctx.one, loss)]
    while waiting:
        factor, part = waiting.pop()
        if isinstance(part, LossSum):
            waiting += [(factor * exact(ctx, own), inner) for own, inner in reversed(part.terms)]
        else:
            yield factor, part


def _plain(value: Any) -> Any:
    item = value.item() if isinstance(value, (np.generic, np.ndarray)) else value
    return item if isinstance(item, Decimal) and item.is_finite() else float(item)
