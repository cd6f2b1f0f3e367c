"""Runs of a few cases: every generated campaign that is not named is left out, those of the future too."""

from dataclasses import fields

from spikeproof_verification import Plan

NONE = {f.name: 0 for f in fields(Plan) if f.name.startswith("n_")}


def only(**counts):
    """Options of `spikeproof verify`; ``only(n_random=3)`` is three generated networks and the case files."""
    wanted = NONE | counts
    return [word for name, n in wanted.items() for word in (f"--{name.removeprefix('n_').replace('_', '-')}", str(n))]


def small_plan(**given):
    """A `Plan` of what is given, without studies unless these are."""
    return Plan(**({"studies": ()} | NONE | given))
