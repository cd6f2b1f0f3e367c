"""The columns that several tables share."""

# ruff: noqa: RUF001 -- minus, times and dash are typographic on purpose

from __future__ import annotations

from dataclasses import replace

from spikeproof_reports.paper.table import FILE, PAGE, Column

CAMPAIGN = Column("campaign", "the set of problems a case belongs to")
CASE = Column("case", "name of the problem", width=0.14)
REGIME = Column("regime", "what kind of problem it is", width=0.2)
FLAVOUR = Column("flavour", "how its weights and input spikes were drawn")
ENGINE = Column("engine", "the measured engine")
QUANTITY = Column("quantity", "what was compared", kind="quantity")
COMPARED = Column("compared", "how many numbers were compared", kind="count")
NONZERO = Column("nonzero", "for how many of them the expected number is not 0", kind="count")
FAILED = Column("failed", "how many of them exceed their bound or are not finite", kind="count")
COMPONENT = Column("component", "which number of the quantity: neuron and spike, or synapse", kind="name", width=0.17)
ERROR = Column("error", "the deviation in units of the tolerance's unit times the scale of that number", kind="number")
BOUND = Column("bound", "the largest error accepted", kind="number")
RATIO = Column("error/bound", "error as a fraction of the bound; above 1 is a failure", kind="number")
TOLERANCE = Column("tolerance", "name of the tolerance, explained in the table of tolerances")
VDOT = Column("V̇", "slope of the membrane potential at the spike; – where no spike is concerned", kind="optional")

MEASUREMENT = {
    "campaign": replace(CAMPAIGN, shown=PAGE),
    "case": CASE,
    "regime": replace(REGIME, shown=FILE),
    "engine": ENGINE,
    "reference": Column("reference", "what it was compared with", shown=FILE),
    "component": COMPONENT,
    "deviation": Column("deviation", "their distance, taken before rounding", kind="number"),
    "scale": Column("scale", "the size that the error is relative to", kind="number", shown=FILE),
    "tolerance": replace(TOLERANCE, shown=FILE),
    "error": ERROR,
    "bound": BOUND,
    "ratio": RATIO,
    "vdot": replace(VDOT, shown=PAGE),
    "actual": Column("actual", "the engine's number", kind="exact", shown=PAGE),
    "expected": Column("expected", "the reference's number, rounded to binary64", kind="exact", shown=PAGE),
    "verdict": Column("verdict", "pass or fail, as recorded", shown=FILE),
}
