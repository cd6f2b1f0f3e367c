"""The max-voltage cross-entropy of the image and speech experiments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from spikeproof.losses.observables import MaxVoltage
from spikeproof.losses.protocol import check_kind
from spikeproof.losses.samples import PerSample
from spikeproof.losses.softmax import check_labels, checked_labels, cross_entropy
from spikeproof.network import Network
from spikeproof.numbers import Array


@dataclass(frozen=True)
class MaxVoltageCrossEntropy(PerSample):
    """Cross-entropy of the largest membrane potentials of leaky integrators.

    ::

        L = -log( exp(M_l) / sum_j exp(M_j) ),   M_j = max over [0, T] of V_j,   c_j = dL/dM_j = P_j - [j = l]

    Parameters
    ----------
    population
        Name of an LI population, one neuron per class.
    labels : int array, shape (n_samples,)
        Class of each sample, from 0 to size - 1.
    rule
        ``"complete"`` or ``"published"``, see `MaxVoltage`.

    Raises
    ------
    InvalidInput
        If an argument is outside its range; from `Problem`, if the loss does not fit the network or the batch.

    Notes
    -----
    The adjoint by the complete rule: at a smooth maximum, or one at T, lambda_v,j jumps by ``-c_j / tau_mem``. Where
    an arrival cuts a rising V_j the same jump lies on the minus side of the arrival, and ``c_j dV_j/dt^-`` is added
    to dl_p/dt of the spike that arrives. A maximum at t = 0 contributes to the initial state alone. At ties between
    maxima or between arrivals the result is the derivative on the side of the stored order.

    References
    ----------
    docs/theory.md (loss-max), (max-where), (max-smooth), (max-kink).
    """

    population: str
    labels: Any
    rule: Literal["complete", "published"] = "complete"

    per_sample: ClassVar[tuple[str, ...]] = ("labels",)

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", checked_labels(self.labels))
        MaxVoltage(self.rule)

    @property
    def heuristic(self) -> bool:
        """True for the published rule, which is wrong at kinks."""
        return self.rule == "published"

    @property
    def observable(self) -> MaxVoltage:
        return MaxVoltage(self.rule)

    def check(self, network: Network, n_samples: int) -> None:
        check_labels(self.labels, n_samples, check_kind(network, self.population, "li"))

    def evaluate_voltage(self, observed: Array) -> tuple[Array, Array]:
        return cross_entropy(observed, self.labels)
