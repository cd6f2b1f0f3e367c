"""Runs until the loss is determined: the bits of a run to the end, the events until then, refusals of what is later."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pytest

import spikeproof.event.until as until_module
from spikeproof import (
    EventEngine,
    EventLimitExceeded,
    FirstSpikeCrossEntropy,
    GrazingSpike,
    Input,
    InvalidInput,
    LossSum,
    MaxVoltageCrossEntropy,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeTarget,
    Stimulus,
    VoltageTarget,
    chain,
    normal_weights,
)
from spikeproof.losses import PerSample, Ranks, Until, horizon_of
from spikeproof.training import Classifier, FirstSpikeReadout, Samples, Sets, Settings, Trainer
from spikeproof.yin_yang import yin_yang, yin_yang_problem
from spikeproof_verification.problems.lattice_networks import lattice_problem
from spikeproof_verification.problems.loss_networks import loss_problem
from spikeproof_verification.problems.random_networks import random_problem
from spikeproof_verification.problems.sparse_networks import sparse_problem
from spikeproof_verification.problems.wide_networks import wide_problem

GENERATORS = {
    "random": (random_problem, 24),
    "losses": (loss_problem, 24),
    "wide": (wide_problem, 26),
    "lattice": (lattice_problem, 12),
    "sparse": (sparse_problem, 8),
}
END, LOSS = EventEngine(), EventEngine(until="loss")
HORIZONS = (0.0, 0.1, 0.25, 0.5, 0.9)  # of T


def numbers(solution):
    """Loss and gradients of a solution, each after its name."""
    yield "sample losses", solution.sample_losses
    for n, seen in enumerate(solution.observed):
        if seen is not None:
            yield f"observed {n}", seen
    g = solution.gradients
    yield "input times", g.input_times
    for name in g.weights:
        yield f"weights {name}", g.weights[name]
        if g.delays is not None:
            yield f"delays {name}", g.delays[name]
    for name, neurons in (g.neurons or {}).items():
        for field in fields(neurons):
            if getattr(neurons, field.name) is not None:
                yield f"{field.name} of {name}", getattr(neurons, field.name)


def spikes_until(solution, until):
    """Times and neurons of the spikes of each sample up to a time."""
    for n in range(solution.spikes.n_samples):
        own = solution.spikes.sample(n)
        early = own.times <= until[n]
        yield own.times[early], own.neurons[early], own.vdot[early]


def assert_same_bits(short, full):
    """Same loss and gradients; all spikes until a sample was followed, and no others."""
    assert short.loss == full.loss
    for (name, a), (_, b) in zip(numbers(short), numbers(full), strict=True):
        assert np.array_equal(a, b), name  # 0 equals -0
    until = np.full(full.spikes.n_samples, full.problem.stimulus.duration) if short.until is None else short.until
    assert len(short.spikes) == sum(len(times) for times, _, _ in spikes_until(full, until))
    for a, b in zip(spikes_until(short, until), spikes_until(full, until), strict=True):
        assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def with_losses(problem):
    """The problem with its own loss, and with each kind of loss that does not see everything."""
    n, rng, duration = problem.stimulus.n_samples, np.random.default_rng(1), float(problem.stimulus.duration)
    found = [] if problem.loss is None else [problem.loss]
    for p in problem.network.populations:
        found.append(VoltageTarget(p.name, [0.1 * duration, 0.3 * duration], rng.normal(0.0, 1.0, (p.size, 2))))
        if p.kind == "lif":
            labels = rng.integers(0, p.size, n)
            found += [
                FirstSpikeCrossEntropy(p.name, labels, 0.1 * duration, 0.4 * duration, 0.01),
                SpikeTimeTarget(p.name, rng.uniform(0.0, duration, (p.size, 2))),
            ]
    found.append(LossSum([(0.5, loss) for loss in found[-2:]]))
    return [replace(problem, loss=loss) for loss in found]


def solved(problem):
    """The solutions of both engines; None if a run to the end is refused."""
    try:
        full = END.solve(problem)
    except (GrazingSpike, EventLimitExceeded, InvalidInput):
        return None
    return LOSS.solve(problem), full


class Always(dict):
    """Horizons of runs before: one that nobody has found, in place of all."""

    def __init__(self, horizon):
        super().__init__()
        self.horizon = horizon

    def get(self, kind, default=None):
        return self.horizon


@pytest.fixture
def at_horizon(monkeypatch):
    """A function that solves a problem until the loss, its samples being followed to this part of T at first."""

    def solve(problem, part, engine=LOSS):
        with monkeypatch.context() as patch:
            patch.setattr(until_module, "_horizons", Always(part * float(problem.stimulus.duration)))
            return engine.solve(problem)

    return solve


@pytest.mark.parametrize("name", GENERATORS)
def test_loss_and_gradients_have_the_bits_of_a_run_to_the_end(name, at_horizon):
    make, n = GENERATORS[name]
    cut = 0
    for seed in range(n):
        for number, problem in enumerate(with_losses(make(seed))):
            both = solved(problem)
            if both is not None:
                assert_same_bits(*both)
                if both[0].until is not None:
                    assert_same_bits(at_horizon(problem, HORIZONS[(seed + number) % len(HORIZONS)]), both[1])
                    cut += np.any(both[0].until < problem.stimulus.duration)
    assert cut > 0 or name == "sparse"


def recurrent(n=20, seed=0, t_ref=0.0):
    """Neurons that act on each other, some at once and some after delays, between layers that others pass by.

    One readout spikes early and often, another one late.
    """
    network = Network(
        [Input("input", 6)],
        [Population("first", 30), Population("loop", 24), Population("layer", 20), Population("output", 3)],
        [
            Projection("input", "first"),
            Projection("input", "loop"),
            Projection("first", "loop"),
            Projection("loop", "loop", name="at once"),
            Projection("loop", "loop", delay=2.5, name="later"),
            Projection("loop", "layer"),
            Projection("layer", "output", delay=0.5),
            Projection("first", "output"),
        ],
    )
    means = {"input->first": (2.0, 0.8), "input->loop": (1.5, 0.8), "first->loop": (0.05, 0.1), "at once": (0.0, 0.1)}
    means |= {"later": (0.02, 0.1), "loop->layer": (0.3, 0.3), "layer->output": (0.1, 0.1), "first->output": (0.1, 0.1)}
    weights = normal_weights(network, means, seed=seed)
    for name in ("layer->output", "first->output"):
        weights[name] = np.abs(weights[name]) * [4.0, 1.0, 0.5]
    rng = np.random.default_rng(seed)
    stimulus = Stimulus.of_samples([(np.sort(rng.uniform(0, 30, 9)), rng.integers(0, 6, 9)) for _ in range(n)], 80.0)
    neurons = {p.name: NeuronParameters(tau_mem=20.0, tau_syn=5.0, t_ref=t_ref) for p in network.populations}
    loss = FirstSpikeCrossEntropy("output", rng.integers(0, 3, n), tau0=0.5, tau1=6.4, alpha=0.003)
    return Problem(network, Parameters(weights, neurons), stimulus, loss)


@pytest.mark.compiled
@pytest.mark.parametrize("t_ref", [0.0, 1.5])
def test_neurons_that_act_on_each_other_have_the_same_bits(t_ref, at_horizon):
    problem = recurrent(t_ref=t_ref)
    full, learned = END.solve(problem), LOSS
    assert len(full.spikes) > 50 * problem.stimulus.n_samples
    horizons = (*HORIZONS, *np.linspace(0.15, 0.6, 40))
    for solution in [learned.solve(problem), learned.solve(problem), *(at_horizon(problem, h) for h in horizons)]:
        assert_same_bits(solution, full)
        assert np.mean(solution.until < problem.stimulus.duration) > 0.2


def test_a_second_run_goes_only_as_far_as_the_first_one_has_needed(monkeypatch):
    problem, horizons, right = recurrent(), [], until_module.inputs_of

    def noted(batch, samples, horizon, ranks):
        horizons.append((len(samples), horizon))
        return right(batch, samples, horizon, ranks)

    monkeypatch.setattr(until_module, "inputs_of", noted)
    monkeypatch.setattr(until_module, "_horizons", {})
    first = LOSS.solve(problem)
    assert horizons == [(20, np.inf)]
    assert_same_bits(LOSS.solve(problem), first)
    assert horizons[1][0] == 20
    assert np.median(first.until) < horizons[1][1] < np.inf
    assert [h for _, h in horizons[2:]] in ([], [np.inf])


def batch(n=70, seed=0, delay=0.0):
    """Yin-Yang samples on a network of three layers, with a delay from the second one on."""
    samples, labels = yin_yang(n, seed=seed)
    plain = yin_yang_problem(samples, labels, seed=0)
    network = chain(plain.network.inputs[0], 40, 30, 3)
    network = replace(
        network, projections=tuple(replace(p, delay=delay * k) for k, p in enumerate(network.projections))
    )
    moments = {p.name: m for p, m in zip(network.projections, ((1.5, 0.8), (0.6, 0.3), (0.6, 0.2)), strict=True)}
    weights = normal_weights(network, moments, seed=seed)
    neurons = {p.name: NeuronParameters(tau_mem=20.0, tau_syn=5.0) for p in network.populations}
    loss = FirstSpikeCrossEntropy(network.populations[-1].name, labels, tau0=0.5, tau1=6.4, alpha=0.003)
    return Problem(network, Parameters(weights, neurons), plain.stimulus, loss)


@pytest.mark.parametrize("delay", [0.0, 1.25])
@pytest.mark.parametrize("seed", [0, 1])
def test_batches_of_layers_have_the_same_bits(seed, delay):
    problem = batch(seed=seed, delay=delay)
    short, full = solved(problem)
    assert_same_bits(short, full)
    assert 0.25 < np.mean(short.until < problem.stimulus.duration) < 1.0


def test_number_of_threads_and_horizon_change_nothing(at_horizon):
    problem, found_by_three = batch(), EventEngine(threads=3, until="loss")
    wanted = LOSS.solve(problem)
    found = [found_by_three.solve(problem)]
    found += [at_horizon(problem, part, engine) for part in HORIZONS for engine in (LOSS, found_by_three)]
    for solution in found:
        assert np.array_equal(solution.until, wanted.until)
        assert_same_bits(solution, wanted)
        assert np.array_equal(solution.spikes.times, wanted.spikes.times)
        assert np.array_equal(solution.spikes.neurons, wanted.spikes.neurons)


@pytest.mark.parametrize("gradients", ["weights", None])
def test_what_is_asked_for_is_the_same(gradients):
    problem = batch()
    short, full = LOSS.solve(problem, gradients), END.solve(problem, gradients)
    assert np.array_equal(short.sample_losses, full.sample_losses)
    for name in problem.parameters.weights if gradients else ():
        assert np.array_equal(short.gradients.weights[name], full.gradients.weights[name])


def test_a_loss_that_no_part_can_be_taken_of_has_the_same_bits():
    problem = batch(20)
    problem = replace(problem, loss=Undivided(problem.loss))
    short, full = solved(problem)
    assert short.until is not None
    assert_same_bits(short, full)


@dataclass(frozen=True)
class Undivided:
    """The loss of another one, without a way to take it apart by samples."""

    inside: FirstSpikeCrossEntropy

    @property
    def population(self):
        return self.inside.population

    @property
    def horizon(self):
        return self.inside.horizon

    def check(self, network, n_samples):
        self.inside.check(network, n_samples)

    def evaluate(self, spikes, neurons, duration):
        return self.inside.evaluate(spikes, neurons, duration)


@dataclass(frozen=True)
class TooEarly(SpikeTimeTarget):
    """A loss that sees more than it says: one spike more of each neuron."""

    @property
    def horizon(self):
        return Ranks(self.targets.shape[-1] - 1)


def two_ranks(loss):
    """Two neurons that spike again and again, and a loss of their first two spikes."""
    network = chain(1, 2)
    stimulus = Stimulus.of_samples([(np.arange(1.0, 40.0), np.zeros(39, np.int64))], 40.0)
    parameters = Parameters({"input->output": np.array([[2.0, 2.5]])}, {"output": NeuronParameters(20.0, 5.0)})
    return Problem(network, parameters, stimulus, loss("output", np.array([[3.0, 9.0], [4.0, 7.0]])))


def test_a_horizon_one_spike_too_early_is_noticed():
    assert_same_bits(*solved(two_ranks(SpikeTimeTarget)))
    with pytest.raises(AssertionError):
        assert_same_bits(*solved(two_ranks(TooEarly)))


def test_an_arrival_too_few_is_noticed(monkeypatch):
    problem = batch(20)
    full, right = END.solve(problem), until_module.views_of

    def early(batch, loss):
        views = right(batch, loss)
        return views._replace(time=np.array([9.0]), table=views.table * [1, 1, 1, 0])

    monkeypatch.setattr("spikeproof.event.engine.views_of", early)
    with pytest.raises(AssertionError):
        assert_same_bits(LOSS.solve(problem), full)


@dataclass(frozen=True)
class Derived(FirstSpikeCrossEntropy):
    """A loss of the user's that may see further than its base."""


