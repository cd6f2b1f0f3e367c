"""``python -m spikeproof`` is the ``spikeproof`` command, which says what is missing in a light install."""

import sys
from importlib import import_module

sys.exit(import_module("spikeproof_reports.launcher").main())  # by name: no import of this package points there
