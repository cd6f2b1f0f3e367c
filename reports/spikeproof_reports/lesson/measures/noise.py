"""Bias and variance of an estimate that draws numbers, against the number of draws and of neurons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from spikeproof.lesson import EvolutionStrategy, ExactGradient, GradientEstimator, ScoreFunction
from spikeproof.numbers import Array, Float64Array
from spikeproof_reports.lesson.measures.comparison import ALL, flat
from spikeproof_reports.lesson.measures.variants import SIGMA, SLOPE
from spikeproof_reports.lesson.rows import Row, Rows
from spikeproof_reports.lesson.systems import DT, event_engine
from spikeproof_reports.lesson.tasks import yin_yang_task

SAMPLES = 20
Make = Callable[[int, int], GradientEstimator]  # of the number of draws and the seed

STOCHASTIC: Mapping[str, Make] = {
    "score": lambda draws, seed: ScoreFunction(DT, SLOPE, draws, seed),
    "score without baseline": lambda draws, seed: ScoreFunction(DT, SLOPE, draws, seed, baseline=False),
    "evolution": lambda draws, seed: EvolutionStrategy(SIGMA, draws, seed, engine=event_engine()),
}


class Value(NamedTuple):
    """A number with its standard error."""

    value: float
    error: float


def noise(system: str, hidden: int, draws: int, replicates: int, seed: int) -> Rows:
    """Bias and variance of one estimator on Yin-Yang with so many hidden neurons, at initial weights.

    Parameters
    ----------
    system : name in `STOCHASTIC`.
    hidden : number of hidden neurons; weights to the readout have the variance of 200 neurons times 200 / hidden.
    draws : of each estimate.
    replicates : number of independent estimates.
    seed : of the weights; the estimates have seeds of their own.

    Returns
    -------
    mapping from frame to rows
        ``noise``, a row for each projection and one for all: ``variance`` of an estimate, ``bias``, the squared
        distance of its mean from the exact gradient, and ``signal``, the squared norm of its mean, all over the
        squared norm of the exact gradient and with standard errors (``..._error``); and ``passes``, the forward passes
        of an estimate.
    """
    task = yin_yang_task(hidden)
    problem = task.problem(seed, samples=SAMPLES)
    exact = ExactGradient(event_engine()).estimate(problem).gradients
    make = STOCHASTIC[system]
    estimates = [make(draws, seed * replicates + number).estimate(problem) for number in range(replicates)]
    head = {"system": system, "hidden": hidden, "draws": draws, "seed": seed}
    head["passes"] = estimates[0].cost.forward_passes
    rows = []
    for name in (*exact, ALL):
        found = np.array([_part(e.gradients, name) for e in estimates])
        rows.append({**head, "projection": name, **moments(found, _part(exact, name))})
    return {"noise": rows}


def moments(estimates: Float64Array, exact: Float64Array) -> Row:
    """Variance, squared bias and squared signal of independent estimates, shape (replicates, size), see `noise`.

    Squares of means are means over pairs of different estimates, which have no bias themselves and may be below 0.
    Errors are by the jackknife.
    """
    products, size = estimates @ estimates.T, float(exact @ exact)
    distances = (estimates - exact) @ (estimates - exact).T
    return {
        **_named("variance", _jackknifed(lambda p: (float(np.mean(np.diag(p))) - _off_diagonal(p)) / size, products)),
        **_named("bias", _jackknifed(lambda d: _off_diagonal(d) / size, distances)),
        **_named("signal", _jackknifed(lambda p: _off_diagonal(p) / size, products)),
    }


def _off_diagonal(products: Float64Array) -> float:
    n = len(products)
    return float(products.sum() - np.trace(products)) / (n * (n - 1))


def _jackknifed(statistic: Callable[[Float64Array], float], products: Float64Array) -> Value:
    """A statistic of the products of all pairs of estimates, with its error by leaving out one estimate at a time."""
    n = len(products)
    left = np.array([statistic(products[np.ix_(own, own)]) for own in _without_one(n)])
    return Value(statistic(products), float(np.sqrt((n - 1) / n * np.sum((left - left.mean()) ** 2))))


def _without_one(n: int) -> Sequence[Array]:
    return [np.delete(np.arange(n), number) for number in range(n)]


def _named(name: str, value: Value) -> Row:
    return {name: value.value, f"{name}_error": value.error}


def _part(gradients: Mapping[str, Array], name: str) -> Float64Array:
    return flat(gradients) if name == ALL else np.ravel(gradients[name]).astype(np.float64, copy=False)
