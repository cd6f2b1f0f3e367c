"""Files of parameters and problems: bit for bit, and never silently another one."""

from dataclasses import fields, is_dataclass
from decimal import Decimal

import numpy as np
import pytest
from grid_problems import recurrent
from refractory_problems import PROBLEMS

import spikeproof as sp
from spikeproof import losses
from spikeproof.saved import KINDS

RECURRENT = recurrent(None)
DIGITS = Decimal("0.1234567890123456789012345678901234567890")
LOSSES = [
    losses.FirstSpikeCrossEntropy("h", [0, 4], 0.5, Decimal("6.4"), 0.003, 20.0),
    losses.FirstSpikeCrossEntropy("h", [0, 4], 0.5, 6.4, silent="absent"),
    losses.InstantaneousCrossEntropy("o", [0, 1]),
    losses.IntegralCrossEntropy("o", [0, 1], losses.ExponentialWeight(7.0)),
    losses.MaxVoltageCrossEntropy("o", [1, 0], "published"),
    losses.SpikeCountRegulariser("h", 0.5, 2.0),
    losses.SpikeTimeSum("h", [0.1, 0.2, -0.3, 0.0, -0.0]),
    losses.SpikeTimeTarget("h", np.full((2, 5, 3), 0.1), "absent"),
    losses.TargetTrace("o", [0.25, 0.5]),
    losses.VoltageIntegral("o", [1.0, DIGITS], "mean"),
    losses.VoltageTarget("o", [1.0, 2.0], [[0.1, 0.2], [0.3, DIGITS]]),
]


