"""Seconds as arguments of commands: finite, and not negative."""

from __future__ import annotations

import math
from typing import Any

import click


class _Seconds(click.FloatRange):
    """A finite number in a range; NaN is in none, though it compares as if it were in all."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number; the command ends with a message if it is none."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is no finite number.", param, ctx)
        return number


SECONDS, SECONDS_OR_NONE = _Seconds(0.0, min_open=True), _Seconds(0.0)
