"""A workload as plain numbers in one file: all that an adapter reads, with numpy alone.

Peers run in interpreters of their own where spikeproof is not installed, so they get networks, weights, inputs and the
loss in an ``.npz`` file, bit for bit what spikeproof gets.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

NEURON = ("tau_mem", "tau_syn", "v_th", "v_reset", "t_ref")


class Unsupported(Exception):
    """A workload that an engine, or its adapter, is not made for."""


@dataclass(frozen=True)
class Group:
    """Input channels (kind "input") or neurons ("lif" or "li") with the same parameters."""

    name: str
    size: int
    kind: str
    tau_mem: float = 0.0
    tau_syn: float = 0.0
    v_th: float = 0.0
    v_reset: float = 0.0
    t_ref: float = 0.0


@dataclass(frozen=True, eq=False)
class Link:
    """Synapses between two groups: weights (n_pre, n_post), or (n_synapses,) with compressed rows of targets.

    What is sent arrives `delay` later.
    """

    name: str
    pre: str
    post: str
    weights: np.ndarray
    offsets: np.ndarray | None = None
    targets: np.ndarray | None = None
    delay: float = 0.0


@dataclass(frozen=True, eq=False)
class Work:
    """Network, input spikes and loss; arrays as in spikeproof.Stimulus.

    `loss` is empty for a forward pass alone, else it holds kind ("first_spike" or "max_voltage"), population and the
    loss's numbers; `labels` has one class for each sample.
    """

    name: str
    groups: tuple[Group, ...]
    links: tuple[Link, ...]
    duration: float
    times: np.ndarray
    channels: np.ndarray
    offsets: np.ndarray
    loss: dict[str, Any] = field(default_factory=dict)
    labels: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def n_samples(self) -> int:
        return len(self.offsets) - 1

    @property
    def inputs(self) -> Group:
        """The one group of input channels."""
        return next(g for g in self.groups if g.kind == "input")

    @property
    def neurons(self) -> tuple[Group, ...]:
        return tuple(g for g in self.groups if g.kind != "input")

    def group(self, name: str) -> Group:
        return next(g for g in self.groups if g.name == name)

    def first_neuron(self, name: str) -> int:
        """Number of the first neuron of a group, counted through over all neurons."""
        names = [g.name for g in self.neurons]
        return sum(g.size for g in self.neurons[: names.index(name)])

    def link(self, pre: str, post: str) -> Link:
        return next(x for x in self.links if (x.pre, x.post) == (pre, post))

    @property
    def chain(self) -> tuple[Group, Group]:
        """Hidden and output group of a network input -> hidden -> output, with or without recurrence."""
        hidden, output = self.neurons
        return hidden, output

    @property
    def onward(self) -> list[Link]:
        """The links from each layer to the next, the input first."""
        names = [self.inputs.name, *(g.name for g in self.neurons)]
        return [self.link(pre, post) for pre, post in pairwise(names)]

    @property
    def recurrent(self) -> Link | None:
        return next((x for x in self.links if x.pre == x.post), None)

    def first(self, n: int) -> Work:
        """The first n samples."""
        if n >= self.n_samples:
            return self
        stop = self.offsets[n]
        return replace(
            self, times=self.times[:stop], channels=self.channels[:stop], offsets=self.offsets[: n + 1],
            labels=self.labels[:n],
        )  # fmt: skip

    def padded(self, fill: float = np.inf) -> tuple[np.ndarray, np.ndarray]:
        """Times and channels, shape (n_samples, most spikes of a sample); `fill` and -1 where there is none."""
        counts = np.diff(self.offsets)
        times = np.full((self.n_samples, counts.max()), fill)
        channels = np.full(times.shape, -1)
        for n, (a, b) in enumerate(zip(self.offsets[:-1], self.offsets[1:], strict=True)):
            times[n, : b - a], channels[n, : b - a] = self.times[a:b], self.channels[a:b]
        return times, channels

    def on_grid(self, dt: float, dtype: type = np.float32) -> np.ndarray:
        """Spike counts at the nearest grid points, shape (n_steps, n_samples, n_channels)."""
        n_steps = round(self.duration / dt)
        steps = np.minimum(np.rint(self.times / dt).astype(int), n_steps - 1)
        counts = np.zeros((n_steps, self.n_samples, self.inputs.size), dtype=dtype)
        np.add.at(counts, (steps, np.repeat(np.arange(self.n_samples), np.diff(self.offsets)), self.channels), 1)
        return counts


@dataclass(frozen=True, eq=False)
class Answer:
    """An engine's answer: spikes of all neurons and, if there is a loss, its mean and its derivatives by link."""

    times: np.ndarray
    neurons: np.ndarray
    samples: np.ndarray
    loss: float | None = None
    gradients: dict[str, np.ndarray] = field(default_factory=dict)


