"""How samples that are taken side by side through a component are kept: rows of plain arrays, a column for each sample.

Lanes are neurons: neuron s of sample b is lane ``b * size + s``.
"""

from __future__ import annotations

V, I, ROW = range(3)  # noqa: E741 - states by lane; ROW is what arrives where it is not one row of weights
# clock: where the sample stands, its next event, how far one is looked for, and the next arrival; LATEST is working
# memory: a time up to which somebody certainly crosses
NOW, EVENT, UNTIL, HORIZON, FOLLOWING, LATEST = range(6)
N_CLOCK = 6
# counts: its external arrivals on the tape; arrivals, internal ones among them, and spikes so far; spikes whose
# undelayed weights have arrived; events that are allowed; what arrives now; neurons that may cross up to UNTIL
START, OUTER, ARRIVALS, INNER, SPIKES, DELIVERED, ALLOWED, ARRIVED, FOUND = range(9)
N_COUNT = 9
NOTHING, SEVERAL = -1, -2  # ARRIVED, where it is not the place of one row of weights for all neurons
PROJECTION, SENDER, PLACE = range(3)  # columns of the log of internal arrivals: SENDER and PLACE count from 0
LOG_FULL = -1  # ALLOWED, of a sample that has found its part of a log full
