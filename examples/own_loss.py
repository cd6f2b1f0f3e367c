"""
A loss of your own, also in 50 digits
=====================================

A loss is a function that returns its value and its derivatives. Written with NumPy's functions it serves every engine:
the fast one in binary64, and the reference in as many digits as one asks for. The figure shows in how many digits the
two agree.
"""

import matplotlib.pyplot as plt
import numpy as np

import spikeproof as sp
from spikeproof_reference import MpEngine


def spread(trains):
    """The sum of exp(-(t - 20)^2 / 50) over all spikes of a sample, negative: spikes near 20 ms are good."""
    value = -sum(np.sum(np.exp(-((t - 20) ** 2) / 50)) for t in trains)
    return value, [(t - 20) / 25 * np.exp(-((t - 20) ** 2) / 50) for t in trains]


network = sp.chain(3, 6, 2)
weights = sp.normal_weights(network, (5.0, 2.0), seed=3)
neurons = dict.fromkeys(("hidden", "output"), sp.NeuronParameters(tau_mem=20.0, tau_syn=5.0))
stimulus = sp.Stimulus.of_channels([[1.0, 12.0], [3.0], [4.0, 16.0]], duration=40.0)
problem = sp.Problem(network, sp.Parameters(weights, neurons), stimulus, sp.SpikeTimeFunction("output", spread))

fast, exact = sp.EventEngine().solve(problem), MpEngine(dps=50).solve(problem)
print(f"fast   {fast.loss:.17g}\nexact {exact.loss}")
figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
for name, gradient in fast.gradients.weights.items():
    reference = exact.gradients.weights[name]
    differences = np.abs((gradient - reference) / reference).astype(float)
    axes.semilogx(np.abs(gradient).ravel(), -np.log10(differences + 2.0**-54).ravel(), "o", label=name)
axes.axhline(-np.log10(2.0**-52), color="gray", linewidth=0.8)
axes.set(xlabel="size of the derivative by a weight", ylabel="digits that agree", ylim=(0, 17))
axes.legend(loc="lower right")
plt.show()
