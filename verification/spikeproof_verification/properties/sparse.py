"""Properties of sparse projections: synapses that are not there do what weights of zero do, which is nothing."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from spikeproof import Input, Network, Parameters, Population, Problem, Projection, Stimulus, Synapses
from spikeproof_verification.properties.changes import gradients, trains
from spikeproof_verification.properties.claims import assert_same, assert_same_bits, holds_for


def drawn_mask(shape, rng):
    """Some pairs: rows without any, with one and with all of them occur."""
    mask = rng.random(shape) < rng.choice([0.0, 0.4, 0.8], (shape[0], 1))
    mask[rng.integers(shape[0]), rng.integers(shape[1])] = True
    return mask


def with_masks(problem, masks):
    """The problem with the projections that have a mask sparse."""
    projections, weights = [], dict(problem.parameters.weights)
    for p in problem.network.projections:
        if p.name in masks:
            p = replace(p, synapses=Synapses.of_mask(masks[p.name]))
            weights[p.name] = p.synapses.gathered(weights[p.name])
        projections.append(p)
    return replace(
        problem,
        network=replace(problem.network, projections=projections),
        parameters=replace(problem.parameters, weights=weights),
    )


def with_zeros(problem, masks):
    """The problem with weights of 0 outside of the masks."""
    weights = {name: w * masks.get(name, 1.0) for name, w in problem.parameters.weights.items()}
    return replace(problem, parameters=replace(problem.parameters, weights=weights))


def drawn_masks(problem, rng):
    return {p.name: drawn_mask(problem.network.shape(p), rng) for p in problem.network.projections}


def at(masks, found):
    """Gradients, those of weights and delays at the pairs of the masks alone."""
    return {k: g[masks[k[1]]] if k[0] in ("weights", "delays") and k[1] in masks else g for k, g in found.items()}


def wider(problem, rng):
    """Nine channels and seven neurons in a loop with the losses of the drawn problem's populations."""
    network, n_in, n = problem.network, 9, 7
    projections = (Projection("in", "more", 0.5), Projection("more", "more", 0.25), Projection("more", "hidden"))
    kept = [p for p in network.projections if p.pre == "hidden"]
    weights = {name: problem.parameters.weights[name] for name in (p.name for p in kept)}
    weights |= {"in->more": rng.normal(3.0, 1.5, (n_in, n)), "more->more": rng.normal(-0.2, 0.4, (n, n))}
    weights["more->hidden"] = rng.normal(1.5, 1.0, (n, 2))
    neurons = problem.parameters.neurons
    parameters = Parameters(weights, {**neurons, "more": replace(neurons["hidden"], **of_more(neurons["hidden"], n))})
    s = problem.stimulus
    samples = [(s.sample(k)[0], rng.integers(0, n_in, len(s.sample(k)[0]))) for k in range(2)]
    wide = Network((Input("in", n_in),), (Population("more", n), *network.populations), (*projections, *kept))
    return Problem(wide, parameters, Stimulus.of_samples(samples, s.duration), problem.loss)


def of_more(p, n):
    return {name: np.resize(getattr(p, name), n) for name in (f.name for f in fields(p))}


@holds_for("event", "grid", "mp", broken_by="targets of synapses shifted")
def a_sparse_projection_is_one_with_zeros(engine, problem, rng):
    masks = drawn_masks(problem, rng)
    a, b = engine.solve(with_zeros(problem, masks)), engine.solve(with_masks(problem, masks))
    assert_same(engine, trains(b), trains(a))
    assert_same(engine, b.loss, a.loss)
    assert_same(engine, gradients(b), at(masks, gradients(a)))


@holds_for("event", "grid", "mp", broken_by="rows without synapses left out")
def long_sparse_rows_in_a_loop_are_rows_with_zeros(engine, problem, rng):
    problem = wider(problem, rng)
    masks = drawn_masks(problem, rng)
    a, b = engine.solve(with_zeros(problem, masks)), engine.solve(with_masks(problem, masks))
    for population in ("more", "hidden"):
        assert_same(engine, trains(b, population), trains(a, population))
    assert_same(engine, b.loss, a.loss)
    assert_same(engine, gradients(b), at(masks, gradients(a)))


@holds_for("event", "grid", "mp", broken_by="gradients of synapses by columns")
def synapses_of_all_pairs_are_a_projection_of_all_to_all(engine, problem, rng):
    masks = {p.name: np.ones(problem.network.shape(p), dtype=bool) for p in problem.network.projections}
    a, b = engine.solve(problem), engine.solve(with_masks(problem, masks))
    assert_same(engine, trains(b), trains(a))
    assert_same(engine, gradients(b), at(masks, gradients(a)))


@holds_for("event", "grid", "mp", broken_by="targets of synapses shifted")
def one_to_one_is_a_diagonal(engine, problem, rng):
    masks = {name: np.eye(2, dtype=bool) for name in ("in->hidden", "hidden->out")}
    sparse = with_masks(problem, masks)
    assert sparse.network.projections[0].synapses == Synapses.one_to_one(2)
    a, b = engine.solve(with_zeros(problem, masks)), engine.solve(sparse)
    assert_same(engine, trains(b), trains(a))
    assert_same(engine, gradients(b), at(masks, gradients(a)))


@holds_for("event", "grid", "mp", broken_by="rows without synapses left out")
def a_projection_without_synapses_may_be_left_out(engine, problem, rng):
    masks = {"hidden->out": np.zeros((2, 2), dtype=bool), "in->hidden": np.array([[False, False], [True, True]])}
    zeros = with_zeros(problem, masks)
    kept = [p for p in zeros.network.projections if p.name != "hidden->out"]
    parameters = replace(zeros.parameters, weights={p.name: zeros.parameters.weights[p.name] for p in kept})
    less = replace(zeros, network=replace(zeros.network, projections=kept), parameters=parameters)
    a, b = engine.solve(less), engine.solve(with_masks(problem, masks))
    assert b.gradients.weights["hidden->out"].shape == b.gradients.delays["hidden->out"].shape == (0,)
    found, wanted = gradients(b), at(masks, gradients(a))
    assert_same(engine, trains(b), trains(a))
    assert_same(engine, {k: found[k] for k in wanted}, wanted)


@holds_for("event", "grid", "mp", broken_by="gradients of synapses by columns")
def input_channels_of_sparse_projections_may_be_numbered_in_any_order(engine, problem, rng):
    wide = wider(problem, rng)
    masks = drawn_masks(wide, rng)
    order = rng.permutation(9)  # channel k becomes the channel at place k of it
    moved = {**masks, "in->more": masks["in->more"][np.argsort(order)]}
    a = engine.solve(with_masks(wide, masks))
    weights = {**wide.parameters.weights, "in->more": wide.parameters.weights["in->more"][np.argsort(order)]}
    s = wide.stimulus
    swapped = replace(
        wide,
        parameters=replace(wide.parameters, weights=weights),
        stimulus=replace(s, channels=order[s.channels]),
    )
    b = engine.solve(with_masks(swapped, moved))
    assert_same_bits(trains(b, "more"), trains(a, "more"))
    synapses = [solution.problem.network.projections[0].synapses for solution in (a, b)]
    for kind in ("weights", "delays"):
        first, second = (
            part.scattered(np.asarray(getattr(solution.gradients, kind)["in->more"]), 7)
            for part, solution in zip(synapses, (a, b), strict=True)
        )
        assert_same(engine, second[order], first)
