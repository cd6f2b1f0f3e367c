"""What binary64 cannot hold is refused by name; what it can is solved without a warning."""

from dataclasses import replace

import pytest
from one_layer import one_layer

from spikeproof import (
    EventEngine,
    InvalidInput,
    NeuronParameters,
    SpikeTimeSum,
    Stimulus,
)


def pair(tau_mem, tau_syn, duration, kind="lif"):
    stimulus = Stimulus.of_samples([([duration / 1024], [0])], duration=duration)
    loss = SpikeTimeSum("a") if kind == "lif" else None
    return one_layer([[30.0, 20.0]], stimulus, NeuronParameters(tau_mem, tau_syn), loss, kind=kind, name="a")


@pytest.mark.parametrize(
    ("tau_mem", "tau_syn", "duration", "field"),
    [
        (20.0, 5.0, 5.1e12, "stimulus.duration"),
        (1e-10, 1e10, 200.0, "stimulus.duration"),
        (1e291, 5.0, 60.0, r"parameters.neurons\['a'\].tau_mem\[0\]"),
        (20.0, [5.0, 1e-291], 60.0, r"parameters.neurons\['a'\].tau_syn\[1\]"),
        (1e155, 5.0, 60.0, r"parameters.neurons\['a'\].tau_mem / tau_syn\[0\]"),
    ],
)
@pytest.mark.parametrize("kind", ["lif", "li"])
def test_what_binary64_does_not_resolve_is_refused_by_name(tau_mem, tau_syn, duration, field, kind):
    problem = pair(tau_mem, tau_syn, duration, kind)
    with pytest.raises(InvalidInput, match=f"^{field}: got "):
        EventEngine().solve(problem)
    assert EventEngine().unsupported(problem) is not None


def test_a_network_is_not_refused_for_a_silence():
    assert EventEngine().unsupported(pair(20.0, 5.0, 5e12)) is None
    assert len(EventEngine().solve(replace(pair(20.0, 5.0, 5e12), loss=None)).spikes) > 0
