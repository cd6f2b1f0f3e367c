"""Conversion: a trained ReLU network as integrate-and-fire neurons whose rates stand for its activations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from spikeproof.arguments import instance, members
from spikeproof.errors import InvalidInput
from spikeproof.numbers import Array, Float64Array, IntArray, array, integer, positive


@dataclass(frozen=True)
class ReluNetwork:
    """Layers ``a_l = max(0, a_{l-1} W_l + b_l)``, the last one without the maximum.

    Parameters
    ----------
    weights : sequence of arrays, shape (n_{l-1}, n_l)
        At least two: one of them hidden.
    biases : sequence of arrays, shape (n_l,)

    Raises
    ------
    InvalidInput
        If the shapes do not fit each other, or a number is not finite.

    Notes
    -----
    Those of scikit-learn: ``ReluNetwork(mlp.coefs_, mlp.intercepts_)`` of an `MLPClassifier` with
    ``activation="relu"``.
    """

    weights: Any
    biases: Any

    def __post_init__(self) -> None:
        weights, biases = _arrays("weights", self.weights, 2), _arrays("biases", self.biases, 1)
        if len(weights) < 2 or len(biases) != len(weights):
            raise InvalidInput(
                "biases", f"{len(biases)} for {len(weights)} layers", "one for each of at least 2 layers"
            )
        for number, (w, b) in enumerate(zip(weights, biases, strict=True)):
            n_pre = w.shape[0] if number == 0 else weights[number - 1].shape[1]
            if w.shape != (n_pre, len(b)):
                raise InvalidInput(f"weights[{number}]", f"shape {w.shape}", f"shape ({n_pre}, {len(b)})")
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "biases", biases)

    def activations(self, inputs: Array) -> list[Float64Array]:
        """The activations of all layers but the inputs, the last of them being the scores: shape (n_samples, n_l)."""
        found = []
        current = _inputs(inputs, self.weights[0].shape[0])
        for number, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            current = current @ w + b
            current = current if number == len(self.weights) - 1 else np.maximum(current, 0.0)
            found.append(current)
        return found

    def classes(self, inputs: Array) -> IntArray:
        """The class with the largest score, shape (n_samples,)."""
        return np.asarray(np.argmax(self.activations(inputs)[-1], axis=1))


@dataclass(frozen=True)
class Conversion:
    """Threshold balancing from data: each hidden layer is scaled so that a percentile of its activations has rate 1.

    Parameters
    ----------
    percentile : float
        From above 0 to 100, over the positive activations of a layer; those above it saturate at one spike per step.
    v_init : float
        Potential of all neurons at the start, in units of the threshold, from 0 to below 1. With 1/2 rates are rounded,
        with 0 they are cut off.

    Raises
    ------
    InvalidInput
        If a number is outside its range.

    References
    ----------
    Diehl et al. (2015), IJCNN; Rueckauer et al. (2017), Frontiers in Neuroscience 11, 682: percentiles, and the reset
    by subtraction.
    """

    percentile: float = 99.9
    v_init: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 < float(positive("percentile", self.percentile)) <= 100.0:
            raise InvalidInput("percentile", self.percentile, "a number above 0, up to 100")
        if not isinstance(self.v_init, int | float) or not 0.0 <= self.v_init < 1.0:
            raise InvalidInput("v_init", self.v_init, "a number from 0 to below 1")

    def of(self, network: ReluNetwork, inputs: Array) -> Converted:
        """The spiking network, balanced on these inputs, such as those of the training.

        Parameters
        ----------
        network : ReluNetwork
        inputs : array, shape (n_samples, n_inputs)

        Returns
        -------
        Converted

        Raises
        ------
        InvalidInput
            If a shape is wrong.
        """
        hidden = instance("network", network, ReluNetwork).activations(inputs)[:-1]
        return Converted(network, tuple(self._scale(a) for a in hidden), self.v_init)

    def _scale(self, activations: Float64Array) -> float:
        """The activation that becomes one spike per step; 1 for a layer that is never active."""
        above = activations[activations > 0.0]
        return float(np.percentile(above, self.percentile)) if len(above) else 1.0


@dataclass(frozen=True)
class Rates:
    """The answer of a converted network.

    Attributes
    ----------
    scores : array, shape (n_samples, n_outputs)
        The last layer's sums over the rates.
    hidden : arrays, shape (n_samples, n_l)
        Spikes per step of each hidden neuron, from 0 to 1.
    spikes : array, shape (n_samples,)
        Number of spikes of each sample.
    """

    scores: Float64Array
    hidden: tuple[Float64Array, ...]
    spikes: IntArray

    @property
    def classes(self) -> IntArray:
        """The class with the largest score, the first of equal ones; shape (n_samples,)."""
        return np.asarray(np.argmax(self.scores, axis=1))


@dataclass(frozen=True)
class Converted:
    """A network of integrate-and-fire neurons without leak, in steps, with the threshold 1 and reset by subtraction.

    With the spikes s_{l-1} of the layer before in the same step, and constant currents in the place of input spikes::

        V_l <- V_l + (lambda_{l-1} W_l^T s_{l-1} + b_l) / lambda_l        s_l = 1 where V_l >= 1        V_l <- V_l - s_l

    so that lambda_l times the rate stands for the activation. The last layer is a linear readout of the rates.

    Parameters
    ----------
    network : ReluNetwork
    scales : sequence of float
        lambda_l of each hidden layer, > 0; all 1 without balancing.
    v_init : float
        From 0 to below 1.

    Raises
    ------
    InvalidInput
        If a number is outside its range.

    Notes
    -----
    After T steps of a constant current c the number of spikes is ``floor(v_init + c T)`` for c from 0 to 1: the error
    of the rate is at most 1/T. In deeper layers spikes come unevenly, and V may be far from its threshold at the end:
    the error is still of order 1/T.
    """

    network: ReluNetwork
    scales: Sequence[float] = field(default_factory=tuple)
    v_init: float = 0.0

    def __post_init__(self) -> None:
        hidden = len(instance("network", self.network, ReluNetwork).weights) - 1
        scales = tuple(members("scales", self.scales, "a sequence of numbers > 0")) or (1.0,) * hidden
        if len(scales) != hidden:
            raise InvalidInput("scales", f"{len(scales)} numbers", f"one for each of {hidden} hidden layers")
        object.__setattr__(self, "scales", tuple(float(positive(f"scales[{n}]", s)) for n, s in enumerate(scales)))

    def run(self, inputs: Array, steps: int) -> Rates:
        """The rates after `steps` steps of a constant input.

        Parameters
        ----------
        inputs : array, shape (n_samples, n_inputs)
        steps : int
            T, >= 1.

        Returns
        -------
        Rates

        Raises
        ------
        InvalidInput
            If a shape or number is not what is allowed.
        """
        x, weights = _inputs(inputs, self.network.weights[0].shape[0]), self._balanced()
        steps, biases = integer("steps", steps, low=1), self.network.biases
        constant = (x @ self.network.weights[0] + biases[0]) / self.scales[0]
        v = [np.full((len(x), len(b)), float(self.v_init)) for b in biases[:-1]]
        counts = [np.zeros(potential.shape, np.int64) for potential in v]
        for _ in range(steps):
            drive = constant
            for number, potential in enumerate(v):
                potential += drive
                spiked = potential >= 1.0
                potential -= spiked
                counts[number] += spiked
                if number + 1 < len(v):
                    drive = spiked @ weights[number + 1] + biases[number + 1] / self.scales[number + 1]
        rates = tuple(count / steps for count in counts)
        scores = self.scales[-1] * rates[-1] @ self.network.weights[-1] + biases[-1]
        spikes = np.sum([np.sum(count, axis=1) for count in counts], axis=0)
        return Rates(scores, rates, spikes)

    def activations(self, rates: Rates) -> list[Float64Array]:
        """The activations that the rates of the hidden layers stand for."""
        return [scale * rate for scale, rate in zip(self.scales, rates.hidden, strict=True)]

    def _balanced(self) -> list[Float64Array]:
        """The weights between spiking layers in units of thresholds; the first ones, of the inputs, are not used."""
        before = (1.0, *self.scales)
        return [w * (a / b) for w, a, b in zip(self.network.weights, before, self.scales, strict=False)]


def _arrays(field_name: str, given: Any, ndim: int) -> tuple[Float64Array, ...]:
    found = members(field_name, given, "a sequence of arrays")
    return tuple(array(f"{field_name}[{n}]", one, ndim=ndim) for n, one in enumerate(found))


def _inputs(given: Array, size: int) -> Float64Array:
    inputs = array("inputs", given, ndim=2)
    if inputs.shape[1] != size:
        raise InvalidInput("inputs", f"shape {inputs.shape}", f"shape (n_samples, {size})")
    return inputs
