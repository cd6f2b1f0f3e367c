"""The studies by name."""

from __future__ import annotations

from collections.abc import Sequence

from spikeproof.errors import InvalidInput
from spikeproof_verification.experiments.studies import (
    coincidence,
    extremes,
    grazing,
    grid,
    ledger,
    max_voltage,
    mutation,
    ode,
    time_constants,
    validity_radius,
)
from spikeproof_verification.experiments.studies.study import Study

STUDIES: tuple[Study, ...] = (
    Study(coincidence.NAME, "Coincident events", coincidence.run),
    Study(grazing.NAME, "Grazing spikes", grazing.run),
    Study(grid.NAME, "Gradients in time steps", grid.run),
    Study(ledger.NAME, "The equation ledger", ledger.run),
    Study(max_voltage.NAME, "Largest voltages, and a heuristic", max_voltage.run),
    Study(mutation.NAME, "Mutation score", mutation.run),
    Study(ode.NAME, "Integrated, not solved", ode.run),
    Study(time_constants.NAME, "Degenerate and extreme time constants", time_constants.run),
    Study(validity_radius.NAME, "How far a gradient is valid", validity_radius.run),
    Study(extremes.NAME, "Silence, bursts and networks that do nothing", extremes.run),
)


def chosen(names: Sequence[str] | None) -> tuple[str, ...]:
    """Names of the studies to run, all if None.

    Raises
    ------
    InvalidInput
        If there is no study of a name, or it is named twice.
    """
    known = tuple(study.name for study in STUDIES)
    if names is None:
        return known
    for name in names:
        if name not in known or list(names).count(name) > 1:
            raise InvalidInput("studies", name, f"each of these at most once: {', '.join(known) or 'none'}")
    return tuple(names)


def study(name: str) -> Study:
    """The study called `name`."""
    found = {s.name: s for s in STUDIES}
    if name not in found:
        raise InvalidInput("study", name, f"one of {', '.join(found) or 'none'}")
    return found[name]
