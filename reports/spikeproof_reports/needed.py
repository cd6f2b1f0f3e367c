"""Packages that only some users need, with the extra that installs them."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def needed(module: str, what: str, extra: str) -> Any:
    """The module of that name; if its package is missing, `ModuleNotFoundError` says how `what` gets it.

    Raises
    ------
    ModuleNotFoundError
        If the module, or one that it imports, is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = (error.name or module).partition(".")[0]
        text = f"{what} need the package {package}: pip install 'spikeproof[{extra}]'"
        raise ModuleNotFoundError(text, name=error.name) from None
