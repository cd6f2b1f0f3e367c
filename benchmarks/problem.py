"""The spikeproof problem of a workload file."""

from __future__ import annotations

from work import NEURON, Group, Work

from spikeproof import (
    FirstSpikeCrossEntropy,
    Input,
    Loss,
    MaxVoltageCrossEntropy,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeSum,
    Stimulus,
    Synapses,
)


def problem_of(work: Work) -> Problem:
    """The workload as a spikeproof problem: the same network, numbers, inputs and loss."""
    network = Network(
        [Input(g.name, g.size) for g in work.groups if g.kind == "input"],
        [Population(g.name, g.size, g.kind) for g in work.neurons],
        [
            Projection(
                x.pre,
                x.post,
                x.delay,
                name=x.name,
                synapses=None if x.offsets is None else Synapses(x.offsets, x.targets),
            )
            for x in work.links
        ],
    )
    neurons = {g.name: _neuron(g) for g in work.neurons}
    parameters = Parameters({x.name: x.weights for x in work.links}, neurons)
    stimulus = Stimulus(work.times, work.channels, work.offsets, work.duration)
    return Problem(network, parameters, stimulus, _loss(work), work.name)


def _neuron(group: Group) -> NeuronParameters:
    names = NEURON if group.kind == "lif" else NEURON[:2]
    return NeuronParameters(**{name: getattr(group, name) for name in names})


def _loss(work: Work) -> Loss | None:
    if not work.loss:
        return None
    numbers = {k: v for k, v in work.loss.items() if k != "kind"}
    if work.loss["kind"] == "spike_sum":
        return SpikeTimeSum(**numbers)
    kind = {"first_spike": FirstSpikeCrossEntropy, "max_voltage": MaxVoltageCrossEntropy}[work.loss["kind"]]
    return kind(labels=work.labels, **numbers)
