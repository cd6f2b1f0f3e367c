"""Neuron parameters of PyNN: those of an `IF_curr_exp` cell, in mV, ms, nF and nA."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.numbers import Array, finite, refuse_where
from spikeproof.parameters import NeuronParameters

__all__ = ["NAMES", "PyNNCell", "from_if_curr_exp"]

NAMES = ("v_rest", "cm", "tau_m", "tau_refrac", "tau_syn_E", "tau_syn_I", "i_offset", "v_reset", "v_thresh")


class PyNNCell(NamedTuple):
    """A cell of PyNN in the model of this package; V is measured from `v_zero`.

    Attributes
    ----------
    neuron : NeuronParameters
        In ms and mV.
    weight_scale : array, shape () or (size,)
        R = tau_m / cm, in MOhm: a weight of PyNN, in nA, times this is a weight of `Parameters`, in mV. Weights of
        inhibitory synapses are negative in both.
    v_zero : array, shape () or (size,)
        `v_rest`, in mV: what V = 0 means.
    """

    neuron: NeuronParameters
    weight_scale: Array
    v_zero: Array


def from_if_curr_exp(parameters: Mapping[str, Any], *, v_init: Any) -> PyNNCell:
    """The parameters of PyNN's `IF_curr_exp` as those of this package.

    ::

        tau_m dv/dt = v_rest - v + R (i_syn + i_offset)     V = v - v_rest     I = R i_syn     bias = R i_offset

    Parameters
    ----------
    parameters : mapping from PyNN's names to numbers, or to arrays of shape (size,)
        All of `NAMES`: v_rest, v_reset, v_thresh in mV; cm in nF; tau_m, tau_refrac, tau_syn_E, tau_syn_I in ms;
        i_offset in nA. `tau_syn_E` and `tau_syn_I` are equal, since neurons here have one synaptic time constant.
    v_init : number or array of shape (size,)
        v at t = 0 in mV: an initial value of the population in PyNN, no parameter.

    Returns
    -------
    PyNNCell

    Raises
    ------
    InvalidInput
        If a parameter is missing, unknown, no finite number, or not one that this package can represent.
    """
    if not isinstance(parameters, Mapping) or set(parameters) != set(NAMES):
        raise InvalidInput("parameters", parameters, f"a mapping with the keys {list(NAMES)}")
    p = {name: finite(f"parameters.{name}", parameters[name]).astype(np.float64) for name in NAMES}
    refuse_where(~(p["cm"] > 0), "parameters.cm", p["cm"], "finite numbers > 0")
    excitatory, inhibitory = np.broadcast_arrays(p["tau_syn_E"], p["tau_syn_I"])
    allowed = "that of tau_syn_E: neurons here have one synaptic time constant"
    refuse_where(excitatory != inhibitory, "parameters.tau_syn_I", inhibitory, allowed)
    v_th, bottom = np.broadcast_arrays(p["v_thresh"], p["v_rest"])
    refuse_where(v_th <= bottom, "parameters.v_thresh", v_th, "above v_rest")
    resistance = p["tau_m"] / p["cm"]
    neuron = NeuronParameters(
        tau_mem=p["tau_m"],
        tau_syn=p["tau_syn_E"],
        v_th=p["v_thresh"] - p["v_rest"],
        v_reset=p["v_reset"] - p["v_rest"],
        bias=resistance * p["i_offset"],
        v_init=finite("v_init", v_init) - p["v_rest"],
        t_ref=p["tau_refrac"],
    )
    return PyNNCell(neuron, resistance, p["v_rest"])
