"""
The stair and its limit
=======================

"Spiking is not differentiable", says a lesson. On a grid of times it is not: along a line in the space of weights the
loss is a stair, and its derivative is 0 wherever there is one. With a smaller step the stairs become finer, and their
limit is the smooth loss of the exact network, whose gradient is not 0.
"""

import matplotlib.pyplot as plt
import numpy as np

import spikeproof as sp
from spikeproof_verification.experiments.lesson.stair import direction, discrete_loss, problem_at

places = np.linspace(0.0, 1.0, 201)
figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
for dt, color in ((0.25, "tab:red"), (0.0625, "tab:orange")):
    axes.step(places, [discrete_loss(s, dt) for s in places], where="mid", color=color, label=f"steps of {dt:g} ms")
exact = [sp.EventEngine().solve(problem_at(s), gradients=None).loss for s in places]
axes.plot(places, exact, color="tab:blue", linewidth=2, label="exact spike times")

solution = sp.EventEngine().solve(problem_at(0.5))
slope = np.concatenate([g.ravel() for g in solution.gradients.weights.values()]) @ direction()
axes.plot(places, solution.loss + slope * (places - 0.5), "--", color="black", label=f"exact gradient: {slope:.3f}")
axes.set(xlabel="place on a line in the space of weights", ylabel="time of the output spike (ms)")
axes.legend()
plt.show()
print("plateaus at dt = 0.25, 0.0625:", [len({discrete_loss(s, dt) for s in places}) for dt in (0.25, 0.0625)])