def test_only_a_class_itself_says_how_far_it_sees():
    labels = np.zeros(1, np.int64)
    first = FirstSpikeCrossEntropy("out", labels, 1.0, 1.0)
    assert horizon_of(first) == Ranks(1)
    assert horizon_of(Derived("out", labels, 1.0, 1.0)) is None
    assert horizon_of(SpikeTimeTarget("out", np.ones((2, 3)))) == Ranks(3)
    assert horizon_of(SpikeTimeTarget("out", np.ones((2, 0)))) is None
    assert horizon_of(VoltageTarget("out", [1.0, 2.0], np.ones((2, 2)))) == Until(2.0)
    assert horizon_of(MaxVoltageCrossEntropy("out", labels)) is None


class Wrong(PerSample):
    horizon = 3.0


def test_a_horizon_that_is_none_is_refused():
    with pytest.raises(InvalidInput, match=r"loss.horizon: got 3.0; allowed: Ranks\(n\), Until\(time\) or None"):
        horizon_of(Wrong())
    with pytest.raises(InvalidInput, match=r"horizon.n"):
        Ranks(0)
    with pytest.raises(InvalidInput, match=r"horizon.time"):
        Until(-1.0)


def test_until_is_one_of_two_words():
    with pytest.raises(InvalidInput, match=r"until: got 'never'; allowed: 'loss' or 'end'"):
        EventEngine(until="never")


