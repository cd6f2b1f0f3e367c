"""Where the tests find what is not installed: the checkout, and the data that may lie beside it."""

from pathlib import Path

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared"
