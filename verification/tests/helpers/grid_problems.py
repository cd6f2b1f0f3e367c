"""A recurrent network off the grid, and errors of its gradients."""

from dataclasses import fields

import numpy as np

from spikeproof import (
    Input,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    Stimulus,
)


def recurrent(loss, n_samples=2):
    """Five recurrent LIF and two LI neurons with all parameters per neuron, delays off the grid."""
    rng = np.random.default_rng(5)
    network = Network(
        (Input("in", 4),),
        (Population("h", 5), Population("o", 2, "li")),
        (Projection("in", "h", 0.3), Projection("h", "h", 1.1), Projection("h", "o", 0.7), Projection("in", "o")),
    )
    weights = {"in->h": (4, 5), "h->h": (5, 5), "h->o": (5, 2), "in->o": (4, 2)}
    weights = {name: rng.normal(2.4 if name == "in->h" else 0.2, 0.6, shape) for name, shape in weights.items()}
    spread = [[rng.uniform(0.8, 1.2, n) for _ in range(7)] for n in (5, 2)]
    h, o = (np.array([12.0, 5.0, 1.0, -0.1, 0.1, 0.2, 0.1])[:, None] * s for s in spread)
    neurons = {"h": NeuronParameters(*h), "o": NeuronParameters(o[0], o[1], None, None, *o[4:])}
    samples = [(rng.uniform(0.0, 20.0, 8), rng.integers(0, 4, 8)) for _ in range(n_samples)]
    return Problem(network, Parameters(weights, neurons), Stimulus.of_samples(samples, 24.0), loss)


def numbers_of(gradients):
    """Every array of the gradients by name."""
    found = {"input_times": gradients.input_times, **gradients.weights}
    found |= {f"delay of {name}": d for name, d in gradients.delays.items()}
    for name, group in gradients.neurons.items():
        found |= {f"{name}.{f.name}": getattr(group, f.name) for f in fields(group)}
    return {name: values for name, values in found.items() if values is not None}


def errors(engine, problem, exact):
    """Error of every array of the gradients, relative to its largest entry."""
    got, wanted = numbers_of(engine.solve(problem).gradients), numbers_of(exact.gradients)
    return {
        name: np.max(np.abs(got[name] - w), initial=0.0) / max(np.max(np.abs(w), initial=0.0), 1e-12)
        for name, w in wanted.items()
    }
