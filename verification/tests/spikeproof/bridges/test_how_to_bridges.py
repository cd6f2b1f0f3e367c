"""The code of the how-to texts runs as it is printed."""

import os
import re
import subprocess
import sys

import pytest
from places import ROOT

TEXTS = ROOT / "docs" / "how-to"

pytestmark = [pytest.mark.compiled, pytest.mark.skipif(not TEXTS.exists(), reason="the documents are not here")]


@pytest.mark.parametrize(("page", "package"), [("pytorch", "torch"), ("jax", "jax"), ("nir", "nir")])
def test_the_code_of_a_page_runs(page, package, tmp_path):
    pytest.importorskip(package, reason=f"pip install 'spikeproof[{package}]'")
    blocks = re.findall(
        r"^```python\n(.*?)^```", (TEXTS / f"{page}.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert blocks
    (tmp_path / "page.py").write_text("\n".join(blocks), encoding="utf-8")
    command = [sys.executable, "-W", "error::UserWarning", tmp_path / "page.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
