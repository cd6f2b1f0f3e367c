"""
How far a gradient reaches
==========================

A gradient belongs to one order of events. Along the negative gradient, `validity_radius` says at which distance the
order changes for the first time, and where the first spike appears or vanishes: there the loss jumps, and the gradient
did not know.
"""

import matplotlib.pyplot as plt
import numpy as np

import spikeproof as sp

network = sp.chain(3, 5, 2)
weights = sp.normal_weights(network, (3.0, 1.5), seed=11)
neurons = dict.fromkeys(("hidden", "output"), sp.NeuronParameters(tau_mem=20.0, tau_syn=5.0))
stimulus = sp.Stimulus.of_channels([[1.0, 14.0], [5.0, 9.0], [3.0, 20.0]], duration=40.0)
loss = sp.SpikeTimeSum("output", [0.1, 0.1])
problem = sp.Problem(network, sp.Parameters(weights, neurons), stimulus, loss)
here = sp.EventEngine().solve(problem).loss
radius = sp.validity_radius(problem, limit=20.0)
print(f"{radius.radius:.4f}: {radius.change}\n{radius.spike_radius:.4f}: {radius.spike_change}")

distances = np.linspace(0.0, 2.0 * radius.spike_radius, 400)
losses = []
for distance in distances:
    moved = {name: w + distance * radius.direction[name] for name, w in weights.items()}
    there = sp.Problem(network, sp.Parameters(moved, neurons), stimulus, loss)
    losses.append(sp.EventEngine().solve(there, gradients=None).loss)
figure, axes = plt.subplots(figsize=(8, 3.4), layout="constrained")
axes.plot(distances, losses, ".", markersize=3, label="loss")
axes.plot(distances, here + radius.slope * distances, "--", color="gray", label="what the gradient promises")
axes.axvline(radius.radius, color="tab:orange", label=f"order changes: {radius.change}")
axes.axvline(radius.spike_radius, color="tab:red", label=radius.spike_change)
axes.set(xlabel="distance along the negative gradient", ylabel="loss", ylim=(min(losses) - 0.05, max(losses) + 0.05))
axes.legend(fontsize="small")
plt.show()
