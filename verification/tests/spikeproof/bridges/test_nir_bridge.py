"""NIR graphs: numbers compared with an integration of NIR's own equations, round trips, and refusals by name."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import spikeproof as sp
from spikeproof.bridges.nir import Step, from_nir, to_nir
from spikeproof_verification.checks.tolerances import EPS, GRID_ORDER, SCIPY_PATH

nir = pytest.importorskip("nir", reason="NIR is not installed: pip install 'spikeproof[nir]'")

UNIT = 1000.0  # files in seconds, networks in milliseconds
NEURON = {"tau_mem": 0.02, "tau_syn": 0.005, "r": 3.0, "v_leak": 0.2, "w_in": 0.5, "v_threshold": 1.0, "v_reset": -0.1}
WEIGHT, BIAS = np.array([[5.0, -1.0]]), np.array([0.15])
TIMES, CHANNELS, END = np.array([0.001, 0.004, 0.0045, 0.02]), np.array([0, 1, 0, 0]), 0.06
SCALE = {"pulse": 0.005, "jump": 1.0}  # weights that make I jump by the same amount


def neurons(size, kind="CubaLIF", **changes):
    values = {**NEURON, **changes}
    if kind == "CubaLI":
        values = {name: x for name, x in values.items() if name not in ("v_threshold", "v_reset")}
    return getattr(nir, kind)(**{name: np.full(size, x) if np.ndim(x) == 0 else x for name, x in values.items()})


def graph_of(nodes, edges):
    """A graph with an input of two channels; nothing is added to it."""
    given = {"in": nir.Input(input_type={"input": np.array([2])}), **nodes}
    return nir.NIRGraph(nodes=given, edges=edges, type_check=False)


def output(size):
    return nir.Output(output_type={"output": np.array([size])})


def one_neuron(scale=1.0, bias=BIAS):
    nodes = {"affine": nir.Affine(scale * WEIGHT, bias), "lif": neurons(1), "out": output(1)}
    return graph_of(nodes, [("in", "affine"), ("affine", "lif"), ("lif", "out")])


def integrated(scale, spike, v_init, dt=None):
    """Spike times of the neuron by SciPy from NIR's equations, with b and steps in S, and jumps of I between."""
    p = NEURON
    heights = scale * WEIGHT[0, CHANNELS]
    jump = p["w_in"] * heights * {"pulse": 1.0 / p["tau_syn"], "jump": 1.0, "step": 0.0}[spike]
    jumps = list(zip(TIMES, jump, strict=True))
    steps = [(t, t + dt, h) for t, h in zip(TIMES, heights, strict=True)] if dt else []
    borders = sorted({0.0, END, *TIMES, *(end for _, end, _ in steps)})
    v, i, found = v_init, 0.0, []

    def rates(s):
        def of(_, state):
            volts = (p["v_leak"] - state[0] + p["r"] * state[1]) / p["tau_mem"]
            return [volts, (-state[1] + p["w_in"] * s) / p["tau_syn"]]

        return of

    def crossing(_, state):
        return state[0] - p["v_threshold"]

    crossing.terminal, crossing.direction = True, 1.0
    for start, stop in pairwise(borders):
        i += sum(h for t, h in jumps if t == start)
        s = BIAS[0] + sum(h for begin, end, h in steps if begin <= start < end)
        now = start
        while now < stop:
            path = solve_ivp(rates(s), (now, stop), [v, i], "DOP853", events=crossing, rtol=1e-12, atol=1e-13)
            now, (v, i) = path.t[-1], path.y[:, -1]
            if path.status == 1:
                found.append(now)
                v = p["v_reset"]
    return np.array(found)


def spikes_of(imported, times=TIMES, channels=CHANNELS):
    stimulus = sp.Stimulus.of_samples([(UNIT * times, channels)], UNIT * END)
    return sp.EventEngine().run(sp.Problem(imported.network, imported.parameters, stimulus)).spikes


@pytest.mark.compiled
@pytest.mark.parametrize("spike", ["pulse", "jump"])
@pytest.mark.parametrize("v_init", [0.0, 0.45])
def test_a_network_spikes_when_an_integration_of_the_equations_of_nir_does(spike, v_init):
    imported = from_nir(one_neuron(SCALE[spike]), spike=spike, unit=UNIT, v_init=v_init)
    expected = integrated(SCALE[spike], spike, v_init)
    got = spikes_of(imported).times / UNIT
    assert len(expected) >= 2
    assert np.allclose(got, expected, rtol=SCIPY_PATH, atol=0.0)


