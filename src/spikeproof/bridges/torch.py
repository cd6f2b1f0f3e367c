"""Spiking networks in PyTorch: an operator with its exact backward pass, and a module that holds the weights.

Needs PyTorch: ``pip install 'spikeproof[torch]'``. The engine computes on the CPU in float64, and so do these tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple

import numpy as np

from spikeproof.arguments import function as function_
from spikeproof.arguments import instance
from spikeproof.bridges.bridge import Bridge, doubles, numbered
from spikeproof.bridges.readings import SpikeTimes
from spikeproof.errors import InvalidInput
from spikeproof.parameters import Parameters

try:
    import torch
except ModuleNotFoundError as error:
    if error.name != "torch":
        raise
    raise ModuleNotFoundError("PyTorch is not installed: pip install 'spikeproof[torch]'", name="torch") from None

__all__ = ["PaddedTimes", "Spiking", "differentiated", "read"]

VALUES = "(Tensor weights, Tensor input_times, int bridge) -> Tensor"
PULLBACK = "(Tensor weights, Tensor input_times, Tensor cotangents, int bridge) -> (Tensor, Tensor)"


class PaddedTimes(NamedTuple):
    """Spike times of a batch.

    Attributes
    ----------
    times : float64 tensor, shape (..., size, max_spikes)
        Spike times of each neuron in ascending order, then infinity.
    mask : bool tensor, shape of `times`
        True where a spike is.
    """

    times: Any
    mask: Any


class Spiking(torch.nn.Module):
    """A spiking network as a layer: input spike times to spike times, or to potentials.

    ::

        layer = Spiking(Bridge(network, neurons, 60.0, SpikeTimes("output", max_spikes=8)), weights)
        times, mask = layer(input_times)

    Parameters
    ----------
    bridge : Bridge
        Network, neurons, duration and what is read.
    weights : mapping from projection name to array
        Initial weights, as in `Parameters`; the parameters of the layer, ``layer.weights["input->hidden"]``.

    Raises
    ------
    InvalidInput
        If the weights do not fit the network, or the name of a projection contains a point, which PyTorch does not
        allow in the name of a parameter.
    """

    def __init__(self, bridge: Bridge, weights: Mapping[str, Any]) -> None:
        super().__init__()
        self.bridge = instance("bridge", bridge, Bridge)
        checked = Parameters(weights, bridge.neurons).checked(bridge.network).rounded()
        for name in checked.weights:
            if "." in name:
                raise InvalidInput("network.projections.name", name, "a name without '.'")
        self.weights = torch.nn.ParameterDict()
        for name, w in checked.weights.items():  # one by one: a ParameterDict sorts what it gets at once
            self.weights[name] = torch.nn.Parameter(torch.tensor(w))

    def forward(self, input_times: Any) -> Any:
        """The reading of each sample.

        Parameters
        ----------
        input_times : float64 tensor, shape (..., n_channels, n_spikes)
            Spike times of each channel in any order, infinity where no spike is.

        Returns
        -------
        PaddedTimes, or float64 tensor, shape (..., *bridge.shape)
            `PaddedTimes` if the bridge reads `SpikeTimes`; else the potentials.

        Raises
        ------
        InvalidInput, EventLimitExceeded
            As `Bridge.values`; in the backward pass, as `Bridge.pullback`, which raises `GrazingSpike` as well.
        """
        values = read(self.bridge, dict(self.weights.items()), input_times)
        if isinstance(self.bridge.reading, SpikeTimes):
            return PaddedTimes(values, torch.isfinite(values.detach()))
        return values

    def extra_repr(self) -> str:
        return f"duration={self.bridge.duration}, reading={self.bridge.reading}"


def read(bridge: Bridge, weights: Mapping[str, Any], input_times: Any) -> Any:
    """The reading of each sample, as a differentiable function of weights and input spike times.

    Parameters
    ----------
    bridge : Bridge
    weights : mapping from projection name to float64 tensor
        For each projection of the network, in the shape of its weights.
    input_times : float64 tensor, shape (..., n_channels, n_spikes)
        Spike times of each channel in any order, infinity where no spike is.

    Returns
    -------
    float64 tensor, shape (..., *bridge.shape)

    Raises
    ------
    InvalidInput, EventLimitExceeded
        As `Bridge.values`; in the backward pass, as `Bridge.pullback`, which raises `GrazingSpike` as well.
    """
    network = instance("bridge", bridge, Bridge).network
    shapes = {p.name: network.weight_shape(p) for p in network.projections}
    if not isinstance(weights, Mapping) or set(weights) != set(shapes):
        raise InvalidInput("weights", weights, f"a mapping with the keys {list(shapes)}")
    parts = [_checked(f"weights.{name}", weights[name], shape).reshape(-1) for name, shape in shapes.items()]
    _checked("input_times", input_times)
    if input_times.ndim < 2 or input_times.shape[-2] != network.n_channels:
        allowed = f"shape (..., {network.n_channels}, n_spikes): one row for each input channel"
        raise InvalidInput("input_times", f"shape {tuple(input_times.shape)}", allowed)
    flat = torch.cat(parts) if parts else input_times.new_zeros(0)
    return values(flat, input_times, bridge.number)


def differentiated(function: Callable[..., Any]) -> Callable[..., tuple[float, Any]]:
    """A function of spike times, or of potentials, with its derivatives by PyTorch: for a loss of one's own.

    ::

        loss = SpikeTimeFunction("output", differentiated(lambda trains: sum(t.sum() for t in trains)))

    Parameters
    ----------
    function : function of (float64 tensors or one tensor, *others)
        Returns a float64 tensor of shape (). Its first argument is what `SpikeTimeFunction` or `VoltageFunction` call
        it with, as tensors; the others, such as targets, are given as they are.

    Returns
    -------
    function
        Takes arrays, and returns the value and its derivatives in their shapes. It computes in float64: the references
        of high precision refuse it.

    Raises
    ------
    InvalidInput
        If `function` is no function; from the function returned, if the first argument is not of float64 arrays, or
        what `function` returns is no such tensor, or does not depend on its first argument as PyTorch sees it.
    """
    function_("function", function)

    @wraps(function)
    def with_derivatives(given: Any, *others: Any) -> tuple[float, Any]:
        several = isinstance(given, list | tuple)
        leaves = [_leaf(array) for array in (given if several else [given])]
        value = _checked("loss.function, value", function(leaves if several else leaves[0], *others), ())
        if not value.requires_grad:
            if any(leaf.numel() for leaf in leaves):
                allowed = "a tensor that is computed from the first argument by PyTorch"
                raise InvalidInput("loss.function, value", "a constant", allowed)
            return float(value), given  # which is empty, as its derivatives are
        found = torch.autograd.grad(value, leaves, allow_unused=True, materialize_grads=True)
        slopes = [d.numpy() for d in found]
        return float(value.detach()), slopes if several else slopes[0]

    return with_derivatives


@torch.library.custom_op("spikeproof::values", mutates_args=(), device_types="cpu", schema=VALUES)
def values(weights: torch.Tensor, input_times: torch.Tensor, bridge: int) -> torch.Tensor:
    """The reading of each sample: `Bridge.values`, of the bridge of that number."""
    return torch.from_numpy(numbered(bridge).values(_array(weights), _array(input_times)))


@values.register_fake
def _(weights: torch.Tensor, input_times: torch.Tensor, bridge: int) -> torch.Tensor:
    return input_times.new_empty((*input_times.shape[:-2], *numbered(bridge).shape))


@torch.library.custom_op("spikeproof::pullback", mutates_args=(), device_types="cpu", schema=PULLBACK)
def pullback(
    weights: torch.Tensor, input_times: torch.Tensor, cotangents: torch.Tensor, bridge: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Gradients by weights and input spike times: `Bridge.pullback`, of the bridge of that number."""
    found = numbered(bridge).pullback(_array(weights), _array(input_times), _array(cotangents))
    d_weights, d_times = (torch.from_numpy(d) for d in found)
    return d_weights, d_times


