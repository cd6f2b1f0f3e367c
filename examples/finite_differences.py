"""
Finite differences meet a change of order
=========================================

The loss along a line in the space of weights, its exact derivative, and central differences. Where the order of events
changes the loss has a kink or a jump; a difference that reaches across says nothing about the gradient on either
side, however small it was chosen elsewhere.
"""

import matplotlib.pyplot as plt
import numpy as np

import spikeproof as sp

network = sp.chain(2, 3, 1)
start = sp.normal_weights(network, (7.0, 2.0), seed=5)
along = sp.normal_weights(network, (0.0, 1.0), seed=1)
neurons = dict.fromkeys(("hidden", "output"), sp.NeuronParameters(tau_mem=20.0, tau_syn=5.0))
stimulus = sp.Stimulus.of_channels([[1.0, 8.0], [3.0, 12.0]], duration=30.0)
engine = sp.EventEngine()


def loss_and_slope(place, gradients="weights"):
    weights = {name: w + place * along[name] for name, w in start.items()}
    problem = sp.Problem(network, sp.Parameters(weights, neurons), stimulus, sp.SpikeTimeSum("output"))
    solution = engine.solve(problem, gradients)
    slope = gradients and sum(np.sum(g * along[name]) for name, g in solution.gradients.weights.items())
    return solution.loss, slope, solution.diagnostics.n_spikes


def difference(place, step):
    return (loss_and_slope(place + step, None)[0] - loss_and_slope(place - step, None)[0]) / (2 * step)


places = np.linspace(-2.0, 2.0, 401)
losses, slopes, counts = np.array([loss_and_slope(s) for s in places]).T
rough = np.array([difference(s, 0.05) for s in places])
jumps = places[1:][np.diff(counts) != 0]
steps = 2.0 ** -np.arange(2, 40)
errors = [abs(difference(0.0, h) / loss_and_slope(0.0)[1] - 1) for h in steps]

figure, (above, below, right) = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
above.plot(places, losses, ".", markersize=2)
above.set(title="loss", xlabel="place on the line")
below.plot(places, rough, color="tab:orange", label="central difference, h = 0.05")
below.plot(places, slopes, ".", markersize=2, label="exact")
below.set(title="its derivative", xlabel="place on the line", ylim=(-120, 60))
below.legend()
for axes in (above, below):
    axes.vlines(jumps, *axes.get_ylim(), color="gray", linewidth=0.5)
right.loglog(steps, errors, ".-")
right.set(title="relative error of the difference at 0", xlabel="h")
plt.show()
print(len(jumps), "times the number of spikes changes; the best of all differences is off by", min(errors))
