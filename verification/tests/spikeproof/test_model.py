"""The model's data: checked on construction, read-only, exact, and numbered through."""

from decimal import Decimal

import numpy as np
import pytest

from spikeproof import (
    FirstSpikeCrossEntropy,
    Input,
    InvalidInput,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    Spikes,
    SpikeTimeFunction,
    SpikeTimeSum,
    SpikeTimeTarget,
    Stimulus,
)
from spikeproof.numbers import array, integer, integers, nonnegative, positive, scalar
from spikeproof.solution import diagnose

NETWORK = Network(
    (Input("x", 2), Input("y", 3)),
    (Population("a", 2), Population("b", 1), Population("r", 2, "li")),
    (Projection("y", "a"), Projection("a", "b", 0.5), Projection("b", "a", name="back"), Projection("a", "r")),
)
WEIGHTS = {"y->a": np.ones((3, 2)), "a->b": np.ones((2, 1)), "back": np.ones((1, 2)), "a->r": np.ones((2, 2))}
NEURONS = {"a": NeuronParameters(20, 5), "b": NeuronParameters(20, [5]), "r": NeuronParameters(20, 5)}
STIMULUS = Stimulus.of_channels([[1.0], [], [2.0, 0.5], [], [3.0]], 10)


def problem(loss=None, weights=None, neurons=None, stimulus=STIMULUS):
    parameters = Parameters({**WEIGHTS, **(weights or {})}, {**NEURONS, **(neurons or {})})
    return Problem(NETWORK, parameters, stimulus, loss, "model")


def test_channels_and_neurons_are_numbered_through():
    assert (NETWORK.n_channels, NETWORK.n_neurons) == (5, 5)
    assert (NETWORK.channels("x"), NETWORK.channels("y")) == (range(2), range(2, 5))
    assert [NETWORK.neurons(p.name) for p in NETWORK.populations] == [range(2), range(2, 3), range(3, 5)]
    assert [NETWORK.shape(p) for p in NETWORK.projections] == [(3, 2), (2, 1), (1, 2), (2, 2)]
    assert [NETWORK.from_input(p) for p in NETWORK.projections] == [True, False, False, False]
    assert [p.name for p in NETWORK.projections] == ["y->a", "a->b", "back", "a->r"]


def test_stimulus_is_sorted_by_time_and_keeps_the_order_of_equal_times():
    stimulus = Stimulus.of_samples([([2.0, 1.0, 2.0], [0, 1, 2]), ([], [])], 10.0)
    assert stimulus.times.tolist() == [1.0, 2.0, 2.0]
    assert stimulus.channels.tolist() == [1, 0, 2]
    assert stimulus.offsets.tolist() == [0, 3, 3]
    assert stimulus.n_samples == 2
    assert STIMULUS.sample(0)[1].tolist() == [2, 0, 2, 4]


def test_samples_are_sorted_one_by_one():
    assert Stimulus([1.0, 2.0, 0.5], [0, 0, 0], [0, 2, 3], 4.0).n_samples == 2
    with pytest.raises(InvalidInput, match=r"stimulus\.times\[2\]"):
        Stimulus([1.0, 2.0, 0.5], [0, 0, 0], [0, 1, 3], 4.0)


def test_spikes_after_the_duration_are_kept():
    assert Stimulus([1.0, 20.0], [0, 0], [0, 2], 10.0).times.tolist() == [1.0, 20.0]


def test_arrays_are_copies_that_nobody_can_change():
    mine = np.ones((3, 2))
    checked = problem(weights={"y->a": mine})
    mine[0, 0] = 7.0
    assert checked.parameters.weights["y->a"][0, 0] == 1.0
    for values in (checked.parameters.weights["y->a"], checked.stimulus.times, checked.parameters.neurons["a"].tau_mem):
        with pytest.raises(ValueError, match="read-only"):
            values[...] = 0.0


def test_weights_are_row_major_whatever_was_given():
    given = np.asfortranarray(np.arange(6.0).reshape(3, 2))
    assert problem(weights={"y->a": given}).parameters.weights["y->a"].flags.c_contiguous


def test_defaults_are_threshold_one_and_reset_zero_for_spiking_neurons_only():
    neurons = problem().parameters.neurons
    assert (neurons["a"].v_th, neurons["a"].v_reset) == (1.0, 0.0)
    assert (neurons["r"].v_th, neurons["r"].v_reset) == (None, None)


def test_decimals_are_kept_and_rounded_on_request():
    tenth = Decimal("0.1000000000000000055")
    exact = problem(weights={"a->b": [[tenth], [0.1]]}, neurons={"a": NeuronParameters(tenth, 5)})
    assert exact.parameters.weights["a->b"].tolist() == [[tenth], [Decimal.from_float(0.1)]]
    rounded = exact.rounded().parameters
    assert rounded.weights["a->b"].dtype == np.float64
    assert rounded.weights["a->b"].tolist() == [[0.1], [0.1]]
    assert rounded.neurons["a"].tau_mem == 0.1


