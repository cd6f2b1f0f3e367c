"""The adapters of docs/judge-your-engine.md do what the page says."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from places import ROOT

from spikeproof_verification.conformance import Session, judge_engine, shipped
from spikeproof_verification.conformance.connectors import Serve
from spikeproof_verification.conformance.schemas import check_definition

DOCS = ROOT / "docs"
PAGE, ADAPTERS = DOCS / "judge-your-engine.md", DOCS / "adapters"
COMPILER = next((path for name in ("cc", "gcc", "clang") if (path := shutil.which(name))), None)

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the documents are not beside the tests")


def test_the_python_adapter_passes_what_it_supports(monkeypatch):
    monkeypatch.syspath_prepend(str(ADAPTERS))
    from engine import Mine

    run = judge_engine(Mine(), cases=[c for c in shipped() if c.key.startswith(("ratio", "spikes-0", "gradient-w"))])
    assert run.headline.clean
    assert run.headline.supported >= 10
    assert all(finding.fits for finding in run.smoke)


@pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")
def test_the_c_adapter_compiles_without_a_warning_and_passes_what_it_supports(tmp_path):
    program = tmp_path / "layer"
    command = [COMPILER, "-O2", "-Wall", "-Werror", "-o", str(program), str(ADAPTERS / "layer.c"), "-lm"]
    subprocess.run(command, check=True)
    cases = [c for c in shipped() if not c.malformed]
    run = Session(lambda: Serve([str(program)], 20.0), cases).run()
    assert run.headline.clean
    assert run.headline.supported >= 9
    assert all(finding.fits for finding in run.smoke)


def test_the_torch_adapter_passes_what_it_supports_but_for_what_grazes():
    pytest.importorskip("torch")
    cases = [c for c in shipped() if c.key.startswith(("spikes-0", "grazing", "loss-SpikeTimeSum"))]
    run = Session(lambda: Serve([sys.executable, str(ADAPTERS / "layer_torch.py")], 60.0), cases).run()
    assert {v.key for v in run.verdicts if v.verdict not in ("pass", "unsupported")} == {"grazing-above-1e-6"}


def test_the_page_counts_lines_and_shows_messages_as_they_are():
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"\[(\S+)\]\(adapters/(\S+)\) \| (\d+) \|", page)
    assert len(rows) == 3
    for shown, name, lines in rows:
        assert shown == name
        assert len((ADAPTERS / name).read_text(encoding="utf-8").splitlines()) == int(lines)
    text = page.split("```text\n")[1].split("```")[0].replace(", ...}", "}")
    kinds = ["start", "started", "run", "answer", "stop"]
    for kind, line in zip(kinds, text.splitlines(), strict=True):
        check_definition(kind, json.loads(line[2:]))
