"""The limits of binary64: a problem beyond them is refused by name before anything is computed."""

from __future__ import annotations

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.network import Network
from spikeproof.numbers import Float64Array, IntArray

LARGEST_BIAS = 300.0  # thresholds; beyond, the rounding of V - bias shows in the time between two spikes
LONGEST = 1e12  # shortest time constants in the duration; beyond, times do not resolve what neurons do
TIME_CONSTANTS = 1e-290, 1e290  # sums and inverses neither overflow nor vanish
RESOLVED = 2.0**-50  # of the duration; a shorter time is not resolved by times near its end
RATIOS = 1e-150, 1e150  # of a neuron's two time constants, whose products with each other are needed


def check_duration(duration: float, time_constants: Float64Array) -> None:
    """Raise `InvalidInput` if times up to `duration` are too coarse for the shortest time constant."""
    longest = LONGEST * float(time_constants.min())
    if duration > longest:
        allowed = f"at most {LONGEST:g} times the shortest time constant, {longest:g}"
        raise InvalidInput("stimulus.duration", duration, allowed)


def check_time_constants(network: Network, neuron: IntArray, tau_mem: Float64Array, tau_syn: Float64Array) -> None:
    """Raise `InvalidInput` for time constants, by slot, with which binary64 cannot compute."""
    for name, tau in (("tau_mem", tau_mem), ("tau_syn", tau_syn)):
        _check_range(network, neuron, name, tau, TIME_CONSTANTS)
    _check_range(network, neuron, "tau_mem / tau_syn", tau_mem / tau_syn, RATIOS)


def _check_range(
    network: Network, neuron: IntArray, name: str, values: Float64Array, allowed: tuple[float, float]
) -> None:
    low, high = allowed
    for slot in np.flatnonzero((values < low) | (values > high))[:1]:
        raise InvalidInput(_field(network, neuron[slot], name), float(values[slot]), f"from {low:g} to {high:g}")


def check_bias(
    network: Network, neuron: IntArray, v_th: Float64Array, v_reset: Float64Array, bias: Float64Array
) -> None:
    """Raise `InvalidInput` for a neuron, by slot, whose V - bias is so large that V loses digits at its threshold."""
    limit = LARGEST_BIAS * np.maximum(np.abs(v_th), np.abs(v_reset))
    for slot in np.flatnonzero(np.abs(bias) > limit)[:1]:
        allowed = f"at most {LARGEST_BIAS:g} times the larger of |v_th| and |v_reset|, {limit[slot]:g}, in magnitude"
        raise InvalidInput(_field(network, neuron[slot], "bias"), float(bias[slot]), allowed)


def check_refractory_times(network: Network, neuron: IntArray, t_ref: Float64Array, duration: float) -> None:
    """Raise `InvalidInput` for a refractory time, by slot, that is lost beside the times of spikes."""
    if not t_ref.any():
        return
    least = RESOLVED * duration
    for slot in np.flatnonzero((t_ref > 0.0) & (t_ref < least))[:1]:
        allowed = f"0, or at least {RESOLVED:g} of the duration, {least:g}"
        raise InvalidInput(_field(network, neuron[slot], "t_ref"), float(t_ref[slot]), allowed)


def _field(network: Network, neuron: int, parameter: str) -> str:
    """The name of a parameter of a single neuron."""
    population = next(p for p in network.populations if neuron in network.neurons(p.name))
    place = neuron - network.neurons(population.name).start
    return f"parameters.neurons[{population.name!r}].{parameter}[{place}]"