@pytest.mark.compiled
def test_steps_that_are_shorter_come_closer_in_proportion():
    errors, steps = [], (2.0**-14, 2.0**-15, 2.0**-16)
    for dt in steps:
        scale = SCALE["pulse"] / dt
        imported = from_nir(one_neuron(scale), spike=Step(dt), unit=UNIT, v_init=0.0)
        got, expected = spikes_of(imported).times / UNIT, integrated(scale, "step", 0.0, dt)
        errors.append(np.abs(got - expected).max())
    assert errors[0] < steps[0]
    assert np.all(np.abs(np.log2(np.divide(errors[:-1], errors[1:])) - 1.0) <= GRID_ORDER.multiple)


def test_the_formulas_hold_number_by_number():
    graph = one_neuron()
    for spike, area in (("pulse", 1.0), (Step(0.001), 0.001), ("jump", 0.005)):
        found = from_nir(graph, spike=spike, unit=UNIT, v_init=-0.5)
        neuron = found.parameters.neurons["lif"]
        assert np.allclose(found.parameters.weights["in->lif"], WEIGHT.T * 1.5 * area / 0.005, rtol=4 * EPS, atol=0.0)
        assert (neuron.tau_mem, neuron.tau_syn, neuron.v_th, neuron.v_reset) == (20.0, 5.0, 1.0, -0.1)
        assert neuron.bias == pytest.approx(0.2 + 1.5 * 0.15, rel=4 * EPS, abs=0.0)
        assert neuron.i_init == pytest.approx(-1.5 * 0.15, rel=4 * EPS, abs=0.0)
        assert neuron.v_init == -0.5
        assert found.outputs == {"out": "lif"}


def recurrent():
    """Two populations that act on each other, with delays, a scale, and a readout that does not spike."""
    rng = np.random.default_rng(5)
    nodes = {
        "first": nir.Linear(rng.normal(size=(3, 2))),
        "a": neurons(3),
        "late": nir.Delay(np.array([0.001, 0.002, 0.001])),
        "back": nir.Affine(rng.normal(size=(3, 3)), rng.normal(size=3)),
        "scale": nir.Scale(np.array([0.5, 2.0, 1.0])),
        "pass": nir.Threshold(np.full(3, 0.5)),
        "b": neurons(3, v_leak=0.0),
        "readout": nir.Linear(rng.normal(size=(2, 3))),
        "li": neurons(2, "CubaLI"),
        "out": output(2),
    }
    edges = [
        ("in", "first"), ("first", "a"), ("a", "late"), ("late", "back"), ("back", "a"), ("a", "pass"),
        ("pass", "scale"), ("scale", "b"), ("b", "readout"), ("readout", "li"), ("li", "out"), ("b", "a"),
    ]  # fmt: skip
    return graph_of(nodes, edges)


def test_a_recurrent_graph_has_a_projection_for_each_source_and_delay():
    graph = recurrent()
    found = from_nir(graph, spike="jump", unit=UNIT, v_init=0.0)
    by_name = {p.name: p for p in found.network.projections}
    assert list(by_name) == ["in->a", "b->a", "a->a@1", "a->a@2", "a->b", "b->li"]
    assert [p.delay for p in by_name.values()] == [0.0, 0.0, 1.0, 2.0, 0.0, 0.0]
    dense = found.network.as_matrices(found.parameters.weights)
    back, gain = graph.nodes["back"].weight, 1.5
    assert np.allclose(dense["a->a@1"] + dense["a->a@2"], gain * back.T, rtol=4 * EPS, atol=0.0)
    assert np.all(dense["a->a@1"][1] == 0)
    assert by_name["a->a@2"].synapses == sp.Synapses.of_mask(np.array([[False] * 3, [True] * 3, [False] * 3]))
    assert by_name["a->b"].synapses == sp.Synapses.one_to_one(3)
    assert np.array_equal(found.parameters.weights["a->b"], gain * np.array([0.5, 2.0, 1.0]))
    assert np.array_equal(found.parameters.weights["b->a"], np.full(3, gain))
    bias = graph.nodes["back"].bias
    assert np.allclose(found.parameters.neurons["a"].i_init, -gain * bias, rtol=4 * EPS, atol=0.0)
    assert [p.kind for p in found.network.populations] == ["lif", "lif", "li"]
    assert found.outputs == {"out": "li"}