def same(one, other):
    """Whether two things have the same types, numbers and digits, in all their parts."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        alike = one.dtype == other.dtype and one.shape == other.shape
        return alike and (one.tolist() == other.tolist() if one.dtype == object else one.tobytes() == other.tobytes())
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if is_dataclass(one):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    return one == other and str(one) == str(other)  # -0.0 is not 0.0, and 1.0 not 1.00


def problems():
    exact = sp.Problem(
        sp.chain(1, sp.Layer(1, delay=DIGITS)),
        sp.Parameters({"input->output": [[DIGITS]]}, {"output": sp.NeuronParameters(DIGITS, 5, t_ref=float("inf"))}),
        sp.Stimulus.of_trains([[[Decimal("1.00")]], [[]]], Decimal("1e2")),
        sp.SpikeTimeSum("output"),
        "a name, ü",
    )
    pairs = sp.Synapses.random(2, 3, 0.5, seed=1)
    network = sp.Network([sp.Input("in", 2)], [sp.Population("h", 3)], [sp.Projection("in", "h", synapses=pairs)])
    weights = np.nextafter(np.arange(pairs.n_synapses) * 0.1, 1.0)
    neurons = sp.NeuronParameters([5e-324, 0.1, 1e300], 5.0)
    sparse = sp.Problem(network, sp.Parameters({"in->h": weights}, {"h": neurons}), sp.Stimulus([], [], [0, 0], 1.0))
    with_losses = [sp.Problem(RECURRENT.network, RECURRENT.parameters, RECURRENT.stimulus, loss) for loss in LOSSES]
    mixture = sp.Problem(
        RECURRENT.network, RECURRENT.parameters, RECURRENT.stimulus,
        sp.LossSum([(DIGITS, LOSSES[4]), (0.5, sp.LossSum([(1.0, LOSSES[6]), (1.0, LOSSES[8])]))]),
    )  # fmt: skip
    return [exact, sparse, mixture, PROBLEMS["fires once, and held"](), *with_losses]


@pytest.mark.parametrize("problem", problems(), ids=lambda p: type(p.loss).__name__)
def test_a_problem_and_its_parts_are_read_back_bit_for_bit(problem, tmp_path):
    path = tmp_path / "file.npz"
    for thing in (problem, problem.network, problem.parameters, problem.stimulus, problem.loss):
        if thing is not None:
            sp.save(thing, path)
            assert same(sp.load(path), thing)


def test_the_comparison_of_these_tests_sees_a_last_digit_and_a_sign():
    assert not same(Decimal("1.0"), Decimal("1.00"))
    assert not same(np.array([0.0]), np.array([-0.0]))
    assert not same(sp.SpikeTimeSum("h", [0.1]), sp.SpikeTimeSum("h", [np.nextafter(0.1, 1)]))


def test_every_loss_without_functions_has_a_file_form():
    own = {"SpikeTimeFunction", "VoltageFunction", "VoltagePathIntegral"}  # which are made of them
    public = {name for name in losses.__all__ if hasattr(getattr(losses, name), "check")}
    protocols = {"Loss", "SpikeLoss", "VoltageLoss"}
    assert public - own - protocols <= set(KINDS)
    assert {type(loss).__name__ for loss in LOSSES} | {"LossSum"} == public - own - protocols


def test_parameters_are_saved_before_a_network_has_checked_them(tmp_path):
    sp.save(sp.Parameters({"a": [[1, 2.5]]}, {"h": sp.NeuronParameters([20, 10.0], 5, v_th=1.0)}), tmp_path / "p")
    found = sp.load(tmp_path / "p")
    assert same(found.weights["a"], np.array([[1.0, 2.5]]))
    assert same(found.neurons["h"].tau_mem, np.array([20.0, 10.0]))
    assert (found.neurons["h"].tau_syn, found.neurons["h"].v_th, found.neurons["h"].v_reset) == (5, 1.0, None)


def test_the_same_thing_gives_the_same_bytes_and_the_name_is_what_was_given(tmp_path):
    for name in ("one", "other"):
        sp.save(RECURRENT, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "other"]


def test_a_file_in_which_any_byte_has_changed_is_refused_by_name_or_read_as_it_was(tmp_path):
    whole, damaged = tmp_path / "whole.npz", tmp_path / "damaged.npz"
    thing = sp.Parameters({"a": np.array([[0.1, 0.2]])}, {"h": sp.NeuronParameters(20.0, 5.0)})
    sp.save(thing, whole)
    content, refusals = whole.read_bytes(), []
    for place in range(len(content)):
        changed = content[place] ^ 1 << place % 8
        damaged.write_bytes(content[:place] + bytes([changed]) + content[place + 1 :])
        try:
            assert same(sp.load(damaged), thing)  # a byte that says nothing, such as a date
        except sp.InvalidInput as error:
            refusals.append(error)
    assert len(refusals) > len(content) // 2
    assert all(error.field == "damaged.npz" and str(error).isprintable() for error in refusals)


@pytest.mark.parametrize("length", [0, 1, 100, 1000, -1, -22])
def test_a_file_that_ends_early_is_refused_by_name(length, tmp_path):
    path = tmp_path / "short.npz"
    sp.save(RECURRENT, path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(sp.InvalidInput, match=r"^short\.npz: got .*; allowed: a file as `save` wrote it$"):
        sp.load(path)


def test_other_files_are_refused_by_name(tmp_path):
    np.save(tmp_path / "array.npy", np.zeros(3))
    np.savez(tmp_path / "arrays.npz", a=np.zeros(3))
    for name in ("array.npy", "arrays.npz"):
        with pytest.raises(sp.InvalidInput, match=f"^{name}: got"):
            sp.load(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        sp.load(tmp_path / "none.npz")


class Mine(sp.SpikeTimeSum):
    """A loss of the user."""


@pytest.mark.parametrize(
    ("thing", "field"),
    [
        (sp.SpikeTimeFunction("h", lambda trains: (0.0, trains)), "thing"),
        (sp.LossSum([(1.0, LOSSES[0]), (1.0, Mine("h"))]), r"LossSum\.terms\[1\]\[1\]"),
        (sp.VoltageIntegral("o", weight=np.exp), r"VoltageIntegral\.weight"),
        (Mine("h"), "thing"),
        (sp.Parameters({1: [0.0]}, {}), r"Parameters\.weights"),
        (sp.Parameters({"a": ["x"]}, {}), r"Parameters\.weights\['a'\]"),
        (sp.Parameters({}, {"h": sp.NeuronParameters("x", 5.0)}), r"Parameters\.neurons\['h'\]\.tau_mem"),
        ([1.0], "thing"),
    ],
)
def test_what_has_no_file_form_is_refused_by_name_and_leaves_no_file(thing, field, tmp_path):
    with pytest.raises(sp.InvalidInput, match=f"^{field}: got"):
        sp.save(thing, tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(sp.InvalidInput, match=r"^path: got .*; allowed: a path that can be written"):
        sp.save(RECURRENT, tmp_path / "no such folder" / "file.npz")
