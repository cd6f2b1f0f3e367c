"""The example of each framework: a linear layer before and one after a spiking network, trained on Yin-Yang."""

import os
import re
import subprocess
import sys

import pytest
from places import ROOT

EXAMPLES = ROOT / "examples" / "frameworks"

pytestmark = [pytest.mark.compiled, pytest.mark.skipif(not EXAMPLES.exists(), reason="the examples are not here")]


@pytest.mark.parametrize("framework", ["torch", "jax"])
def test_an_example_trains_through_the_spikes(framework):
    pytest.importorskip(framework, reason=f"pip install 'spikeproof[{framework}]'")
    script = EXAMPLES / f"{framework}_yin_yang.py"
    one = {**os.environ, "OMP_NUM_THREADS": "1"}  # threads that wait for each other take longest where cores are few
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, env=one)
    assert done.returncode == 0, done.stderr
    losses = [float(x) for x in re.findall(r"^epoch \d+: loss (\d\.\d+), right .*%$", done.stdout, re.MULTILINE)]
    assert len(losses) == 10
    assert losses[-1] < 0.6 * losses[0]
