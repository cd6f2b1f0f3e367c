"""
Refractory time
===============

After a spike V is held at its reset for the refractory time, while the current goes on. The gradient by the
refractory time is exact too, and so a neuron can learn it: here, for its third spike to come at 20 ms.
"""

import matplotlib.pyplot as plt
import numpy as np

import spikeproof as sp

network = sp.Network([sp.Input("input", 1)], [sp.Population("neuron", 1)], [sp.Projection("input", "neuron")])
stimulus = sp.Stimulus([1.0, 9.0, 13.0], [0, 0, 0], [0, 3], duration=40.0)
times = np.linspace(0.0, 40.0, 801)


def solve(t_ref, loss):
    neuron = sp.NeuronParameters(tau_mem=10.0, tau_syn=5.0, t_ref=t_ref)
    parameters = sp.Parameters({"input->neuron": np.array([[6.0]])}, {"neuron": neuron})
    return sp.EventEngine().solve(sp.Problem(network, parameters, stimulus, loss))


def third(trains):
    """Half the squared distance of the third spike to 20 ms."""
    distance = np.zeros_like(trains[0])
    distance[2] = trains[0][2] - 20
    return 0.5 * distance[2] ** 2, [distance]


see = sp.VoltageTarget("neuron", times, np.zeros((1, len(times))))  # of which we use what it observes: V
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4), width_ratios=(2, 1), layout="constrained")
for t_ref in (0.0, 3.0, 8.0):
    solution = solve(t_ref, see)
    left.plot(times, solution.observed[0][0, 0], label=f"t_ref = {t_ref:g} ms, {len(solution.spikes)} spikes")
left.axhline(1.0, color="gray", linewidth=0.8)
left.set(xlabel="time (ms)", ylabel="V")
left.legend(fontsize="small")

t_ref, path = 1.0, []
for _ in range(25):
    solution = solve(t_ref, sp.SpikeTimeFunction("neuron", third))
    path.append((t_ref, solution.spikes.times[2]))
    t_ref -= 0.15 * solution.gradients.neurons["neuron"].t_ref[0]
right.plot(*np.array(path).T, ".-")
right.axhline(20.0, color="gray", linewidth=0.8)
right.set(xlabel="t_ref (ms)", ylabel="time of the third spike (ms)")
plt.show()
print("learned t_ref", path[-1][0], "third spike at", path[-1][1])
