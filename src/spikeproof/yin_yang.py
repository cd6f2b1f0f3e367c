"""The Yin-Yang classification problem: points, labels, input spikes, and the published network."""

from __future__ import annotations

import math

import numpy as np

from spikeproof.builders import chain, normal_weights
from spikeproof.errors import InvalidInput
from spikeproof.losses import FirstSpikeCrossEntropy
from spikeproof.numbers import MAX_SIZE, Array, Float64Array, IntArray, array, integer, nonnegative, positive
from spikeproof.parameters import NeuronParameters, Parameters
from spikeproof.problem import Problem
from spikeproof.stimulus import Stimulus

YIN, YANG, DOT = 0, 1, 2
PUBLISHED_SETS = {"train": (5000, 42), "validation": (1000, 41), "test": (1000, 40)}  # size and seed


def yin_yang(size: int, seed: int, r_small: float = 0.1, r_big: float = 0.5) -> tuple[Float64Array, IntArray]:
    """Points of the Yin-Yang sign and their classes, bit for bit those of the published data set.

    Parameters
    ----------
    size : int
        Number of points, from 1 to 2**24. The published sets are listed in ``PUBLISHED_SETS``.
    seed : int
        Seed of NumPy's legacy generator, from 0 to 2**32 - 1.
    r_small, r_big : float
        Radius of the dots and of the whole sign; 0.01 r_big <= r_small < 0.5 r_big, so that no class is rare.

    Returns
    -------
    samples : ndarray, shape (size, 4)
        (x, y, 1 - x, 1 - y) of each point; x and y from 0 to 2 r_big.
    labels : ndarray, shape (size,)
        0 (yin), 1 (yang) or 2 (dot).

    Raises
    ------
    InvalidInput
        If a size, seed or radius is outside its range.

    Notes
    -----
    Each point's class is drawn first, then points are drawn until one has it: classes are balanced, areas are not.

    References
    ----------
    Kriener, Goeltz, Petrovici (2022), The Yin-Yang dataset, NICE 2022.
    """
    size = integer("size", size, low=1, high=MAX_SIZE)
    random = np.random.RandomState(integer("seed", seed, low=0, high=2**32 - 1))
    radii = float(positive("r_small", r_small)), float(positive("r_big", r_big))
    if not 0.01 * radii[1] <= radii[0] < 0.5 * radii[1]:
        raise InvalidInput("r_small", r_small, f"from 0.01 to 0.5 times r_big = {r_big}")
    labels = np.zeros(size, dtype=np.int64)
    points = np.zeros((size, 2))
    for number in range(size):
        labels[number] = random.randint(3)
        points[number] = _point_of_class(int(labels[number]), random, *radii)
    return np.hstack([points, 1.0 - points]), labels


def yin_yang_stimulus(samples: Array, t_max: float = 30.0, bias: float = 0.0, duration: float = 60.0) -> Stimulus:
    """Input spikes of Yin-Yang samples: value u of column c spikes at ``u * t_max`` on channel c.

    Parameters
    ----------
    samples : array, shape (n_samples, 4)
        Values in [0, 1].
    t_max : float
        Time of the value 1, > 0, in ms.
    bias : float
        Time of the spike of channel 4, in [0, duration], in ms.
    duration : float
        T, >= t_max, in ms.

    Returns
    -------
    Stimulus
        Five spikes per sample on five channels.

    Raises
    ------
    InvalidInput
        If a shape or number is outside its range.
    """
    values = array("samples", samples, ndim=2)
    if values.shape[1] != 4:
        raise InvalidInput("samples", f"shape {values.shape}", "shape (n_samples, 4)")
    if np.any((values < 0) | (values > 1)):
        raise InvalidInput("samples", [float(np.min(values)), float(np.max(values))], "values from 0 to 1")
    if max(positive("t_max", t_max), nonnegative("bias", bias)) > positive("duration", duration):
        raise InvalidInput("duration", duration, f"at least t_max = {t_max} and bias = {bias}, or input would be lost")
    times = np.hstack([values * t_max, np.full((len(values), 1), bias)])
    channels = np.argsort(times, axis=1, kind="stable")
    sorted_times = np.take_along_axis(times, channels, axis=1)
    return Stimulus(sorted_times.ravel(), channels.ravel(), np.arange(0, times.size + 1, 5), duration)


def yin_yang_problem(samples: Array, labels: Array, seed: int, n_hidden: int = 200) -> Problem:
    """The published Yin-Yang network with random initial weights, on the given samples.

    5 inputs, `n_hidden` hidden and 3 output LIF neurons; tau_mem 20 ms, tau_syn 5 ms, v_th 1, T 60 ms; the
    first-spike cross-entropy with tau0 0.5 ms, tau1 6.4 ms, alpha 0.003.

    Parameters
    ----------
    samples : array, shape (n_samples, 4)
        Values in [0, 1].
    labels : int array, shape (n_samples,)
        Classes 0, 1, 2.
    seed : int
        Seed of the weights: normal(1.5, 0.78) to the hidden, normal(0.93, 0.1) to the output neurons.
    n_hidden : int
        Number of hidden neurons, >= 1.

    Returns
    -------
    Problem

    Raises
    ------
    InvalidInput
        If a shape or number is outside its range.

    References
    ----------
    Wunderlich and Pehle (2021), Scientific Reports 11, 12829.
    """
    network = chain(5, integer("n_hidden", n_hidden, low=1), 3)
    weights = normal_weights(network, {"input->hidden": (1.5, 0.78), "hidden->output": (0.93, 0.1)}, seed)
    neuron = NeuronParameters(tau_mem=20.0, tau_syn=5.0, v_th=1.0, v_reset=0.0)
    parameters = Parameters(weights, {"hidden": neuron, "output": neuron})
    loss = FirstSpikeCrossEntropy("output", labels, tau0=0.5, tau1=6.4, alpha=0.003)
    return Problem(network, parameters, yin_yang_stimulus(samples), loss, name=f"yin_yang_seed{seed}")


def _point_of_class(label: int, random: np.random.RandomState, r_small: float, r_big: float) -> tuple[float, float]:
    while True:  # ends: the rarest class has more than 1e-4 of the box
        x, y = (random.rand(2) * 2.0 * r_big).tolist()
        inside = math.sqrt((x - r_big) ** 2 + (y - r_big) ** 2) <= r_big
        if inside and _class_of(x, y, r_small, r_big) == label:
            return x, y


def _class_of(x: float, y: float, r_small: float, r_big: float) -> int:
    d_right = math.sqrt((x - 1.5 * r_big) ** 2 + (y - r_big) ** 2)
    d_left = math.sqrt((x - 0.5 * r_big) ** 2 + (y - r_big) ** 2)
    if d_right < r_small or d_left < r_small:
        return DOT
    around_left_dot = r_small < d_left <= 0.5 * r_big
    upper_half = y > r_big and d_right > 0.5 * r_big
    return YANG if d_right <= r_small or around_left_dot or upper_half else YIN