def test_linear_nodes_in_a_row_are_multiplied_and_their_constants_pass_through():
    rng = np.random.default_rng(1)
    w1, b1, s, w2, b2 = rng.normal(size=(4, 2)), rng.normal(size=4), rng.normal(size=4), rng.normal(size=(3, 4)), 0.5
    nodes = {"one": nir.Affine(w1, b1), "s": nir.Scale(s), "two": nir.Affine(w2, np.full(3, b2)), "n": neurons(3)}
    edges = [("in", "one"), ("one", "s"), ("s", "two"), ("two", "n")]
    found = from_nir(graph_of(nodes, edges), spike="jump", unit=1.0, v_init=0.0)
    scale = 1.5 * np.abs(w2) @ (np.abs(s)[:, None] * np.abs(w1))
    got, expected = found.parameters.weights["in->n"], 1.5 * (w2 @ (s[:, None] * w1))
    assert np.all(np.abs(got.T - expected) <= 16 * EPS * scale)
    constant = w2 @ (s * b1) + b2
    assert np.allclose(found.parameters.neurons["n"].i_init, -1.5 * constant, rtol=64 * EPS, atol=0.0)


def nested(depth):
    """The one neuron with its affine node, in a graph in a graph."""
    inner = one_neuron()
    for _ in range(depth):
        nodes = {"in": inner.nodes["in"], "sub": inner, "out": output(1)}
        inner = nir.NIRGraph(nodes=nodes, edges=[("in", "sub"), ("sub", "out")], type_check=False)
    return inner


@pytest.mark.parametrize("depth", [1, 2])
def test_a_nested_graph_is_that_of_its_nodes(depth):
    found = from_nir(nested(depth), spike="pulse", unit=UNIT, v_init=0.0)
    flat = from_nir(one_neuron(), spike="pulse", unit=UNIT, v_init=0.0)
    name = "sub:" * depth + "lif"
    assert found.outputs == {"out": name}
    assert np.array_equal(found.parameters.weights[f"in->{name}"], flat.parameters.weights["in->lif"])
    assert vars(found.parameters.neurons[name]).keys() == vars(flat.parameters.neurons["lif"]).keys()
    assert found.parameters.neurons[name].bias == flat.parameters.neurons["lif"].bias


def own_network():
    network = sp.chain(2, sp.Layer(3, recurrent=True, delay=1.0, recurrent_delay=2.0), sp.Layer(2, "li"))
    weights = sp.normal_weights(network, (2.0, 1.0), seed=4)
    neurons = {
        "hidden": sp.NeuronParameters(
            [20.0, 15.0, 10.0], 5.0, 1.0, -0.25, bias=0.5, i_init=[0.25, -0.5, 1.0], v_init=0.125
        ),
        "output": sp.NeuronParameters(20.0, 4.0),
    }
    return network, sp.Parameters(weights, neurons).checked(network)


@pytest.mark.parametrize("spike", ["pulse", "jump", Step(2.0**-10)])
@pytest.mark.parametrize("stored", [False, True])
def test_a_network_survives_the_way_to_nir_and_back(spike, stored, tmp_path):
    network, parameters = own_network()
    graph = to_nir(network, parameters, spike=spike, unit=UNIT)
    if stored:
        nir.write(tmp_path / "network.nir", graph)
        graph = nir.read(tmp_path / "network.nir")
    v_init = {name: graph.nodes[name].metadata["v_init"] for name in ("hidden", "output")}
    found = from_nir(graph, spike=spike, unit=UNIT, v_init=v_init)
    assert [(g.name, g.size, g.kind) for g in found.network.populations] == [("hidden", 3, "lif"), ("output", 2, "li")]
    assert found.outputs == {"output, output": "output"}
    delays = {p.name: p.delay for p in found.network.projections}
    for projection in network.projections:
        assert delays[projection.name] == pytest.approx(projection.delay, rel=4 * EPS, abs=0.0)
        got, expected = found.parameters.weights[projection.name], parameters.weights[projection.name]
        assert np.allclose(got, expected, rtol=8 * EPS, atol=0.0)
    for population in network.populations:
        own, back = parameters.neurons[population.name], found.parameters.neurons[population.name]
        for name, value in vars(own).items():
            if not name.startswith("_") and value is not None and name != "t_ref":
                assert np.allclose(getattr(back, name), value, rtol=8 * EPS, atol=4 * EPS), name


def refused(nodes, edges):
    return lambda: from_nir(graph_of(nodes, edges), spike="jump", unit=1.0, v_init=0.0)


