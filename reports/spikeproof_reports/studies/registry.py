"""The chapters by the names of their studies."""

from __future__ import annotations

from collections.abc import Mapping

from spikeproof_reports.paper.chapter import Chapter, Frames, Maker
from spikeproof_reports.studies.coincidence import coincidence
from spikeproof_reports.studies.extremes import extremes
from spikeproof_reports.studies.grazing import grazing
from spikeproof_reports.studies.grid import grid
from spikeproof_reports.studies.ledger import ledger
from spikeproof_reports.studies.max_voltage import max_voltage
from spikeproof_reports.studies.mutation import mutation
from spikeproof_reports.studies.ode import ode
from spikeproof_reports.studies.plain import plain_chapter
from spikeproof_reports.studies.time_constants import time_constants
from spikeproof_reports.studies.validity_radius import validity_radius

CHAPTERS: Mapping[str, Maker] = {
    "coincidence": coincidence,
    "grazing": grazing,
    "grid": grid,
    "ledger": ledger,
    "max_voltage": max_voltage,
    "mutation": mutation,
    "ode": ode,
    "time_constants": time_constants,
    "validity_radius": validity_radius,
    "extremes": extremes,
}


def chapters_of(studies: Mapping[str, Frames]) -> dict[str, Chapter]:
    """The chapter of each study that ran, in the order of `CHAPTERS`, then the others."""
    known = [name for name in CHAPTERS if name in studies]
    rest = [name for name in studies if name not in CHAPTERS]
    return {name: CHAPTERS[name](studies[name]) for name in known} | {
        name: plain_chapter(name, studies[name]) for name in rest
    }
