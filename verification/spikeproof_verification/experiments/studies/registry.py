"""The list of all studies."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from spikeproof.errors import InvalidInput
from spikeproof_verification.experiments.studies.study import Study

STUDIES: tuple[Study, ...] = tuple(
    import_module(f"spikeproof_verification.experiments.studies.{module}").STUDY
    for module in (
        "coincidence",
        "grazing",
        "grid",
        "ledger",
        "max_voltage",
        "mutation",
        "ode",
        "time_constants",
        "validity_radius",
        "extremes",
    )
)


def chosen(names: Sequence[str] | None) -> tuple[str, ...]:
    """Names of the studies to run.

    Parameters
    ----------
    names : sequence of str, or None
        All studies if None.

    Returns
    -------
    tuple of str
        In the order given.

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
    """The study of a name.

    Parameters
    ----------
    name : str

    Returns
    -------
    Study

    Raises
    ------
    InvalidInput
        If there is none.
    """
    found = {s.name: s for s in STUDIES}
    if name not in found:
        raise InvalidInput("study", name, f"one of {', '.join(found) or 'none'}")
    return found[name]
