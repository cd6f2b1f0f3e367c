"""Small images of pen strokes in ten classes, drawn from a seed: what a readout of handwritten digits sees."""

from __future__ import annotations

import numpy as np

from spikeproof import (
    Input,
    Layer,
    MaxVoltageCrossEntropy,
    Network,
    NeuronParameters,
    Parameters,
    Problem,
    Stimulus,
    chain,
)
from spikeproof.numbers import Array, Float64Array

SIDE, N_CLASSES = 28, 10
ENCODING, DURATION = 20.0, 40.0  # a pixel of value p > 1 spikes at (1 - p / 255) ENCODING


def stroke_images(n: int, seed: int) -> tuple[Float64Array, Array]:
    """Images, shape (n, 28 * 28), values 0 .. 255, and their classes: a class is one to three curved strokes.

    The strokes of a class have the same control points up to a jitter of about a pixel.
    """
    pens = np.random.default_rng([SIDE, N_CLASSES])
    classes = [pens.uniform(5.0, 23.0, (int(pens.integers(1, 4)), 3, 2)) for _ in range(N_CLASSES)]
    rng = np.random.default_rng([seed, 28])
    labels = rng.integers(0, N_CLASSES, n)
    images = [_drawn(classes[k] + rng.normal(0.0, 1.2, classes[k].shape)) for k in labels]
    return np.array(images), labels


def image_network(seed: int, n_hidden: int) -> tuple[Network, Parameters]:
    """Pixels, a hidden LIF layer and ten leaky integrators, weights drawn as for the published MNIST network."""
    rng = np.random.default_rng([seed, 350])
    network = chain(Input("pixels", SIDE * SIDE), n_hidden, Layer(N_CLASSES, "li", name="readout"))
    weights = {
        "pixels->hidden": rng.normal(0.078, 0.045, (SIDE * SIDE, n_hidden)),
        "hidden->readout": rng.normal(0.2, 0.37, (n_hidden, N_CLASSES)),
    }
    neurons = NeuronParameters(tau_mem=20.0, tau_syn=5.0)
    return network, Parameters(weights, {"hidden": neurons, "readout": neurons})


def image_problem(network: Network, parameters: Parameters, images: Float64Array, labels: Array) -> Problem:
    """Classify these images by the largest V of the readout."""
    samples = [((1.0 - image[image > 1] / 255.0) * ENCODING, np.flatnonzero(image > 1)) for image in images]
    return Problem(
        network, parameters, Stimulus.of_samples(samples, DURATION), MaxVoltageCrossEntropy("readout", labels)
    )


def _drawn(strokes: Float64Array) -> Float64Array:
    """Quadratic curves through (start, control, end), about two pixels wide."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    s = np.linspace(0.0, 1.0, 40)[:, None]
    image = np.zeros((SIDE, SIDE))
    for a, b, c in strokes:
        path = (1 - s) ** 2 * a + 2 * s * (1 - s) * b + s**2 * c
        distance = np.min(np.hypot(y[..., None] - path[:, 0], x[..., None] - path[:, 1]), axis=-1)
        image = np.maximum(image, np.clip(1.6 - distance / 1.4, 0.0, 1.0))
    return np.asarray(np.rint(255.0 * image)).ravel()
