"""Calls of everything that is public, each with right arguments, and what is put in the place of one of them."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

import spikeproof as sp
from spikeproof import datasets, training, yin_yang
from spikeproof.training import Adam, Classifier, FirstSpikeReadout, MaxVoltageReadout, Moments, Samples, Sets, Settings
from spikeproof_reference import (
    Direction,
    MpEngine,
    central_difference,
    central_differences,
    one_sided,
    parameters_of,
    rounding_sensitivity,
    spike_time_jacobian,
)
from spikeproof_reference.ode import OdeEngine
from spikeproof_verification import files
from spikeproof_verification.files.json_file import read_json


class Thing:
    """An object that is nothing in particular."""


WRONG: list[Any] = [
    None, "x", "", "null\0", b"x", -1, 0, 1.5, -2.5, 10**30, 2**63, float("nan"), float("inf"), True, 1j,
    Decimal("NaN"), Decimal("sNaN"), Decimal("1e999999"), np.int8(-1), np.float16(2.5), np.datetime64("2020-01-01"),
    [], [1], [1.5], [-1], [10**30], [[1], [1, 2]], [[1, 2], [3, "a"]], [None], ["a"], [Thing()], [[[]]], (1, 2, 3),
    {}, {"a": 1}, {"in->h": None}, set(), range(3), np.array(None), np.array([]), np.array([1.0, 2.0]),
    np.array([[1, 2], [3, 4]]), np.zeros((2, 2, 2)), np.array(["all", "weights"]), np.array([np.nan]), np.array([1j]),
    np.array([True, False]), np.ma.array([1.0, 2.0], mask=[0, 1]), np.ma.array([0, 1], mask=[0, 1]), Thing(), Thing,
]  # fmt: skip

NEURON = sp.NeuronParameters(20.0, 5.0)
INPUT, HIDDEN, OUT, READ = sp.Input("in", 2), sp.Population("h", 3), sp.Population("o", 2), sp.Population("r", 2, "li")
PAIRS = sp.Synapses.one_to_one(2)
NETWORK = sp.Network(
    [INPUT], [HIDDEN, OUT, READ],
    [sp.Projection("in", "h"), sp.Projection("h", "o"), sp.Projection("in", "r", 0.0, "pairs", PAIRS)],
)  # fmt: skip
WEIGHTS = {"in->h": np.array([[9.0, 4.0, 6.0], [2.0, 8.0, 5.0]]), "h->o": np.full((3, 2), 4.0), "pairs": np.ones(2)}
NEURONS = {"h": NEURON, "o": NEURON, "r": NEURON}
STIMULUS = sp.Stimulus.of_samples([([1.0, 4.0], [0, 1]), ([2.0, 2.5], [1, 0])], 20.0)
PROBLEM = sp.Problem(NETWORK, sp.Parameters(WEIGHTS, NEURONS), STIMULUS, sp.SpikeTimeSum("o"))
RUN = sp.EventEngine().run(PROBLEM)
SOLUTION = sp.EventEngine().solve(PROBLEM)
COTANGENTS = np.ones(len(RUN.spikes))
GRID = sp.GridEngine(0.5)
SAMPLES = Samples(STIMULUS, [0, 1])
PLAIN = sp.Network([INPUT], [HIDDEN, OUT], [sp.Projection("in", "h"), sp.Projection("h", "o")])
PLAIN_PARAMETERS = sp.Parameters({name: WEIGHTS[name] for name in ("in->h", "h->o")}, {"h": NEURON, "o": NEURON})
CLASSIFIER = Classifier(PLAIN, PLAIN_PARAMETERS, FirstSpikeReadout("o", 0.5, 6.4))
SETS, SETTINGS = Sets(SAMPLES, SAMPLES), Settings(epochs=1, batch=2)
TRAINER = training.Trainer(CLASSIFIER, SETS, SETTINGS)
TINY = sp.Problem(
    sp.Network([sp.Input("in", 1)], [sp.Population("a", 1)], [sp.Projection("in", "a")]),
    sp.Parameters({"in->a": [[9.0]]}, {"a": NEURON}), sp.Stimulus([0.0], [0], [0, 1], 4.0), sp.SpikeTimeSum("a"),
)  # fmt: skip
IMAGES = np.zeros((2, 2))


def checked_loss(kind: Callable[..., Any]) -> Callable[..., Any]:
    """The problem with such a loss: part of its checks need the network."""
    return lambda *arguments: sp.Problem(NETWORK, PROBLEM.parameters, STIMULUS, kind(*arguments))


def checked_neurons(*values: Any) -> sp.Problem:
    neurons = {"h": sp.NeuronParameters(*values)}
    return sp.Problem(sp.Network([], [HIDDEN], []), sp.Parameters({}, neurons), sp.Stimulus([], [], [0, 0], 1.0))


def latency(*values: Any) -> sp.Stimulus:
    names = ("images", "brightest", "threshold", "t_max", "duration")
    return datasets.latency_code(**dict(zip(names, values, strict=True)))


def trained(*arguments: Any) -> Any:
    return training.Trainer(CLASSIFIER, SETS, SETTINGS).run(*arguments)


def ones(v: Any, t: Any, sample: int) -> Any:
    return v.sum(1), np.ones_like(v)


NONE = Path("there is no such file")
LABELS = [0, 1]
CALLS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "Input": (sp.Input, ("in", 2)),
    "Population": (sp.Population, ("h", 2, "lif")),
    "Projection": (sp.Projection, ("a", "b", 0.0, "name", None)),
    "Network": (sp.Network, ([INPUT], [HIDDEN], [])),
    "Network.population": (NETWORK.population, ("h",)),
    "Network.neurons": (NETWORK.neurons, ("h",)),
    "Network.channels": (NETWORK.channels, ("in",)),
    "Network.shape": (NETWORK.shape, (NETWORK.projections[0],)),
    "Network.weight_shape": (NETWORK.weight_shape, (NETWORK.projections[0],)),
    "Network.pairs": (NETWORK.pairs, (NETWORK.projections[0],)),
    "Network.from_input": (NETWORK.from_input, (NETWORK.projections[0],)),
    "Network.split": (NETWORK.split, (np.zeros(14),)),
    "Network.as_matrices": (NETWORK.as_matrices, (WEIGHTS,)),
    "Network.at_synapses": (NETWORK.at_synapses, ({"pairs": np.ones((2, 2))},)),
    "Synapses": (sp.Synapses, ([0, 1], [0])),
    "Synapses.one_to_one": (sp.Synapses.one_to_one, (2,)),
    "Synapses.random": (sp.Synapses.random, (2, 2, 0.5, 1)),
    "Synapses.of_mask": (sp.Synapses.of_mask, (np.ones((2, 2), dtype=bool),)),
    "Synapses.gathered": (PAIRS.gathered, (np.ones((2, 2)),)),
    "Synapses.scattered": (PAIRS.scattered, (np.ones(2), 2)),
    "NeuronParameters": (checked_neurons, (20.0, 5.0, 1.0, 0.0, 0.0, 0.0, 0.0)),
    "Parameters": (lambda *a: sp.Problem(NETWORK, sp.Parameters(*a), STIMULUS), (WEIGHTS, NEURONS)),
    "weights": (lambda w: sp.Problem(NETWORK, sp.Parameters({**WEIGHTS, "in->h": w}, NEURONS), STIMULUS),
                (WEIGHTS["in->h"],)),
    "Problem": (sp.Problem, (NETWORK, PROBLEM.parameters, STIMULUS, PROBLEM.loss, "name")),
    "Problem.select": (PROBLEM.select, ([0, 1],)),
    "validity_radius": (lambda p, d, e, r: sp.validity_radius(p, d, engine=e, limit=r),
                        (PROBLEM, {"in->h": -np.ones((2, 3))}, sp.EventEngine(), 1.0)),
    "direction": (lambda d: sp.validity_radius(PROBLEM, {"in->h": d}), (-np.ones((2, 3)),)),
    "adjoint_variables": (lambda p, g, n, t, s, e: sp.adjoint_variables(p, g, n, t, sample=s, engine=e),
                          (TINY, "a", [0], [1.0], 0, sp.EventEngine())),
    "loss_line": (lambda p, d, s, e: sp.loss_line(p, d, s, engine=e), (TINY, {"in->a": [[1.0]]}, [0.0, 1.0],
                                                                       sp.EventEngine())),
    "Layer": (sp.Layer, (2, "lif", "name", 0.0, True, 0.0)),
    "chain": (sp.chain, (2, 3, sp.Layer(2, "li"))),
    "normal_weights": (sp.normal_weights, (NETWORK, (0.0, 1.0), 0)),
    "moments": (lambda *pair: sp.normal_weights(NETWORK, pair, 0), (0.0, 1.0)),
    "mean_rates": (sp.mean_rates, (NETWORK, STIMULUS)),
    "fluctuation_driven_weights": (
        lambda n, p, r, s, m, d, f: sp.fluctuation_driven_weights(n, p, r, s, mean=m, distance=d, shares=f),
        (NETWORK, NEURONS, {"in": 0.1, "h": 0.1}, 0, 0.0, 1.0, {"in->h": 1.0, "h->o": 1.0, "pairs": 1.0}),
    ),
    "firing_weights": (lambda n, p, s, k, e: sp.firing_weights(n, p, s, k, engine=e),
                       (TINY.network, TINY.parameters, TINY.stimulus, 1.0, sp.EventEngine())),
    "constant_weights": (sp.constant_weights, (NETWORK, 1.0)),
    "save": (sp.save, (PROBLEM, "x")),
    "load": (sp.load, (NONE,)),
    "Loss.select": (sp.MaxVoltageCrossEntropy("r", [0, 1]).select, ([0, 1],)),
    "Stimulus": (sp.Stimulus, ([1.0], [0], [0, 1], 2.0)),
    "Stimulus.of_samples": (sp.Stimulus.of_samples, ([([1.0], [0])], 2.0)),
    "a sample": (lambda sample: sp.Stimulus.of_samples([sample], 2.0), (([1.0], [0]),)),
    "times and channels": (lambda *sample: sp.Stimulus.of_samples([sample], 2.0), ([1.0], [0])),
    "Stimulus.of_channels": (sp.Stimulus.of_channels, ([[1.0], []], 2.0)),
    "Stimulus.of_trains": (sp.Stimulus.of_trains, ([[[1.0], []]], 2.0)),
    "Stimulus.of_raster": (sp.Stimulus.of_raster, (np.ones((2, 2)), 0.5, 2.0)),
    "Stimulus.of_events": (sp.Stimulus.of_events, (np.zeros(1, [("t", int), ("x", int)]), (2, 1, 1), 2.0)),
    "Stimulus.sample": (STIMULUS.sample, (0,)),
    "Stimulus.select": (STIMULUS.select, ([0, 1],)),
    "Stimulus.keep": (STIMULUS.keep, (np.ones(4, dtype=bool),)),
    "Stimulus.check_channels": (STIMULUS.check_channels, (2,)),
    "Spikes.sample": (RUN.spikes.sample, (0,)),
    "Spikes.trains": (RUN.spikes.sample(0).trains, (range(3),)),
    "Solution.voltage": (SOLUTION.voltage, ("o", [1.0])),
    "Solution.current": (SOLUTION.current, ("o", [1.0])),
    "EventEngine": (sp.EventEngine, (1, 1000, "event")),
    "EventEngine.run": (sp.EventEngine().run, (PROBLEM,)),
    "EventEngine.solve": (sp.EventEngine().solve, (PROBLEM, "all")),
    "EventEngine.unsupported": (sp.EventEngine().unsupported, (PROBLEM,)),
    "Run.trajectories": (RUN.trajectories, ("o",)),
    "Run.maxima": (RUN.maxima, ("r",)),
    "Run.vjp": (RUN.vjp, (COTANGENTS, "all")),
    "Run.adjoint": (RUN.adjoint, (COTANGENTS, None, "all")),
    "GridEngine": (sp.GridEngine, (0.1, 1, "grid")),
    "GridEngine.solve": (GRID.solve, (PROBLEM, "all")),
    "GridEngine.unsupported": (GRID.unsupported, (PROBLEM,)),
    "GridEngine.shifts": (GRID.shifts, (PROBLEM,)),
    "SpikeTimeSum": (checked_loss(sp.SpikeTimeSum), ("o", [1.0, 2.0])),
    "SpikeTimeTarget": (checked_loss(sp.SpikeTimeTarget), ("o", [[1.0], [2.0]], "absent")),
    "SpikeTimeFunction": (checked_loss(sp.SpikeTimeFunction), ("o", ones)),
    "FirstSpikeCrossEntropy": (checked_loss(sp.FirstSpikeCrossEntropy), ("o", LABELS, 0.5, 6.4, 0.0, "duration")),
    "MaxVoltageCrossEntropy": (checked_loss(sp.MaxVoltageCrossEntropy), ("r", LABELS, "complete")),
    "IntegralCrossEntropy": (checked_loss(sp.IntegralCrossEntropy), ("r", LABELS, "mean")),
    "InstantaneousCrossEntropy": (checked_loss(sp.InstantaneousCrossEntropy), ("r", LABELS, 12)),
    "TargetTrace": (checked_loss(sp.TargetTrace), ("r", [1.0, 1.0], 12)),
    "VoltagePathIntegral": (checked_loss(sp.VoltagePathIntegral), ("r", ones, 12)),
    "VoltageIntegral": (checked_loss(sp.VoltageIntegral), ("r", [1.0, 1.0], "sum")),
    "VoltageTarget": (checked_loss(sp.VoltageTarget), ("r", [1.0, 2.0], np.ones((2, 2)))),
    "VoltageFunction": (checked_loss(sp.VoltageFunction), ("r", [1.0], ones)),
    "SpikeCountRegulariser": (checked_loss(sp.SpikeCountRegulariser), ("o", 1.0, 1.0)),
    "ExponentialWeight": (sp.ExponentialWeight, (1.0,)),
    "LossSum": (checked_loss(sp.LossSum), ([(1.0, PROBLEM.loss)],)),
    "terms of a LossSum": (lambda *term: sp.LossSum([term]), (1.0, PROBLEM.loss)),
    "Adam": (Adam, (0.1, 0.9, 0.99, 1e-8)),
    "Moments.zero": (Moments.zero, (3,)),
    "Settings": (Settings, (2, 2, Adam(), 1.0, 0.0, 0)),
    "Samples": (Samples, (STIMULUS, LABELS)),
    "Samples of numbers": (lambda *a: Samples(a[0], targets=a[1]), (STIMULUS, [0.5, 1.5])),
    "Samples.select": (SAMPLES.select, (np.array([0]),)),
    "Samples.thinned": (SAMPLES.thinned, (0.5, np.random.default_rng(0))),
    "Sets": (Sets, (SAMPLES, SAMPLES, SAMPLES)),
    "FirstSpikeReadout": (FirstSpikeReadout, ("o", 0.5, 6.4, 0.0, "duration")),
    "MaxVoltageReadout": (MaxVoltageReadout, ("r", "complete")),
    "SpikeTimeReadout": (training.SpikeTimeReadout, ("o", "absent")),
    "VoltageReadout": (training.VoltageReadout, ("r", [1.0])),
    "Learned": (training.Learned, ("h", "tau_mem", 1.0, 30.0, False, 1.0)),
    "Classifier": (Classifier, (PLAIN, PLAIN_PARAMETERS, CLASSIFIER.readout, [])),
    "Classifier.problem": (CLASSIFIER.problem, (CLASSIFIER.start(), SAMPLES)),
    "Classifier.split": (CLASSIFIER.split, (CLASSIFIER.start(),)),
    "Classifier.joined": (CLASSIFIER.joined, (PLAIN_PARAMETERS.weights,)),
    "Trainer": (training.Trainer, (CLASSIFIER, SETS, SETTINGS, sp.EventEngine(), None)),
    "Trainer.run": (trained, (None, lambda: True, lambda _: None)),
    "Trainer.save": (TRAINER.save, (Path("checkpoint"),)),
    "Trainer.resume": (TRAINER.resume, (NONE,)),
    "evaluate": (training.evaluate, (CLASSIFIER, CLASSIFIER.start(), SAMPLES, sp.EventEngine())),
    "save_state": (training.save_state, (TRAINER.state, Path("state"), "digest")),
    "load_state": (training.load_state, (NONE, "digest")),
    "latency_code": (latency, (IMAGES, 255.0, 1.0, 20.0, 20.0)),
    "read_idx": (datasets.read_idx, (NONE,)),
    "read_images": (datasets.read_images, (NONE, NONE)),
    "yin_yang": (yin_yang.yin_yang, (3, 1, 0.1, 0.5)),
    "yin_yang_stimulus": (yin_yang.yin_yang_stimulus, (np.zeros((2, 4)), 30.0, 0.0, 60.0)),
    "yin_yang_problem": (yin_yang.yin_yang_problem, (np.zeros((2, 4)), LABELS, 1, 3)),
    "MpEngine": (MpEngine, (30, "adjoint", 1000, "mp")),
    "MpEngine.solve": (MpEngine(15).solve, (PROBLEM, "all")),
    "MpEngine.unsupported": (MpEngine(15).unsupported, (PROBLEM,)),
    "OdeEngine": (OdeEngine, ("scipy", 30, 1e-12, 1e-14, 1000, "ode")),
    "OdeEngine.solve": (OdeEngine("scipy").solve, (PROBLEM, "all")),
    "OdeEngine.unsupported": (OdeEngine("scipy").unsupported, (PROBLEM,)),
    "parameters_of": (parameters_of, (PROBLEM,)),
    "central_difference": (lambda *a: central_difference(*a, 15), (TINY, Direction({"in->a": np.ones((1, 1))}))),
    "central_differences": (lambda *a: central_differences(*a, 15), (TINY, [parameters_of(TINY)[0]])),
    "one_sided": (lambda *a: one_sided(*a, 15), (TINY, Direction({"in->a": np.ones((1, 1))}))),
    "Direction": (lambda *a: central_difference(TINY, Direction(*a), 15), ({}, None, {}, {})),
    "weights of a Direction": (lambda w: central_difference(TINY, Direction({"in->a": w}), 15), (np.ones((1, 1)),)),
    "neurons of a Direction": (lambda n: central_difference(TINY, Direction(neurons={"a": n}), 15), ({"v_th": 1},)),
    "a neuron's Direction": (
        lambda x: central_difference(TINY, Direction(neurons={"a": {"v_th": x}}), 15), (1.0,)
    ),
    "rounding_sensitivity": (lambda p: rounding_sensitivity(p, 60, 1), (TINY,)),
    "spike_time_jacobian": (lambda *a: spike_time_jacobian(a[0], 15, a[1]), (TINY, [parameters_of(TINY)[0]])),
    "load_problem": (files.load_problem, (NONE,)),
    "load_case": (files.load_case, (NONE,)),
    "load_any": (files.load_any, (NONE,)),
    "problem_from_dict": (files.problem_from_dict, (files.problem_to_dict(PROBLEM),)),
    "case_from_dict": (files.case_from_dict, (read_json(files.shipped_cases()[0]),)),
    "problem_to_dict": (files.problem_to_dict, (PROBLEM, "description")),
    "save_problem": (files.save_problem, (PROBLEM, Path("problem"))),
    "save_solution": (files.save_solution, (SOLUTION, Path("solution"))),
}  # fmt: skip