def test_what_lies_beyond_is_refused():
    problem = batch(20)
    short, full = solved(problem)
    first = int(np.argmin(short.until))
    for field in ("v_end", "i_end"):
        for read in (np.asarray, len, lambda x: x[0], lambda x: x.shape, lambda x: x - 1.0, abs):
            with pytest.raises(
                InvalidInput, match=rf"solution.{field}: got 'the state at T'; allowed: what happens unt"
            ):
                read(getattr(short, field))
    name, early = problem.network.populations[0].name, np.array([0.0, 0.5, 1.0]) * short.until[first]
    assert np.array_equal(short.voltage(name, early), full.voltage(name, early))
    assert np.array_equal(short.current(name, early), full.current(name, early))
    with pytest.raises(InvalidInput, match=rf"times\[1\]: got .*; allowed: until .*, as far as sample {first} was"):
        short.voltage(name, [0.0, 1.01 * short.until[first]])
    assert "not followed" in repr(short)


def test_a_loss_that_sees_everything_is_followed_to_the_end():
    problem = replace(batch(5), loss=None)
    assert LOSS.solve(problem).until is None
    assert np.array_equal(LOSS.solve(problem).v_end, END.solve(problem).v_end)


def test_long_trains_from_several_inputs_have_the_same_bits():
    network = chain(2, 2)
    twice = replace(network.projections[0], name="again", delay=0.5)
    network = replace(network, projections=(*network.projections, twice))
    weights = {p.name: np.full((2, 2), 0.2) for p in network.projections}
    parameters = Parameters(weights, {"output": NeuronParameters(20.0, 5.0)})
    labels = np.zeros(1, np.int64)
    for n in (20, 400):
        stimulus = Stimulus.of_samples([(np.linspace(0.0, 60.0, n), np.arange(n) % 2)], 60.0)
        problem = Problem(network, parameters, stimulus, FirstSpikeCrossEntropy("output", labels, 1.0, 5.0))
        short, full = solved(problem)
        assert short.until is not None
        assert_same_bits(short, full)


