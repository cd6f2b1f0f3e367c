"""The grid engine."""

from spikeproof.grid.engine import GridEngine
from spikeproof.grid.grid import Shifts

__all__ = ["GridEngine", "Shifts"]
