"""The chapter on numerical integration in place of closed forms."""

# ruff: noqa: RUF001 -- minus signs and dashes are typographic on purpose

from __future__ import annotations

import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure

from spikeproof_reports.paper.chapter import Chapter, Frames
from spikeproof_reports.paper.numerals import span
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.quantities import label
from spikeproof_reports.paper.style import GREY, RC, WIDTH, series
from spikeproof_reports.paper.table import PAGE, PAPER, Column, Table
from spikeproof_verification.experiments.studies.ode import STUDY

_PAPER = ("spike_time", "weight_gradient", "delay_gradient", "tau_mem_gradient")  # the page shows all


def chapter(frames: Frames) -> Chapter:
    """The adjoint method on smooth systems, and spiking networks without a closed form."""
    tables = (_smooth(frames["smooth"]), _differences(frames["differences"]), _networks(frames["networks"]))
    return Chapter(STUDY.name, STUDY.title, _paragraphs(frames["networks"]), tables, (_curve(frames["smooth"]),))


def _paragraphs(networks: pd.DataFrame) -> tuple[str, ...]:
    least = networks.groupby("method")[_kinds(networks)].min().min(axis=1)
    said = "; ".join(f"{least[method]:.1f} digits with {_WORDS[method]}" for method in least.index)
    return (
        "The adjoint method knows nothing of spikes. For a smooth system ẋ = F(x, p) with the loss ∫ l(x, t) dt, "
        "λ̇ = ∂l/∂x − (∂F/∂x)ᵀ λ is integrated backward from λ(T) = 0, and the gradient is −∫ λ · ∂F/∂p dt − "
        "λ(0) · ∂x(0)/∂p. The transpose matters: without it the first two systems below, whose Jacobians are not "
        "symmetric, have wrong gradients. The last term is there because the initial state may depend on p.",
        "Three systems are solved by three gradients. A damped oscillator and a leaky integrator have closed "
        "gradients, by matrix exponentials; for Van der Pol’s oscillator forward sensitivities of 36 digits are the "
        "truth. Taylor series to 30 digits must agree with the truth to as many. The Runge-Kutta methods in float64 "
        "must come closer to it as their tolerance falls: in proportion for DOP853, whose error and whose estimate of "
        "it are of order 8; as its power 5/4 for Radau, whose error is of order 5 and the estimate of order 4. "
        "Central differences use no derivative at all, and end where the square of the step meets the rounding of "
        "the loss divided by it.",
        "The same machinery then solves spiking networks: smooth pieces between events, crossings of the threshold "
        "found as roots of the polynomials that the integrator makes, an adjoint that is integrated back over each "
        "piece and jumps at the events. No exponential of the flow, no closed form of an integral is used, so what "
        "agrees with the mp engine, which is made of closed forms, checks them. The least agreement over all numbers "
        f"of all networks below: {said}.",
    )


_WORDS = {"taylor": "Taylor series", "scipy": "DOP853"}


def _smooth(frame: pd.DataFrame) -> Table:
    columns = {
        "problem": Column("system", "what is integrated", "name"),
        "method": Column("method", "explicit of order 8 (DOP853), implicit of order 5 (Radau)", "name"),
        "rtol": Column("tolerance", "relative local error asked for", "number"),
        "adjoint": Column("adjoint", "largest error of loss and gradient, relative to the largest of them", "number"),
        "sensitivity": Column("sensitivity", "the same by forward sensitivities", "number"),
    }
    title, note = "Gradients of smooth systems", "Float64; the absolute tolerance is a hundredth of the relative one."
    return Table("ode_smooth", title, note, frame, columns, "No system was integrated.", (60, 200))


def _differences(frame: pd.DataFrame) -> Table:
    columns = {
        "problem": Column("system", "what is integrated", "name"),
        "h": Column("step", "relative to the parameter, or to 1 if that is larger", "number"),
        "error": Column("error", "largest error of loss and gradient, relative to the largest of them", "number"),
    }
    title, note = "Central differences of the same systems", "DOP853 with a tolerance of 1e-12."
    return Table("ode_differences", title, note, frame, columns, "No difference was taken.")


def _networks(frame: pd.DataFrame) -> Table:
    columns = {
        "problem": Column("problem", "name of the generated problem", "name"),
        "network": Column("network", "topology, time constants, flavour", "text", PAGE),
        "what": Column("loss", "what is differentiated"),
        "method": Column("method", "Taylor series in mpmath, or DOP853 in float64", "name"),
        "spikes": Column("spikes", "over all samples", "count"),
    }
    for name in _kinds(frame):
        shown = PAPER if name in _PAPER else PAGE
        columns[name] = Column(label(name), "digits of agreement, of the largest number", "number", shown)
    return Table(
        name="ode_networks",
        title="Spiking networks, ode against mp",
        note="Decimal digits to which all numbers of a kind agree, relative to the largest of the kind.",
        frame=frame[list(columns)],
        columns=columns,
        empty="No network was solved.",
    )


def _kinds(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if name not in ("problem", "network", "what", "method", "spikes")]


def _curve(frame: pd.DataFrame) -> Picture:
    problems = list(dict.fromkeys(frame["problem"]))
    styles = series(frame["method"])
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 2.7), layout="constrained")
        axes = figure.subplots(1, len(problems), sharex=True, sharey=True, squeeze=False)[0]
        for ax, problem in zip(axes, problems, strict=True):
            rows = frame[frame["problem"] == problem]
            ax.loglog([1e-12, 1e-3], [1e-12, 1e-3], color=GREY, linewidth=0.6, linestyle=(0, (1, 1.5)))
            for method, part in rows.groupby("method"):
                color, marker = styles[str(method)]
                ax.loglog(
                    part["rtol"], part["adjoint"], marker, color=color, markersize=3.5, label=f"{method}, adjoint"
                )
                ax.loglog(part["rtol"], part["sensitivity"], color=color, label=f"{method}, sensitivity")
            ax.set_title(problem)
        axes[0].set_ylabel("relative error of the gradient")
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
        figure.supxlabel("relative tolerance of the integrator", fontsize=RC["axes.labelsize"])
    caption = (
        "Largest error of loss and gradient against the tolerance that the integrator is given, for three smooth "
        "systems. Dots: adjoint; lines: forward sensitivities; dotted: error equal to the tolerance."
    )
    tight, loose = (frame[frame["rtol"] == frame["rtol"].agg(end)] for end in ("min", "max"))
    alt = (
        f"Errors of gradients fall with the tolerance: {span(loose['adjoint'])} at {span(loose['rtol'])}, "
        f"{span(tight['adjoint'])} at {span(tight['rtol'])}."
    )
    return Picture("ode_curve", "Errors fall with the tolerance", caption, figure, alt)
