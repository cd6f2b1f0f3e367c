"""Readouts and their solutions in files: engine and reference reproduce them, and a wrong number fails."""

import json
from decimal import Decimal

import mpmath
import numpy as np
import pytest

from spikeproof import InvalidInput
from spikeproof_verification import Plan, Task, run_task
from spikeproof_verification.checks.readout_cases import load_readout
from spikeproof_verification.checks.reference import Effort
from spikeproof_verification.experiments.faults import faulty_engine
from spikeproof_verification.files import shipped_readouts
from spikeproof_verification.files.shipped import PROBLEM, SOLUTION

READOUTS = {path.name.removesuffix(PROBLEM): path for path in shipped_readouts()}
EXACT = mpmath.MPContext()
EXACT.dps = 50


def solved(path, engine=None):
    return run_task(Task("cases", 0, str(path)), Effort(), engine)


def failed(path, engine=None):
    return {(m.engine, m.quantity) for m in solved(path, engine).measurements if m.verdict == "fail"}


@pytest.mark.parametrize("path", READOUTS.values(), ids=READOUTS)
def test_event_engine_and_reference_reproduce_the_solution_beside_a_problem_file(path):
    result = solved(path)
    assert (result.case.status, result.case.regime) == ("done", "case files, readouts")
    assert {m.engine for m in result.measurements} == {"event", "mp"}
    assert [m for m in result.measurements if m.verdict == "fail"] == []


def test_they_are_part_of_a_campaign():
    assert len(READOUTS) == 15
    assert {str(path) for path in READOUTS.values()} < {task.source for task in Plan().tasks()}


def given(name):
    return load_readout(READOUTS[name]).solution


def strings(values):
    return [EXACT.mpf(x) for x in values]


def test_the_smooth_maxima_are_those_of_two_responses():
    # tau_mem = 4 tau_syn: V = w / 3 (exp(-t/20) - exp(-t/5)) after each input, largest by ternary search
    def v(n, t):
        inputs = [(EXACT.mpf(1), (4, 1)[n]), (EXACT.mpf(6), (2, 3)[n])]
        return sum(w * (EXACT.exp(-(t - s) / 20) - EXACT.exp(-(t - s) / 5)) / 3 for s, w in inputs if t > s)

    def largest(n):
        a, b = EXACT.mpf(6), EXACT.mpf(60)
        for _ in range(400):
            c, d = a + (b - a) / 3, b - (b - a) / 3
            a, b = (c, b) if v(n, c) < v(n, d) else (a, d)
        return v(n, a)

    loss = EXACT.log(1 + EXACT.exp(largest(1) - largest(0)))
    assert abs(EXACT.mpf(given("R01_smooth_maxima")["loss"]) - loss) < 1e-40


@pytest.mark.parametrize("name", ["R02_kink_at_an_input", "R03_kink_at_an_input_sparse"])
def test_the_kink_at_an_input_moves_along_the_rise_before_it(name):
    # the input at 3 cuts V of the first readout
    e_mem, e_syn, w = EXACT.exp(-EXACT.mpf(2) / 20), EXACT.exp(-EXACT.mpf(2) / 5), 8
    kink, rise = w * (e_mem - e_syn) / 3, (w * e_syn - w * (e_mem - e_syn) / 3) / 20
    solution = given(name)
    delays = np.ravel(solution["gradients"]["delays"]["in->out"])
    share = 1 - EXACT.exp(-EXACT.mpf(solution["loss"]))  # of the second readout
    late = EXACT.mpf(delays[1 if "sparse" in name else 2])
    assert abs(late + share * rise) < 1e-40
    if "sparse" in name:  # the second readout has one input, whose response is w / 4^(4/3) high
        other = 3 / EXACT.mpf(4) ** (EXACT.mpf(4) / 3)
        assert abs(EXACT.mpf(solution["loss"]) - EXACT.log(1 + EXACT.exp(other - kink))) < 1e-40
        assert abs(EXACT.mpf(delays[0]) - share * rise) < 1e-40


@pytest.mark.parametrize("name", ["R06_maximum_exactly_at_an_arrival", "R07_maximum_exactly_at_the_end"])
def test_at_equal_constants_v_is_largest_a_time_constant_after_the_input(name):
    weights = strings(given(name)["gradients"]["weights"]["in->out"][0])
    label = (0, 1)[name.startswith("R07")]
    if name.startswith("R07"):
        loss = EXACT.log(1 + EXACT.exp(1 / EXACT.e))
        assert abs(EXACT.mpf(given(name)["loss"]) - loss) < 1e-40
    share = 1 - EXACT.exp(-EXACT.mpf(given(name)["loss"]))
    assert abs(weights[0] - (share if label else -share) / EXACT.e) < 1e-40


def test_what_arrives_at_the_end_or_after_it_has_no_gradient():
    first, *others = strings(given("R09_inputs_at_the_start_at_the_end_and_after_it")["gradients"]["input_times"][0])
    assert first != 0
    assert others == [0, 0]


def changed(tmp_path, name, change):
    """The two files with something changed in the solution."""
    tree = json.loads(READOUTS[name].with_name(name + SOLUTION).read_text())
    change(tree)
    (tmp_path / (name + PROBLEM)).write_text(READOUTS[name].read_text())
    (tmp_path / (name + SOLUTION)).write_text(json.dumps(tree))
    return tmp_path / (name + PROBLEM)


def off(text, by):
    return str(Decimal(text) * (1 + Decimal(by)))


NAME = "R04_kinks_at_hidden_spikes"


@pytest.mark.parametrize("by", ["1e-38", "1e-9"])
def test_a_wrong_gradient_in_the_file_fails(tmp_path, by):
    def change(tree):
        rows = tree["gradients"]["weights"]["in->out"]
        rows[0][0] = off(rows[0][0], by)

    expected = {("mp", "gradient")} | ({("event", "weight_gradient")} if by == "1e-9" else set())
    assert failed(changed(tmp_path, NAME, change)) == expected


def test_a_wrong_loss_or_spike_time_in_the_file_fails(tmp_path):
    def change(tree):
        tree["loss"] = off(tree["loss"], "1e-12")
        tree["samples"][0]["spike_times"][0][0] = off(tree["samples"][0]["spike_times"][0][0], "1e-12")

    pairs = {(engine, quantity) for engine in ("mp", "event") for quantity in ("loss", "spike_time")}
    assert failed(changed(tmp_path, NAME, change)) == pairs


def test_a_spike_too_many_in_the_file_fails_by_count(tmp_path):
    def change(tree):
        tree["samples"][1]["spike_times"][2].append("50.5")

    assert failed(changed(tmp_path, NAME, change)) == {("mp", "spike_count")}


@pytest.mark.parametrize(
    ("fault", "name", "quantity"),
    [
        ("kink term dropped", "R02_kink_at_an_input", "input_time_gradient"),
        ("kink term dropped", "R03_kink_at_an_input_sparse", "input_time_gradient"),
        ("published rule at kinks", NAME, "weight_gradient"),
        ("last V for the largest", "R01_smooth_maxima", "loss"),
    ],
)
def test_the_files_catch_a_faulty_engine(fault, name, quantity):
    assert failed(READOUTS[name], faulty_engine("")) == set()
    assert ("textbook", quantity) in failed(READOUTS[name], faulty_engine(fault))


def test_a_problem_without_its_solution_is_refused(tmp_path):
    path = tmp_path / ("alone" + PROBLEM)
    path.write_text(READOUTS[NAME].read_text())
    with pytest.raises(InvalidInput, match="file"):
        load_readout(path)
    assert solved(path).case.status == "refused"