def runaway(limit):
    """One neuron that spikes without an end once it has spiked for the first time, and the engines with this limit."""
    network = chain(1, 1)
    neurons = {"output": NeuronParameters(tau_mem=1.0, tau_syn=1e6, v_reset=0.0)}
    stimulus = Stimulus.of_samples([([1.0], [0])], 1e4)
    loss = FirstSpikeCrossEntropy("output", np.zeros(1, np.int64), 1.0, 1e6)
    problem = Problem(network, Parameters({"input->output": np.array([[5.0]])}, neurons), stimulus, loss)
    return problem, EventEngine(event_limit=limit), EventEngine(event_limit=limit, until="loss")


def test_events_count_until_the_loss_is_determined():
    problem, end, loss = runaway(2)  # an arrival and a spike
    with pytest.raises(EventLimitExceeded):
        end.solve(problem)
    assert len(loss.solve(problem).spikes) == 1
    with pytest.raises(EventLimitExceeded):
        runaway(1)[2].solve(problem)


def test_a_network_that_runs_away_later_is_solved(at_horizon):
    problem, end, loss = runaway(2000)
    with pytest.raises(EventLimitExceeded):
        end.solve(problem)
    for solution in [loss.solve(problem), *(at_horizon(problem, part, loss) for part in HORIZONS)]:
        assert len(solution.spikes) == 1


