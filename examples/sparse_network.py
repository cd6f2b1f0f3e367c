"""
A sparse recurrent network
==========================

Each of 400 neurons projects to 5 % of the others, with a delay. Weights, and gradients of weights and delays, are one
number per synapse. The loss is the sum of all spike times over the number of neurons: most synapses would move spikes
to earlier times if they were stronger, and some to later ones.
"""

import time

import matplotlib.pyplot as plt
import numpy as np

import spikeproof as sp

N, T = 400, 60.0
recurrent = sp.Synapses.random(N, N, 0.05, seed=1)
network = sp.Network(
    [sp.Input("input", 40)],
    [sp.Population("neurons", N)],
    [sp.Projection("input", "neurons"), sp.Projection("neurons", "neurons", 1.5, "recurrent", recurrent)],
)
rng = np.random.default_rng(2)
weights = {
    "input->neurons": rng.normal(0.5, 0.4, (40, N)),
    "recurrent": np.where(rng.random(len(recurrent.targets)) < 0.8, 0.35, -1.6),
}
parameters = sp.Parameters(weights, {"neurons": sp.NeuronParameters(20.0, 5.0, t_ref=2.0)})
stimulus = sp.Stimulus(np.sort(rng.uniform(0, T, 240)), rng.integers(0, 40, 240), [0, 240], T)
problem = sp.Problem(network, parameters, stimulus, sp.SpikeTimeSum("neurons", np.full(N, 1.0 / N)))
sp.EventEngine().solve(problem)  # compiles
start = time.perf_counter()
solution = sp.EventEngine().solve(problem)
seconds, gradient = time.perf_counter() - start, solution.gradients.weights["recurrent"]
print(f"{len(solution.spikes)} spikes, {len(gradient)} recurrent synapses, all gradients in {1e3 * seconds:.0f} ms")

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), width_ratios=(2, 1), layout="constrained")
left.plot(solution.spikes.times, solution.spikes.neurons, "k.", markersize=2)
left.set(xlabel="time (ms)", ylabel="neuron", xlim=(0, T))
right.hist(gradient[gradient != 0], bins=60)
right.set(xlabel="dL/dw of a recurrent synapse", ylabel="synapses", yscale="log")
plt.show()
