"""Tables and the figure of what generic checkers see."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure

from spikeproof_reports.audit.checkers.scenes import CORRECT
from spikeproof_reports.audit.checkers.seen import Seen
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREY, RC, RED, WIDTH
from spikeproof_reports.paper.table import Column, Table

NAME, TITLE = "audit_checkers", "Which faults generic checkers see"
NOT_RUN = "Generic checkers were not run."


def checker_tables(seen: Seen | None) -> tuple[Table, ...]:
    """Tables of what each checker sees with its defaults and its best setting, and of every fault by itself."""
    return (_checkers(seen), _faults(seen))


def checker_pictures(seen: Seen | None) -> tuple[Picture, ...]:
    """Errors of wrong gradients, seen and not seen, by checker."""
    if seen is None or seen.alarms.empty:
        return (Picture(NAME, TITLE, NOT_RUN, None),)
    shown = chosen_settings(seen.alarms)
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 0.5 * len(shown) + 1.0), layout="constrained")
        ax = figure.subplots()
        ax.set_xscale("log")
        for row, (_, setting, own) in enumerate(shown):
            wrong = own[(own["gradient"] != CORRECT) & np.isfinite(own["error"])]
            for alarm, offset, colour in ((True, -0.13, BLUE), (False, 0.13, RED)):
                errors = wrong.loc[wrong["alarm"] == alarm, "error"]
                ax.plot(errors, np.full(len(errors), row + offset), "|", color=colour, markersize=9)
            ax.annotate(setting, (1.0, row), (-2, 11), xycoords=("axes fraction", "data"), textcoords="offset points",
                        fontsize=7, color=GREY, ha="right")  # fmt: skip
        ax.set_yticks(range(len(shown)), [name for name, _, _ in shown])
        ax.set_ylim(len(shown) - 0.5, -0.7)
        ax.set_xlabel("relative error of the wrong gradient")
    caption = (
        "Each stroke is a wrong gradient on a problem: above, in blue, where the checker raised an alarm, below, in "
        "red, where it did not."
    )
    parts = []
    for name, _, own in shown:
        wrong = own[own["gradient"] != CORRECT]
        parts.append(f"{name} saw {int(wrong['alarm'].sum())} of {len(wrong)}")
    return (Picture(NAME, TITLE, caption, figure, f"Wrong gradients that were seen: {'; '.join(parts)}."),)


def chosen_settings(alarms: pd.DataFrame) -> list[tuple[str, str, pd.DataFrame]]:
    """Checkers with their defaults and, where there are others, their best setting: name, setting, alarms.

    The best is the one with the fewest alarms on right gradients and, of these, with the most on wrong ones.
    """
    found = []
    for checker, own in alarms.groupby("checker", sort=False):
        settings = [(str(s), rows) for s, rows in own.groupby("setting", sort=False)]
        if len(settings) == 1:
            found.append((str(checker), "", own))
            continue
        default = next(pair for pair in settings if bool(pair[1]["default"].iloc[0]))
        best = min(settings, key=lambda pair: (_false(pair[1]), -_seen(pair[1])))
        found += [(f"{checker}, defaults", *default), (f"{checker}, best", *best)]
    return found


def _false(rows: pd.DataFrame) -> int:
    return int(rows.loc[rows["gradient"] == CORRECT, "alarm"].sum())


def _seen(rows: pd.DataFrame) -> int:
    return int(rows.loc[rows["gradient"] != CORRECT, "alarm"].sum())


def _checkers(seen: Seen | None) -> Table:
    rows = []
    for name, setting, own in chosen_settings(seen.alarms) if seen and not seen.alarms.empty else ():
        wrong = own[own["gradient"] != CORRECT]
        missed = wrong[~wrong["alarm"]]
        rows.append((name, setting, _false(own), len(own) - len(wrong), _seen(own), len(wrong), missed["error"].max()))
    rows += [(name, why, 0, 0, 0, 0, np.nan) for name, why in (seen.missing if seen else {}).items()]
    columns = {
        "checker": Column("checker", "its name"),
        "setting": Column("setting", "steps and tolerances", width=0.25),
        "false": Column("false alarms", "right gradients on which it raised an alarm", "count"),
        "right": Column("right", "right gradients that it was shown, one for each problem", "count"),
        "seen": Column("seen", "wrong gradients on which it raised an alarm", "count"),
        "wrong": Column("wrong", "wrong gradients that it was shown", "count"),
        "missed": Column("largest missed", "relative error of the largest wrong gradient without an alarm", "optional"),
    }
    note = (
        "A best setting has the fewest false alarms of all that were tried and, of those, sees the most. The settings "
        "that were tried are in the table of faults."
    )
    return Table("checkers", TITLE, note, pd.DataFrame(rows, columns=list(columns)), columns, NOT_RUN, alarm="false")


def _faults(seen: Seen | None) -> Table:
    columns = {
        "gradient": Column("gradient", "the fault in it; none is the right one", width=0.3),
        "scene": Column("problem", "on which"),
        "error": Column("error", "relative to the norm of the right one", "number"),
    }
    rows: list[tuple[object, ...]] = []
    if seen is not None and not seen.alarms.empty:
        shown = chosen_settings(seen.alarms)
        columns |= {
            f"c{n}": Column(name, f"{setting or 'its bounds'}", "text") for n, (name, setting, _) in enumerate(shown)
        }
        by_place = [own.set_index(["scene", "gradient"])["alarm"] for _, _, own in shown]
        places = seen.alarms[["gradient", "scene", "error"]].drop_duplicates(["gradient", "scene"])
        for gradient, scene, error in places.itertuples(index=False):
            rows.append((gradient, scene, error, *("alarm" if a.get((scene, gradient)) else "-" for a in by_place)))
    return Table(
        "checker_faults", "Every fault, and who sees it", "An alarm on the right gradient (none) is a false one.",
        pd.DataFrame(rows, columns=list(columns)), columns, NOT_RUN, (60, 300),
    )  # fmt: skip
