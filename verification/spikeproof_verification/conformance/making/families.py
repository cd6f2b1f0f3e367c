"""The families of cases: what each is about, and its problems."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from spikeproof import (
    EventEngine,
    FirstSpikeCrossEntropy,
    InvalidInput,
    NeuronParameters,
    Parameters,
    Problem,
    SpikeTimeSum,
    Stimulus,
    chain,
)
from spikeproof.neuron_parameters import NEURON_PARAMETERS
from spikeproof_verification.conformance.making.convergence import STEPS, grid_networks
from spikeproof_verification.conformance.making.draft import Draft
from spikeproof_verification.experiments.faults.problems import fault_problems, held, released
from spikeproof_verification.files import problem_to_dict
from spikeproof_verification.problems.lattice_networks import lattice_problem
from spikeproof_verification.problems.loss_networks import LOSSES as OF_VOLTAGES
from spikeproof_verification.problems.loss_networks import loss_label, loss_problem
from spikeproof_verification.problems.random_networks import draw, random_problem, unit_weight
from spikeproof_verification.problems.sparse_networks import sparse_problem

SPIKES, BASIC = ("spike_times",), ("spike_times", "loss", "weights")
KINDS = ("weights", "input_times", "delays", *(p.name for p in NEURON_PARAMETERS))  # of gradients
RATIOS = {
    "equal": 1.0, "equal-but-for-1e-6": 1.0 + 2.0**-20, "equal-but-for-1e-3": 1.0 - 2.0**-10, "half": 0.5,
    "double": 2.0, "third": 1.0 / 3.0, "thousandth": 2.0**-10, "hundredfold": 128.0,
}  # fmt: skip
OFFSETS = {"none": 0.0, "4096": 4096.0, "1e6": 2.0**20}
UNITS = {"second": 2.0**-10, "microsecond": 2.0**10, "age": 2.0**30}


def drafts() -> Iterator[Draft]:
    """All cases whose answers the reference gives, family by family."""
    for family in (
        spike_times, single_spikes, losses, parameters, silence, ties, grazing, time_constants, long_silence, offsets,
        units, buffers, refractory, convergence,
    ):  # fmt: skip
        yield from family()


def spike_times() -> Iterator[Draft]:
    """Networks of every topology and regime; an engine sees no loss."""
    for seed in (0, 8, 9, 2, 26, 3, 11, 4, 20, 5, 21, 6, 7, 15):
        yield Draft(f"spikes-{seed:02d}", f"spike times, {draw(seed).topology}", random_problem(seed), SPIKES)
    for seed in (0, 1):
        yield Draft(f"spikes-sparse-{seed:02d}", "spike times, sparse", sparse_problem(seed), SPIKES)


def losses() -> Iterator[Draft]:
    """Every loss that has a file form, twice; the loss and the gradients of the weights are judged."""
    counts: dict[str, int] = {}
    for problem, label in _with_losses():
        n = counts.get(label, 0)
        if n < 2 and _has_file(problem):
            counts[label] = n + 1
            yield Draft(f"loss-{_words(label)}-{n + 1}", f"loss, {label}", problem, BASIC)


def _with_losses() -> Iterator[tuple[Problem, str]]:
    for seed in (24, 1, 2, 27, 28, 29):
        problem = random_problem(seed)
        yield problem, type(problem.loss).__name__
    for seed in range(3 * len(OF_VOLTAGES)):
        yield loss_problem(seed), loss_label(seed)


def _has_file(problem: Problem) -> bool:
    try:
        problem_to_dict(problem)
    except InvalidInput:
        return False
    return True


def parameters() -> Iterator[Draft]:
    """The gradient of every parameter but the refractory time by itself, on networks where all are in play."""
    for problem in (p for p in fault_problems() if not np.any(p.neuron_columns()["t_ref"])):
        for kind in (kind for kind in KINDS if kind != "t_ref"):
            yield Draft(f"gradient-{kind}-{_words(problem.name)}", f"gradient, {kind}", problem, (kind,))


def _words(text: str) -> str:
    """Text as a part of a file's name."""
    return "-".join("".join(c if c.isalnum() else " " for c in text).split())


