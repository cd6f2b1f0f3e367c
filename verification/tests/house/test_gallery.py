"""The scripts of the gallery: each runs, and draws and prints something; none is longer than a screen."""

import ast
import runpy

import pytest
from places import ROOT

SCRIPTS = sorted((ROOT / "examples").glob("*.py"))
LINES = 50  # without its text

pytestmark = pytest.mark.skipif(not SCRIPTS, reason="the examples are not beside the tests")


@pytest.mark.compiled
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_an_example_draws_and_prints(script, capsys, monkeypatch):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    from matplotlib import pyplot

    shown = []
    monkeypatch.setattr(pyplot, "show", lambda: shown.extend(pyplot.get_fignums()))
    runpy.run_path(str(script), run_name="__main__")
    try:
        axes = [axes for number in shown for axes in pyplot.figure(number).axes]
        assert axes
        assert all(a.has_data() or a.get_images() for a in axes)
        pyplot.figure(shown[0]).canvas.draw()
    finally:
        pyplot.close("all")
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_an_example_fits_on_a_screen(script):
    text = script.read_text(encoding="utf-8")
    heading = ast.get_docstring(ast.parse(text))
    title, underline, *_ = heading.splitlines()
    assert len(underline) == len(title)
    assert len([line for line in text.splitlines() if line.strip()]) - len(heading.splitlines()) <= LINES
