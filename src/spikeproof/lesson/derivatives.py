"""Derivatives of a loss of the discrete network by its weights, back through a trace."""

from __future__ import annotations

import numpy as np

from spikeproof.lesson.discrete import Discrete
from spikeproof.lesson.kernels.backward import backward
from spikeproof.lesson.shapes import SHAPES, Shape
from spikeproof.lesson.tables import Tables
from spikeproof.lesson.trace import Trace
from spikeproof.numbers import Float64Array, IntArray, quiet

NO_SHAPE = len(SHAPES)


class WeightDerivatives:
    """Derivatives by the weights of a function of the potentials, summed over all samples that are added.

    Parameters
    ----------
    network : Discrete
    shape : name of a shape, or None
        The derivative of the step; None: 0, so that nothing goes back through a spike.
    slope : float
        Of the shape.
    reset_gradient : bool
        False leaves out what S changes by the reset of its own neuron.
    """

    def __init__(
        self, network: Discrete, *, shape: Shape | None, slope: float = 1.0, reset_gradient: bool = True
    ) -> None:
        self.total = np.zeros(len(network.tables.weights))
        self._code = NO_SHAPE if shape is None else SHAPES.index(shape)
        self._slope, self._reset = slope, 1.0 if reset_gradient else 0.0
        self._turned = np.empty(0) if shape is None else _turned(network.tables)

    @quiet
    def add(self, part: Discrete, trace: Trace, neurons: IntArray, d_v: Float64Array) -> None:
        """Add those of the samples of one trace.

        Parameters
        ----------
        part : Discrete
            The network, or a part of it.
        trace : Trace
            Of this part.
        neurons : int64 array, shape (n_read,)
            The neurons whose potentials the function reads.
        d_v : array, shape (n_samples, K + 1, n_read)
            Derivatives of the function by them.
        """
        backward(
            part.tables, self._turned, trace, self._code, self._slope, self._reset, neurons, d_v,
            part.tables.block, self.total,
        )  # fmt: skip


def _turned(tables: Tables) -> Float64Array:
    """The weights with the axes of each matrix exchanged; of projections from inputs nothing is written."""
    turned = np.empty(len(tables.weights))
    for outside, *ends, row, _ in tables.projections.tolist():
        n_pre, n_post = ends[1] - ends[0], ends[3] - ends[2]
        own = slice(row, row + n_pre * n_post)
        if not outside:
            turned[own].reshape(n_post, n_pre)[:] = tables.weights[own].reshape(n_pre, n_post).T
    return turned