def silence() -> Iterator[Draft]:
    """No spike, or no input: all gradients are exactly 0."""
    quiet = two_layers(4.0, 0.05)
    yield Draft("silence-subthreshold", "silence", quiet, (*BASIC, "input_times"))
    empty = replace(quiet, stimulus=Stimulus.of_samples([([], []), ([], [])], 40.0))
    yield Draft("silence-no-input", "silence", empty, BASIC)
    after = replace(quiet, stimulus=Stimulus.of_samples([([41.0], [0]), ([40.5, 50.0], [0, 1])], 40.0))
    yield Draft("silence-input-after-the-end", "silence", after, (*BASIC, "input_times"))


def ties() -> Iterator[Draft]:
    """Events that coincide: arrivals, spikes of twins, maxima at arrivals, an end at an arrival."""
    taken = 0
    for seed in range(60):
        problem = lattice_problem(seed)
        if taken < 6 and seed % 4 in (0, 2) and _has_file(problem):
            taken += 1
            yield Draft(f"ties-lattice-{seed:02d}", "ties", problem, BASIC, tied=True)
    twice = two_layers(4.0, 1.0)
    times = [2.0, 2.0, 2.0, 8.0, 8.0]
    doubled = Stimulus.of_samples([(times, [0, 0, 1, 1, 0]), (times, [1, 1, 1, 0, 1])], 40.0)
    yield Draft("ties-coincident-inputs", "ties", replace(twice, stimulus=doubled), (*BASIC, "input_times"), tied=True)
    into, onward = (p.name for p in twice.network.projections)
    weights = {into: twice.parameters.weights[into][:, [0, 0, 2]], onward: twice.parameters.weights[onward]}
    twins = replace(twice, parameters=Parameters(weights, twice.parameters.neurons))
    yield Draft("ties-twins", "ties", twins, BASIC, tied=True)


def grazing() -> Iterator[Draft]:
    """A maximum of V just above and just below the threshold: a spike that is late and steep in w, or none."""
    for name, distance in {"1e-3": 2.0**-10, "1e-6": 2.0**-20}.items():
        for side, sign in {"above": 1.0, "below": -1.0}.items():
            for ratio, tau_syn in {"": 4.0, "-half": 8.0}.items():
                problem = _single(float(unit_weight_exact(16.0, tau_syn) * (1.0 + sign * distance)), tau_syn)
                yield Draft(f"grazing-{side}-{name}{ratio}", "grazing", problem, (*BASIC, "v_th"))


def unit_weight_exact(tau_mem: float, tau_syn: float) -> float:
    """The weight whose response has its maximum at 1."""
    return float((tau_mem / tau_syn) ** (tau_mem / (tau_mem - tau_syn)))


def _single(weight: float, tau_syn: float) -> Problem:
    network = chain(1, 1)
    neurons = {name: NeuronParameters(16.0, tau_syn) for name in _spiking(network)}
    name = network.projections[0].name
    stimulus = Stimulus.of_samples([([3.0], [0])], 64.0)
    loss = SpikeTimeSum(network.populations[0].name)
    return Problem(network, Parameters({name: [[weight]]}, neurons), stimulus, loss)


def single_spikes() -> Iterator[Draft]:
    """Networks in which no input and no neuron spikes twice: what engines of first spikes are made for."""
    layers = {name: (RATIOS[name], (5, 3, 2)) for name in RATIOS if name != "hundredfold"}  # I lasts: all spike again
    for name, (ratio, sizes) in {**layers, "wide": (0.25, (12, 16, 4))}.items():
        scales = [(float(a), float(b)) for b in np.arange(0.5, 4.0, 0.25) for a in np.arange(1.0, 0.2, -0.02)]
        problem = next(p for p in (_once(8.0 * ratio, a, b, sizes) for a, b in scales) if _at_most_once(p))
        yield Draft(f"single-{name}", "spike times, one each", problem, BASIC)


