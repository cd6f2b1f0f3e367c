"""The code of the pages of docs/how-to runs, block after block."""

import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from places import ROOT

MINE = ("own-data", "own-loss", "pictures", "save-and-load")

pytestmark = pytest.mark.skipif(not (ROOT / "docs").exists(), reason="the documents are not beside the tests")


@pytest.mark.compiled
@pytest.mark.parametrize("page", MINE)
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch):
    mpl.use("Agg")
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "how-to" / f"{page}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert blocks
    names = {}
    for block in blocks:
        exec(block, names)
    plt.close("all")
