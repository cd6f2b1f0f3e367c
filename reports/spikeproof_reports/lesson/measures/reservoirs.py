"""Reservoirs of several sizes: accuracy, and how many numbers are trained."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

import numpy as np

from spikeproof.lesson import Reservoir, TrainedReservoir
from spikeproof.lesson.reservoir import RandomWeights, random_reservoir
from spikeproof.training import Samples
from spikeproof_reports.lesson.rows import Row, Rows
from spikeproof_reports.lesson.systems import event_engine, grid
from spikeproof_reports.lesson.tasks import NEURON, READOUT, Task, task_of

READINGS = 3  # times at which the filtered spikes are read, the last of them T
FILTER = 20.0  # ms
SETTINGS = grid(scale=(0.5, 1.0), recurrent=(0.0, 1.0, 2.0))  # of the input weights of the task; of the recurrent ones
PENALTIES = (1e-3, 1e-1, 1e1)
SEARCH_SEED = 1000

Weights = Mapping[str, float]


def searched(task: str, size: int) -> Rows:
    """The validation accuracy of every candidate setting of a reservoir; one of them is chosen.

    Each candidate tries all `PENALTIES`: they need no further forward pass.

    Parameters
    ----------
    task : name.
    size : number of neurons.

    Returns
    -------
    mapping from frame to rows
        ``search``.
    """
    work, rows = task_of(task), list[Row]()
    for number, setting in enumerate(SETTINGS):
        begin = time.process_time()
        found = {p: _accuracy(_trained(work, size, SEARCH_SEED, setting, p), _watched(work)) for p in PENALTIES}
        best = max(found, key=lambda p: found[p])
        rows.append(
            {
                "task": task, "system": "reservoir", "candidate": number, "accuracy": found[best], "note": "",
                "setting": json.dumps({**setting, "penalty": best}), "seconds": time.process_time() - begin,
            }
        )  # fmt: skip
    return {"search": rows}


def reservoirs(task: str, size: int, seed: int, setting: Weights) -> Rows:
    """The test accuracy of one reservoir.

    Parameters
    ----------
    task : name.
    size : number of neurons.
    seed : of its weights.
    setting : of its weights, and the penalty.

    Returns
    -------
    mapping from frame to rows
        ``reservoirs``.
    """
    work, begin = task_of(task), time.process_time()
    found = _trained(work, size, seed, setting, setting["penalty"])
    seconds, reservoir = time.process_time() - begin, found.reservoir
    spikes = len(reservoir.spikes(work.sets.test.stimulus)) / len(work.sets.test)
    row = {"task": task, "seed": seed, "size": size, "accuracy": _accuracy(found, work.sets.test), "spikes": spikes}
    weights = sum(w.size for w in reservoir.parameters.weights.values()) + found.n_trained
    row |= {"trained": found.n_trained, "weights": weights, "seconds": seconds, "setting": json.dumps(dict(setting))}
    return {"reservoirs": [row]}


def _trained(task: Task, size: int, seed: int, setting: Weights, penalty: float) -> TrainedReservoir:
    network = task.classifier(0).network
    weights = task.classifier(0).parameters.weights
    given = next(w for name, w in weights.items() if name.startswith(f"{network.inputs[0].name}->"))
    moments = RandomWeights(
        setting["scale"] * float(np.mean(given)), setting["scale"] * float(np.std(given)), setting["recurrent"]
    )
    n_inputs, duration = network.inputs[0].size, float(task.sets.train.stimulus.duration)
    fixed, parameters = random_reservoir(n_inputs, size, NEURON, seed, moments)
    times = np.linspace(0.0, duration, READINGS + 1)[1:]
    reservoir = Reservoir(fixed, parameters, "reservoir", times, FILTER, event_engine())
    n_classes = network.population(READOUT).size
    return reservoir.trained(task.sets.train.stimulus, task.sets.train.labels, n_classes, penalty)


def _accuracy(found: TrainedReservoir, samples: Samples) -> float:
    return float(np.mean(found.classes(samples.stimulus) == samples.labels))


def _watched(task: Task) -> Samples:
    return task.sets.test if task.sets.validation is None else task.sets.validation
