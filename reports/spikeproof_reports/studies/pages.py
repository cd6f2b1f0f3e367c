"""The chapter of a study, found by its name, and its page."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pandas as pd

from spikeproof_reports.paper import quantities
from spikeproof_reports.paper.chapter import Chapter, Frames, Maker
from spikeproof_reports.paper.numerals import count, number
from spikeproof_reports.paper.page import Page
from spikeproof_reports.paper.verdict import FAIL, PASS, Verdict
from spikeproof_reports.studies.plain import plain_chapter
from spikeproof_reports.verification.tables.studies import judged_in_study
from spikeproof_verification.experiments.studies import STUDIES
from spikeproof_verification.experiments.studies.study import CAMPAIGN


def chapters_of(studies: Mapping[str, Frames]) -> dict[str, Chapter]:
    """The chapter of each study that ran, in the order of the registry, then those it does not know."""
    known = [study.name for study in STUDIES if study.name in studies]
    names = [*known, *(name for name in studies if name not in known)]
    makers = {name: maker_of(name) if name in known else None for name in names}
    return {n: make(studies[n]) if make else plain_chapter(n, studies[n]) for n, make in makers.items()}


def maker_of(study: str) -> Maker | None:
    """The function `chapter` of the module named as the study, or None if there is no such module."""
    module = f"spikeproof_reports.studies.{study}"
    if find_spec(module) is None:
        return None
    maker: Maker = import_module(module).chapter
    return maker


def page_of(study: str, chapter: Chapter, measurements: pd.DataFrame) -> Page:
    """The page of `study`, from all judged measurements."""
    mine = measurements[(measurements["campaign"] == CAMPAIGN) & (measurements["case"] == study)]
    mine = mine.reset_index(drop=True)
    return Page(chapter, verdict_of_study(mine), judged_in_study(chapter.slug, mine))


def verdict_of_study(measurements: pd.DataFrame) -> Verdict:
    """The verdict on a study from its judged measurements; a study without measurements is clean."""
    if measurements.empty:
        return Verdict(True, "Nothing is judged here: this study only shows.", ())
    total, failed = len(measurements), int(measurements["failed"].sum())
    rows = measurements[measurements["failed"]] if failed else measurements
    worst = rows.iloc[int(rows["ratio"].to_numpy().argmax())].to_dict()
    size = f"{number(worst['ratio'])} of its bound" if np.isfinite(worst["error"]) else "not finite"
    where = f"{quantities.label(worst['quantity'])}, {worst['component']}, {worst['engine']} against"
    text = f"All {count(total)} numbers are within their bounds"
    if failed:
        text = f"{count(failed)} of {count(total)} numbers FAIL"
    sentence = f"{text}; the worst is {size}: {where} {worst['reference']}."
    return Verdict(not failed, sentence, (), FAIL if failed else PASS)