def test_a_sample_that_is_refused_is_named():
    problem, _, loss = runaway(1)
    twice = Stimulus.of_samples([([], []), ([1.0], [0])], 1e4)
    two = replace(problem, stimulus=twice, loss=replace(problem.loss, labels=np.zeros(2, np.int64)))
    with pytest.raises(EventLimitExceeded, match="sample 1"):
        loss.solve(two)


def trained(engine):
    """The weights and the history of a training of two epochs."""
    problem, n = batch(40), 40
    samples = Samples(problem.stimulus, problem.loss.labels)
    readout = FirstSpikeReadout(problem.loss.population, tau0=0.5, tau1=6.4, alpha=0.003)
    classifier = Classifier(problem.network, problem.parameters, readout)
    sets = Sets(samples, samples.select(np.arange(n // 2)))
    trainer = Trainer(classifier, sets, Settings(epochs=2, batch=20), engine)
    state = trainer.run()
    return trainer, state.weights, [{**row, "seconds": 0.0} for row in state.history]


def test_training_is_the_same_whichever_way_and_stops_early_by_default():
    by_default, weights, history = trained(None)
    assert by_default.engine.until == "loss"
    for engine in (END, LOSS):
        _, same_weights, same_history = trained(engine)
        assert np.array_equal(weights, same_weights)
        assert repr(history) == repr(same_history)  # NaN equals NaN


@dataclass(frozen=True)
class Counting(FirstSpikeReadout):
    """A readout that looks at all spikes."""

    def classes(self, solution):
        return np.zeros(len(solution.v_end), np.int64)


def test_a_readout_of_another_kind_gets_runs_to_the_end():
    problem = batch(40)
    samples = Samples(problem.stimulus, problem.loss.labels)
    classifier = Classifier(problem.network, problem.parameters, Counting(problem.loss.population, 0.5, 6.4))
    trainer = Trainer(classifier, Sets(samples, samples), Settings(epochs=1, batch=20))
    assert trainer.engine.until == "end"
    trainer.run()
