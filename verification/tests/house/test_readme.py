"""What the README promises."""

import csv
import re
import runpy
import struct
import subprocess
import sys

import numpy as np
import pytest
from pages import ran
from places import ROOT

from spikeproof_reference import MpEngine
from spikeproof_verification.checks.tolerances import AMPLIFIED, SHORT_RUN

README = (ROOT / "README.md").read_text(encoding="utf-8") if (ROOT / "README.md").exists() else ""

PUBLISHED = ROOT / "reports" / "published"

pytestmark = pytest.mark.skipif(not README, reason="the README is not beside the tests")


def test_the_examples_print_what_is_shown():
    names, outputs = ran(README)
    assert len(outputs) == 2
    for shown, printed in outputs:
        assert printed == shown
    fast, exact = names["solution"], MpEngine(dps=50).solve(names["solution"].problem)
    assert fast.loss == pytest.approx(float(exact.loss), rel=SHORT_RUN, abs=0.0)
    for name, gradient in fast.gradients.weights.items():
        assert np.allclose(gradient, exact.gradients.weights[name].astype(float), rtol=AMPLIFIED, atol=0.0)


def published(name):
    """The rows of a published table."""
    lines = (PUBLISHED / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def test_the_measured_numbers_are_those_of_the_published_reports():
    report = (PUBLISHED / "report.md").read_text(encoding="utf-8")
    compared = re.search(r"Nonzero gradients \| \*\*([\d\s]+)\*\*", report)[1]
    compared = re.sub(r"\s", " ", compared)
    half = float(re.search(r"Half are at ([\d.]+) ε or less", report)[1])
    assert "| compared, 0 failed." in report
    assert f"{compared} nonzero gradients" in README
    assert f"half are off by {half:.2f} units" in README
    speed = {row["engine"]: row for row in published("bench/tables/bench_speed.csv") if row["workload"] == "w1"}
    others = {name: row for name, row in speed.items() if not name.startswith(("event", "grid"))}
    fastest = max(others.values(), key=lambda row: float(row["rate"]))
    assert (
        f"{float(speed['event']['rate']):.3g}"
        == f"{float(re.search(r'([0-9 ]+) samples', README)[1].replace(' ', '')):.3g}"
    )
    assert f"{float(fastest['ratio']):.1f} times as many as [{fastest['engine'].split(',')[0]}]" in README
    assert f"{float(fastest['error']):.1f}" == "1.0"  # as much as it is large
    checkers = {row["checker"]: row for row in published("audit/tables/checkers.csv")}
    ours, torch = checkers["this suite"], checkers["torch gradcheck, defaults"]
    assert f"sees {ours['seen']} of {ours['wrong']} seeded wrong gradients and passes all {ours['right']}" in README
    assert (ours["false"], torch["false"]) == ("0", "1")
    assert f"sees [{torch['seen']}, and rejects a right one]" in README


def test_the_figure_is_wide_and_shows_the_published_benchmark():
    drawn = runpy.run_path(str(ROOT / "docs" / "figures" / "speed_and_error.py"))
    image = (ROOT / "docs" / "figures" / "speed_and_error.png").read_bytes()
    width, height = struct.unpack(">II", image[16:24])
    assert height <= 500
    assert width > 2 * height
    assert drawn["digest"]().encode() in image


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
