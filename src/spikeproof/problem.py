"""A problem: network, parameters, stimulus and loss, checked against each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from spikeproof.errors import InvalidInput
from spikeproof.losses import Located, Loss, LossSum, check_reading, is_loss, selected, terms_of
from spikeproof.network import Network
from spikeproof.numbers import Array, integers, is_exact, rounded
from spikeproof.parameters import Parameters, neuron_columns
from spikeproof.stimulus import Stimulus


@dataclass(frozen=True)
class Problem:
    """A network with its parameters, stimulus and loss: everything an engine needs, validated on construction.

    Between events, for every neuron, from V(0) = v_init and I(0) = i_init::

        tau_mem dV/dt = -V + I + bias        tau_syn dI/dt = -I

    A LIF neuron spikes when V reaches v_th from below; then V is held at v_reset for t_ref, while I goes on. An
    arriving spike adds its weight to I. See docs/theory.md (model), (spike-rule), (arrival-rule), (refractory).

    Parameters
    ----------
    network : Network
    parameters : Parameters
        For every projection and population of the network.
    stimulus : Stimulus
        Input spikes on the channels of the network.
    loss : Loss, or None
        The loss of the batch is the mean over its samples; None: spikes alone are of interest.
    name : str
        Title in reports and error messages.

    Raises
    ------
    InvalidInput
        If a shape, name, number or label does not fit; the message names the field.
    """

    network: Network
    parameters: Parameters
    stimulus: Stimulus
    loss: Loss | None = None
    name: str = ""

    def __post_init__(self) -> None:
        for field, kind in (("network", Network), ("parameters", Parameters), ("stimulus", Stimulus)):
            if not isinstance(getattr(self, field), kind):
                raise InvalidInput(field, getattr(self, field), f"a {kind.__name__}")
        if not isinstance(self.name, str):
            raise InvalidInput("name", self.name, "a string")
        object.__setattr__(self, "parameters", self.parameters.checked(self.network))
        self.stimulus.check_channels(self.network.n_channels)
        if self.loss is not None:
            if not is_loss(self.loss):
                raise InvalidInput("loss", self.loss, "an object with population, check and evaluate, or None")
            self.loss.check(self.network, self.stimulus.n_samples)
            for number, (_, part) in enumerate(terms_of(self.loss)):
                with Located(self.loss, number):
                    check_reading(part, self.network, self.stimulus.duration)

    def rounded(self) -> Problem:
        """This problem with every Decimal rounded to the nearest binary64, itself if it has none.

        It is what a float64 engine solves.

        Raises
        ------
        InvalidInput
            If a number becomes infinite, or 0 where it must not be.
        """
        try:
            return self._rounded() if self._has_decimals() else self
        except InvalidInput as error:
            allowed = f"{error.allowed}, when rounded to binary64"
            raise InvalidInput(error.field, error.value, allowed) from None

    def select(self, samples: Any) -> Problem:
        """The problem of the samples with these numbers, in this order.

        Raises
        ------
        InvalidInput
            If a number is not that of a sample, if there is no number, or if the loss cannot be taken apart by samples:
            see `spikeproof.losses.Loss`.
        """
        numbers = integers("samples", samples, low=0, high=self.stimulus.n_samples)
        if not len(numbers):
            raise InvalidInput("samples", [], "at least one sample")
        loss = None if self.loss is None else selected(self.loss, numbers)
        return replace(self, stimulus=self.stimulus.select(numbers), loss=loss)

    def dense(self) -> Problem:
        """This problem with every sparse projection as an all-to-all one, weight 0 where there is no synapse.

        Spikes and loss are the same, and so are the gradients at the synapses (`Gradients.at_synapses`). Itself if no
        projection is sparse.
        """
        network = self.network
        if all(p.synapses is None for p in network.projections):
            return self
        dense = replace(network, projections=tuple(replace(p, synapses=None) for p in network.projections))
        parameters = replace(self.parameters, weights=network.as_matrices(self.parameters.weights))
        return replace(self, network=dense, parameters=parameters)

    def neuron_columns(self, number: Callable[[Any], Any] | None = None) -> dict[str, Array]:
        """Each parameter of the neurons, by name, as one array over all neurons in the network's order.

        A neuron that lacks a parameter has the value with which engines compute as if it had one: a leaky integrator
        has an infinite threshold.

        Parameters
        ----------
        number : callable or None
            Converts each given number to an engine's own; called once for a number that neurons share. None keeps them.

        Returns
        -------
        dict from name, in the order of `NEURON_PARAMETERS`, to array, shape (n_neurons,)
            Float64 if the problem has no decimals and `number` is None, else objects.
        """
        return neuron_columns(self.network, self.parameters.neurons, number)

    def _has_decimals(self) -> bool:
        return (
            any(is_exact(p.delay) for p in self.network.projections)
            or any(is_exact(w) for w in self.parameters.weights.values())
            or any(p.exact for p in self.parameters.neurons.values())
            or is_exact(self.stimulus.times)
            or is_exact(self.stimulus.duration)
            or _rounded_loss(self.loss) is not self.loss
        )

    def _rounded(self) -> Problem:
        projections = tuple(replace(p, delay=rounded(p.delay)) for p in self.network.projections)
        network = replace(self.network, projections=projections)
        return Problem(network, self.parameters.rounded(), self.stimulus.rounded(), _rounded_loss(self.loss), self.name)


def _rounded_loss(loss: Loss | None) -> Loss | None:
    if loss is None or not is_dataclass(loss) or isinstance(loss, type):
        return loss
    if isinstance(loss, LossSum):
        terms = [(rounded(factor), _rounded_loss(part)) for factor, part in loss.terms]
        same = all(new[0] is old[0] and new[1] is old[1] for new, old in zip(terms, loss.terms, strict=True))
        return loss if same else LossSum(terms)
    names = [f.name for f in fields(loss) if is_exact(getattr(loss, f.name))]
    return replace(loss, **{name: rounded(getattr(loss, name)) for name in names}) if names else loss
