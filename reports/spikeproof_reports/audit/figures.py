"""The figures of an audit: what each engine passes, and the errors of its gradients sample by sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from spikeproof_reports.audit.audit import Audited
from spikeproof_reports.audit.tables import counts
from spikeproof_reports.paper.columns import CROWDED
from spikeproof_reports.paper.numerals import number
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREY, RC, RED, WIDTH
from spikeproof_verification.conformance.verdict import Verdict

FLOOR = 1e-17  # where an error of 0 is drawn
CEILING = 1e3  # where the errors of missing answers are drawn


def family_picture(found: Sequence[Audited]) -> Picture:
    """Passed of supported cases, by engine and family."""
    name, title = "audit_families", "Passed of supported cases"
    ran = [a for a in found if a.run is not None]
    if not ran:
        return Picture(name, title, "No engine was judged.", None)
    cells = {a.peer.key: _by_subject(a.run.verdicts) for a in ran if a.run}
    subjects = list(dict.fromkeys(s for own in cells.values() for s, v in own.items() if counts(v)[1]))
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 0.24 * len(cells) + 1.5), layout="constrained")
        ax = figure.subplots()
        for row, own in enumerate(cells.values()):
            for column, subject in enumerate(subjects):
                _, supported, passed, failed = counts(own.get(subject, []))
                text = f"{passed}/{supported}" if supported else "·"
                colour = _colour(supported, failed)
                ax.text(column, row, text, ha="center", va="center", fontsize=7, color=colour, gid=CROWDED)
        ax.set_xticks(range(len(subjects)), subjects, rotation=40, ha="right", fontsize=8)
        ax.set_yticks(range(len(cells)), cells, fontsize=8)
        ax.set_xlim(-0.5, len(subjects) - 0.5)
        ax.set_ylim(len(cells) - 0.5, -0.5)
        ax.tick_params(length=0)
    caption = (
        "Passed of supported cases, of all levels at which an engine is judged; red where one of them is no pass, a "
        "dot where nothing is supported."
    )
    whole = [a.peer.key for a in ran if a.run and counts(a.run.verdicts)[3] == 0]
    alt = (
        f"A grid of {len(cells)} engines and {len(subjects)} families of cases: "
        f"{', '.join(whole) or 'no engine'} passed all that was supported, {len(cells) - len(whole)} did not."
    )
    return Picture(name, title, caption, figure, alt)


def sample_picture(found: Sequence[Audited]) -> Picture:
    """Relative errors of the gradient of each sample, and of the batch."""
    name, title = "audit_samples", "Errors of gradients, sample by sample"
    have = [(a.peer.key, a.samples) for a in found if a.samples is not None]
    if not have:
        return Picture(name, title, "No engine has gradients of the Yin-Yang batch.", None)
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 0.26 * len(have) + 0.9), layout="constrained")
        ax = figure.subplots()
        ax.set_xscale("log")
        for row, (_, samples) in enumerate(have):
            ax.plot(_drawn(samples.errors), np.full(len(samples.errors), row), "|", color=BLUE, markersize=9)
            ax.plot(_drawn([samples.batch]), [row], "o", color=RED, markersize=4, fillstyle="none")
        ax.axvline(1.0, color=GREY, linewidth=0.6)
        ax.set_xlim(FLOOR, 10.0 * CEILING)
        ax.set_yticks(range(len(have)), [key for key, _ in have])
        ax.set_ylim(len(have) - 0.5, -0.5)
        ax.set_xlabel("relative error of the weight gradient")
    caption = (
        "Strokes: samples of a Yin-Yang batch, each alone. Circles: the whole batch. An error of 1 is that of a "
        f"gradient of zeros; samples without a finite gradient stand at {CEILING:g}."
    )
    batches = sorted((samples.batch, key) for key, samples in have if np.isfinite(samples.batch))
    alt = f"Strokes for {len(have)} engines and settings; none has a finite gradient of the batch."
    if batches:
        (least, best), (most, worst) = batches[0], batches[-1]
        alt = (
            f"Strokes for {len(have)} engines and settings: the gradient of the batch is off by {number(least)} "
            f"({best}) at least and by {number(most)} ({worst}) at most."
        )
    return Picture(name, title, caption, figure, alt)


def _by_subject(verdicts: Sequence[Verdict]) -> dict[str, list[Verdict]]:
    """Verdicts by the first words of their families."""
    found: dict[str, list[Verdict]] = {}
    for v in verdicts:
        found.setdefault(v.family.split(",")[0], []).append(v)
    return found


def _colour(supported: int, failed: int) -> str:
    return GREY if not supported else RED if failed else BLUE


def _drawn(errors: Sequence[float]) -> list[float]:
    return [float(np.clip(e, FLOOR, CEILING)) if np.isfinite(e) else CEILING for e in errors]
