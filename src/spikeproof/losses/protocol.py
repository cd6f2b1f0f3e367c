"""What a loss is: a value per sample and a derivative per spike."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from spikeproof.errors import InvalidInput
from spikeproof.network import Network
from spikeproof.numbers import Array, Scalar
from spikeproof.spikes import Spikes


@runtime_checkable
class Loss(Protocol):
    """A function of the spike times of one population.

    The loss of a batch is the mean over its samples (the 1/N_batch of the notes' eq. 25).
    """

    @property
    def population(self) -> str:
        """Name of the population whose spikes the loss reads."""
        ...

    def check(self, network: Network, n_samples: int) -> None:
        """Raise `InvalidInput` if the loss does not fit the network or the batch."""
        ...

    def evaluate(self, spikes: Spikes, neurons: range, duration: Scalar) -> tuple[Array, Array]:
        """Loss of each sample, shape (n_samples,), and dl_p/dt of each spike, shape (n_spikes,).

        `neurons` are the numbers of the population's neurons; spikes of other neurons get derivative 0.
        """
        ...


def check_spiking(network: Network, population: object) -> int:
    """Size of the LIF population called `population`; raises `InvalidInput` if there is none."""
    spiking = [p.name for p in network.populations if p.kind == "lif"]
    if population not in spiking:
        raise InvalidInput("loss.population", population, f"a lif population: {spiking}")
    return network.population(str(population)).size
