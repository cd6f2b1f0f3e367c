"""Figures as a journal prints them: their widths, the size of their letters, and the same bytes every time."""

import re
from itertools import pairwise

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from report_runs import synthetic_run

from spikeproof_reports.paper.columns import COLUMN, PAGE, in_a_column
from spikeproof_reports.paper.picture import MANY, Picture
from spikeproof_reports.paper.style import RC, WIDTH
from spikeproof_reports.verification.content import content_of
from spikeproof_verification.checks.tolerances import RUN

FACTS = {"commit": "c0ffee", "seed": "7"}
POINTS = 72.0


def panels(rows, columns, height=3.0, **shared):
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False, **shared)
        for n, ax in enumerate(axes.ravel()):
            ax.plot([1.0, 2.0], [n, n + 1], "o-", label=f"of panel {n}")
            ax.set(xlabel="time", ylabel="" if n % columns else "potential")
    return figure


@pytest.fixture(scope="module")
def pictures():
    return content_of(synthetic_run(failing=True)).all_pictures


def letters(figure):
    """The texts that are seen, drawn at the size at which they are printed."""
    figure.set_dpi(POINTS)
    FigureCanvasAgg(figure).draw()
    return [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]


def test_panels_beside_each_other_stand_below_each_other_in_a_column():
    narrow = in_a_column(panels(1, 3, sharey=True))
    narrow.canvas.draw()
    boxes = [ax.get_position() for ax in narrow.axes]
    assert tuple(narrow.get_size_inches()) == (COLUMN, 9.0)
    assert all(a.y0 > b.y1 for a, b in pairwise(boxes))
    assert [ax.get_ylabel() for ax in narrow.axes] == ["potential"] * 3


def test_a_figure_with_too_many_panels_for_a_page_has_no_column():
    assert in_a_column(panels(12, 2, height=21.0)) is None
    assert in_a_column(panels(4, 1, height=PAGE)) is not None


def test_the_figure_of_the_page_stays_as_it_is():
    figure = panels(1, 2)
    before = [text.get_fontsize() for text in figure.findobj(Text)]
    in_a_column(figure)
    assert [text.get_fontsize() for text in figure.findobj(Text)] == before
    assert tuple(figure.get_size_inches()) == (WIDTH, 3.0)


@pytest.mark.parametrize("narrow", [False, True])
def test_letters_are_legible_and_nothing_is_cut_off(narrow, pictures):
    for picture in pictures:
        figure = in_a_column(picture.figure) if narrow else picture.figure
        width, height = figure.get_size_inches() * POINTS
        assert width == pytest.approx((COLUMN if narrow else WIDTH) * POINTS, rel=RUN, abs=0.0)
        seen = letters(figure)
        assert min(text.get_fontsize() for text in seen) >= 6.0, picture.name
        box = figure.get_tightbbox()  # in inches, of all that is drawn
        assert box.x0 > -0.02, picture.name
        assert box.y0 > -0.02, picture.name
        assert box.x1 < width / POINTS + 0.02, picture.name
        assert box.y1 < height / POINTS + 0.02, picture.name


def test_the_same_figure_gives_the_same_bytes_in_every_format(tmp_path):
    for folder in ("a", "b"):
        Picture("speed", "Speed", "", panels(1, 2)).save(tmp_path / folder, FACTS)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == ["speed.pdf", "speed.png", "speed.svg", "speed_column.pdf", "speed_column.svg"]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


@pytest.mark.parametrize(("name", "width"), [("speed", WIDTH), ("speed_column", COLUMN)])
def test_files_for_print_have_the_width_of_a_page_or_of_a_column_and_say_where_they_come_from(name, width, tmp_path):
    Picture("speed", "Speed", "", panels(1, 2)).save(tmp_path, FACTS)
    svg = (tmp_path / f"{name}.svg").read_text(encoding="utf-8")
    assert round(float(re.search(r'<svg [^>]*width="([\d.]+)pt"', svg)[1]), 1) == round(width * POINTS, 1)
    assert "commit: c0ffee; seed: 7" in svg
    pdf = (tmp_path / f"{name}.pdf").read_bytes()
    assert round(float(re.search(rb"/MediaBox \[ 0 0 ([\d.]+)", pdf)[1]), 1) == round(width * POINTS, 1)
    assert b"CreationDate" not in pdf
    assert b"commit: c0ffee" in pdf


def test_very_many_markers_are_pixels_in_files_for_print(tmp_path):
    sizes = {}
    for n in (MANY, 20 * MANY):
        with rc_context(RC):
            figure = Figure(figsize=(WIDTH, 2.0), layout="constrained")
            figure.subplots().plot(np.random.default_rng(1).random(n), np.arange(n), "o")
        Picture(f"of_{n}", "", "", figure).save(tmp_path, FACTS)
        sizes[n] = (tmp_path / f"of_{n}.svg").stat().st_size
        assert ("<image" in (tmp_path / f"of_{n}.svg").read_text()) == (n > MANY)
    assert sizes[20 * MANY] < 10 * sizes[MANY]
