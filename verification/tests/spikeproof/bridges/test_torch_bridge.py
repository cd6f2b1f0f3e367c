"""The operator and the module of PyTorch: its own checkers, errors by name, an ordinary training loop."""

import copy
import io
import pickle

import numpy as np
import pytest
from bridged import INPUT_TIMES, NEURON, factors, flat, leaky_bridge, once, spiking_bridge, weights_of

import spikeproof as sp
from spikeproof.bridges import Bridge, MaxVoltages, SpikeTimes

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'spikeproof[torch]'")
bridged_torch = pytest.importorskip("spikeproof.bridges.torch")

pytestmark = pytest.mark.compiled


def inputs(**more):
    return torch.tensor(INPUT_TIMES, **more)


def layer_of(bridge):
    return bridged_torch.Spiking(bridge, weights_of(bridge))


def operands(bridge):
    """All weights and the input spikes as tensors that want gradients, and the number of the bridge."""
    weights = torch.tensor(flat(weights_of(bridge)), requires_grad=True)
    return weights, inputs(requires_grad=True), bridge.number


@pytest.mark.parametrize("bridge", [once(), leaky_bridge(), leaky_bridge(MaxVoltages("output"))], ids=["t", "v", "max"])
def test_the_operator_passes_opcheck(bridge):
    arguments = operands(bridge)
    assert set(torch.library.opcheck(bridged_torch.values, arguments).values()) == {"SUCCESS"}
    cotangents = torch.tensor(factors((2, *bridge.shape)))
    backward = (arguments[0].detach(), arguments[1].detach(), cotangents, arguments[2])
    assert set(torch.library.opcheck(bridged_torch.pullback, backward).values()) == {"SUCCESS"}


@pytest.mark.parametrize("bridge", [once(), leaky_bridge(), leaky_bridge(MaxVoltages("output"))], ids=["t", "v", "max"])
def test_the_operator_passes_gradcheck(bridge):
    weights, times, number = operands(bridge)
    assert torch.autograd.gradcheck(lambda w, t: bridged_torch.values(w, t, number), (weights, times))


def test_spike_times_that_are_there_pass_gradcheck_beside_padding():
    bridge = spiking_bridge()
    weights, times, number = operands(bridge)
    mask = torch.isfinite(bridged_torch.values(weights, times, number))
    assert 0 < mask.sum() < mask.numel()
    assert torch.autograd.gradcheck(lambda w, t: bridged_torch.values(w, t, number)[mask], (weights, times))


def test_gradcheck_would_see_a_gradient_that_is_wrong_in_one_weight(monkeypatch):
    bridge, right = once(), Bridge.pullback

    def wrong(self, *arguments):
        d_weights, d_times = right(self, *arguments)
        return d_weights * np.where(np.arange(len(d_weights)) == 3, 1.01, 1.0), d_times

    monkeypatch.setattr(Bridge, "pullback", wrong)
    weights, times, number = operands(bridge)
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        torch.autograd.gradcheck(lambda w, t: bridged_torch.values(w, t, number), (weights, times))


def test_the_module_returns_times_and_a_mask_and_its_gradients_are_those_of_the_bridge():
    bridge = spiking_bridge()
    layer, x = layer_of(bridge), inputs(requires_grad=True)
    times, mask = layer(x)
    c = torch.tensor(factors(times.shape)) * mask
    (torch.where(mask, times, 0.0) * c).sum().backward()
    d_weights, d_times = bridge.pullback(flat(weights_of(bridge)), INPUT_TIMES, c.numpy())
    got = torch.cat([p.grad.reshape(-1) for p in layer.weights.values()])
    assert torch.equal(mask, torch.isfinite(times))
    assert np.array_equal(got.numpy(), d_weights)
    assert np.array_equal(x.grad.numpy(), d_times)


def test_potentials_come_without_a_mask():
    values = layer_of(leaky_bridge())(inputs())
    assert values.shape == (2, 2, 4)
    assert values.dtype == torch.float64


def test_a_layer_before_and_one_after_are_trained_through_the_spikes():
    torch.manual_seed(0)
    bridge = once()
    before, layer, after = torch.nn.Linear(2, 2).double(), layer_of(bridge), torch.nn.Linear(2, 1).double()
    x, target = torch.rand(8, 2, dtype=torch.float64), torch.rand(8, 1, dtype=torch.float64)
    parameters = [*before.parameters(), *layer.parameters(), *after.parameters()]
    optimiser, losses = torch.optim.Adam(parameters, lr=0.02), []
    for _ in range(10):
        optimiser.zero_grad()
        times, mask = layer(10.0 * torch.sigmoid(before(x))[..., None])
        first = torch.where(mask, times, bridge.duration)[..., 0]
        loss = torch.nn.functional.mse_loss(after(first / 10.0), target)
        loss.backward()
        assert all(p.grad is not None and p.grad.abs().max() > 0 for p in parameters)
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


