"""Ridge regression by the normal equations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.numbers import Array, Float64Array, array, positive


@dataclass(frozen=True)
class Ridge:
    """A linear map with intercept, ``Y = X C + b``.

    Attributes
    ----------
    coefficients : array, shape (n_features, n_outputs)
    intercept : array, shape (n_outputs,)
    """

    coefficients: Float64Array
    intercept: Float64Array

    def __call__(self, features: Array) -> Float64Array:
        """Y of these features: shape (n_samples, n_outputs) for (n_samples, n_features)."""
        return np.asarray(features @ self.coefficients + self.intercept)


def ridge(features: Array, targets: Array, penalty: float) -> Ridge:
    """The map that minimises ``|X C + b - Y|^2 + penalty |C|^2``, by the normal equations.

    With X and Y less their means over the samples, ``(X^T X + penalty) C = X^T Y``, solved by Cholesky's factors.

    Parameters
    ----------
    features, targets : arrays, shape (n_samples, n_features) and (n_samples, n_outputs)
        Finite.
    penalty : float
        > 0, in the unit of the squared features; the intercept is not penalised.

    Returns
    -------
    Ridge
        Its error is that of the normal equations: rounding times the condition of ``X^T X + penalty``.

    Raises
    ------
    InvalidInput
        If a number or shape is not what is allowed, or the penalty is lost in the rounding of ``X^T X``.

    References
    ----------
    Hoerl and Kennard (1970), Technometrics 12, 55.
    """
    x, y = array("features", features, ndim=2), array("targets", targets, ndim=2)
    if not len(x) or len(y) != len(x):
        raise InvalidInput("targets", f"{len(y)} rows", f"one for each of {len(x)} samples, at least one")
    x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
    x, y = x - x_mean, y - y_mean
    normal = x.T @ x + float(positive("penalty", penalty)) * np.eye(x.shape[1])
    try:
        factor = np.linalg.cholesky(normal)
    except np.linalg.LinAlgError:
        raise InvalidInput("penalty", penalty, "a number that rounding of the products of features leaves") from None
    coefficients = np.linalg.solve(factor.T, np.linalg.solve(factor, x.T @ y))
    return Ridge(coefficients, y_mean - x_mean @ coefficients)
