"""Derivatives of plain formulas by truncated power series: nothing is differentiated by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spikeproof_reference.smooth.series import Series, variable


def differentiated(ctx: Any, function: Callable[[list[Any]], Any], numbers: list[Any]) -> tuple[Any, list[Any]]:
    """Value of ``function(numbers)``, and its derivative with respect to each number.

    `function` is written with arithmetic operators, `exponential` and `logarithm`.
    """
    slopes = []
    for k, x in enumerate(numbers):
        moved = function([*numbers[:k], variable(ctx, x), *numbers[k + 1 :]])
        slopes.append(moved[1] if isinstance(moved, Series) else ctx.zero)
    return function(list(numbers)), slopes


def exponential(ctx: Any, x: Any) -> Any:
    """``exp(x)`` of a number or a series."""
    return x.exp() if isinstance(x, Series) else ctx.exp(x)


def logarithm(ctx: Any, x: Any) -> Any:
    """``log(x)`` of a number or a series."""
    return x.log() if isinstance(x, Series) else ctx.ln(x)


def plain(x: Any) -> Any:
    """A number, or the first coefficient of a series; comparisons are made with it."""
    return x[0] if isinstance(x, Series) else x


def cross_entropy(ctx: Any, scores: list[Any], label: int) -> Any:
    """``-log softmax(scores)[label]``."""
    shift = max(map(plain, scores))
    total = sum((exponential(ctx, s - shift) for s in scores), ctx.zero)
    return logarithm(ctx, total) + shift - scores[label]


def softmax_slopes(ctx: Any, scores: list[Any], label: int) -> list[Any]:
    """Derivative of `cross_entropy` with respect to each score; of series, which cannot be differentiated anew."""
    shift = max(map(plain, scores))
    weights = [exponential(ctx, s - shift) for s in scores]
    total = sum(weights, ctx.zero)
    return [w / total - (1 if j == label else 0) for j, w in enumerate(weights)]