def test_decimals_and_floats_of_a_stimulus_compare_exactly():
    assert Stimulus([Decimal("0.5"), 0.5, Decimal("0.50")], [0, 0, 0], [0, 3], Decimal(1)).rounded().duration == 1.0
    with pytest.raises(InvalidInput, match="ascending"):
        Stimulus([0.1, Decimal("0.1")], [0, 0], [0, 2], 1.0)  # the float 0.1 is a little above the decimal


def test_losses_are_rounded_with_their_problem():
    losses = [
        SpikeTimeSum("b", [Decimal("0.1")]),
        SpikeTimeTarget("b", [[Decimal("0.1")]]),
        FirstSpikeCrossEntropy("b", [0], Decimal("0.1"), Decimal("0.1"), Decimal("0.1"), Decimal("0.1")),
    ]
    for loss in losses:
        rounded = problem(loss).rounded().loss
        for field in ("coefficients", "targets", "tau0", "tau1", "alpha", "silent"):
            assert getattr(rounded, field, 0.1) == 0.1


def test_diagnostics_of_spikes():
    spikes = Spikes(np.array([1.0, 1.5, 0.5]), np.array([0, 2, 1]), np.array([0, 2, 3]), np.array([0.5, 0.025, 1.0]))
    found = diagnose(problem(), spikes)
    assert (found.n_spikes, found.min_vdot, found.min_vdot_at, found.min_gap) == (3, 0.025, (0, 2, 1.5), 0.5)
    assert found.max_jump == 1.0 + 1.0 / 20.0 / 0.025
    swapped = Spikes(spikes.times, np.array([2, 0, 1]), spikes.offsets, spikes.vdot)
    assert diagnose(problem(), swapped).signature != found.signature


@pytest.mark.parametrize("value", [1, 1.5, np.float32(0.5), np.int64(3), Decimal("1e-30")])
def test_numbers_of_any_kind_are_scalars(value):
    assert scalar("x", value) == value
    assert positive("x", value) == nonnegative("x", value) == value


@pytest.mark.parametrize(
    "value",
    [True, None, "1", float("nan"), float("inf"), Decimal("nan"), Decimal("inf"), 10**400, 1j, [1.0], np.ones(1)],
)
def test_what_is_no_finite_number_is_no_scalar(value):
    with pytest.raises(InvalidInput, match="x: got"):
        scalar("x", value)


@pytest.mark.parametrize(
    "value", [[[1.0], [1.0, 2.0]], [True], ["1"], [None], [1j], [float("nan")], 1.0, [[1.0]], [10**400]]
)
def test_what_is_no_vector_of_finite_numbers_is_no_array(value):
    with pytest.raises(InvalidInput, match="x"):
        array("x", value, ndim=1)


def test_a_wrong_entry_of_a_decimal_matrix_is_named_by_row_and_column():
    with pytest.raises(InvalidInput, match=r"^x\[1\]\[0\]: got nan"):
        array("x", [[Decimal(1), 2.0], [float("nan"), 3.0]])
    with pytest.raises(InvalidInput, match=r"^x: got None"):
        array("x", None)


@pytest.mark.parametrize("value", [[0, 4], [-1], [0.0], [True], ["0"], 0, [[0]], [None]])
def test_what_is_no_vector_of_whole_numbers_in_range_is_refused(value):
    with pytest.raises(InvalidInput, match="x"):
        integers("x", value, low=0, high=4)


@pytest.mark.parametrize("value", [0, 11, 1.0, True, "1", None])
def test_what_is_no_whole_number_in_range_is_refused(value):
    with pytest.raises(InvalidInput, match=r"x: got .*; allowed: a whole number from 1 to 10"):
        integer("x", value, low=1, high=10)


