"""Case files: shipped unchanged, read into problems that keep the file's neurons and parameters."""

import copy
import json

import numpy as np
import pytest
from places import SHARED

from spikeproof import InvalidInput
from spikeproof_verification.files import case_from_dict, load_any, load_case, locate_parameter, shipped_cases

PUBLISHED = SHARED / "cases"
SUPPORTED = [path for path in shipped_cases() if not path.stem.startswith("Q")]


def tree_of(stem):
    return json.loads(next(path for path in shipped_cases() if path.stem == stem).read_text())


def test_all_cases_are_shipped():
    assert len(shipped_cases()) == 72
    assert len(SUPPORTED) == 69


def test_shipped_cases_are_those_that_came_with_the_project():
    if not PUBLISHED.is_dir():
        pytest.skip("the original case files are not beside this checkout")
    assert [p.name for p in sorted(PUBLISHED.glob("*.json"))] == [p.name for p in shipped_cases()]
    for path in shipped_cases():
        assert path.read_bytes() == (PUBLISHED / path.name).read_bytes()


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("path", SUPPORTED, ids=lambda path: path.stem)
def test_case_becomes_a_problem_with_the_same_numbers(path, flat):
    tree, case = json.loads(path.read_text()), load_case(path, flat=flat)
    network, parameters = case.problem.network, case.problem.parameters
    w_in, w_rec = np.zeros((tree["n_inputs"], tree["n_neurons"])), np.zeros((tree["n_neurons"],) * 2)
    for projection in network.projections:
        post = network.neurons(projection.post)
        pre = network.channels("input") if network.from_input(projection) else network.neurons(projection.pre)
        target = w_in if network.from_input(projection) else w_rec
        target[pre.start : pre.stop, post.start : post.stop] = parameters.weights[projection.name]
        assert projection.delay == (0.0 if network.from_input(projection) else tree["delay"])
    assert np.array_equal(w_in, tree["w_in"])
    assert np.array_equal(w_rec, tree["w_rec"] or np.zeros_like(w_rec))
    for values in parameters.neurons.values():
        given = (values.tau_mem, values.tau_syn, values.v_th, values.v_reset)
        assert given == (tree["tau_mem"], tree["tau_syn"], tree["theta"], tree["v_reset"])
    times, channels = case.problem.stimulus.sample(0)
    assert [times[channels == j].tolist() for j in range(tree["n_inputs"])] == tree["input_spikes"]
    assert case.problem.stimulus.duration == tree["t_end"]
    assert [len(train) for train in case.spike_times] == tree["expected"]["n_spikes"]
    assert case.name == path.stem == case.problem.name


def test_layers_become_populations_and_flat_ignores_them():
    layered, flat = (load_case(_path("N01_ff_3_4_2"), flat=flat).problem.network for flat in (False, True))
    assert [(p.name, p.size) for p in layered.populations] == [("layer0", 4), ("layer1", 2)]
    assert [p.name for p in layered.projections] == ["input->layer0", "layer0->layer1"]
    assert [(p.name, p.size) for p in flat.populations] == [("neurons", 6)]
    assert [p.name for p in flat.projections] == ["input->neurons", "neurons->neurons"]


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("path", SUPPORTED, ids=lambda path: path.stem)
def test_gradient_parameters_are_found_in_the_problem(path, flat):
    case, tree = load_case(path, flat=flat), json.loads(path.read_text())
    found = set()
    for param in case.gradients.params if case.gradients else ():
        array, row, column = param
        place = locate_parameter(case.problem, param)
        found.add(place)
        if place[0] == "input_time":
            value = case.problem.stimulus.times[place[1]]
        else:
            value = case.problem.parameters.weights[place[0]][place[1:]]
        assert value == tree[array][row][column]
    assert len(found) == (len(case.gradients.params) if case.gradients else 0)


@pytest.mark.parametrize("param", [("w_rec", 0, 0), ("w_in", 0, 5), ("input_spikes", 0, 9), ("input_spikes", 7, 0)])
def test_parameters_that_the_problem_does_not_have_are_refused(param):
    with pytest.raises(InvalidInput, match=r"gradients\.params"):
        locate_parameter(load_case(_path("N01_ff_3_4_2")).problem, param)


def test_expected_numbers_keep_all_their_digits():
    case = load_case(_path("A01_single_one_spike"))
    assert case.spike_times == (("5.11660862858557935046189683476177361401931096",),)
    assert case.vdot == (("0.125588435398163051351278150956",),)
    assert case.order == ((0, 0),)
    assert case.v_end == ("0.0101867981066192177610567910832",)
    assert case.gradients.jac == tuple(map(tuple, tree_of("A01_single_one_spike")["gradients"]["jac"]))
    assert len(case.gradients.jac[0][0]) > 30
    assert case.tags == ("single",)


