"""Random networks with delta synapses, and the gradients of their reference as arrays."""

import numpy as np

import spikeproof as sp
from spikeproof_reference.lesson.delta import delta_spikes


def delta_problem(seed, biased=True, recurrent=True):
    """Three inputs, four hidden and two output neurons; with a bias above the threshold of some of them, or without."""
    random = np.random.default_rng(seed)
    projections = [sp.Projection("in", "h", 0.125), sp.Projection("h", "o", 0.3), sp.Projection("in", "o", 0.7)]
    if recurrent:
        projections.append(sp.Projection("h", "h", 1.1))
    network = sp.Network(
        [sp.Input("in", 3)], [sp.Population("h", 4), sp.Population("o", 2), sp.Population("r", 1, "li")],
        [*projections, sp.Projection("h", "r", 0.2)],
    )  # fmt: skip
    weights = sp.normal_weights(network, (0.1, 0.35), seed)
    if recurrent:
        weights["h->h"] *= 0.2
    drives = random.uniform([0.5, 1.3], [0.9, 1.8], (3, 2))
    columns = {"v_reset": -0.1, "v_init": 0.1}
    bias = {"h": [*drives[0], *drives[1]], "o": drives[2]} if biased else {"h": 0.0, "o": 0.0}
    neurons = {name: sp.NeuronParameters(20.0, 5.0, bias=bias[name], **columns) for name in ("h", "o")}
    neurons["r"] = sp.NeuronParameters(10.0, 5.0, bias=0.2)
    samples = [(random.uniform(0.0, 35.0, 10), random.integers(0, 3, 10)) for _ in range(2)]
    loss = sp.LossSum([(1.0, sp.SpikeTimeSum("o", [1.0, -0.5])), (0.3, sp.SpikeTimeSum("h"))])
    return sp.Problem(network, sp.Parameters(weights, neurons), sp.Stimulus.of_samples(samples, 40.0), loss)


COEFFICIENTS = (0.3, 0.3, 0.3, 0.3, 1.0, -0.5)  # of the spike times in that loss, by neuron


def expected_gradients(problem):
    """Gradients of that loss by weights, input times and biases, and the sizes of their terms, from the reference."""
    n = problem.stimulus.n_samples
    found = {name: np.zeros(w.shape) for name, w in problem.parameters.weights.items()}
    found |= {"input": np.zeros(len(problem.stimulus.times)), "bias": np.zeros(problem.network.n_neurons)}
    sizes = {name: np.zeros_like(values) for name, values in found.items()}
    for sample in range(n):
        for spike in delta_spikes(problem, sample):
            for (name, row, column), slope in spike.tangent.items():
                place = row, column
                if name in ("input", "bias"):
                    place = (row + (problem.stimulus.offsets[sample] if name == "input" else 0),)
                term = COEFFICIENTS[spike.neuron] * float(slope) / n
                found[name][place] += term
                sizes[name][place] += abs(term)
    return found, sizes
