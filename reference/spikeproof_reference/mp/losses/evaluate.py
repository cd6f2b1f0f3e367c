"""The loss of a problem on a tape."""

from __future__ import annotations

from typing import Any

from spikeproof.errors import InvalidInput
from spikeproof.losses import (
    ExponentialWeight,
    Located,
    Loss,
    MaxVoltage,
    PathIntegral,
    SpikeLoss,
    VoltageAt,
    VoltageLoss,
    WeightedIntegral,
    is_spike_loss,
    is_voltage_loss,
    terms_of,
)
from spikeproof.losses.observables import SHARE, SMOOTH
from spikeproof.problem import Problem
from spikeproof_reference.mp.losses.evaluation import Evaluation
from spikeproof_reference.mp.losses.integrals import ExponentialG, UserG, WeightedIntegrals
from spikeproof_reference.mp.losses.maxima import Maxima
from spikeproof_reference.mp.losses.observation import Observation, Subject
from spikeproof_reference.mp.losses.own_functions import of_form, of_integrand
from spikeproof_reference.mp.losses.path_integral import PathIntegral as Along
from spikeproof_reference.mp.losses.spike_losses import Sample, evaluated, is_registered
from spikeproof_reference.mp.losses.voltage_losses import (
    Observed,
    integrand_of,
    is_voltage_registered,
    voltage_evaluated,
)
from spikeproof_reference.mp.losses.voltage_values import VoltageValues
from spikeproof_reference.mp.path import Paths
from spikeproof_reference.mp.precision import exact, exact_terms
from spikeproof_reference.mp.tape import Tape


def unsupported_part(loss: Loss) -> object | None:
    """A term of the loss that the reference does not know, None if it knows them all."""
    for _, part in terms_of(loss):
        spikes = not is_spike_loss(part) or is_registered(part)
        voltages = not is_voltage_loss(part) or is_voltage_registered(part)
        if not (spikes and voltages):
            return part
    return None


def evaluate(problem: Problem, tape: Tape, *, slopes: bool = True) -> Evaluation:
    """Loss of one sample; with `slopes`, also all that it puts on the adjoint."""
    if problem.loss is None:
        raise InvalidInput("problem.loss", None, "a loss")
    model, network = tape.model, problem.network
    terms = list(exact_terms(model.ctx, problem.loss))
    observers = [part for _, part in terms if is_voltage_loss(part)]
    together = [network.neurons(p.population) for p in observers if isinstance(p.observable, PathIntegral)]
    result = Evaluation(Paths(tape, together), model.ctx.zero, [model.ctx.zero] * len(tape.spikes))
    for number, (factor, part) in enumerate(terms):
        if is_spike_loss(part):
            with Located(problem.loss, number, tape.sample):
                _add_spike_part(factor, part, network.neurons(part.population), result)
    for number, (factor, part) in enumerate(terms):
        result.observed.append(None)
        if is_voltage_loss(part):
            with Located(problem.loss, number, tape.sample):
                _add_voltage_part(factor, part, network.neurons(part.population), result, slopes)
    return result


def _add_spike_part(factor: Any, loss: SpikeLoss, neurons: range, result: Evaluation) -> None:
    tape, rounded = result.paths.tape, result.paths.tape.model.rounded
    trains, index = tape.trains(neurons)
    sample = Sample(tape.model.ctx, tape.sample, trains, rounded(tape.model.duration))
    value, slopes = of_form(sample.ctx, evaluated(loss, sample), trains)
    for positions, parts in zip(index, slopes, strict=True):
        for position, part in zip(positions, parts, strict=True):
            result.d_spike[position] += rounded(factor * part)
    result.value += rounded(factor * value)


def _add_voltage_part(factor: Any, loss: VoltageLoss, neurons: range, result: Evaluation, slopes: bool) -> None:
    tape = result.paths.tape
    observation, ctx = _observation(loss, Subject(result.paths, neurons)), tape.model.ctx
    seen = result.observed[-1] = observation.observed
    value, parts = of_form(ctx, voltage_evaluated(loss, Observed(ctx, tape.sample, seen)), seen)
    result.value += tape.model.rounded(factor * value)
    result.marks += observation.marks()
    if slopes:
        observation.pull_back(_scaled(parts, factor, tape.model.rounded), result)


def _observation(loss: VoltageLoss, subject: Subject) -> Observation:
    what, ctx, sample = loss.observable, subject.ctx, subject.paths.tape.sample
    if isinstance(what, VoltageAt):
        return VoltageValues(subject, [exact(ctx, t) for t in what.times])
    if isinstance(what, MaxVoltage):
        return Maxima(subject, what.rule)
    if isinstance(what, WeightedIntegral):
        return WeightedIntegrals(subject, _weight(what, subject))
    v_width = None if what.v_width is None else exact(ctx, what.v_width)
    t_width = _t_width(subject, what.t_width) if what.depends_on_time else SMOOTH
    return Along(subject, of_integrand(ctx, integrand_of(loss, ctx, sample)), v_width, t_width)


def _t_width(subject: Subject, stated: Any) -> Any:
    """The smallest change of t in which something happens; None is a share of the duration."""
    return SHARE * subject.paths.tape.model.duration if stated is None else exact(subject.ctx, stated)


def _weight(what: WeightedIntegral, subject: Subject) -> ExponentialG | UserG:
    ctx, weight = subject.ctx, what.weight
    if isinstance(weight, ExponentialWeight):
        return ExponentialG(ctx, ctx.one, 1 / exact(ctx, weight.tau))
    if weight == "sum":
        return ExponentialG(ctx, ctx.one, ctx.zero)
    if weight == "mean":
        return ExponentialG(ctx, 1 / subject.paths.tape.model.duration, ctx.zero)
    assert callable(weight)
    return UserG(ctx, weight, subject.paths.tape.model.duration, _t_width(subject, what.t_width))


def _scaled(slopes: Any, factor: Any, rounded: Any) -> Any:
    if isinstance(slopes, list):
        return [_scaled(x, factor, rounded) for x in slopes]
    return rounded(factor * slopes)
