"""
Surrogate and exact gradients
=============================

A surrogate gradient replaces the derivative of the step of a spike by a bump. Each point is the derivative by one
weight, computed with the surrogate and exactly: those on the line agree. The gradients have another length, and an
angle between them that depends on the slope of the surrogate and does not vanish for any.
:doc:`/explanation/lesson` says what that means.
"""

import matplotlib.pyplot as plt
import numpy as np

import spikeproof as sp
from spikeproof.lesson import SurrogateGradient

network = sp.chain(20, 40, sp.Layer(3, kind="li"))
weights = sp.normal_weights(network, {"input->hidden": (0.6, 0.8), "hidden->output": (0.0, 0.5)}, seed=7)
neurons = {"hidden": sp.NeuronParameters(20.0, 5.0), "output": sp.NeuronParameters(20.0, 5.0)}
rng = np.random.default_rng(0)
samples = [(np.sort(rng.uniform(0, 30, 60)), rng.integers(0, 20, 60)) for _ in range(16)]
loss = sp.IntegralCrossEntropy("output", rng.integers(0, 3, 16))
problem = sp.Problem(network, sp.Parameters(weights, neurons), sp.Stimulus.of_samples(samples, 40.0), loss)

exact = sp.EventEngine().solve(problem, "weights").gradients.weights["input->hidden"].ravel()
slopes = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0)
found = [SurrogateGradient(0.125, slope=s).estimate(problem).gradients["input->hidden"].ravel() for s in slopes]
cosines = [exact @ g / np.linalg.norm(exact) / np.linalg.norm(g) for g in found]
best = int(np.argmax(cosines))
print("cosines", dict(zip(slopes, np.round(cosines, 3).tolist(), strict=True)))

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
left.plot(exact, found[best], ".", alpha=0.5)
left.axline((0, 0), slope=1, color="gray", linewidth=0.8)
left.set(xlabel="exact derivative", ylabel=f"surrogate, slope {slopes[best]:g}")
right.semilogx(slopes, cosines, "o-")
right.set(xlabel="slope of the surrogate (1/V)", ylabel="cosine to the exact gradient", ylim=(-0.1, 1.05))
right.axhline(1.0, color="gray", linewidth=0.8)
plt.show()
