"""Properties of networks and stimuli: numbering, splitting, joining, adding what does nothing."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

import numpy as np

from spikeproof import (
    Input,
    Network,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeSum,
    Stimulus,
    VoltageTarget,
)
from spikeproof_verification.checks.tolerances import STEEP
from spikeproof_verification.properties.changes import gradients, trains, with_inputs, with_neurons, with_weights
from spikeproof_verification.properties.claims import assert_same, assert_same_bits, holds_for, suppose, tolerance


def part_of(p, index):
    """Parameters of some neurons of a population."""
    return type(p)(**{f.name: None if getattr(p, f.name) is None else getattr(p, f.name)[index] for f in fields(p)})


@holds_for("event", "grid", "mp", broken_by="one threshold for all", losses=("largest V", "integral", "V at times"))
def neurons_may_be_numbered_in_any_order(engine, problem, rng):
    back = [1, 0]
    weights = {}
    for p in problem.network.projections:
        w = problem.parameters.weights[p.name]
        w = w[back] if p.pre == "hidden" else w
        weights[p.name] = w[:, back] if p.post == "hidden" else w
    neurons = {**problem.parameters.neurons, "hidden": part_of(problem.parameters.neurons["hidden"], back)}
    a, b = engine.solve(problem), engine.solve(replace(problem, parameters=Parameters(weights, neurons)))
    for n in range(2):  # of coincident spikes, which the grid makes, the order decides on the side of a kink
        times = a.spikes.sample(n).times
        suppose(len(set(times)) == len(times))
    assert_same(engine, {(s, 1 - k): t for (s, k), t in trains(b).items()}, trains(a))
    assert_same(engine, b.loss, a.loss)
    assert_same(engine, b.gradients.weights["in->hidden"][:, back], a.gradients.weights["in->hidden"])
    assert_same(engine, b.gradients.neurons["hidden"].v_th[back], a.gradients.neurons["hidden"].v_th)


@holds_for("event", "grid", "mp", broken_by="a NaN")
def input_channels_may_be_numbered_in_any_order(engine, problem, rng):
    swapped = with_weights(problem, lambda name, w: w[::-1] if name.startswith("in->") else w)
    swapped = with_inputs(swapped, lambda t, c: (t, 1 - c))
    a, b = engine.solve(problem), engine.solve(swapped)
    assert_same_bits(trains(b), trains(a))
    back = {
        k: g[::-1] if k[0] in ("weights", "delays") and k[1].startswith("in->") else g for k, g in gradients(b).items()
    }
    assert_same(engine, back, gradients(a))


@holds_for("event", "grid", "mp", broken_by="state carried over to the next sample")
def a_batch_is_its_samples_one_by_one(engine, problem, rng):
    problem = replace(problem, loss=SpikeTimeSum("hidden"))
    batch = engine.solve(problem)
    alone = []
    for n in range(problem.stimulus.n_samples):
        one = Stimulus.of_samples([problem.stimulus.sample(n)], problem.stimulus.duration)
        alone.append(engine.solve(replace(problem, stimulus=one)))
        assert_same_bits(alone[n].spikes.times, batch.spikes.sample(n).times)
        assert_same_bits(alone[n].sample_losses[0], batch.sample_losses[n])
    for key, g in gradients(batch).items():
        if key[0] != "input_times":
            assert_same(engine, g, sum(gradients(s)[key] for s in alone) / len(alone))


@holds_for("event", "grid", broken_by="state carried over to the next sample", losses=("spike times",))
def a_busy_sample_does_not_touch_the_quiet_ones_beside_it(engine, problem, rng):
    # the working memory that a sample needs is known once it has been solved: those solved beside it must not suffer
    quiet = 31
    batch = crowded(problem, rng, quiet)
    last = batch.stimulus.n_samples - 1
    together = engine.solve(batch)
    alone = [engine.solve(batch.select([n])) for n in (0, 1, last)]
    for n in range(last + 1):
        one = alone[2] if n == last else alone[n % 2]
        assert_same_bits(together.spikes.sample(n).times, one.spikes.times)
        assert_same_bits(together.sample_losses[n], one.sample_losses[0])
    shares = np.array([quiet - quiet // 2, quiet // 2, 1]) / (quiet + 1)
    kinds = {"weights", "v_th"}
    expected = {
        k: sum(x * gradients(s)[k] for x, s in zip(shares, alone, strict=True)) for k in gradients(alone[0], kinds)
    }
    assert_same(engine, gradients(together, kinds), expected)


def crowded(problem, rng, quiet, size=8):
    """The problem with many hidden neurons; its samples in turn, and at last one with many more input spikes."""
    who, given, neurons = rng.integers(0, 2, size), problem.parameters.weights, problem.parameters.neurons
    network = replace(problem.network, populations=(Population("hidden", size), problem.network.populations[1]))
    weights = {
        "in->hidden": given["in->hidden"][:, who] * rng.uniform(0.8, 1.2, size),
        "hidden->out": given["hidden->out"][who] * 2 / size,
        "in->out": given["in->out"],
    }
    if "hidden->hidden" in given:
        weights["hidden->hidden"] = given["hidden->hidden"][who][:, who] * 2 / size
    s = problem.stimulus
    times = np.arange(2, 386, 8) * s.duration / 512.0  # on the grid of the grid engine
    busy = (np.repeat(times, 2), np.tile([0, 1], len(times)))
    stimulus = Stimulus.of_samples([*(s.sample(n % 2) for n in range(quiet)), busy], s.duration)
    parameters = Parameters(weights, {**neurons, "hidden": part_of(neurons["hidden"], who)})
    return Problem(network, parameters, stimulus, SpikeTimeSum("hidden"))


@holds_for("event", "grid", "mp", broken_by="state carried over to the next sample", losses=("spike times", "trace"))
def samples_may_come_in_any_order(engine, problem, rng):
    s = problem.stimulus
    swapped = replace(problem, stimulus=Stimulus.of_samples([s.sample(1), s.sample(0)], s.duration))
    a, b = engine.solve(problem), engine.solve(swapped)
    assert_same_bits(b.sample_losses[::-1], a.sample_losses)
    kinds = {"weights", "delays", "v_th", "tau_mem"}
    assert_same(engine, gradients(b, kinds), gradients(a, kinds))


@holds_for("event", "grid")
def threads_and_repetition_do_not_change_a_bit(engine, problem, rng):
    suppose(is_dataclass(engine) and hasattr(engine, "threads"))
    s = problem.stimulus
    stimulus = Stimulus.of_samples([s.sample(n % 2) for n in range(5)], s.duration)
    many = replace(problem, stimulus=stimulus, loss=SpikeTimeSum("hidden"))
    a, b = engine.solve(many), replace(engine, threads=3).solve(many)
    assert_same_bits(b.spikes.times, a.spikes.times)
    assert_same_bits(gradients(b), gradients(a))


@holds_for("event", "grid", "mp", broken_by="coincident inputs counted once")
def a_weight_may_be_split_into_coincident_halves(engine, problem, rng):
    halved = with_weights(problem, lambda name, w: w / 2 if name.startswith("in->") else w)
    halved = with_inputs(halved, lambda t, c: (np.repeat(t, 2), np.repeat(c, 2)))
    a, b = engine.solve(problem), engine.solve(halved)
    assert_same(engine, trains(b), trains(a))
    g, h = gradients(a), gradients(b)
    assert_same(engine, h["input_times", ""].reshape(-1, 2).sum(axis=1), g["input_times", ""])
    for key in g:
        if key[0] != "input_times":
            twice = 2.0 if key[0] == "weights" and key[1].startswith("in->") else 1.0
            assert_same(engine, h[key], twice * g[key])


@holds_for("event", "grid", "mp", broken_by="gradient of the first arrival missing")
def a_channel_without_weight_changes_nothing(engine, problem, rng):
    network = problem.network
    wider = replace(
        network,
        inputs=(*network.inputs, Input("mute", 1)),
        projections=(*network.projections, Projection("mute", "hidden")),
    )
    more = with_inputs(problem, lambda t, c: (np.append(t, [0.0, 3.5]), np.append(c, [2, 2])), wider)
    a, b = engine.solve(problem), engine.solve(more)
    assert_same(engine, trains(b), trains(a))
    mute = more.stimulus.channels == 2
    assert not np.any(b.gradients.input_times[mute])
    assert_same(engine, b.gradients.input_times[~mute], a.gradients.input_times)
    assert_same(
        engine, {k: gradients(b)[k] for k in gradients(a, {"weights", "bias"})}, gradients(a, {"weights", "bias"})
    )


@holds_for("event", "grid", "mp", broken_by="transposed weights", losses=("spike times",))
def a_population_may_be_split_in_two(engine, problem, rng):
    names = ("first", "second")
    projections, weights = [], {}
    for p in problem.network.projections:
        w = problem.parameters.weights[p.name]
        for i, pre in enumerate(names) if p.pre == "hidden" else [(slice(None), p.pre)]:
            for j, post in enumerate(names) if p.post == "hidden" else [(slice(None), p.post)]:
                projections.append(Projection(pre, post, p.delay))
                weights[f"{pre}->{post}"] = w[i, j].reshape(1 if p.pre == "hidden" else 2, -1)
    hidden, out = (problem.parameters.neurons[n] for n in ("hidden", "out"))
    neurons = {name: part_of(hidden, [k]) for k, name in enumerate(names)} | {"out": out}
    network = Network(
        problem.network.inputs, (*(Population(n, 1) for n in names), Population("out", 2, "li")), tuple(projections)
    )
    apart = Problem(network, Parameters(weights, neurons), problem.stimulus, SpikeTimeSum("second"))
    a = engine.solve(replace(problem, loss=SpikeTimeSum("hidden", [0.0, 1.0])))
    b = engine.solve(apart)
    assert_same(
        engine, {(s, 1): t for (s, _), t in trains(b, "second").items()}, {k: t for k, t in trains(a).items() if k[1]}
    )
    assert_same(engine, b.loss, a.loss)
    for k, name in enumerate(names):
        assert_same(engine, b.gradients.weights[f"in->{name}"][:, 0], a.gradients.weights["in->hidden"][:, k])
    assert_same(engine, b.gradients.input_times, a.gradients.input_times)


@holds_for("event", "grid", "mp", losses=("spike times", "trace"))
def a_readout_does_not_act_back(engine, problem, rng):
    network, parameters = problem.network, problem.parameters
    kept = [p for p in network.projections if p.post != "out"]
    alone = Problem(
        replace(network, populations=network.populations[:1], projections=kept),
        Parameters({p.name: parameters.weights[p.name] for p in kept}, {"hidden": parameters.neurons["hidden"]}),
        problem.stimulus,
        problem.loss,
    )
    a, b = engine.solve(problem), engine.solve(alone)
    assert_same(engine, trains(b), trains(a))
    assert_same(engine, b.loss, a.loss)
    shared = {k: g for k, g in gradients(a).items() if k in gradients(b)}
    assert_same(engine, gradients(b), shared)
    assert not np.any(a.gradients.weights["hidden->out"])


@holds_for("event", "grid", "mp", losses=("V at times",))
def what_comes_after_the_last_observation_has_gradient_zero(engine, problem, rng):
    watched = replace(problem, loss=VoltageTarget("out", [6.0], [[0.5], [0.25]]))
    g = engine.solve(watched).gradients
    assert not np.any(g.input_times[problem.stimulus.times > 6.0])
    later = with_inputs(watched, lambda t, c: (np.where(t > 6.0, t + 0.5, t), c))
    assert_same(engine, gradients(engine.solve(later)), gradients(engine.solve(watched)))


@holds_for("event", "grid", "mp", broken_by="autapses left out", losses=("largest V", "integral", "V at times"))
def two_equal_neurons_are_one_with_twice_the_outgoing_weight(engine, problem, rng):
    twins = with_neurons(problem, lambda name, p: part_of(p, [0, 0]) if name == "hidden" else p)
    same = {"in->hidden": lambda w: w[:, [0, 0]], "hidden->out": lambda w: w[[0, 0]] / 2}
    same["hidden->hidden"] = lambda w: np.full((2, 2), w[0, 0] / 2)
    twins = with_weights(twins, lambda name, w: same[name](w) if name in same else w)
    network = problem.network
    single = replace(network, populations=(Population("hidden", 1), network.populations[1]))
    one = {"in->hidden": lambda w: w[:, :1], "hidden->out": lambda w: w[:1], "hidden->hidden": lambda w: w[:1, :1]}
    weights = {name: one[name](w) if name in one else w for name, w in problem.parameters.weights.items()}
    neurons = {**problem.parameters.neurons, "hidden": part_of(problem.parameters.neurons["hidden"], [0])}
    a = engine.solve(twins)
    b = engine.solve(replace(problem, network=single, parameters=Parameters(weights, neurons)))
    assert_same(engine, a.loss, b.loss)
    assert_same(engine, np.sum(a.gradients.neurons["hidden"].v_th), b.gradients.neurons["hidden"].v_th[0])
    assert_same(engine, a.gradients.weights["in->hidden"].sum(axis=1), b.gradients.weights["in->hidden"][:, 0])
    assert_same(engine, a.gradients.input_times, b.gradients.input_times, max(tolerance(engine), STEEP))
