"""Losses of the user whose derivatives PyTorch or JAX finds: those written by hand, in every number; errors by name."""

import importlib
from types import SimpleNamespace

import numpy as np
import pytest
from bridged import INPUT_TIMES, leaky_bridge, spiking_bridge, weights_of

import spikeproof as sp
from spikeproof.bridges import Bridge
from spikeproof_verification.checks.tolerances import SHORT_RUN

pytestmark = pytest.mark.compiled

TARGETS = [[30.0, 40.0], [20.0, 10.0]]
AT = [3.0, 25.0, 60.0]


def framework(name):
    """The functions of a framework that the losses of these tests are written with."""
    package = pytest.importorskip(name, reason=f"pip install 'spikeproof[{name}]'")
    bridge = importlib.import_module(f"spikeproof.bridges.{name}")
    numbers = package if name == "torch" else importlib.import_module("jax.numpy")
    if name == "jax":
        package.config.update("jax_enable_x64", True)
    return SimpleNamespace(sum=numbers.sum, exp=numbers.exp, single=single(name, numbers), wrap=bridge.differentiated)


def single(name, numbers):
    return (lambda x: x.float()) if name == "torch" else (lambda x: x.astype(numbers.float32))


@pytest.fixture(params=["torch", "jax"])
def library(request):
    return framework(request.param)


def stimulus():
    trains = [[row[np.isfinite(row)] for row in sample] for sample in INPUT_TIMES]
    return sp.Stimulus.of_trains(trains, duration=60.0)


def solved(bridge: Bridge, loss):
    problem = sp.Problem(bridge.network, sp.Parameters(weights_of(bridge), bridge.neurons), stimulus(), loss)
    return sp.EventEngine().solve(problem)


def same(one, other):
    assert len(one.spikes) == len(other.spikes) > 10
    assert one.sample_losses == pytest.approx(other.sample_losses, rel=SHORT_RUN, abs=0.0)
    for name, gradient in one.gradients.weights.items():
        assert np.abs(gradient).max() > 0.1
        assert gradient == pytest.approx(other.gradients.weights[name], rel=SHORT_RUN, abs=SHORT_RUN)


def test_a_loss_of_spike_times_has_the_gradient_of_the_one_written_by_hand(library):
    def distance(trains, target):
        return sum(library.sum((t[:1] - wanted) ** 2) / 2 for t, wanted in zip(trains, target, strict=True))

    def by_hand(trains, target):
        value, slopes = 0.0, []
        for train, wanted in zip(trains, target, strict=True):
            off = np.where(np.arange(len(train)) == 0, train - wanted, 0.0)
            value += np.sum(off**2) / 2
            slopes.append(off)
        return value, slopes

    bridge = spiking_bridge()
    one = solved(bridge, sp.SpikeTimeFunction("output", library.wrap(distance), targets=TARGETS))
    same(one, solved(bridge, sp.SpikeTimeFunction("output", by_hand, targets=TARGETS)))


def test_a_loss_of_potentials_has_the_gradient_of_the_one_written_by_hand(library):
    def smooth(v):
        return library.sum(library.exp(v))

    bridge = leaky_bridge()
    one = solved(bridge, sp.VoltageFunction("output", AT, library.wrap(smooth)))
    same(one, solved(bridge, sp.VoltageFunction("output", AT, lambda v: (np.sum(np.exp(v)), np.exp(v)))))


def test_a_wrong_derivative_would_be_seen(library):
    def smooth(v):
        return library.sum(library.exp(v))

    bridge = leaky_bridge()
    one = solved(bridge, sp.VoltageFunction("output", AT, library.wrap(smooth)))
    wrong = solved(bridge, sp.VoltageFunction("output", AT, lambda v: (np.sum(np.exp(v)), 1.000001 * np.exp(v))))
    with pytest.raises(AssertionError):
        same(one, wrong)


def test_neurons_that_the_function_does_not_look_at_have_derivatives_of_zero(library):
    value, slopes = library.wrap(lambda trains: library.sum(trains[0]))([np.array([1.0, 2.0]), np.array([3.0])])
    assert (value, [s.tolist() for s in slopes]) == (3.0, [[1.0, 1.0], [0.0]])


@pytest.mark.parametrize(
    ("made", "field", "allowed"),
    [
        (lambda _: lambda _v: 1.0, "loss.function, value", "a float64"),
        (lambda _: lambda v: v, "loss.function, value", r"shape \(\)"),
        (lambda lib: lambda v: lib.single(lib.sum(v)), "loss.function, value", "float64"),
    ],
    ids=["a number", "no scalar", "single precision"],
)
def test_what_a_function_may_not_return_is_refused_by_name(library, made, field, allowed):
    with pytest.raises(sp.InvalidInput, match=f"{field}: got .*; allowed: .*{allowed}"):
        library.wrap(made(library))(np.array([1.0, 2.0]))


def test_a_function_that_left_pytorch_is_refused_and_an_empty_one_may_be_constant():
    torch = framework("torch")
    package = pytest.importorskip("torch")
    with pytest.raises(
        sp.InvalidInput, match=r"loss.function, value: got .a constant.; allowed: a tensor that is comp"
    ):
        torch.wrap(lambda t: package.tensor(float(t.detach().sum()), dtype=package.float64))(np.array([1.0]))
    value, slopes = torch.wrap(lambda _: package.zeros((), dtype=package.float64))([np.empty(0), np.empty(0)])
    assert (value, [s.shape for s in slopes]) == (0.0, [(0,), (0,)])


def test_numbers_of_high_precision_and_what_is_no_function_are_refused(library):
    with pytest.raises(
        sp.InvalidInput, match=r"loss.function, argument: got .numbers of type object.; allowed: float64 arrays"
    ):
        library.wrap(lambda trains: library.sum(trains[0]))([np.array([1.0], dtype=object)])
    with pytest.raises(sp.InvalidInput, match="function: got 3; allowed: a function"):
        library.wrap(3)
