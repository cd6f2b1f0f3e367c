"""The page of the lesson for students: a template, filled with the numbers of a run."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from spikeproof_reports.lesson.claims.catalogue import judged_claims
from spikeproof_reports.lesson.claims.statistics import mean_of
from spikeproof_reports.lesson.measures.variants import SLOPE
from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.lesson.systems_table import systems_table
from spikeproof_reports.paper.numerals import count, number, optional, percent
from spikeproof_reports.paper.template import environment

PAGE, TEMPLATE = "lesson.md", "lesson.md.j2"
PUBLISHED = "../reports/published/lesson/"  # from the folder docs
LINKED = ("figures/", "report.md")  # targets of its links, beside the report


def lesson_page(record: LessonRecord) -> str:
    """The page as it lies beside the report.

    Parameters
    ----------
    record : LessonRecord

    Returns
    -------
    str
        Markdown; every number in it comes from the record.
    """
    jinja = environment(escape=False)
    return jinja.get_template(TEMPLATE).render(
        claims={claim.key: claim for claim in judged_claims(record)},
        statements=_statements(record),
        loops=_loops(record),
        cosines=_cosines(record),
        tasks={task: _systems(record, task) for task in dict.fromkeys(record["trained"]["task"])},
        sizes=_sizes(record),
        facts=record.provenance,
        slope=f"{SLOPE:g}",
        number=number,
        count=count,
    )


def for_docs(page: str) -> str:
    """The page as it lies in the folder docs: its links point to the published report."""
    for target in LINKED:
        page = page.replace(f"]({target}", f"]({PUBLISHED}{target}")
    return page


def _statements(record: LessonRecord) -> dict[str, Mapping[str, Any]]:
    """The numbers of each statement that was measured."""
    rows = record["statements"]
    return {str(name): json.loads(text) for name, text in zip(rows["statement"], rows["numbers"], strict=True)}


def _loops(record: LessonRecord) -> dict[str, str]:
    """Integral over length, the largest of all seeds, for each circle and system."""
    rows = record["loops"]
    ratios = (rows["integral"] / rows["length"]).abs()
    keys = rows["circle"] + " " + rows["system"] + " " + rows["shape"]
    return {str(key).strip(): number(float(ratio)) for key, ratio in ratios.groupby(keys).max().items()}


def _cosines(record: LessonRecord) -> list[dict[str, str]]:
    """Cosines of hidden gradients on Yin-Yang at all stages, a row for each system and shape."""
    rows = record["gradients"]
    own = rows[(rows["kind"] == "each") & (rows["task"] == "yin-yang") & (rows["projection"] == "input->hidden")]
    found = []
    for (system, shape), group in own.groupby(["system", "shape"], sort=False):
        stages = {f"after {count(float(str(s)))}": mean_of(g["cosine"]) for s, g in group.groupby("stage")}
        name = f"{system}, {shape}" if shape else str(system)
        found.append({"system": name, **{stage: _pair(mean) for stage, mean in stages.items()}})
    return found


def _pair(mean: Any) -> str:
    return f"{mean.mean:.2f} ± {mean.deviation:.2f}".replace("-", "−")  # noqa: RUF001


def _systems(record: LessonRecord, task: str) -> list[dict[str, str]]:
    """The table of systems as text, the best accuracy first."""
    frame = systems_table(record, task).frame.sort_values("accuracy", ascending=False, kind="stable")
    return [
        {
            "system": row["system"],
            "accuracy": _percent(row["accuracy"], row["deviation"]),
            "timed": percent(row["timed"]),
            "seconds": optional(row["seconds"]),
            "trained": count(row["trained"]),
            "spikes": optional(row["spikes"]),
        }
        for row in frame.to_dict("records")
    ]


def _percent(mean: float, deviation: float) -> str:
    return percent(mean) if math.isnan(deviation) else f"{percent(mean)} ± {percent(deviation)}"


def _sizes(record: LessonRecord) -> list[dict[str, str]]:
    """Seconds and memory of the networks with the most neurons."""
    rows = record["sizes"]
    most: pd.DataFrame = rows[rows["neurons"] == rows["neurons"].max()]
    return [
        {
            "system": row["system"], "neurons": count(row["neurons"]), "seconds": number(row["seconds"]),
            "memory": number(row["peak"] / 1e9),
        }
        for row in most.to_dict("records")
    ]  # fmt: skip