def _once(tau_syn: float, first: float, second: float, sizes: tuple[int, int, int]) -> Problem:
    """Channels that spike once, hidden and output neurons, two samples."""
    rng, network = np.random.default_rng(6), chain(*sizes)
    lift, (into, onward) = unit_weight(8.0, tau_syn), (p.name for p in network.projections)
    share = 5.0 / sizes[0], 3.0 / sizes[1]  # V does not grow with the layer before
    weights = {
        into: first * share[0] * lift * rng.uniform(0.2, 0.8, sizes[:2]),
        onward: second * share[1] * lift * rng.uniform(0.3, 0.8, sizes[1:]),
    }
    neurons = {name: NeuronParameters(8.0, tau_syn) for name in _spiking(network)}
    samples = [(rng.uniform(0.0, 16.0, sizes[0]), np.arange(sizes[0])) for _ in range(2)]
    stimulus = Stimulus.of_samples(samples, 40.0)
    return Problem(network, Parameters(weights, neurons), stimulus, _first_spikes(2))


def _at_most_once(problem: Problem) -> bool:
    """Whether no neuron spikes twice, and most outputs spike."""
    spikes, neurons = EventEngine().solve(problem, None).spikes, range(problem.network.n_neurons)
    counts = np.array([[len(t) for t in spikes.sample(s).trains(neurons)] for s in range(spikes.n_samples)])
    return bool(counts.max() == 1 and counts[:, -2:].sum() >= 3)


def time_constants() -> Iterator[Draft]:
    """Ratios of the time constants where closed forms degenerate, or one of them is far from the other."""
    for name, ratio in RATIOS.items():
        yield Draft(f"ratio-{name}", "time constants", two_layers(8.0 * ratio, 1.0), (*BASIC, "tau_mem", "tau_syn"))


def long_silence() -> Iterator[Draft]:
    """Groups of inputs that are far apart."""
    for name, gap in {"1e2": 1024.0, "1e4": 2.0**17, "1e6": 2.0**23}.items():
        base = two_layers(4.0, 1.0)
        samples = [base.stimulus.sample(s) for s in range(base.stimulus.n_samples)]
        late = [(np.concatenate([t, t + gap]), np.concatenate([c, c])) for t, c in samples]
        stimulus = Stimulus.of_samples(late, gap + 40.0)
        yield Draft(f"long-silence-{name}", "long silence", replace(base, stimulus=stimulus), BASIC)


def offsets() -> Iterator[Draft]:
    """Problems with the same inputs from another time on."""
    for name, offset in OFFSETS.items():
        base = two_layers(4.0, 1.0)
        samples = [base.stimulus.sample(s) for s in range(base.stimulus.n_samples)]
        moved = Stimulus.of_samples([(t + offset, c) for t, c in samples], offset + 40.0)
        loss = replace(_first_spikes(2), alpha=0.0)  # the second term grows with the time itself, by exp(t / tau1)
        yield Draft(f"offset-{name}", "offset of t = 0", replace(base, stimulus=moved, loss=loss), BASIC)


def units() -> Iterator[Draft]:
    """Problems with the same network in another unit of time."""
    for name, unit in UNITS.items():
        yield Draft(f"unit-{name}", "unit of time", two_layers(4.0, 1.0, unit), (*BASIC, "input_times", "tau_syn"))