@pullback.register_fake
def _(
    weights: torch.Tensor, input_times: torch.Tensor, cotangents: torch.Tensor, bridge: int
) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.empty_like(weights), input_times.new_empty(input_times.shape)


def _setup_context(ctx: Any, inputs: tuple[Any, Any, int], output: Any) -> None:
    weights, input_times, number = inputs
    ctx.save_for_backward(weights, input_times)
    ctx.number, ctx.bridge = number, numbered(number)  # which the graph may outlive


def _backward(ctx: Any, cotangents: Any) -> tuple[Any, Any, None]:
    weights, input_times = ctx.saved_tensors
    return *pullback(weights, input_times, cotangents, ctx.number), None


values.register_autograd(_backward, setup_context=_setup_context)


def _leaf(array: Any) -> Any:
    """A tensor of its own, with the numbers of `array`, by which can be differentiated."""
    return torch.tensor(doubles(array, "PyTorch"), requires_grad=True)


def _array(tensor: Any) -> Any:
    return np.ascontiguousarray(tensor.detach().numpy())


def _checked(name: str, tensor: Any, shape: tuple[int, ...] | None = None) -> Any:
    """`tensor`, which must be a float64 tensor on the CPU, of this shape if one is given."""
    if not isinstance(tensor, torch.Tensor):
        raise InvalidInput(name, tensor, "a float64 tensor")
    if tensor.dtype != torch.float64:
        raise InvalidInput(
            name, f"numbers of type {tensor.dtype}", "torch.float64: see `Tensor.double`, `Module.double`"
        )
    if tensor.device.type != "cpu":
        raise InvalidInput(name, f"a tensor on {tensor.device}", "a tensor on the CPU, where the engine computes")
    if shape is not None and tuple(tensor.shape) != shape:
        raise InvalidInput(name, f"shape {tuple(tensor.shape)}", f"shape {shape}")
    return tensor
