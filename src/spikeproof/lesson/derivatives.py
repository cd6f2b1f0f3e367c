"""Derivatives of a loss of the discrete network by its weights, back through a trace."""

from __future__ import annotations

import numpy as np

from spikeproof.lesson.discrete import BLOCK, Discrete, Trace
from spikeproof.lesson.kernels.backward import backward
from spikeproof.lesson.shapes import SHAPES, Shape
from spikeproof.lesson.tables import Tables
from spikeproof.numbers import Array, Float64Array, IntArray, quiet

NO_SHAPE = len(SHAPES)


def weight_derivatives(
    network: Discrete,
    trace: Trace,
    neurons: IntArray,
    d_v: Float64Array,
    *,
    shape: Shape | None,
    slope: float = 1.0,
    reset_gradient: bool = True,
) -> dict[str, Array]:
    """Derivatives by the weights of a function of the potentials, summed over the samples.

    Parameters
    ----------
    network : Discrete
    trace : Trace
        Of this network.
    neurons : int64 array, shape (n_read,)
        The neurons whose potentials the function reads.
    d_v : array, shape (n_samples, K + 1, n_read)
        Derivatives of the function by them.
    shape : name of a shape, or None
        The derivative of the step; None: 0, so that nothing goes back through a spike.
    slope : float
        Of the shape.
    reset_gradient : bool
        False leaves out what S changes by the reset of its own neuron.

    Returns
    -------
    dict from projection name to array, shaped like its weights
    """
    return network.by_projection(
        flat_derivatives(network, trace, neurons, d_v, shape=shape, slope=slope, reset_gradient=reset_gradient)
    )


@quiet
def flat_derivatives(
    network: Discrete,
    trace: Trace,
    neurons: IntArray,
    d_v: Float64Array,
    *,
    shape: Shape | None,
    slope: float = 1.0,
    reset_gradient: bool = True,
) -> Float64Array:
    """`weight_derivatives` as one vector over all weights of the dense network."""
    tables, code = network.tables, NO_SHAPE if shape is None else SHAPES.index(shape)
    total = np.zeros(len(tables.weights))
    turned = np.empty(0) if shape is None else _turned(tables)
    backward(tables, turned, trace, code, slope, 1.0 if reset_gradient else 0.0, neurons, d_v, BLOCK, total)
    return total


def _turned(tables: Tables) -> Float64Array:
    """The weights with the axes of each matrix exchanged; of projections from inputs nothing is written."""
    turned = np.empty(len(tables.weights))
    for outside, *ends, row, _ in tables.projections.tolist():
        n_pre, n_post = ends[1] - ends[0], ends[3] - ends[2]
        own = slice(row, row + n_pre * n_post)
        if not outside:
            turned[own].reshape(n_post, n_pre)[:] = tables.weights[own].reshape(n_pre, n_post).T
    return turned