A, IN = Population("a", 1), Input("in", 1)
WRONG = [
    ("network.inputs.name", lambda: Input("", 1)),
    ("network.inputs.name", lambda: Input("a\nb", 1)),
    ("network.inputs.x.size", lambda: Input("x", 0)),
    ("network.populations.x.size", lambda: Population("x", 10**30)),
    ("network.populations.x.kind", lambda: Population("x", 1, "adex")),
    ("network.projections.pre", lambda: Projection(3, "a")),
    ("network.projections.name", lambda: Projection("a", "a", 0.0, 5)),
    ("network.projections.a->a.delay", lambda: Projection("a", "a", -1)),
    ("network.populations", lambda: Network((), (), ())),
    ("network.populations", lambda: Network((), None, ())),
    ("network.inputs[0]", lambda: Network((A,), (A,), ())),
    ("network.projections[0]", lambda: Network((), (A,), ("a->a",))),
    ("network.inputs and network.populations", lambda: Network((Input("a", 1),), (A,), ())),
    ("network.projections", lambda: Network((IN,), (A,), (Projection("in", "a"), Projection("in", "a")))),
    ("network.projections.x->a.pre", lambda: Network((), (A,), (Projection("x", "a"),))),
    ("network.projections.a->in.post", lambda: Network((IN,), (A,), (Projection("a", "in"),))),
    ("population", lambda: NETWORK.population("zz")),
    ("input", lambda: NETWORK.channels("zz")),
    ("stimulus.offsets", lambda: Stimulus([], [], [0], 1.0)),
    ("stimulus.offsets", lambda: Stimulus([1.0], [0], [0, 0], 1.0)),
    ("stimulus.offsets", lambda: Stimulus([1.0], [0], [0, 1, 0, 1], 1.0)),
    ("stimulus.samples", lambda: Stimulus.of_samples([], 1.0)),
    ("stimulus.samples[0]", lambda: Stimulus.of_samples([5], 1.0)),
    ("stimulus.samples[1].channels", lambda: Stimulus.of_samples([([], []), ([1.0], [0.5])], 1.0)),
    ("stimulus.samples[0].channels", lambda: Stimulus.of_samples([([1.0], [0, 1])], 1.0)),
    ("stimulus.trains[0]", lambda: Stimulus.of_channels([5], 1.0)),
    ("stimulus.channels[0]", lambda: problem(stimulus=Stimulus([1.0], [5], [0, 1], 1.0))),
    ("parameters.weights.zz", lambda: problem(weights={"zz": [[1.0]]})),
    ("parameters.weights.a->b", lambda: problem(weights={"a->b": [[1.0]]})),
    ("parameters.neurons.a", lambda: problem(neurons={"a": (20, 5)})),
    ("parameters.neurons.a.tau_mem[1]", lambda: problem(neurons={"a": NeuronParameters([1, -1], 5)})),
    ("parameters.neurons.a.v_reset[0]", lambda: problem(neurons={"a": NeuronParameters(1, 5, [1, 2], 1)})),
    ("parameters.neurons.r.v_th", lambda: problem(neurons={"r": NeuronParameters(1, 5, 1)})),
    ("parameters.neurons.a.tau_mem", lambda: problem(neurons={"a": NeuronParameters(Decimal("1e-400"), 5)}).rounded()),
    ("parameters.neurons.a.tau_mem", lambda: problem(neurons={"a": NeuronParameters(Decimal("1e400"), 5)}).rounded()),
    ("name", lambda: Problem(NETWORK, Parameters(WEIGHTS, NEURONS), STIMULUS, None, 5)),
    ("network", lambda: Problem(None, None, None)),
    ("parameters", lambda: Problem(NETWORK, None, None)),
    ("loss", lambda: problem("sum")),
    ("loss", lambda: problem(SpikeTimeSum)),
    ("loss.population", lambda: problem(SpikeTimeSum("r"))),
    ("loss.coefficients", lambda: problem(SpikeTimeSum("a", [1.0]))),
    ("loss.targets", lambda: problem(SpikeTimeTarget("a", [[1.0]]))),
    ("loss.targets[0][1]", lambda: SpikeTimeTarget("a", [[1.0, -1.0]])),
    ("loss.missing", lambda: SpikeTimeTarget("a", [[1.0]], "zero")),
    ("loss.function", lambda: SpikeTimeFunction("a", 3)),
    ("loss.labels[0]", lambda: problem(FirstSpikeCrossEntropy("a", [2], 1, 1))),
    ("loss.labels", lambda: problem(FirstSpikeCrossEntropy("a", [0, 0], 1, 1))),
    ("loss.silent", lambda: FirstSpikeCrossEntropy("a", [0], 1, 1, 0, np.ones(2))),
    ("loss.silent", lambda: FirstSpikeCrossEntropy("a", [0], 1, 1, 0, True)),
]


@pytest.mark.parametrize(("field", "make"), WRONG, ids=[f"{field} {k}" for k, (field, _) in enumerate(WRONG)])
def test_wrong_input_is_refused_by_field_in_one_line(field, make):
    with pytest.raises(InvalidInput) as caught:
        make()
    assert caught.value.field == field
    assert str(caught.value).isprintable()


def test_values_that_python_does_not_print_are_still_reported():
    assert "too long to print" in str(InvalidInput("x", 10**5000, "less"))
    assert str(InvalidInput("a\nb", "c\nd", "e\nf")) == r"a\nb: got 'c\nd'; allowed: e\nf"
    assert len(str(InvalidInput("x", list(range(1000)), "less"))) < 100
