"""Gradients of all estimators compared with the exact one, at stages of a training by the exact gradient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spikeproof import Problem
from spikeproof.lesson import ExactGradient
from spikeproof.numbers import Float64Array
from spikeproof.training import Adam, Settings, Trainer
from spikeproof_reports.lesson.measures.comparison import compared
from spikeproof_reports.lesson.measures.variants import Variant, variants_of
from spikeproof_reports.lesson.rows import Row, Rows
from spikeproof_reports.lesson.systems import event_engine
from spikeproof_reports.lesson.tasks import Task, task_of

RATE = 1e-2  # of Adam, in the training whose stages are looked at


def gradients(task: str, seed: int, stages: Sequence[int], kinds: Sequence[str], ends: Sequence[str] = ()) -> Rows:
    """The gradients of estimators at stages of a training, projection by projection.

    Parameters
    ----------
    task : name.
    seed : of initial weights and order of samples.
    stages : numbers of epochs of training by the exact gradient.
    kinds, ends : names in `variants.KINDS`, at all stages and at the first and last one.

    Returns
    -------
    mapping from frame to rows
        ``gradients``, see `comparison.compared`.
    """
    rows, work = list[Row](), task_of(task)
    for stage, weights in staged(work, seed, stages):
        problem = work.problem(seed, weights)
        head = {"task": task, "seed": seed, "stage": stage}
        own = (*kinds, *ends) if stage in (min(stages), max(stages)) else kinds
        rows += [{**head, **row} for row in against_exact(problem, variants_of(own, seed))]
    return {"gradients": rows}


def against_exact(problem: Problem, variants: Sequence[Variant]) -> Iterator[Row]:
    """Rows of `compared` for each variant, with its loss and its spikes beside those of the exact network."""
    exact = ExactGradient(event_engine()).estimate(problem)
    for variant in variants:
        found = variant.estimator.estimate(problem)
        head = {**variant.head, "loss": found.value, "exact_loss": exact.value, "spikes": found.spikes}
        head |= {"exact_spikes": exact.spikes, "forward_passes": found.cost.forward_passes}
        for row in compared(found.gradients, exact.gradients):
            yield {**head, **row}


def staged(task: Task, seed: int, stages: Sequence[int]) -> Iterator[tuple[int, Float64Array]]:
    """The weights after each of these numbers of epochs of training by the exact gradient."""
    settings = Settings(max(*stages, 1), task.batch, Adam(RATE), 0.95, seed=seed)
    trainer = Trainer(task.classifier(seed), task.sets, settings, event_engine())
    for stage in sorted(stages):
        trainer.run(stop=lambda stage=stage: trainer.state.epoch >= stage)  # type: ignore[misc]
        yield stage, trainer.state.weights.copy()
