"""A fixed piece of numpy work, no engine: the unit of time in which two runs are compared."""

from __future__ import annotations

import numpy as np
from work import Work

NAME = "calibration"
EXACT = True
VERSION = np.__version__
JUDGED = False


class Step:
    """Exponentials, a matrix product, a sort and many small calls: some 20 ms."""

    dtype, differs = "float64", ""

    def __init__(self, work: Work) -> None:
        rng = np.random.default_rng(0)
        self.work, self.matrix, self.values = work, rng.normal(size=(200, 200)), rng.uniform(size=200_000)

    def run(self) -> None:
        total = np.exp(-self.values)
        np.sort(total)
        square = self.matrix
        for _ in range(10):
            square = np.tanh(square @ self.matrix)
        for row in range(2000):
            square[row % 200].sum()


def prepare(work: Work) -> Step:
    return Step(work)
