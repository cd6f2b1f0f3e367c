"""Packages that only some experiments need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from spikeproof import InvalidInput


def needed(module: str, package: str) -> Any:
    """The module of that name; `InvalidInput` says how to get its package if it is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in (module, module.partition(".")[0]):
            raise  # the package is there, but lacks something itself
        raise InvalidInput(package, "not installed", "pip install 'spikeproof[train]'") from None
