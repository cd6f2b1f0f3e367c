"""Conversion of trained ReLU networks: accuracy and spikes of an answer against the number of steps."""

from __future__ import annotations

import time

import numpy as np

from spikeproof.lesson import Conversion, ReluNetwork
from spikeproof.numbers import Array, IntArray
from spikeproof.training import Samples
from spikeproof_reports.lesson.rows import Row, Rows
from spikeproof_reports.lesson.tasks import READOUT, Task, task_of
from spikeproof_reports.training.optional import needed

STEPS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
PERCENTILE, V_INIT = 99.9, 0.5
RATE, ITERATIONS = 5e-3, 200  # of the training of the ReLU network: of Adam; most epochs


def conversions(task: str, seed: int) -> Rows:
    """A ReLU network of the task's size, trained by scikit-learn on the input times, and its conversion.

    Parameters
    ----------
    task : name.
    seed : of the ReLU network.

    Returns
    -------
    mapping from frame to rows
        ``conversions``, a row for each number of steps; ``ann`` is the accuracy of the ReLU network.

    Raises
    ------
    InvalidInput
        If scikit-learn is not installed.
    """
    work, begin = task_of(task), time.process_time()
    sets, network = (work.sets.train, work.sets.test), work.classifier(0).network
    latest = max(float(np.max(s.stimulus.times)) for s in sets)
    (x, y), (x_test, y_test) = (_values(s, network.inputs[0].size, latest) for s in sets)
    hidden = network.population("hidden").size
    with_relu = needed("sklearn.neural_network", "scikit-learn").MLPClassifier
    model = with_relu((hidden,), random_state=seed, max_iter=ITERATIONS, learning_rate_init=RATE)
    _fitted(model, x, y)
    converted = Conversion(PERCENTILE, V_INIT).of(_network(model, work), x)
    seconds, ann = time.process_time() - begin, float(np.mean(model.predict(x_test) == y_test))
    rows = list[Row]()
    for steps in STEPS:
        found = converted.run(x_test, steps)
        accuracy = float(np.mean(found.classes == y_test))
        row = {"task": task, "seed": seed, "steps": steps, "accuracy": accuracy, "spikes": float(np.mean(found.spikes))}
        weights = sum(w.size + b.size for w, b in zip(model.coefs_, model.intercepts_, strict=True))
        rows.append({**row, "ann": ann, "trained": weights, "seconds": seconds})
    return {"conversions": rows}


def _values(samples: Samples, n_channels: int, latest: float) -> tuple[Array, IntArray]:
    """The input times as values: 1 for a spike at 0, 0 for one as late as any, or none; one column for each channel."""
    stimulus = samples.stimulus
    values = np.zeros((stimulus.n_samples, n_channels))
    sample = np.repeat(np.arange(stimulus.n_samples), np.diff(stimulus.offsets))
    values[sample, stimulus.channels] = 1.0 - stimulus.times / latest
    return values, samples.labels


def _fitted(model: object, x: Array, y: IntArray) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Stochastic Optimizer")  # it may use all of its iterations
        model.fit(x, y)  # type: ignore[attr-defined]


def _network(model: object, task: Task) -> ReluNetwork:
    """The trained layers; two classes would have one output, which no task here has."""
    network = ReluNetwork(model.coefs_, model.intercepts_)  # type: ignore[attr-defined]
    assert network.weights[-1].shape[1] == task.classifier(0).network.population(READOUT).size
    return network
