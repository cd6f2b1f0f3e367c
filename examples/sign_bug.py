"""
A sign error in your own gradient
=================================

The time at which one neuron first reaches its threshold, found by bisection, and its derivative by the weights: the
implicit function theorem has a minus in it, which is easily lost. A network trained with the wrong gradient may still
learn; `check_gradient` says what is wrong.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import brentq

import spikeproof as sp
from spikeproof_verification.conformance import check_gradient

TAU_MEM, TAU_SYN, TIMES = 20.0, 5.0, np.array([1.0, 2.5, 4.0])


def response(t):
    """V at t caused by a unit of weight of each input spike, and its derivative by t."""
    age = np.maximum(np.subtract.outer(t, TIMES), 0.0)
    slow, fast = np.exp(-age / TAU_MEM), np.exp(-age / TAU_SYN)
    scale = TAU_SYN / (TAU_MEM - TAU_SYN)
    return scale * (slow - fast), scale * (fast / TAU_SYN - slow / TAU_MEM)


def own(weights, sign):
    """The spike time, and its derivative by the weights: sign = -1 is right."""
    t = brentq(lambda t: response(t)[0] @ weights - 1.0, 4.0, 12.0, xtol=1e-15, rtol=1e-15)
    v, vdot = response(t)
    return t, sign * v / (vdot @ weights)


weights = np.array([2.0, 3.0, 1.5])
network = sp.Network([sp.Input("input", 3)], [sp.Population("neuron", 1)], [sp.Projection("input", "neuron")])
parameters = sp.Parameters(
    {"input->neuron": weights[:, None]}, {"neuron": sp.NeuronParameters(TAU_MEM, TAU_SYN, t_ref=np.inf)}
)
stimulus = sp.Stimulus(TIMES, [0, 1, 2], [0, 3], duration=30.0)
problem = sp.Problem(network, parameters, stimulus, sp.SpikeTimeSum("neuron"))
for sign in (1.0, -1.0):
    t, gradient = own(weights, sign)
    print(check_gradient({"loss": t, "weights": {"input->neuron": gradient[:, None]}}, problem), "\n")

grid = np.linspace(0.0, 15.0, 400)
figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
for change, style in ((0.0, "-"), (0.5, "--")):
    moved = weights + np.array([0.0, change, 0.0])
    axes.plot(grid, response(grid)[0] @ moved, style, label=f"w[1] = {moved[1]}: spike at {own(moved, -1.0)[0]:.3f} ms")
axes.axhline(1.0, color="gray", linewidth=0.8)
axes.set(
    xlabel="time (ms)", ylabel="V without the reset", title="more weight, earlier spike: the derivative is negative"
)
axes.legend()
plt.show()
