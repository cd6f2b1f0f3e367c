"""
Two events at the same time
===========================

An input spike arrives just when the neuron crosses its threshold. The loss, the time of the neuron's second spike, is
continuous there but has two slopes: one if the arrival comes first, another if the spike does. Engines take the one of
the order that is stated in the theory, crossings before arrivals; the reference finds both.
"""

from decimal import Decimal

import matplotlib.pyplot as plt
import mpmath
import numpy as np

import spikeproof as sp
from spikeproof_reference import Direction, one_sided

network = sp.Network([sp.Input("input", 2)], [sp.Population("neuron", 1)], [sp.Projection("input", "neuron")])
weights = {"input->neuron": np.array([[8.0], [30.0]])}


def problem(time, duration=12):
    """A spike on channel 0 at t = 0, and one on channel 1 at the given time."""
    stimulus = sp.Stimulus([0, time], [0, 1], [0, 2], duration)
    neuron = sp.NeuronParameters(tau_mem=20, tau_syn=10)
    return sp.Problem(
        network, sp.Parameters(weights, {"neuron": neuron}), stimulus, sp.SpikeTimeFunction("neuron", second)
    )


def second(trains):
    """The time of the second spike, and its derivative by the times of all spikes."""
    slopes = np.zeros_like(trains[0])
    slopes[1] = 1
    return trains[0][1], [slopes]


# V = 8 (x - x^2) with x = exp(-t / 20): it reaches 1 at x = (1 + sqrt(1 / 2)) / 2, to as many digits as one wants
with mpmath.workdps(120):
    tie = Decimal(mpmath.nstr(-20 * mpmath.log((1 + mpmath.sqrt(mpmath.mpf(1) / 2)) / 2), 110))
sides = one_sided(problem(tie), Direction(input_times=[0, 1]), dps=40)
engine = sp.EventEngine().solve(problem(float(tie))).gradients.input_times[1]
print("before the tie", float(sides.left.derivative), "after it", float(sides.right.derivative), "engine", engine)

times = float(tie) + np.linspace(-0.6, 0.6, 121)
losses = [sp.EventEngine().solve(problem(t), gradients=None).loss for t in times]
figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
axes.plot(times, losses, color="black", label="loss")
for side, name in ((sides.left, "slope from the left"), (sides.right, "slope from the right")):
    line = float(side.loss) + float(side.derivative) * (times - float(tie))
    axes.plot(times, line, "--", label=f"{name}: {float(side.derivative):.3f}")
axes.axvline(float(tie), color="gray", linewidth=0.8)
axes.set(xlabel="time of the second input spike (ms)", ylabel="time of the second output spike (ms)")
axes.legend()
plt.show()
