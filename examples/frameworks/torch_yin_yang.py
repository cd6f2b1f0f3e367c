"""Yin-Yang in PyTorch: a linear layer makes spike times, a spiking network makes others of them, a linear layer reads.

Needs ``pip install 'spikeproof[torch]'``.
"""

import torch

import spikeproof as sp
from spikeproof.bridges import Bridge, SpikeTimes
from spikeproof.bridges.torch import Spiking
from spikeproof.yin_yang import yin_yang

torch.manual_seed(2)
torch.set_default_dtype(torch.float64)  # the engine computes in binary64
T, CHANNELS, CLASSES = 40.0, 8, 3
network = sp.chain(CHANNELS, 100, 20)
neuron = sp.NeuronParameters(tau_mem=20.0, tau_syn=5.0, v_th=1.0, t_ref=float("inf"))  # each neuron spikes once
weights = sp.normal_weights(network, {"input->hidden": (2.0, 2.0), "hidden->output": (0.5, 0.5)}, seed=1)
bridge = Bridge(network, {"hidden": neuron, "output": neuron}, T, SpikeTimes("output", max_spikes=1))

before, spiking, after = torch.nn.Linear(4, CHANNELS), Spiking(bridge, weights), torch.nn.Linear(20, CLASSES)
optimiser = torch.optim.Adam([*before.parameters(), *spiking.parameters(), *after.parameters()], lr=0.01)
points, labels = (torch.tensor(x) for x in yin_yang(1000, seed=42))
for epoch in range(10):
    losses, right = [], 0
    for batch in torch.randperm(len(points)).split(50):
        input_times = 30.0 * torch.sigmoid(12.0 * before(points[batch] - 0.5))[..., None]  # one spike on each channel
        times, mask = spiking(input_times)
        first = torch.where(mask, times, T)[..., 0]  # a neuron that is silent counts as one that spikes at the end
        scores = after(first / 10.0 - 1.0)
        loss = torch.nn.functional.cross_entropy(scores, labels[batch])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        right += (scores.argmax(1) == labels[batch]).sum().item()
    print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}, right {right / len(points):.1%}")
