"""``python -m spikeproof_reports`` is the ``spikeproof`` command."""

import sys

from spikeproof_reports.launcher import main

sys.exit(main())
