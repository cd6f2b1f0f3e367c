"""The plan of `spikeproof lesson`: seeds, sizes, and how long is trained."""

from __future__ import annotations

from dataclasses import dataclass

from spikeproof.errors import InvalidInput
from spikeproof.numbers import integer, positive

MAX_SEEDS = 100
GROUPS = (
    "alone", "trainings", "gradients", "noise", "loops", "statements", "stair", "bursts", "conversions", "reservoirs",
)  # fmt: skip


@dataclass(frozen=True)
class LessonPlan:
    """The sizes of a run; `DEFAULT` and `DEEP` are the usual ones.

    Attributes
    ----------
    seeds : number of seeds of weights, order and noise; they are 0, 1, ...
    epochs : passes over the training samples after which systems are compared.
    seconds : processor seconds of training after which they are compared again.
    search_epochs : of each of the tried settings.
    recurrent : whether recurrent networks are trained as well.
    pools : numbers of neurons of the reservoirs; settings are searched for with the most.
    depth : most hidden layers of the networks on which gradients are compared.
    draws : numbers of draws, or of pairs, of an estimate of which the variance is measured.
    hidden : numbers of hidden neurons for which it is measured, with the second of these numbers of draws.
    stages : epochs of training by the exact gradient after which gradients are compared.
    replicates : independent estimates from which a variance is measured.
    loop_points : gradients on a closed line.
    mnist : folder of MNIST files; empty if there is none.
    tasks : names of the tasks that are trained.
    systems : names of the systems; empty for all.
    groups : kinds of units that are measured, of `GROUPS`.
    largest : number of recurrent neurons up to which time and memory are measured.

    Raises
    ------
    InvalidInput
        If a number is outside its range.
    """

    seeds: int = 5
    epochs: int = 3
    seconds: float = 3.0
    search_epochs: int = 1
    recurrent: bool = True
    pools: tuple[int, ...] = (25, 50, 100, 200)
    depth: int = 3
    draws: tuple[int, ...] = (2, 8, 32)
    hidden: tuple[int, ...] = (25, 50, 100, 200, 400)
    stages: tuple[int, ...] = (0, 1, 3, 9)
    replicates: int = 12
    loop_points: int = 64
    mnist: str = ""
    tasks: tuple[str, ...] = ("yin-yang", "digits")
    systems: tuple[str, ...] = ()
    groups: tuple[str, ...] = GROUPS
    largest: int = 4000

    def __post_init__(self) -> None:
        integer("--seeds", self.seeds, low=2, high=MAX_SEEDS)
        for name in ("epochs", "search_epochs", "largest", "depth"):
            integer(name, getattr(self, name), low=1)
        for name in ("replicates", "loop_points"):
            integer(name, getattr(self, name), low=3)
        positive("seconds", self.seconds)
        if not self.tasks:
            raise InvalidInput("tasks", self.tasks, "at least one task")

    @property
    def trained_tasks(self) -> tuple[str, ...]:
        """All tasks to train on, MNIST among them if there is a folder."""
        return (*self.tasks, f"mnist:{self.mnist}") if self.mnist else self.tasks


DEFAULT = LessonPlan()
DEEP = LessonPlan(
    seeds=10,
    epochs=60,
    seconds=60.0,
    search_epochs=5,
    draws=(2, 8, 32, 128),
    hidden=(25, 50, 100, 200, 400, 800, 1600),
    stages=(0, 1, 3, 9, 27),
    replicates=100,
    loop_points=256,
)
