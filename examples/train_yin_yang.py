"""
Train on Yin-Yang
=================

Points of the Yin-Yang sign, coded as times of four input spikes; the class is the output neuron that spikes first.
After a few seconds of training the map shows how the network divides the plane.
"""

import matplotlib.pyplot as plt
import numpy as np

import spikeproof as sp
from spikeproof.training import Adam, Classifier, FirstSpikeReadout, Samples, Sets, Settings, Trainer
from spikeproof.yin_yang import yin_yang, yin_yang_problem, yin_yang_stimulus

points, labels = yin_yang(2000, seed=42)
train = Samples(yin_yang_stimulus(points), labels)
points, labels = yin_yang(500, seed=40)
test = Samples(yin_yang_stimulus(points), labels)
first = yin_yang_problem(points, labels, seed=0, n_hidden=60)  # for its network and initial weights
readout = FirstSpikeReadout("output", tau0=0.5, tau1=6.4, alpha=0.003, silent="absent")
classifier = Classifier(first.network, first.parameters, readout)
settings = Settings(epochs=12, batch=32, adam=Adam(0.005), decay=0.95, dropout=0.0, seed=0)
trainer = Trainer(classifier, Sets(train, test), settings, engine=sp.EventEngine())
history = trainer.run().history
print("accuracy before and after", history[0]["test_accuracy"], history[-1]["test_accuracy"])

ticks = np.linspace(0.0, 1.0, 81)
plane = np.array([(x, y, 1 - x, 1 - y) for y in ticks for x in ticks])
samples = Samples(yin_yang_stimulus(plane), np.zeros(len(plane), dtype=int))
problem = classifier.problem(trainer.state.weights, samples)
answers = readout.classes(trainer.engine.solve(problem, gradients=None)).reshape(81, 81)

figure, (curve, left) = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained")
curve.plot([row["epoch"] for row in history], [row["test_loss"] for row in history], ".-")
curve.set(xlabel="epoch", ylabel="loss of the test set")
left.imshow(answers, origin="lower", extent=(0, 1, 0, 1), cmap="viridis", alpha=0.6)
left.scatter(points[:, 0], points[:, 1], c=labels, s=6, cmap="viridis", edgecolors="black", linewidths=0.2)
left.set(title=f"{100 * history[-1]['test_accuracy']:.1f} % of 500 test points", xticks=[], yticks=[])
plt.show()
