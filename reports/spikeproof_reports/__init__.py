"""Tables, figures, documents and the command line.

Names are imported when first used: the command line starts without pandas and matplotlib.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spikeproof_reports.verification.report import write_report
    from spikeproof_reports.verification.run import RunRecord
    from spikeproof_reports.verification.storage import load_run, save_run

_HOMES = {
    "RunRecord": "verification.run",
    "load_run": "verification.storage",
    "save_run": "verification.storage",
    "write_report": "verification.report",
}

__all__ = ["RunRecord", "load_run", "save_run", "write_report"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
