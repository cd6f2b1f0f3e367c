"""Rows: the plain numbers that a measurement returns, by the frame that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]  # numbers and short texts
Rows: TypeAlias = Mapping[str, list[Row]]
Measure: TypeAlias = Callable[..., Rows]  # with plain keywords, so that it can be sent to a worker process
