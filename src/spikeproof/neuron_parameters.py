"""The parameters of a neuron, in one table: every other list of them is made from it, or held against it by a test.

A new parameter is a line of the table and a documented field of `NeuronParameters` and `NeuronGradients`. Engines get
it as a column over all neurons (`Problem.neuron_columns`); what is left to write is its mathematics.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from spikeproof.network import KINDS, Kind


class Range(NamedTuple):
    """The numbers that a parameter may be: in words, which entries of an array are among them, and if infinity is."""

    allowed: str
    holds: Callable[[Any], Any]
    infinite: bool = False


class Entry(NamedTuple):
    """A line of the table: one parameter of a neuron.

    Attributes
    ----------
    name : of the argument, of the field in files and of the gradient.
    symbol : in the formulas of the theory.
    unit : of time or of V, which is that of I and of the bias too.
    kinds : the kinds of neurons that have it.
    default : what None stands for; None if it must be given.
    range : the numbers that it may be.
    label : what reports call it.
    meaning : what it is.
    below : a parameter that it must be less than, in neurons that have both.
    absent : what engines compute with in neurons that lack it; None if none does.
    """

    name: str
    symbol: str
    unit: Literal["time", "V"]
    kinds: tuple[Kind, ...]
    default: float | None
    range: Range
    label: str
    meaning: str
    below: str | None = None
    absent: float | None = None


ALL: tuple[Kind, ...] = KINDS
LIF: tuple[Kind, ...] = ("lif",)
FINITE = Range("finite numbers", lambda x: abs(x) < math.inf)
POSITIVE = Range("finite numbers > 0", lambda x: x > 0)
HELD = Range("numbers >= 0, or infinity", lambda x: x >= 0, infinite=True)

NEURON_PARAMETERS = (
    Entry("tau_mem", r"\tau_\mathrm{mem}", "time", ALL, None, POSITIVE, "τ_mem", "membrane time constant"),
    Entry("tau_syn", r"\tau_\mathrm{syn}", "time", ALL, None, POSITIVE, "τ_syn", "synaptic time constant"),
    Entry("v_th", r"v_\mathrm{th}", "V", LIF, 1.0, POSITIVE, "threshold", "threshold", None, math.inf),
    Entry("v_reset", r"v_\mathrm{reset}", "V", LIF, 0.0, FINITE, "reset", "potential after a spike", "v_th", 0.0),
    Entry("bias", "b", "V", ALL, 0.0, FINITE, "bias", "constant input current"),
    Entry("v_init", r"v_\mathrm{init}", "V", ALL, 0.0, FINITE, "initial V", "potential at the start", "v_th"),
    Entry("i_init", r"i_\mathrm{init}", "V", ALL, 0.0, FINITE, "initial I", "synaptic current at the start"),
    Entry("t_ref", r"t_\mathrm{ref}", "time", LIF, 0.0, HELD, "refractory time", "refractory time", None, 0.0),
)
PARAMETER_NAMES = tuple(p.name for p in NEURON_PARAMETERS)
N_PARAMETERS = len(NEURON_PARAMETERS)
TAU_MEM, TAU_SYN, V_TH, V_RESET, BIAS, V_INIT, I_INIT, T_REF = range(N_PARAMETERS)  # rows of tables of gradients