def test_copies_and_stored_modules_give_the_same_times():
    layer = layer_of(once())
    stored = io.BytesIO()
    torch.save(layer.state_dict(), stored)
    other = bridged_torch.Spiking(once(), {name: np.zeros_like(w) for name, w in weights_of(once()).items()})
    other.load_state_dict(torch.load(io.BytesIO(stored.getvalue())))
    for copied in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), other):
        assert torch.equal(copied(inputs()).times, layer(inputs()).times)
    assert list(layer.state_dict()) == ["weights.input->hidden", "weights.hidden->output"]


def test_a_graph_outlives_its_module():
    layer = layer_of(once())
    weight, times = layer.weights["input->hidden"], layer(inputs()).times
    del layer
    times.sum().backward()
    assert weight.grad.abs().max() > 0


def test_the_module_can_be_compiled():
    layer = layer_of(once())
    compiled = torch.compile(layer, backend="aot_eager", fullgraph=True)
    times = compiled(inputs()).times
    times.sum().backward()
    own = layer.weights["input->hidden"].grad.clone()
    layer.zero_grad()
    layer(inputs()).times.sum().backward()
    assert torch.equal(own, layer.weights["input->hidden"].grad)


def test_errors_keep_their_type_forward_and_backward():
    bridge = spiking_bridge(max_spikes=2)
    with pytest.raises(sp.InvalidInput, match=r"reading.max_spikes: got 2; allowed: at least \d+: output\[0\]"):
        layer_of(bridge)(inputs())
    with pytest.raises(sp.InvalidInput, match=r"cotangents\[0\]\[0\]\[\d+\]: got 1.0; allowed: 0 where no spike is"):
        layer_of(spiking_bridge())(inputs()).times.sum().backward()
    own = spiking_bridge()
    busy = Bridge(own.network, own.neurons, own.duration, own.reading, sp.EventEngine(event_limit=3))
    with pytest.raises(sp.EventLimitExceeded, match="sample 0: more than 3 events"):
        layer_of(busy)(inputs())


def test_a_grazing_spike_is_an_error_of_the_backward_pass():
    network = sp.chain(1, sp.Layer(1, name="output"))
    neuron = sp.NeuronParameters(tau_mem=2.0, tau_syn=1.0, v_th=1.0, i_init=4.0)  # V = 4 (x - x^2) peaks at 1, x = 1/2
    layer = bridged_torch.Spiking(
        Bridge(network, {"output": neuron}, 5.0, SpikeTimes("output", 1)), {"input->output": [[0.0]]}
    )
    times, mask = layer(torch.full((1, 1, 1), float("inf"), dtype=torch.float64))
    assert mask.all()
    with pytest.raises(sp.GrazingSpike):
        times.sum().backward()


def test_second_derivatives_are_an_error():
    layer, x = layer_of(once()), inputs(requires_grad=True)
    (first,) = torch.autograd.grad(layer(x).times.sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="autograd"):
        first.sum().backward()


@pytest.mark.parametrize(
    ("given", "match"),
    [
        (torch.ones(1, 2, 1), "input_times: got 'numbers of type torch.float32'; allowed: torch.float64"),
        (torch.ones(1, 3, 1, dtype=torch.float64), r"input_times: got 'shape \(1, 3, 1\)'"),
        (INPUT_TIMES, "input_times: got array.*allowed: a float64 tensor"),
        (torch.ones(1, 2, 1, dtype=torch.float64, device="meta"), "input_times: got 'a tensor on meta'"),
    ],
)
def test_wrong_tensors_are_refused_by_name(given, match):
    with pytest.raises(sp.InvalidInput, match=match):
        layer_of(once())(given)


def test_a_name_that_pytorch_does_not_allow_is_refused():
    network = sp.Network([sp.Input("in", 1)], [sp.Population("out", 1)], [sp.Projection("in", "out", name="a.b")])
    bridge = Bridge(network, {"out": NEURON}, 10.0, SpikeTimes("out", 3))
    with pytest.raises(sp.InvalidInput, match=r"network.projections.name: got 'a.b'; allowed: a name without '.'"):
        bridged_torch.Spiking(bridge, {"a.b": [[1.0]]})
