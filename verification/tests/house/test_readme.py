"""What the README promises."""

import re
import subprocess
import sys

import numpy as np
import pytest
from places import ROOT

from spikeproof import EventEngine
from spikeproof_reference import MpEngine
from spikeproof_verification.checks.tolerances import AMPLIFIED, SHORT_RUN

README = (ROOT / "README.md").read_text(encoding="utf-8") if (ROOT / "README.md").exists() else ""

pytestmark = pytest.mark.skipif(not README, reason="the README is not beside the tests")


def test_the_quick_start_runs_and_returns_value_and_gradients():
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL).group(1)
    names = {}
    exec(code, names)
    solution = names["solution"]
    assert solution.loss > 0
    assert set(solution.gradients.weights) == {"input->hidden", "hidden->output"}
    assert len(solution.gradients.input_times) == 4


def test_the_training_example_runs_after_the_quick_start():
    quick_start, *others = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names = {}
    exec(quick_start + next(block for block in others if "Trainer(" in block), names)
    history = names["trainer"].state.history
    assert [row["epoch"] for row in history] == [0.0, 1.0, 2.0, 3.0]
    assert history[-1]["test_loss"] < history[0]["test_loss"]


def test_the_own_function_serves_the_event_engine_and_the_reference():
    quick_start, *others = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names = {}
    exec(quick_start + next(block for block in others if "SpikeTimeFunction(" in block), names)
    fast, exact = EventEngine().solve(names["own"]), MpEngine(dps=50).solve(names["own"])
    assert fast.loss == pytest.approx(float(exact.loss), rel=SHORT_RUN, abs=0.0)
    assert np.allclose(fast.gradients.input_times, exact.gradients.input_times.astype(float), rtol=AMPLIFIED, atol=0.0)


def test_the_two_commands_name_environments_that_exist():
    tox = (ROOT / "tox.ini").read_text(encoding="utf-8")
    environments = re.findall(r"^python -m pip install tox && python -m tox run -e (\w+)$", README, re.MULTILINE)
    assert environments == ["verify", "test"]
    for name in environments:
        assert f"[testenv:{name}" in tox


def test_every_local_link_points_to_a_file():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_without_the_packages_of_the_command_line_one_line_says_what_to_install():
    code = "import sys; sys.modules['click'] = None; from spikeproof_reports.launcher import main; sys.exit(main())"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr == "spikeproof: the command line needs the package click: pip install 'spikeproof[verify]'\n"


def test_importing_the_engine_needs_neither_the_reference_nor_the_reports():
    code = "import sys, spikeproof; print([m for m in ('mpmath', 'pandas', 'click', 'matplotlib') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
