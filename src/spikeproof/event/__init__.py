"""The event engine."""

from spikeproof.event.engine import EventEngine
from spikeproof.event.run import Run

__all__ = ["EventEngine", "Run"]
