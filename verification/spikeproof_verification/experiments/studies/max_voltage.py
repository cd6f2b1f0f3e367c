"""Maxima of V at kinks: how often they occur, and the error of the published rule there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from spikeproof import EventEngine, Gradients, Network, Parameters, Problem
from spikeproof.event.kernels.reading.maxima import AT_START, KINK
from spikeproof.numbers import Array, Float64Array
from spikeproof_reference import Parameter, central_differences
from spikeproof_verification.checks.judge import judge
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import KINK_RULE
from spikeproof_verification.experiments.studies.kink_curve import kink_curve
from spikeproof_verification.experiments.studies.regulariser import regulariser_rows
from spikeproof_verification.experiments.studies.stroke_images import image_network, image_problem, stroke_images
from spikeproof_verification.experiments.studies.study import Row, Study, StudyResult, subject
from spikeproof_verification.problems.loss_networks import READOUT, loss_label, loss_problem, network_label

NAME = "max_voltage"
N_SCENES, N_WEIGHTS = 6, 3
N_HIDDEN, STEPS, BATCH, RATE = 60, 80, 20, 5e-3


def run() -> StudyResult:
    """Small networks against differences, and an image classifier before and after training."""
    scenes = list(kinked_scenes(N_SCENES))
    rows = [row for seed, problem in scenes for row in compared(seed, problem)]
    tables = {
        "kinks": rows,
        "frequency": list(classified()),
        "curve": list(kink_curve()),
        "regulariser": list(regulariser_rows()),
    }
    return StudyResult(tuple(measured(rows)), tables)


STUDY = Study(NAME, "Largest voltages, and a heuristic", run)


def kinked_scenes(count: int) -> Iterator[tuple[int, Problem]]:
    """The first generated problems with a max-voltage loss and a kink that moves a weight's derivative by 1 %."""
    seed = 0
    while count:
        if loss_label(seed) == "largest V, cross-entropy":
            problem = loss_problem(seed)
            complete, published = (_flat(g) for g in both_rules(problem))
            if np.max(np.abs(complete - published)) > 0.01 * np.max(np.abs(complete)):
                yield seed, problem
                count -= 1
        seed += 1


def both_rules(problem: Problem) -> tuple[Gradients, Gradients]:
    """Gradients of a max-voltage loss by the complete and by the published rule."""
    assert problem.loss is not None
    rules = (replace(problem, loss=replace(problem.loss, rule=rule)) for rule in ("complete", "published"))  # type: ignore[type-var]
    complete, published = (EventEngine().solve(p, gradients="weights").gradients for p in rules)
    assert complete is not None
    assert published is not None
    return complete, published


def compared(seed: int, problem: Problem) -> Iterator[Row]:
    """The weights whose derivatives the two rules disagree most about, beside central differences."""
    complete, published = both_rules(problem)
    names = [(name, i, j) for name, w in complete.weights.items() for i, j in np.ndindex(w.shape)]
    a, b = _flat(complete), _flat(published)
    worst = np.argsort(-np.abs(a - b), kind="stable")[:N_WEIGHTS]
    wanted = [Parameter("weight", *names[k]) for k in worst]
    kinds = _kinds(problem)
    for k, difference in zip(worst, central_differences(problem, wanted), strict=True):
        name, i, j = names[k]
        yield {
            "problem": problem.name,
            "network": network_label(seed),
            "kinks": int(np.sum(kinds == KINK)),
            "maxima": kinds.size,
            "weight": f"{name}[{i}, {j}]",
            "difference": float(difference),
            "complete": float(a[k]),
            "published": float(b[k]),
            "largest": float(np.max(np.abs(a))),
        }


def measured(rows: list[Row]) -> Iterator[Measurement]:
    """The complete rule against differences; and that the published one is as wrong as the table says."""
    who = subject(NAME, "event", "mp differences")
    for row in rows:
        component, largest = f"{row['problem']}, {row['weight']}", float(row["largest"])
        yield judge(who, "weight_gradient", component, row["complete"], row["difference"], largest, KINK_RULE)


def classified() -> Iterator[Row]:
    """Kinds of maxima, and the error of the published rule, before and after a little training."""
    network, parameters = image_network(0, N_HIDDEN)
    images, labels = stroke_images(400, 0)
    held_out = stroke_images(100, 1)
    yield _frequency("weights as drawn", network, parameters, *held_out)
    trained = _trained(network, parameters, images, labels)
    yield _frequency(f"after {STEPS} steps of Adam", network, trained, *held_out)


def _frequency(stage: str, network: Network, parameters: Parameters, images: Float64Array, labels: Array) -> Row:
    problem = image_problem(network, parameters, images, labels)
    found = EventEngine().run(problem).maxima("readout")
    complete, published = (_flat(g) for g in both_rules(problem))
    total = found.kind.size
    return {
        "stage": stage,
        "accuracy": float(np.mean(np.argmax(found.value, axis=1) == labels)),
        "maxima": total,
        "at_start": float(np.sum(found.kind == AT_START)) / total,
        "kinks": float(np.sum(found.kind == KINK)) / total,
        "elsewhere": float(np.sum((found.kind != KINK) & (found.kind != AT_START))) / total,
        "published_error": float(np.linalg.norm(published - complete) / np.linalg.norm(complete)),
        "cosine": float(complete @ published / (np.linalg.norm(complete) * np.linalg.norm(published))),
    }


def _trained(network: Network, parameters: Parameters, images: Float64Array, labels: Array) -> Parameters:
    """Adam with the usual constants, on batches drawn from a seed."""
    rng, engine = np.random.default_rng(7), EventEngine()
    weights = {name: w.copy() for name, w in parameters.weights.items()}
    first = {name: np.zeros(w.shape) for name, w in weights.items()}
    second = {name: np.zeros(w.shape) for name, w in weights.items()}
    for step in range(1, STEPS + 1):
        batch = rng.integers(0, len(images), BATCH)
        problem = image_problem(network, Parameters(weights, parameters.neurons), images[batch], labels[batch])
        gradients = engine.solve(problem, gradients="weights").gradients
        assert gradients is not None
        for name, g in gradients.weights.items():
            first[name] = 0.9 * first[name] + 0.1 * g
            second[name] = 0.999 * second[name] + 0.001 * g**2
            size = np.sqrt(second[name] / (1.0 - 0.999**step)) + 1e-8
            weights[name] = weights[name] - RATE * first[name] / (1.0 - 0.9**step) / size
    return Parameters(weights, parameters.neurons)


def _kinds(problem: Problem) -> Array:
    return EventEngine().run(problem).maxima(READOUT.name).kind


def _flat(gradients: Gradients) -> Float64Array:
    weights: Mapping[str, Array] = gradients.weights
    return np.concatenate([w.ravel() for w in weights.values()])
