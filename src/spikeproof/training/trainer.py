"""The trainer: mini-batches, Adam, a row of history per epoch, checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spikeproof.arguments import function, instance
from spikeproof.arguments import path as as_path
from spikeproof.engine import Engine, check_engine
from spikeproof.errors import InvalidInput
from spikeproof.event import EventEngine
from spikeproof.numbers import Float64Array
from spikeproof.training.checkpoint import load_state, save_state
from spikeproof.training.classifier import Classifier
from spikeproof.training.digest import run_digest
from spikeproof.training.evaluation import evaluate
from spikeproof.training.readout import READOUTS, has_classes
from spikeproof.training.samples import Samples
from spikeproof.training.settings import Settings
from spikeproof.training.state import Row, State, Tally
from spikeproof.training.watch import Watch

SAVE_EVERY = 10.0  # seconds between checkpoints

Probe = Callable[[Float64Array], Mapping[str, float]]  # further numbers of an epoch, from the weights


@dataclass(frozen=True)
class Sets:
    """The samples to train on, to watch, and to test on.

    Parameters
    ----------
    train, test : Samples
    validation : Samples, or None
        The watched set; the test set is watched if None.

    Raises
    ------
    InvalidInput
        If a set is no `Samples`.
    """

    train: Samples
    test: Samples
    validation: Samples | None = None

    def __post_init__(self) -> None:
        for name in ("train", "test", "validation"):
            part = getattr(self, name)
            if name == "validation" and part is None:
                continue
            instance(f"sets.{name}", part, Samples)

    @property
    def parts(self) -> dict[str, Samples]:
        """The sets that are evaluated after each epoch, the one that is watched first."""
        watched = {} if self.validation is None else {"validation": self.validation}
        return {**watched, "test": self.test}


def _engine(classifier: Classifier) -> Engine:
    """The engine of a training where none is given."""
    return EventEngine(until="loss" if type(classifier.readout) in READOUTS else "end")


class Trainer:
    """Trains one classifier.

    The same classifier, samples and settings give the same weights bit for bit, with any number of threads and
    however often training was stopped and resumed.

    Parameters
    ----------
    classifier : Classifier
        Its parameters are the initial ones.
    sets : Sets
    settings : Settings
    engine : Engine, or None
        The engine that solves the problems. If None, an `EventEngine` that follows each sample of a step until its loss
        is determined, unless the readout is of another kind than those here, and may read what comes later.
    probe : callable, or None
        Returns further numbers for each row of the history, by name, from all weights as one vector.

    Warns
    -----
    TrainingWarning
        If no neuron spikes before the training, or a gradient is 0 in all steps of an epoch: then nothing is learned
        there. Each is said once.
    """

    def __init__(
        self, classifier: Classifier, sets: Sets, settings: Settings, engine: Engine | None = None,
        probe: Probe | None = None,
    ) -> None:  # fmt: skip
        self.classifier, self.sets = instance("classifier", classifier, Classifier), instance("sets", sets, Sets)
        self.settings = instance("settings", settings, Settings)
        self.probe = None if probe is None else function("probe", probe)
        self.engine = _engine(classifier) if engine is None else check_engine("engine", engine)
        self.state = State.first(classifier.start(), settings.seed)
        self._watch = Watch(classifier)
        self._digest = run_digest(classifier, (sets.train, *sets.parts.values()), settings, self.engine)

    @property
    def finished(self) -> bool:
        """Whether all epochs are done."""
        return self.state.epoch >= self.settings.epochs

    def resume(self, path: Path) -> None:
        """Continue from the checkpoint at `path`; raises `InvalidInput` if it does not belong to this training."""
        path = as_path("path", path)
        state = load_state(path, self._digest)
        if state.epoch > self.settings.epochs or (state.epoch == self.settings.epochs and state.position):
            raise InvalidInput("epochs", self.settings.epochs, f"more than the {state.epoch} that {path.name} has done")
        self.state, self._watch = state, Watch(self.classifier, whole=state.position == 0)

    def save(self, path: Path) -> None:
        """Write the state to the checkpoint at `path`."""
        save_state(self.state, path, self._digest)

    def run(
        self,
        checkpoint: Path | None = None,
        stop: Callable[[], bool] = lambda: False,
        after_step: Callable[[State], None] = lambda _: None,
    ) -> State:
        """Train until all epochs are done or `stop()` is true; returns the state, also kept in `checkpoint`.

        `stop` and `after_step` are called between two steps, where a stored state goes on to the same bits.

        Raises
        ------
        InvalidInput
            If the engine returns no loss or no gradients.
        """
        checkpoint = None if checkpoint is None else as_path("checkpoint", checkpoint)
        function("stop", stop)
        function("after_step", after_step)
        clock = saved = time.perf_counter()
        if not self.state.history:
            self.state.history.append(self._row())
            self._watch.before(self.state.history[0]["spikes"])
        while not (self.finished or stop()):
            self._step()
            clock, before = time.perf_counter(), clock
            self.state.seconds += clock - before
            if self.state.position == len(self.state.order):
                self._end_epoch()
            if checkpoint is not None and clock - saved > SAVE_EVERY:
                self.save(checkpoint)
                saved = clock
            after_step(self.state)
        if checkpoint is not None:
            self.save(checkpoint)
        return self.state

    def _step(self) -> None:
        """One step of Adam on the next samples of the epoch."""
        state, settings = self.state, self.settings
        if state.position == 0:
            state.order, state.tally = state.rng.permutation(len(self.sets.train)), Tally()
        numbers = state.order[state.position : state.position + settings.batch]
        batch = self.sets.train.select(numbers).thinned(settings.dropout, state.rng)
        classifier = self.classifier
        solution = self.engine.solve(classifier.problem(state.weights, batch), gradients=classifier.wanted)
        if solution.loss is None or solution.gradients is None:
            raise InvalidInput(
                "engine", f"{self.engine.name!r}, which returned none", "one that returns loss and gradients"
            )
        state.tally.add(float(solution.loss), len(batch))
        if has_classes(classifier.readout):
            state.tally.judge(classifier.readout.classes(solution), batch.labels)
        gradient = classifier.gradient(solution.gradients)
        self._watch.see(gradient, solution)
        settings.adam.update(state.weights, gradient, state.moments, settings.factor(state.epoch))
        classifier.put_within_walls(state.weights)
        state.position += len(batch)

    def _end_epoch(self) -> None:
        self.state.epoch, self.state.position = self.state.epoch + 1, 0
        self._watch.end_epoch(self.state.epoch)
        self.state.history.append(self._row())

    def _row(self) -> Row:
        """The row of the history after an epoch, or before the first one."""
        state, settings, tally = self.state, self.settings, self.state.tally
        seen, judged = tally.seen, tally.seen > 0 and has_classes(self.classifier.readout)
        row: Row = {
            "epoch": float(state.epoch),
            "rate": settings.adam.rate * settings.factor(state.epoch - 1) if state.epoch else np.nan,
            "train_loss": tally.loss / seen if seen else np.nan,
            "train_accuracy": tally.right / seen if judged else np.nan,
            "train_unanswered": tally.unanswered / seen if judged else np.nan,
            "train_tied": tally.tied / seen if judged else np.nan,
        }
        scores = {n: evaluate(self.classifier, state.weights, s, self.engine) for n, s in self.sets.parts.items()}
        for name in ("validation", "test"):
            score = scores.get(name)
            for part in ("loss", "accuracy", "unanswered", "tied"):
                row[f"{name}_{part}"] = getattr(score, part) if score else np.nan
        watched = next(iter(scores.values()))
        row |= {name: float(getattr(watched, name)) for name in ("idle", "silent", "spikes")}
        if self.probe is not None:
            row |= {name: float(value) for name, value in self.probe(state.weights).items()}
        row["seconds"] = state.seconds
        return row
