"""
First gradient
==============

Two input channels, three hidden and two output neurons. The loss is the sum of the times of all output spikes. Left,
the spikes; the colour of an input spike is the derivative of the loss by its time. Right, the derivatives by the
weights.
"""

import matplotlib.pyplot as plt
import numpy as np

import spikeproof as sp

network = sp.chain(2, 3, 2)
weights = sp.normal_weights(network, (3.0, 1.0), seed=4)
neurons = dict.fromkeys(("hidden", "output"), sp.NeuronParameters(tau_mem=20.0, tau_syn=5.0))
stimulus = sp.Stimulus.of_channels([[1.0, 9.0, 21.0], [4.0, 15.0]], duration=40.0)
loss = sp.SpikeTimeSum("output")
solution = sp.EventEngine().solve(sp.Problem(network, sp.Parameters(weights, neurons), stimulus, loss))
gradients = solution.gradients
print("loss", solution.loss, "by weights", {name: g.round(4).tolist() for name, g in gradients.weights.items()})

figure, (raster, left, right) = plt.subplots(1, 3, figsize=(10, 3.2), width_ratios=(3, 1, 1), layout="constrained")
raster.eventplot(solution.spikes.trains(range(5)), lineoffsets=np.arange(2, 7), linelengths=0.7, colors="black")
bound = np.max(np.abs(gradients.input_times))
dots = raster.scatter(
    stimulus.times, stimulus.channels, c=gradients.input_times, cmap="coolwarm", vmin=-bound, vmax=bound, s=90
)
figure.colorbar(dots, ax=raster, label="dL/dt of input spikes")
raster.set(xlabel="time (ms)", yticks=range(7), yticklabels=["in 0", "in 1", "h 0", "h 1", "h 2", "out 0", "out 1"])
for axes, (name, gradient) in zip((left, right), gradients.weights.items(), strict=True):
    bound = np.max(np.abs(gradient))
    image = axes.imshow(gradient, cmap="coolwarm", vmin=-bound, vmax=bound)
    figure.colorbar(image, ax=axes, shrink=0.6)
    axes.set(
        title=f"dL/dw\n{name}", xlabel="to", ylabel="from", xticks=range(gradient.shape[1]), yticks=range(len(gradient))
    )
plt.show()
