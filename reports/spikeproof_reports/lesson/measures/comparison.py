"""An estimate of a gradient compared with the exact one."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from spikeproof.numbers import Array, Float64Array
from spikeproof_reports.lesson.rows import Row

ALL = "all"  # the name under which all projections together are compared


def compared(estimate: Mapping[str, Array], exact: Mapping[str, Array]) -> list[Row]:
    """A row for each projection, and one for all of them together.

    Parameters
    ----------
    estimate, exact : mapping from projection name to array
        Two gradients by the same weights.

    Returns
    -------
    list of dict
        ``projection``; ``cosine`` of the angle between the two, NaN if one is 0; ``error``, the norm of their
        difference over that of the exact one; ``norm``, the ratio of the norms; ``wrong_signs``, the share of the
        weights with an exact derivative other than 0 whose estimate has the other sign; ``zeros``, the share of them
        whose estimate is 0.
    """
    pairs = {name: (np.ravel(estimate[name]), np.ravel(exact[name])) for name in exact}
    pairs[ALL] = tuple(np.concatenate(parts) for parts in zip(*pairs.values(), strict=True))  # type: ignore[assignment]
    return [{"projection": name, **_compared(*pair)} for name, pair in pairs.items()]


def flat(gradients: Mapping[str, Array]) -> Float64Array:
    """All gradients as one vector."""
    return np.concatenate([np.ravel(g) for g in gradients.values()]).astype(np.float64, copy=False)


def cosine(a: Float64Array, b: Float64Array) -> float:
    """Cosine of the angle between two vectors; NaN if one of them is 0."""
    norms = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    return float(a @ b) / norms if norms > 0.0 else math.nan


def _compared(g: Float64Array, e: Float64Array) -> Row:
    size, seen = float(np.linalg.norm(e)), e != 0.0
    return {
        "cosine": cosine(g, e),
        "error": float(np.linalg.norm(g - e)) / size if size > 0.0 else math.nan,
        "norm": float(np.linalg.norm(g)) / size if size > 0.0 else math.nan,
        "wrong_signs": float(np.mean(g[seen] * np.sign(e[seen]) < 0.0)) if seen.any() else math.nan,
        "zeros": float(np.mean(g[seen] == 0.0)) if seen.any() else math.nan,
    }
