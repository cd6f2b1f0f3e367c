"""The command that computes one case again, and tables with it in each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

from spikeproof_reports.paper.table import Table
from spikeproof_verification import Plan
from spikeproof_verification.experiments.studies.study import CAMPAIGN as STUDIES

MEASURED = ("event", "mp")  # the engines that the command measures; studies choose theirs themselves
NUMBERED = tuple(f.name.removeprefix("n_") for f in fields(Plan) if f.name.startswith("n_"))
FROM_FIRST = "yin_yang"  # its samples start with the first of the data set, whatever the seed


def reproducer(campaign: str, case: str, engine: str = "event", *, deep: bool = False) -> str:
    """The command that measures `case` of `campaign` again, and as little else as it allows; "" if there is none.

    `deep` says whether the run was a deep one, in which the reference is probed more often.
    """
    if campaign not in (*NUMBERED, "cases", STUDIES) or (engine not in MEASURED and campaign != STUDIES):
        return ""
    wanted, seed = dict.fromkeys(NUMBERED, 0), ""
    if campaign in NUMBERED:
        number = case.rpartition("-")[2]
        if not number.isdecimal():
            return ""
        wanted[campaign] = int(number) + 1 if campaign == FROM_FIRST else 1
        seed = "" if campaign == FROM_FIRST else f" --seed {int(number)}"
    options = "".join(f" --{name.replace('_', '-')} {count}" for name, count in wanted.items())
    options += "" if campaign == "cases" else " --no-cases"
    options += f" --studies {case}" if campaign == STUDIES else " --no-studies"
    return f"spikeproof verify --out again{' --deep' if deep else ''}{options}{seed}"


def was_deep(provenance: Mapping[str, str]) -> bool:
    """Whether the run with this provenance was a deep one."""
    return "--deep" in provenance.get("command", "").split()


def with_commands(table: Table, *, deep: bool, campaign: str = "") -> Table:
    """`table` with the command that computes the case of each row again.

    Its columns campaign, case and engine name the case; without the first all are of `campaign`.
    """
    commands = tuple(
        reproducer(str(row.get("campaign", campaign)), str(row["case"]), str(row.get("engine", "event")), deep=deep)
        for row in table.frame.to_dict("records")
    )
    return replace(table, commands=commands if any(commands) else ())
