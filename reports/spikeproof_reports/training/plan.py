"""The plan of `spikeproof train`, in a form that can be sent to worker processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from spikeproof import EventEngine
from spikeproof.training import Settings, Trainer
from spikeproof_reports.training.digits import digits_experiment
from spikeproof_reports.training.experiment import Experiment, Rule
from spikeproof_reports.training.kinks import kink_probe
from spikeproof_reports.training.mnist import mnist_experiment
from spikeproof_reports.training.shd import shd_experiment
from spikeproof_reports.training.yin_yang import yin_yang_experiment

EXPERIMENTS: Mapping[str, Callable[..., Experiment]] = {
    "yin-yang": yin_yang_experiment,
    "digits": digits_experiment,
    "mnist": mnist_experiment,
    "shd": shd_experiment,
}


class Task(NamedTuple):
    """One training: the seed of weights, order and dropout, and the rule for kinks."""

    seed: int
    rule: Rule

    @property
    def key(self) -> str:
        """Name of its checkpoint."""
        return f"seed{self.seed}_{self.rule}"


@dataclass(frozen=True)
class Plan:
    """An experiment with its options, and the trainings to be done.

    Attributes
    ----------
    name, options : which of `EXPERIMENTS`, and the keywords it is called with.
    settings : of every training; the seed is that of the task.
    seeds, rules : every seed is trained by every rule.
    threads : of the engine in each process.
    """

    name: str
    settings: Settings
    seeds: tuple[int, ...] = (0,)
    rules: tuple[Rule, ...] = ("complete",)
    options: Mapping[str, Any] = field(default_factory=dict)
    threads: int = 1

    def experiment(self) -> Experiment:
        """The experiment, its samples loaded."""
        return EXPERIMENTS[self.name](**self.options)

    def tasks(self) -> list[Task]:
        """All trainings, in the order in which they are reported."""
        return [Task(seed, rule) for seed in self.seeds for rule in self.rules]

    def trainer(self, experiment: Experiment, task: Task) -> Trainer:
        """The trainer of a task, before its first step."""
        engine = EventEngine(threads=self.threads, until="loss")
        watched = next(iter(experiment.sets.parts.values()))
        probe = kink_probe(experiment.classifier, watched, engine) if experiment.has_rules else None
        classifier = experiment.classifier(task.seed, task.rule)
        return Trainer(classifier, experiment.sets, replace(self.settings, seed=task.seed), engine, probe)