def work_of(problem: Any) -> Work:
    """The numbers of a spikeproof problem with one value of each parameter per population."""
    network, parameters, stimulus = problem.network, problem.parameters, problem.stimulus
    groups = [Group(g.name, g.size, "input") for g in network.inputs]
    for p in network.populations:
        given = parameters.neurons[p.name]
        numbers = [0.0 if getattr(given, n) is None else float(getattr(given, n)) for n in NEURON]
        groups.append(Group(p.name, p.size, p.kind, *numbers))
    links = [
        Link(p.name, p.pre, p.post, parameters.weights[p.name], *_rows(p.synapses), delay=float(p.delay))
        for p in network.projections
    ]
    loss, labels = _loss_of(problem.loss)
    return Work(
        problem.name, tuple(groups), tuple(links), float(stimulus.duration), stimulus.times, stimulus.channels,
        stimulus.offsets, loss, labels,
    )  # fmt: skip


def save(work: Work, path: Path) -> None:
    """Write `work` to an ``.npz`` file."""
    head = {
        "name": work.name,
        "duration": work.duration,
        "loss": work.loss,
        "groups": [asdict(g) for g in work.groups],
        "links": [(x.name, x.pre, x.post, x.delay, x.offsets is not None) for x in work.links],
    }
    arrays = {"times": work.times, "channels": work.channels, "offsets": work.offsets, "labels": work.labels}
    for n, link in enumerate(work.links):
        arrays[f"weights{n}"] = link.weights
        if link.offsets is not None:
            arrays |= {f"offsets{n}": link.offsets, f"targets{n}": link.targets}
    with path.open("wb") as file:
        np.savez(file, head=np.array(json.dumps(head)), **arrays)


def load(path: Path) -> Work:
    """The workload that `save` wrote."""
    with np.load(path) as data:
        head = json.loads(str(data["head"]))
        links = tuple(
            Link(
                name,
                pre,
                post,
                data[f"weights{n}"],
                *((data[f"offsets{n}"], data[f"targets{n}"]) if sparse else (None, None)),
                delay=delay,
            )
            for n, (name, pre, post, delay, sparse) in enumerate(head["links"])
        )
        groups = tuple(Group(**g) for g in head["groups"])
        arrays = [data[name] for name in ("times", "channels", "offsets")]
        return Work(head["name"], groups, links, head["duration"], *arrays, head["loss"], data["labels"])


def digest(work: Work) -> str:
    """Digest of everything in a workload."""
    found = hashlib.blake2b(digest_size=12)
    names = [(x.name, x.pre, x.post, x.delay) for x in work.links]
    found.update(json.dumps([work.duration, work.loss, [asdict(g) for g in work.groups], names]).encode())
    arrays = [work.times, work.channels, work.offsets, work.labels]
    for link in work.links:
        arrays += [a for a in (link.weights, link.offsets, link.targets) if a is not None]
    for array in arrays:
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def save_answer(answer: Answer, path: Path) -> None:
    """Write `answer` to an ``.npz`` file."""
    arrays = {f"gradient:{name}": np.asarray(g, dtype=np.float64) for name, g in answer.gradients.items()}
    loss = np.array(np.nan if answer.loss is None else float(answer.loss))
    with path.open("wb") as file:
        np.savez(
            file, times=np.asarray(answer.times, dtype=np.float64), neurons=answer.neurons, samples=answer.samples,
            loss=loss, **arrays,
        )  # fmt: skip


def load_answer(path: Path) -> Answer:
    """The answer that `save_answer` wrote."""
    with np.load(path) as data:
        gradients = {k.removeprefix("gradient:"): data[k] for k in data.files if k.startswith("gradient:")}
        loss = float(data["loss"])
        spikes = data["times"], data["neurons"], data["samples"]
    return Answer(*spikes, None if np.isnan(loss) and not gradients else loss, gradients)


def _rows(synapses: Any) -> tuple[Any, Any]:
    return (None, None) if synapses is None else (synapses.offsets, synapses.targets)


def _loss_of(loss: Any) -> tuple[dict[str, Any], np.ndarray]:
    if loss is None:
        return {}, np.zeros(0, dtype=np.int64)
    numbers: dict[str, Any] = {"population": loss.population}
    if hasattr(loss, "coefficients"):
        numbers |= {"kind": "spike_sum", "coefficients": np.asarray(loss.coefficients, dtype=float).tolist()}
        return numbers, np.zeros(0, dtype=np.int64)
    if hasattr(loss, "tau0"):
        numbers |= {"kind": "first_spike"} | {n: float(getattr(loss, n)) for n in ("tau0", "tau1", "alpha")}
    else:
        numbers |= {"kind": "max_voltage"}
    return numbers, np.asarray(loss.labels)
