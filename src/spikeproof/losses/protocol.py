"""The interface of a loss: a part of spike times, a part of potentials, or both."""

from __future__ import annotations

from typing import Protocol, TypeGuard, get_args

from spikeproof.errors import InvalidInput
from spikeproof.losses.checked import checked_pair
from spikeproof.losses.inside import Inside
from spikeproof.losses.observables import MaxVoltage, Observable, check_times
from spikeproof.network import KINDS, Network
from spikeproof.numbers import Array, Float64Array, IntArray, Scalar
from spikeproof.spikes import Spikes


class Loss(Protocol):
    """A function of the spike times or potentials of one population: a `SpikeLoss`, a `VoltageLoss`, or both at once.

    The loss of a batch is the mean over its samples, see docs/theory.md (batch-mean). An attribute
    ``heuristic = True`` says that what the loss reports as its derivative is not one. An attribute `horizon` of the
    class itself says how far the loss can see, see `horizon_of`; a loss without it sees all of [0, T].
    """

    @property
    def population(self) -> str:
        """Name of the population that the loss reads."""
        ...

    def check(self, network: Network, n_samples: int) -> None:
        """Raise `InvalidInput` if the loss does not fit the network or the batch."""
        ...

    def select(self, samples: IntArray) -> Loss:
        """The loss of the samples with these numbers, in this order: with their labels or targets.

        `PerSample` is a base that has it. A loss without it is refused where some samples are selected
        (`Problem.select`), and evaluated on the whole batch everywhere else.
        """
        ...


class SpikeLoss(Loss, Protocol):
    """The part of a loss that is a function l_p of spike times: docs/theory.md (loss)."""

    def evaluate(self, spikes: Spikes, neurons: range, duration: Scalar) -> tuple[Array, Array]:
        """Loss of each sample, shape (n_samples,), and dl_p/dt of each spike, shape (n_spikes,).

        `neurons` are the numbers of the population's neurons; spikes of other neurons get derivative 0. n_spikes is
        ``len(spikes)``: all spikes of the network.
        """
        ...


class VoltageLoss(Loss, Protocol):
    """The part of a loss that is a function F of an observable of V: docs/theory.md (loss)."""

    @property
    def observable(self) -> Observable:
        """The observable of V that the loss is a function of."""
        ...

    def evaluate_voltage(self, observed: Array) -> tuple[Array, Array]:
        """Loss of each sample, shape (n_samples,), and its derivative per observed number, shape of `observed`."""
        ...


def is_spike_loss(loss: object) -> TypeGuard[SpikeLoss]:
    """Whether an object has the members of a `SpikeLoss`.

    Parameters
    ----------
    loss : object

    Returns
    -------
    bool
    """
    return _has(loss, "population", "check", "evaluate")


def is_voltage_loss(loss: object) -> TypeGuard[VoltageLoss]:
    """Whether an object has the members of a `VoltageLoss`.

    Parameters
    ----------
    loss : object

    Returns
    -------
    bool
    """
    return _has(loss, "population", "check", "observable", "evaluate_voltage")


def _has(loss: object, *names: str) -> bool:
    """Whether `loss` has these members; an isinstance check of the protocol takes longer than a small problem."""
    return all(hasattr(loss, name) for name in names)


def check_spiking(network: Network, population: object) -> int:
    """Size of the LIF population called `population`; raises `InvalidInput` if there is none."""
    return check_kind(network, population, "lif")


def spike_part(loss: SpikeLoss, spikes: Spikes, neurons: range, duration: Scalar) -> tuple[Float64Array, Float64Array]:
    """The values and derivatives that `SpikeLoss.evaluate` returns, checked.

    Parameters
    ----------
    loss : SpikeLoss
    spikes : Spikes
        All spikes of the batch.
    neurons : range
        Numbers of the neurons of the loss's population.
    duration : float or Decimal
        T.

    Returns
    -------
    values : float64 array, shape (n_samples,)
    slopes : float64 array, shape (n_spikes,)
        dl_p/dt of each spike.

    Raises
    ------
    InvalidInput
        If the loss returns anything but finite numbers of these shapes.
    """
    with Inside("loss.evaluate"):
        returned = loss.evaluate(spikes.read_only(), neurons, duration)
    return checked_pair("loss.evaluate", returned, (spikes.n_samples,), spikes.times.shape)


def voltage_part(loss: VoltageLoss, observed: Float64Array) -> tuple[Float64Array, Float64Array]:
    """The values and derivatives that `VoltageLoss.evaluate_voltage` returns, checked.

    Parameters
    ----------
    loss : VoltageLoss
    observed : float64 array, shape (n_samples, ...)
        The observed numbers, in the shape of the observable.

    Returns
    -------
    values : float64 array, shape (n_samples,)
    slopes : float64 array, shape of `observed`

    Raises
    ------
    InvalidInput
        If the loss returns anything but finite numbers of these shapes.
    """
    shape = observed.shape
    with Inside("loss.evaluate_voltage"):
        returned = loss.evaluate_voltage(observed)
    return checked_pair("loss.evaluate_voltage", returned, shape[:1], shape)


def check_reading(loss: Loss, network: Network, duration: Scalar) -> None:
    """Check that a loss reads a population of the network, and observes what can be observed of it.

    Parameters
    ----------
    loss : Loss
    network : Network
    duration : float or Decimal
        T, after which V cannot be observed.

    Raises
    ------
    InvalidInput
        If there is no such population, if V is read after T, or if the largest V of a spiking population is asked for.
    """
    check_kind(network, loss.population)
    if not is_voltage_loss(loss):
        return
    observable = loss.observable
    if not isinstance(observable, get_args(Observable)):
        names = [kind.__name__ for kind in get_args(Observable)]
        raise InvalidInput("loss.observable", observable, " or ".join(names))
    if isinstance(observable, MaxVoltage):  # the search for a maximum does not handle resets
        check_kind(network, loss.population, "li")
    check_times(observable, duration)


def check_kind(network: Network, population: object, *kinds: str) -> int:
    """Size of the population called `population` of one of these kinds, any if none is named."""
    wanted = kinds or KINDS
    names = [p.name for p in network.populations if p.kind in wanted]
    if not isinstance(population, str) or population not in names:
        raise InvalidInput("loss.population", population, f"a {' or '.join(wanted)} population: {names}")
    return network.population(str(population)).size
