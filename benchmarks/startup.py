"""Seconds from the start of Python to the import of spikeproof and to its first gradient, as a line of JSON.

    python startup.py

Numba keeps compiled kernels in NUMBA_CACHE_DIR: with an empty folder the start is that of a fresh install.
"""

import json
import time

begin = time.perf_counter()
import spikeproof  # noqa: E402

imported = time.perf_counter()
from spikeproof.yin_yang import yin_yang, yin_yang_problem  # noqa: E402

problem = yin_yang_problem(*yin_yang(1, seed=42), seed=0)
spikeproof.EventEngine().solve(problem, gradients="weights")
solved = time.perf_counter()
print(json.dumps({"import": imported - begin, "first_gradient": solved - begin}))  # noqa: T201
