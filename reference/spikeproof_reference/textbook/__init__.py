"""The textbook engine: EventProp in plain Python floats, to be read; a third opinion beside the engines."""

from spikeproof_reference.textbook.engine import TextbookEngine

__all__ = ["TextbookEngine"]
