"""A logarithmic axis with a place for 0 and a place for infinities and NaN."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import FixedFormatter, FixedLocator
from numpy.typing import NDArray

MARGIN = 1.0  # distance of 0 and "not finite" from the others, in tick steps


@dataclass(frozen=True)
class Decades:
    """Powers of ten from `low` to `high` on a linear axis of exponents.

    0 is placed left of `low`, infinities and NaN right of `high`, so that no number is dropped.
    """

    low: int
    high: int
    zero: str = "0"
    beyond: str = "not\nfinite"

    @classmethod
    def around(cls, *values: NDArray[np.float64], beyond: str = "not\nfinite") -> Decades:
        """Decades that contain the positive finite `values`."""
        every = np.concatenate([np.ravel(v) for v in values]) if values else np.empty(0)
        positive = every[np.isfinite(every) & (every > 0)]
        if not len(positive):
            return cls(-1, 1, beyond=beyond)
        low, high = int(np.floor(np.log10(positive.min()))), int(np.ceil(np.log10(positive.max())))
        return cls(low, max(high, low + 1), beyond=beyond)

    @property
    def step(self) -> int:
        """Decades between labelled ticks."""
        return max(1, -(-(self.high - self.low) // 8))

    @property
    def zero_at(self) -> float:
        """Position of 0."""
        return self.low - MARGIN * self.step

    @property
    def beyond_at(self) -> float:
        """Position of infinities and NaN."""
        return self.high + MARGIN * self.step

    def place(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Positions of `values` (>= 0, infinite or NaN) on the axis."""
        with np.errstate(divide="ignore", invalid="ignore"):
            exponents = np.log10(values)
        exponents = np.where(values == 0, self.zero_at, exponents)
        return np.where(np.isfinite(exponents), exponents, self.beyond_at)

    def dress(self, axis: Axis, *, zero: bool = True, beyond: bool = True) -> None:
        """Put ticks and labels on `axis`, with the places for 0 and beyond if asked for."""
        exponents = list(range(self.low, self.high + 1, self.step))
        at = [self.zero_at] * zero + [float(e) for e in exponents] + [self.beyond_at] * beyond
        labels = [self.zero] * zero + [f"$10^{{{e}}}$" for e in exponents] + [self.beyond] * beyond
        axis.set_major_locator(FixedLocator(at))
        axis.set_major_formatter(FixedFormatter(labels))
        margin = 0.5 * self.step
        low, high = self.zero_at if zero else self.low, self.beyond_at if beyond else self.high
        axis.set_view_interval(low - margin, high + margin, ignore=True)
