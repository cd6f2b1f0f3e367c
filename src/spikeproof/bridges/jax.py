"""Spiking networks in JAX: a function with its exact derivatives, for `jit`, `grad` and `vmap`, and errors by name.

Needs JAX: ``pip install 'spikeproof[jax]'``. The engine computes on the CPU in float64, and so do these arrays:
``jax.config.update("jax_enable_x64", True)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from threading import Lock
from typing import Any, NamedTuple, ParamSpec, TypeVar

import numpy as np

from spikeproof.arguments import function as function_
from spikeproof.arguments import instance
from spikeproof.bridges.bridge import Bridge, doubles
from spikeproof.bridges.readings import SpikeTimes
from spikeproof.errors import InvalidInput

try:
    import jax
    import jax.numpy as jnp
except ModuleNotFoundError as error:
    if error.name != "jax":
        raise
    raise ModuleNotFoundError("JAX is not installed: pip install 'spikeproof[jax]'", name="jax") from None

__all__ = ["PaddedTimes", "differentiated", "raising", "spiking"]

Given = ParamSpec("Given")
Result = TypeVar("Result")
_VMAP = "expand_dims"  # arrays that are not mapped get axes of length 1: a batch is still one call of the engine

_noted: list[list[Exception]] = []  # one list for each call that waits for errors, the innermost one last
_lock = Lock()


class PaddedTimes(NamedTuple):
    """Spike times of a batch.

    Attributes
    ----------
    times : float64 array, shape (..., size, max_spikes)
        Spike times of each neuron in ascending order, then infinity.
    mask : bool array, shape of `times`
        True where a spike is.
    """

    times: Any
    mask: Any


def spiking(bridge: Bridge) -> Callable[[Mapping[str, Any], Any], Any]:
    """A network as a function that JAX differentiates.

    ::

        network = spiking(Bridge(chain(2, 3, 2), neurons, 60.0, SpikeTimes("output", max_spikes=8)))
        times, mask = network(weights, input_times)

    Parameters
    ----------
    bridge : Bridge
        Network, neurons, duration and what is read.

    Returns
    -------
    function of (weights, input_times)
        `weights` maps the name of each projection to a float64 array of its shape; `input_times` has the shape (...,
        n_channels, n_spikes), with infinity where no spike is. It returns `PaddedTimes` if the bridge reads
        `SpikeTimes`, else a float64 array, shape (..., *bridge.shape). Its reverse derivatives are those of
        `Bridge.pullback`; forward ones (``jvp``) there are none.

    Raises
    ------
    InvalidInput, EventLimitExceeded, GrazingSpike
        As `Bridge.values` and `Bridge.pullback`. Inside `jit` and `vmap` the engine is called by JAX, which reports an
        error of its own instead, with that message in its last line: `raising` raises the error itself.

    Notes
    -----
    The axes before the last two are samples of one call of the engine. Under `vmap` the spikes of all samples are one
    call as well if the weights are not mapped; the pull-back is a call for each sample, since JAX then asks for the
    gradient by the weights of every one.
    """
    instance("bridge", bridge, Bridge)
    shapes = {p.name: bridge.network.weight_shape(p) for p in bridge.network.projections}
    read = _differentiable(bridge)

    def network(weights: Mapping[str, Any], input_times: Any) -> Any:
        if not isinstance(weights, Mapping) or set(weights) != set(shapes):
            raise InvalidInput("weights", weights, f"a mapping with the keys {list(shapes)}")
        parts = [_checked(f"weights.{name}", weights[name], shape).ravel() for name, shape in shapes.items()]
        times, n_channels = _checked("input_times", input_times), bridge.network.n_channels
        if times.ndim < 2 or times.shape[-2] != n_channels:
            allowed = f"shape (..., {n_channels}, n_spikes): one row for each input channel"
            raise InvalidInput("input_times", f"shape {times.shape}", allowed)
        values = read(jnp.concatenate([jnp.zeros(0), *parts]), times)
        if isinstance(bridge.reading, SpikeTimes):
            return PaddedTimes(values, jnp.isfinite(jax.lax.stop_gradient(values)))
        return values

    return network


def raising(task: Callable[Given, Result]) -> Callable[Given, Result]:
    """`task`, a compiled or mapped function, that raises the errors of its spiking networks as they are.

    ::

        step = raising(jax.jit(jax.value_and_grad(loss)))

    Parameters
    ----------
    task : function
        Any function of JAX arrays that calls networks of `spiking`.

    Returns
    -------
    function
        It waits until its results are computed. A network that is refused inside it stops nothing: the rest is computed
        with NaN in its place, and then the first error is raised, never the result returned.

    Raises
    ------
    InvalidInput
        If `task` is no function.

    Notes
    -----
    JAX does not say for which call it computes. While one runs, the errors of networks in other threads are raised by
    it too, and a function there that is not wrapped gets NaN instead of JAX's report: wrap all of them or none.
    """
    function_("task", task)

    @wraps(task)
    def raises(*arguments: Given.args, **named: Given.kwargs) -> Result:
        errors: list[Exception] = []
        with _lock:
            _noted.append(errors)
        try:
            result: Result = jax.block_until_ready(task(*arguments, **named))
        except Exception:
            if not errors:
                raise
        finally:
            with _lock:
                _noted[:] = [e for e in _noted if e is not errors]
        if errors:
            raise errors[0]
        return result

    return raises


def differentiated(function: Callable[..., Any]) -> Callable[..., tuple[float, Any]]:
    """A function of spike times, or of potentials, with its derivatives by JAX: for a loss of one's own.

    ::

        loss = SpikeTimeFunction("output", differentiated(lambda trains: sum(jnp.sum(t) for t in trains)))

    Parameters
    ----------
    function : function of (float64 arrays or one array, *others)
        Returns a float64 array of shape (). Its first argument is what `SpikeTimeFunction` or `VoltageFunction` call
        it with, as arrays of JAX; the others, such as targets, are given as they are.

    Returns
    -------
    function
        Takes arrays, and returns the value and its derivatives in their shapes. It computes in float64: the references
        of high precision refuse it.

    Raises
    ------
    InvalidInput
        If `function` is no function; from the function returned, if the first argument is not of float64 arrays, if
        JAX is not set to float64, or `function` returns no such array.
    """
    function_("function", function)

    def checked_value(arrays: Any, *others: Any) -> Any:
        return _checked("loss.function, value", function(arrays, *others), ())

    by_first = jax.value_and_grad(checked_value)

    @wraps(function)
    def with_derivatives(given: Any, *others: Any) -> tuple[float, Any]:
        several = isinstance(given, list | tuple)
        arrays = [_double(array) for array in (given if several else [given])]
        value, slopes = by_first(arrays if several else arrays[0], *others)
        return float(value), [np.asarray(d) for d in slopes] if several else np.asarray(slopes)

    return with_derivatives


def _differentiable(bridge: Bridge) -> Callable[[Any, Any], Any]:
    """The reading as a function of all weights in one vector and of input times, with its reverse derivative."""

    def forward(weights: Any, times: Any) -> Any:
        shape = (*times.shape[:-2], *bridge.shape)
        return _called(lambda w, t: _values(bridge, w, t), [shape], weights, times)[0]

    def forward_kept(weights: Any, times: Any) -> tuple[Any, tuple[Any, Any]]:
        return forward(weights, times), (weights, times)

    def backward(kept: tuple[Any, Any], cotangents: Any) -> tuple[Any, ...]:
        shapes = [array.shape for array in kept]
        return _called(lambda *arrays: _pullback(bridge, *arrays), shapes, *kept, cotangents)

    read: Any = jax.custom_vjp(forward)
    read.defvjp(forward_kept, backward)
    differentiable: Callable[[Any, Any], Any] = read
    return differentiable


def _called(task: Callable[..., tuple[Any, ...]], shapes: list[tuple[int, ...]], *arrays: Any) -> tuple[Any, ...]:
    """`task` of these arrays: at once if they are known, else when JAX computes them."""
    if not any(isinstance(array, jax.core.Tracer) for array in arrays):
        return tuple(jnp.asarray(found) for found in task(*(np.asarray(array) for array in arrays)))
    results = tuple(jax.ShapeDtypeStruct(shape, np.dtype(np.float64)) for shape in shapes)
    ndims = [array.ndim for array in arrays]

    def noted(*given: Any) -> tuple[Any, ...]:
        try:
            return task(*(np.asarray(array) for array in given))
        except Exception as error:
            with _lock:
                if not _noted:
                    raise
                for errors in _noted:
                    errors.append(error)
            lead = _lead(list(zip(given, ndims, strict=True)))
            return tuple(np.full((*lead, *shape), np.nan) for shape in shapes)  # which `raising` never returns

    return tuple(jax.pure_callback(noted, results, *arrays, vmap_method=_VMAP))


def _values(bridge: Bridge, weights: Any, times: Any) -> tuple[Any]:
    """The readings for arrays with mapped axes in front: one call for all samples that share their weights."""
    n_mapped = weights.ndim - 1
    lead = _lead([(weights, 1), (times, times.ndim - n_mapped)])
    out = np.empty((*lead, *times.shape[n_mapped:-2], *bridge.shape))
    for index in np.ndindex(weights.shape[:-1]):
        own: list[Any] = [slice(None) if n == 1 else k for k, n in zip(index, weights.shape, strict=False)]
        of_times = tuple(
            0 if n == 1 and not isinstance(k, slice) else k for k, n in zip(own, times.shape, strict=False)
        )
        out[tuple(own)] = bridge.values(weights[index], times[of_times])
    return (out,)


def _pullback(bridge: Bridge, weights: Any, times: Any, cotangents: Any) -> tuple[Any, Any]:
    """The derivatives for arrays with mapped axes in front: one call for every entry of them."""
    n_mapped = weights.ndim - 1
    arrays = (weights, times, cotangents)
    lead = np.broadcast_shapes(*(array.shape[:n_mapped] for array in arrays))
    d_weights = np.empty((*lead, weights.shape[-1]))
    d_times = np.empty((*lead, *times.shape[n_mapped:]))
    for index in np.ndindex(lead):
        d_weights[index], d_times[index] = bridge.pullback(*(_entry(array, index) for array in arrays))
    return d_weights, d_times


def _entry(array: Any, index: tuple[int, ...]) -> Any:
    """The entry of an array at an index of its mapped axes, some of which have the length 1."""
    return array[tuple(0 if n == 1 else k for k, n in zip(index, array.shape, strict=False))]


def _lead(arrays: list[tuple[Any, int]]) -> tuple[int, ...]:
    """Shape of the mapped axes of arrays, given with the number of axes that each has without them."""
    return np.broadcast_shapes(*(array.shape[: array.ndim - ndim] for array, ndim in arrays))


def _double(array: Any) -> Any:
    """The numbers of `array`, which must be in float64, as an array of JAX."""
    return _checked("loss.function, argument", doubles(array, "JAX"))


def _checked(name: str, given: Any, shape: tuple[int, ...] | None = None) -> Any:
    """`given` as a float64 array, of this shape if one is given."""
    if not isinstance(given, jax.Array | np.ndarray):
        raise InvalidInput(name, given, "a float64 array")
    array = jnp.asarray(given)  # in single precision unless JAX is told otherwise
    if array.dtype != np.float64:
        raise InvalidInput(name, f"numbers of type {array.dtype}", 'float64: jax.config.update("jax_enable_x64", True)')
    if shape is not None and array.shape != shape:
        raise InvalidInput(name, f"shape {array.shape}", f"shape {shape}")
    return array