def buffers() -> Iterator[Draft]:
    """More spikes, inputs and samples than small buffers hold."""
    rng = np.random.default_rng(77)
    network = chain(1, 2)
    hidden = _spiking(network)[0]
    neurons = {hidden: NeuronParameters(4.0, 256.0)}
    many = Stimulus.of_samples([([1.0, 2.0], [0, 0])], 512.0)
    weights: dict[str, Any] = {network.projections[0].name: [[6.0, 5.0]]}
    sums = SpikeTimeSum(hidden, [2.0**-10, -(2.0**-10)])
    yield Draft("buffers-spikes", "large buffers", Problem(network, Parameters(weights, neurons), many, sums), BASIC)
    network = chain(64, 2)
    hidden = _spiking(network)[0]
    weights = {network.projections[0].name: rng.uniform(0.05, 0.25, (64, 2))}
    wide = Stimulus.of_samples([(np.sort(rng.uniform(0.0, 300.0, 512)), rng.integers(0, 64, 512))], 320.0)
    given = Parameters(weights, {hidden: NeuronParameters(16.0, 4.0)})
    yield Draft("buffers-inputs", "large buffers", Problem(network, given, wide, SpikeTimeSum(hidden)), BASIC)
    base = two_layers(4.0, 1.0)
    samples = [(np.sort(rng.uniform(0.0, 20.0, 5)), rng.integers(0, 2, 5)) for _ in range(48)]
    batch = replace(base, stimulus=Stimulus.of_samples(samples, 40.0), loss=_first_spikes(48))
    yield Draft("buffers-samples", "large buffers", batch, BASIC)


def refractory() -> Iterator[Draft]:
    """A refractory time after each spike: every gradient, neurons that fire once, and arrivals at a release."""
    for kind in (*SPIKES, *KINDS):
        yield Draft(f"refractory-{kind}", "refractory time", held(), (kind,))
    for name, t_ref in {"once": np.inf, "short": 0.5, "beyond-the-end": 64.0}.items():
        problem = two_layers(4.0, 4.0)
        neurons = {name: replace(p, t_ref=t_ref) for name, p in problem.parameters.neurons.items()}
        changed = replace(problem, parameters=replace(problem.parameters, neurons=neurons))
        yield Draft(f"refractory-{name}", "refractory time", changed, (*BASIC, "input_times"))
    yield Draft("refractory-at-an-arrival", "refractory time", released(), BASIC, tied=True)


def convergence() -> Iterator[Draft]:
    """Networks on which the error of an engine in time steps falls smoothly with the step."""
    for name, problem, orders in grid_networks():
        yield Draft(f"grid-{name}", "convergence", problem, tuple(orders), steps=STEPS, orders=orders)


def two_layers(tau_syn: float, strength: float, unit: float = 1.0) -> Problem:
    """Two channels, three hidden and two output neurons, two samples; times are multiples of `unit`.

    What most engines know: no delays, a reset to 0, and the cross-entropy of first spikes.
    """
    rng, tau_mem = np.random.default_rng(5), 8.0
    network = chain(2, 3, 2)
    lift = strength * unit_weight(tau_mem, tau_syn)
    first, second = (p.name for p in network.projections)
    weights = {first: lift * rng.uniform(0.6, 1.4, (2, 3)), second: lift * rng.uniform(0.3, 0.8, (3, 2))}
    neurons = {name: NeuronParameters(tau_mem * unit, tau_syn * unit) for name in _spiking(network)}
    samples = [(unit * np.sort(rng.uniform(0.0, 20.0, 5)), rng.integers(0, 2, 5)) for _ in range(2)]
    stimulus = Stimulus.of_samples(samples, 40.0 * unit)
    return Problem(network, Parameters(weights, neurons), stimulus, _first_spikes(2, unit))


def _first_spikes(n_samples: int, unit: float = 1.0) -> FirstSpikeCrossEntropy:
    return FirstSpikeCrossEntropy("output", np.arange(n_samples) % 2, 2.0 * unit, 16.0 * unit, 0.125)


def _spiking(network: Any) -> list[str]:
    return [p.name for p in network.populations if p.kind == "lif"]