def test_load_any_reads_case_files():
    assert load_any(_path("N01_ff_3_4_2")).network.populations[0].name == "layer0"
    assert load_any(_path("N01_ff_3_4_2"), flat=True).network.populations[0].name == "neurons"


@pytest.mark.parametrize(
    ("stem", "delay"),
    [("Q01_tref_delay_recurrent1", None), ("Q02_tref_delay_recurrent6", 0.125), ("Q05_delay1_ring", 1.0)],
)
def test_the_refractory_time_and_the_delay_are_those_of_the_file(stem, delay):
    problem = load_case(_path(stem)).problem
    assert [float(n.t_ref) for n in problem.parameters.neurons.values()] == [0.125]
    assert [p.delay for p in problem.network.projections] == ([0.0] if delay is None else [0.0, delay])


def test_a_case_without_refractory_time_has_none():
    assert float(load_case(_path("P06_autapse_exc")).problem.parameters.neurons["neurons"].t_ref) == 0.0


@pytest.mark.parametrize(
    ("keys", "value", "field"),
    [
        (["format"], "spikeproof-problem-1", "format"),
        (["tau_mem"], 0.0, "tau_mem"),
        (["tau_mem"], "20", "tau_mem"),
        (["tau_syn"], None, "tau_syn"),
        (["theta"], -1.0, "theta"),
        (["v_reset"], 1.5, "v_reset"),
        (["t_ref"], -1.0, "t_ref"),
        (["delay"], -1.0, "delay"),
        (["t_end"], 0.0, "t_end"),
        (["n_neurons"], 0, "n_neurons"),
        (["n_neurons"], 7, "layers"),
        (["layers"], [], "layers"),
        (["layers"], [4, 3], "layers"),
        (["layers"], [4.5, 1.5], "layers[0]"),
        (["w_in"], [], "w_in"),
        (["w_in", 1], [0.0], "w_in[1]"),
        (["w_in", 1, 2], True, "w_in[1][2]"),
        (["w_rec", 3], [], "w_rec[3]"),
        (["w_rec", 3, 1], "x", "w_rec[3][1]"),
        (["input_spikes"], [[1.0]], "input_spikes"),
        (["input_spikes", 1], [2.0, 1.0], "input_spikes[1][1]"),
        (["input_spikes", 1], [-2.0], "input_spikes[1][0]"),
        (["typo"], 1, "typo"),
        (["expected", "n_spikes"], [1], "expected.n_spikes"),
        (["expected", "n_spikes", 0], 3, "expected.spike_times[0]"),
        (["expected", "spike_times", 0, 0], 3.5, "expected.spike_times[0][0]"),
        (["expected", "spike_times", 0, 0], "soon", "expected.spike_times[0][0]"),
        (["expected", "vdot", 2], [], "expected.vdot[2]"),
        (["expected", "order"], [], "expected.order"),
        (["expected", "order", 0], [9, 0], "expected.order[0]"),
        (["expected", "order", 0], [0], "expected.order[0]"),
        (["expected", "v_end"], ["0.1"], "expected.v_end"),
        (["gradients", "params", 0], ["w_out", 0, 0], "gradients.params[0][0]"),
        (["gradients", "params", 0], ["w_in", 9, 0], "gradients.params[0]"),
        (["gradients", "spikes", 0], [0, 99], "gradients.spikes[0]"),
        (["gradients", "jac", 0], ["0.5"], "gradients.jac[0]"),
    ],
)
def test_wrong_case_files_are_refused_by_field(keys, value, field):
    tree = copy.deepcopy(tree_of("N01_ff_3_4_2"))
    node = tree
    for key in keys[:-1]:
        node = node[key]
    node[keys[-1]] = value
    with pytest.raises(InvalidInput) as caught:
        case_from_dict(tree)
    assert field in str(caught.value).partition(": got ")[0]
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("key", ["format", "tau_mem", "w_rec", "layers", "expected", "input_spikes"])
def test_missing_fields_are_refused_by_name(key):
    tree = tree_of("N01_ff_3_4_2")
    del tree[key]
    with pytest.raises(InvalidInput, match=f"^{key}: got 'missing'"):
        case_from_dict(tree)


def _path(stem):
    return next(path for path in shipped_cases() if path.stem == stem)