LINEAR = nir.Linear(np.ones((2, 2)))
REFUSED = {
    "no synapse": (
        refused({"n": nir.LIF(*np.ones((4, 2)))}, [("in", "n")]),
        r"graph.nodes\['n'\]: got 'LIF'; allowed: a node of type .*CubaLIF",
    ),
    "pool": (
        refused({"p": nir.SumPool2d(np.ones(2), np.ones(2), np.ones(2))}, [("in", "p")]),
        r"graph.nodes\['p'\]: got 'SumPool2d'",
    ),
    "potentials as input": (
        refused({"li": neurons(2, "CubaLI"), "w": LINEAR, "n": neurons(2)}, [("in", "li"), ("li", "w"), ("w", "n")]),
        r"graph.nodes\['li'\]: got 'CubaLI'; allowed: a CubaLI node that leads to output nodes alone",
    ),
    "threshold behind weights": (
        refused(
            {"w": LINEAR, "t": nir.Threshold(np.full(2, 0.5)), "n": neurons(2)}, [("in", "w"), ("w", "t"), ("t", "n")]
        ),
        r"graph.nodes\['t'\]: got 'Threshold'; allowed: a Threshold of 0 to below 1 directly behind spikes",
    ),
    "threshold that stops spikes": (
        refused({"t": nir.Threshold(np.ones(2)), "n": neurons(2)}, [("in", "t"), ("t", "n")]),
        r"graph.nodes\['t'\]: got 'Threshold'",
    ),
    "late constant": (
        refused(
            {"a": nir.Affine(np.ones((2, 2)), np.ones(2)), "d": nir.Delay(np.ones(2)), "n": neurons(2)},
            [("in", "a"), ("a", "d"), ("d", "n")],
        ),
        r"graph.nodes\['d'\]: got 'Delay'; allowed: no Delay behind the bias",
    ),
    "negative delay": (
        refused({"d": nir.Delay(-np.ones(2)), "n": neurons(2)}, [("in", "d"), ("d", "n")]),
        "allowed: delays >= 0",
    ),
    "loop without a neuron": (
        refused({"v": LINEAR, "w": LINEAR, "n": neurons(2)}, [("in", "v"), ("v", "w"), ("w", "v"), ("w", "n")]),
        "allowed: a neuron in every cycle",
    ),
    "output of weights": (
        refused({"n": neurons(2), "w": LINEAR, "out": output(2)}, [("in", "n"), ("n", "w"), ("w", "out")]),
        r"graph.nodes\['out'\]: got 'Output'; allowed: one edge to each output node, from a CubaLIF",
    ),
    "sizes": (
        refused({"w": nir.Linear(np.ones((3, 2))), "n": neurons(2)}, [("in", "w"), ("w", "n")]),
        r"graph.nodes\['n'\]: got 'CubaLIF'; allowed: an input of size 2, not 3",
    ),
    "edge to nowhere": (refused({"n": neurons(2)}, [("in", "m")]), "graph.edges: got .*'m' is none"),
    "threshold below zero": (
        refused({"n": neurons(2, v_threshold=-0.05)}, [("in", "n")]),
        r"parameters.neurons.n.v_th.*allowed: finite numbers > 0",
    ),
    "spike": (
        lambda: from_nir(one_neuron(), spike="dirac", unit=1.0, v_init=0.0),
        "spike: got 'dirac'; allowed: 'pulse'",
    ),
    "unit": (lambda: from_nir(one_neuron(), spike="jump", unit=0.0, v_init=0.0), "unit: got 0.0"),
    "start": (lambda: from_nir(one_neuron(), spike="jump", unit=1.0, v_init={"n": 0.0}), r"v_init: got \['n'\]"),
    "graph": (lambda: from_nir(LINEAR, spike="jump", unit=1.0, v_init=0.0), "graph: got .*; allowed: an NIRGraph"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_represented_is_refused_by_name(name):
    call, match = REFUSED[name]
    with pytest.raises(sp.InvalidInput, match=match):
        call()


def test_a_file_says_nothing_of_spikes_units_and_starts_so_they_have_no_defaults():
    for missing in ("spike", "unit", "v_init"):
        given = {name: x for name, x in (("spike", "jump"), ("unit", 1.0), ("v_init", 0.0)) if name != missing}
        with pytest.raises(TypeError, match=missing):
            from_nir(one_neuron(), **given)


def test_what_nir_has_no_place_for_is_refused_by_name():
    network, parameters = own_network()
    held = sp.Parameters(
        parameters.weights, {**parameters.neurons, "hidden": sp.NeuronParameters(20.0, 5.0, t_ref=1.0)}
    )
    with pytest.raises(sp.InvalidInput, match=r"parameters.neurons.hidden.t_ref: got 1.0; allowed: 0"):
        to_nir(network, held, spike="jump", unit=1.0)
    with pytest.raises(sp.InvalidInput, match=r"outputs: got \['hidden'\]"):
        to_nir(network, parameters, spike="jump", unit=1.0, outputs=["hidden"])
    alone = sp.Network([], [sp.Population("n", 1)], [])
    with pytest.raises(sp.InvalidInput, match=r"populations.n: .*a population that a projection leads to"):
        to_nir(alone, sp.Parameters({}, {"n": sp.NeuronParameters(2.0, 1.0)}), spike="jump", unit=1.0)
