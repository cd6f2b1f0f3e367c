"""The shapes of surrogate derivatives: a number h(x) in the place of the derivative of the step at x = V - v_th.

===============  ==========================================  ===================================================
``super_spike``  1 / (1 + s abs(x))^2                        Zenke and Ganguli (2018), Neural Computation 30, 1514;
                                                             `fast_sigmoid` of snnTorch, `superspike` of norse
``sigmoid``      s y (1 - y), y = 1 / (1 + exp(-s x))        the derivative of a smoothed step; `sigmoid` of snnTorch
``triangle``     max(0, 1 - s abs(x))                        Bellec et al. (2018), NeurIPS; `triangle` of norse (s = 1)
``arctan``       (s / 2) / (1 + (pi s x / 2)^2)              Fang et al. (2021), ICCV; `atan` of snnTorch
===============  ==========================================  ===================================================

s is the slope, in 1/V. The areas under the curves are 2/s, 1, 1/s and 1: ``sigmoid`` and ``arctan`` are derivatives of
steps from 0 to 1, the other two have the height 1 at the threshold, as their authors have them.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from spikeproof.arguments import choice
from spikeproof.numbers import Float64Array

Shape: TypeAlias = Literal["super_spike", "sigmoid", "triangle", "arctan"]
SHAPES: tuple[Shape, ...] = ("super_spike", "sigmoid", "triangle", "arctan")


def check_shape(shape: object) -> Shape:
    """`shape`, which must be the name of one; raises `InvalidInput` otherwise."""
    choice("shape", shape, *SHAPES)
    return shape  # type: ignore[return-value]


def surrogate(shape: Shape, x: Float64Array, slope: float) -> Float64Array:
    """The surrogate derivative h(x), by NumPy: what the kernels compute, to read and to plot.

    Parameters
    ----------
    shape : name of a shape
    x : array
        V - v_th.
    slope : float
        s, > 0, in 1/V.

    Returns
    -------
    array, shape of `x`
    """
    u = slope * np.abs(x)
    if check_shape(shape) == "super_spike":
        return np.asarray(1.0 / (1.0 + u) ** 2)
    if shape == "sigmoid":
        e = np.exp(-u)
        return np.asarray(slope * e / (1.0 + e) ** 2)
    if shape == "triangle":
        return np.maximum(0.0, 1.0 - u)
    return np.asarray(0.5 * slope / (1.0 + (0.5 * np.pi * u) ** 2))
