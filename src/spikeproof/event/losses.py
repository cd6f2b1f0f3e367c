"""A loss evaluated on a run: its value, and what it puts on the adjoint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.event.kernels.sources import Sources, no_sources
from spikeproof.event.layout import structure
from spikeproof.event.observed import Observed, Points, Pulled, observed, observed_maxima
from spikeproof.event.run import Run
from spikeproof.losses import Loss, MaxVoltage, VoltageLoss, is_spike_loss, is_voltage_loss, terms_of
from spikeproof.numbers import Float64Array


@dataclass(frozen=True)
class Evaluation:
    """Loss of each sample, dl_p/dt of each spike (l_V^- - l_V^+ included), and derivatives with respect to V."""

    values: Float64Array
    d_spike: Float64Array
    sources: Sources

    def mean(self) -> Evaluation:
        """The same for the mean over the samples."""
        n, s = len(self.values), self.sources
        sources = s._replace(point_slope=s.point_slope / n, point_kink=s.point_kink / n, drive=s.drive / n)
        return Evaluation(self.values, self.d_spike / n, sources)


def evaluation(loss: Loss, run: Run) -> Evaluation:
    """`loss` on a run, with the derivatives of the sum over samples.

    Raises
    ------
    InvalidInput
        If a value or derivative is not finite.
    """
    spikes, network = run.spikes, run.problem.network
    duration = run.problem.stimulus.duration
    values, d_spike = np.zeros(spikes.n_samples), np.zeros(len(spikes))
    pulled: list[tuple[range, Pulled]] = []
    for factor, part in terms_of(loss):
        scale = float(factor)
        if is_spike_loss(part):
            value, slope = part.evaluate(spikes, network.neurons(part.population), duration)
            _require_finite(value, slope)
            values += scale * value
            d_spike += scale * slope
        if is_voltage_loss(part):
            seen, slots = _seen(part, run), structure(network).slots[part.population]
            value, slope = part.evaluate_voltage(seen.values)
            _require_finite(value, slope)
            values += scale * value
            back = seen.pull(scale * slope)
            for number, drop in back.spikes:
                np.add.at(d_spike, number, drop)
            pulled.append((slots, back))
    return Evaluation(values, d_spike, _sources(pulled, len(run.layout.neuron), spikes.n_samples))


def _seen(part: VoltageLoss, run: Run) -> Observed:
    """What a term of a loss observes of V."""
    slots = structure(run.problem.network).slots[part.population]
    if isinstance(part.observable, MaxVoltage):
        return observed_maxima(part.observable, run.maxima(part.population), slots)
    return observed(part.observable, run.trajectories(part.population))


def _require_finite(value: Float64Array, slope: Float64Array) -> None:
    if not (np.all(np.isfinite(value)) and np.all(np.isfinite(slope))):
        raise InvalidInput("loss", "a value or derivative that overflows binary64", "finite numbers")


def _sources(pulled: list[tuple[range, Pulled]], n_slots: int, n_samples: int) -> Sources:
    """Everything that the terms of a loss put on the adjoint, points sorted by sample, slot and time."""
    sources = no_sources()
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


def _sorted_points(points: list[Points], n_slots: int, n_samples: int) -> Sources:
    sample, slot, event = (np.concatenate([getattr(p, name) for p in points]) for name in ("sample", "slot", "event"))
    time, slope, kink = (np.concatenate([getattr(p, name) for p in points]) for name in ("time", "slope", "kink"))
    row = sample * n_slots + slot
    order = np.lexsort((event, time, row))
    return no_sources()._replace(
        point_offset=np.searchsorted(row[order], np.arange(n_samples * n_slots + 1)).astype(np.int64),
        point_time=time[order].astype(np.float64),
        point_event=event[order].astype(np.int64),
        point_slope=slope[order].astype(np.float64),
        point_kink=kink[order].astype(np.float64),
    )
