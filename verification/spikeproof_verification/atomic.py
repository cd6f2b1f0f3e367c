"""Files that are either the old one or the whole new one; the definition lives in `spikeproof.atomic`."""

from spikeproof.atomic import replacing

__all__ = ["replacing"]
