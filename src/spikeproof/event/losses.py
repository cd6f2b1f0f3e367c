"""A loss evaluated on a run: its value, and its derivatives as they enter the adjoint."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from spikeproof.event.kernels.backward.cotangents import VoltageCotangents, no_cotangents
from spikeproof.event.kernels.reading.first_spike import OVERFLOW, SILENT, Form, first_spike_cross_entropy
from spikeproof.event.observed import Observed, Points, Pulled, observed, observed_maxima
from spikeproof.event.run import Run
from spikeproof.losses import (
    FirstSpikeCrossEntropy,
    Located,
    Loss,
    MaxVoltage,
    SpikeLoss,
    VoltageLoss,
    is_spike_loss,
    is_voltage_loss,
    spike_part,
    terms_of,
    voltage_part,
)
from spikeproof.losses.checked import require_finite
from spikeproof.numbers import Float64Array, quiet


@dataclass(frozen=True)
class Evaluation:
    """Loss of each sample of a run; derivatives of the batch's mean with respect to each spike time and V.

    Derivatives by spike times include l_V^- - l_V^+ and are in the order of the tape of each part; `sources` is None
    where V does not enter the loss. `observed` is that of a `Solution`.
    """

    values: Float64Array
    d_spike: list[Float64Array]
    sources: VoltageCotangents | None
    observed: list[Float64Array | None]


@quiet
def evaluation(loss: Loss, run: Run, *, slopes: bool = True) -> Evaluation:
    """`loss`, of the samples of a run; with `slopes`, also the derivatives of the mean over the whole batch by V.

    Raises
    ------
    InvalidInput
        If a loss returns anything but finite numbers of the right shapes, or a factor makes them overflow.
    """
    terms = _Terms(run, np.zeros(run.last - run.first), [np.zeros(p.n_spikes) for p in run.parts], slopes)
    for number, (factor, part) in enumerate(terms_of(loss)):
        with Located(loss, number):
            terms.add(float(factor), part)
    n_slots, n_samples = len(run.batch.structure.neuron), len(terms.values)
    return Evaluation(terms.values, terms.d_spike, _sources(terms.pulled, n_slots, n_samples), terms.observed)


@dataclass
class _Terms:
    """The sums over the terms of a loss, see `Evaluation`."""

    run: Run
    values: Float64Array
    d_spike: list[Float64Array]
    slopes: bool
    pulled: list[tuple[range, Pulled]] = field(default_factory=list)
    observed: list[Float64Array | None] = field(default_factory=list)

    def add(self, scale: float, part: SpikeLoss | VoltageLoss) -> None:
        """Add a term of this factor."""
        run, problem = self.run, self.run.problem
        n, duration = problem.stimulus.n_samples, problem.stimulus.duration
        if type(part) is FirstSpikeCrossEntropy:
            self._count(scale, _first_spike(part, run, scale / n, self.d_spike))
        elif is_spike_loss(part):
            value, slope = spike_part(part, run.spikes, problem.network.neurons(part.population), duration)
            self._count(scale, value)
            run.add_to_tapes(scale * slope / n, self.d_spike)
        self.observed.append(None)
        if is_voltage_loss(part):
            seen = _seen(part, run)
            self.observed[-1] = seen.values.copy(order="K")  # a copy: a loss may change it
            value, slope = voltage_part(part, seen.values)
            self._count(scale, value)
            if self.slopes:
                self._pull(run.batch.structure.slots[part.population], seen.pull(scale * slope / n))

    def _count(self, scale: float, value: Float64Array) -> None:
        value = scale * value
        if scale != 1.0:
            require_finite("factor times value", value)
        self.values += value

    def _pull(self, slots: range, back: Pulled) -> None:
        for number, drop in back.spikes:
            drops = np.zeros(self.run.starts[-1])
            np.add.at(drops, number, drop)
            self.run.add_to_tapes(drops, self.d_spike)
        self.pulled.append((slots, back))


def _first_spike(part: FirstSpikeCrossEntropy, run: Run, scale: float, d_spike: list[Float64Array]) -> Float64Array:
    """The first-spike cross-entropy of each sample; adds `scale` times its derivatives to `d_spike`."""
    s = run.batch.structure
    slots, c = s.slots[part.population], s.component_of[part.population]
    values, work = np.zeros(run.last - run.first), np.empty((3, len(slots)))
    silent, refused = part.silent_time(run.problem.stimulus.duration), part.silent == "error"
    form = Form(float(part.tau0), float(part.tau1), float(part.alpha), silent, refused, scale)
    for p, d_spike_of_part in zip(run.parts, d_spike, strict=True):
        own = slice(p.first - run.first, p.last - run.first)
        status, sample, neuron = first_spike_cross_entropy(
            p.tape, c, len(s.kinds), slots.start, part.labels[own], form, work, values[own], d_spike_of_part
        )
        if status == SILENT:
            raise part.silent_neuron(p.first + sample, neuron)
        if status == OVERFLOW:
            raise part.overflow()
    return values


def _seen(part: VoltageLoss, run: Run) -> Observed:
    """The numbers that a term of a loss observes of V."""
    if isinstance(part.observable, MaxVoltage):
        slots = run.batch.structure.slots[part.population]
        return observed_maxima(part.observable, run.maxima(part.population), slots)
    return observed(part.observable, run.trajectories(part.population))


def _sources(pulled: list[tuple[range, Pulled]], n_slots: int, n_samples: int) -> VoltageCotangents | None:
    """The derivatives of all terms by V as they enter the adjoint; points sorted by sample, slot and time."""
    if not pulled:
        return None
    sources = no_cotangents()
    points = [p for _, back in pulled for p in back.points]
    if points:
        sources = _sorted_points(points, n_slots, n_samples)
    driven = [(slots, rate, amplitude) for slots, back in pulled for rate, amplitude in back.drives]
    if driven:
        rates = sorted({rate for _, rate, _ in driven})
        drive = np.zeros((n_samples, n_slots, len(rates)))
        for slots, rate, amplitude in driven:
            drive[:, slots.start : slots.stop, rates.index(rate)] += amplitude
        sources = sources._replace(rate=np.array(rates), drive=drive)
    return sources


def _sorted_points(points: list[Points], n_slots: int, n_samples: int) -> VoltageCotangents:
    sample, slot, event = (np.concatenate([getattr(p, name) for p in points]) for name in ("sample", "slot", "event"))
    time, slope, kink = (np.concatenate([getattr(p, name) for p in points]) for name in ("time", "slope", "kink"))
    row = sample * n_slots + slot
    order = np.lexsort((event, time, row))
    return no_cotangents()._replace(
        point_offset=np.cumsum(np.bincount(row + 1, minlength=n_samples * n_slots + 1)),
        point_time=time[order].astype(np.float64),
        point_event=event[order].astype(np.int64),
        point_slope=slope[order].astype(np.float64),
        point_kink=kink[order].astype(np.float64),
    )
