"""Problems in which two events coincide, with closed forms of loss and derivative on both sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mpmath import MPContext

from spikeproof import (
    Input,
    MaxVoltageCrossEntropy,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeFunction,
    SpikeTimeSum,
    SpikeTimeTarget,
    Stimulus,
)
from spikeproof_reference import Direction
from spikeproof_verification.experiments.studies.closed_forms import ClosedNeuron

TAU_MEM, DRIVE, START, LATE, DURATION = 20.0, 5.0, 2.0, 20.0, 60.0
RESCUE = 6.0  # weight of a late input that makes b spike even if its first spike was cancelled
CTX = MPContext()
CTX.dps = 160
NEURON = ClosedNeuron(CTX, CTX.mpf(TAU_MEM), ratio=2)


@dataclass(frozen=True)
class Tie:
    """A tie that a direction takes apart.

    Attributes
    ----------
    name, kind : in words; kind is "smooth", "kink" or "jump".
    problem, direction : a step along `direction` delays one of the two events, one against it hastens it.
    left, right : derivative of the loss on each side, in closed form.
    jump : by how much the loss jumps up, in closed form.
    at_tie : what the adjoint returns by the convention that neurons which cross together all reset before anything
        arrives; None if binary64 cannot hold the tie, so that rounding decides on the side.
    """

    name: str
    kind: str
    problem: Problem
    direction: Direction
    left: Any
    right: Any
    jump: Any
    at_tie: Any


def ties() -> tuple[Tie, ...]:
    """All ties of the study."""
    return (
        _pair("spikes, not coupled", "smooth", 0.0),
        _shared_target(),
        _pair("spikes, excitation", "kink", 2.0),
        _pair("spikes, weak inhibition", "kink", -0.5),
        _pair("spikes, strong inhibition", "jump", -4.0),
        _mutual(),
        _inputs(),
        _arrival("arrival at a crossing, excitation", "kink", 2.0),
        _arrival("arrival at a crossing, strong inhibition", "jump", -4.0),
        _maxima(),
        _end("spike at the end, it counts as T if missing", "kink"),
        _end("spike at the end, nothing if missing", "jump"),
    )


def pair_problem(w_ba: float, w_ab: float = 0.0, shift: float = 0.0, *, both: bool = False) -> Problem:
    """Neurons a and b with the same input, a's later by `shift`, and weights between them; the loss is t_b.

    With `both` it is t_a + t_b, first spikes in either case.
    """
    recurrent = [[0.0, w_ba], [w_ab, 0.0]]
    into = [[DRIVE, 0.0], [0.0, DRIVE], [0.0, RESCUE]]
    trains = [[START + shift], [START], [LATE]]
    return _problem(2, into, recurrent, trains, SpikeTimeFunction("n", first_spikes if both else first_of_b))


def first_of_b(trains: Sequence[Any]) -> tuple[Any, list[list[float]]]:
    """First spike time of neuron 1, and its derivative."""
    return trains[1][0], [[0.0] * len(trains[0]), _unit(len(trains[1]))]


def first_of_last(trains: Sequence[Any]) -> tuple[Any, list[list[float]]]:
    """First spike time of the last neuron, and its derivative."""
    return trains[-1][0], [*([0.0] * len(t) for t in trains[:-1]), _unit(len(trains[-1]))]


def first_spikes(trains: Sequence[Any]) -> tuple[Any, list[list[float]]]:
    """Sum of the first spike times, and its derivative."""
    return sum(t[0] for t in trains), [_unit(len(t)) for t in trains]


def crossing() -> Any:
    """The spike time of a neuron with the common input, to 160 digits."""
    return START + NEURON.crossing(CTX.zero, CTX.mpf(DRIVE))


def slope(w: float = 0.0) -> Any:
    """dV/dt at that crossing, right after a weight `w` arrived."""
    _, i = NEURON.state(CTX.zero, CTX.mpf(DRIVE), crossing() - START)
    return (i + w - 1) / TAU_MEM


def _pair(name: str, kind: str, w: float) -> Tie:
    direction = Direction(input_times=[1.0, 0.0, 0.0])
    left, loss = _with_arrival(w, RESCUE)
    return Tie(name, kind, pair_problem(w), direction, left, CTX.zero, crossing() - loss, CTX.zero)


def _with_arrival(w: float, late: float) -> tuple[Any, Any]:
    """Left derivative and limit of t_b if `w` arrives at b just before it would spike, and `late` at `LATE`.

    While b still rises the arrival bends V but does not stop it: dt_b/dt_a = 1 - Vdot_b / (Vdot_b + w / tau_mem).
    """
    if slope(w) > 0:
        return 1 - slope() / slope(w), crossing()

    def spike(t_a: Any) -> Any:
        arrivals = [(CTX.mpf(START), CTX.mpf(DRIVE)), (t_a, CTX.mpf(w)), (CTX.mpf(LATE), CTX.mpf(late))]
        return NEURON.spike_times(arrivals, CTX.mpf(DURATION))[0]

    h = CTX.mpf(10) ** -45
    t = crossing() - 2 * h
    return _quotient(spike, t, h), spike(t) + 2 * h * _quotient(spike, t, h)


def _shared_target() -> Tie:
    weights = [[0.0, 0.0, 4.0], [0.0, 0.0, 4.0], [0.0, 0.0, 0.0]]
    loss = SpikeTimeFunction("n", first_of_last)
    into = [[DRIVE, 0.0, 0.0], [0.0, DRIVE, 0.0]]
    problem = _problem(3, into, weights, [[START], [START]], loss)

    def spike(t_a: Any) -> Any:
        return NEURON.spike_times(sorted([(t_a, CTX.mpf(4)), (crossing(), CTX.mpf(4))]), CTX.mpf(DURATION))[0]

    d = _quotient(spike, crossing(), CTX.mpf(10) ** -45)
    return Tie("spikes, shared target", "smooth", problem, Direction(input_times=[1.0, 0.0]), d, d, CTX.zero, d)


def _mutual() -> Tie:
    problem = pair_problem(2.0, -0.5, both=True)
    left, right = 2 - slope() / slope(2.0), slope() / slope(-0.5)
    direction = Direction(input_times=[1.0, 0.0, 0.0])
    return Tie("spikes, coupled both ways", "kink", problem, direction, left, right, CTX.zero, CTX.one)


def _inputs() -> Tie:
    problem = _problem(1, [[3.0], [2.0]], [[0.0]], [[START], [START]], SpikeTimeSum("n"))

    def spike(time: Any) -> Any:
        arrivals = sorted([(time, CTX.mpf(3)), (CTX.mpf(START), CTX.mpf(2))])
        return NEURON.spike_times(arrivals, CTX.mpf(DURATION))[0]

    d = _quotient(spike, CTX.mpf(START), CTX.mpf(10) ** -45)
    return Tie("inputs", "smooth", problem, Direction(input_times=[1.0, 0.0]), d, d, CTX.zero, d)


def _arrival(name: str, kind: str, w: float) -> Tie:
    trains = [[START, LATE], [_decimal(crossing())]]
    problem = _problem(1, [[DRIVE], [w]], [[0.0]], trains, SpikeTimeFunction("n", first_of_last))
    left, loss = _with_arrival(w, DRIVE)  # the late input comes on channel 0
    direction = Direction(input_times=[0.0, 1.0, 0.0])
    return Tie(name, kind, problem, direction, left, CTX.zero, crossing() - loss, None)


def _maxima() -> Tie:
    """Two maxima of the same height of a leaky integrator, after one input each; the loss is a cross-entropy.

    At tau_mem = 2 tau_syn a peak after V = v, I = i has the height (v + i)^2 / 4i. The height of the first peak does
    not depend on the time of its input; that of the second grows the later its input comes.
    """
    w, pause = CTX.mpf(DRIVE), CTX.mpf(LATE)
    v, i = NEURON.state(CTX.zero, w, pause)
    total = (w - 2 * v + CTX.sqrt((w - 2 * v) ** 2 - 4 * v * v)) / 2  # I that makes the second peak w / 4 as well
    peak = START + pause - TAU_MEM * CTX.log((v + total) / (2 * total))
    v_then, i_then = NEURON.state(CTX.zero, w, peak - START)
    growth = (v_then - i_then) / TAU_MEM  # dV/dt of the first response there, with its sign changed
    other = CTX.mpf(3) / 4
    softmax = 1 / (1 + CTX.exp(w / 4 - other))
    network = Network((Input("in", 3),), (Population("n", 2, "li"),), (Projection("in", "n"),))
    weights = [[DRIVE, 0.0], [_decimal(total - i), 0.0], [0.0, 3.0]]
    parameters = Parameters({"in->n": weights}, {"n": NeuronParameters(TAU_MEM, TAU_MEM / 2)})
    stimulus = Stimulus.of_channels([[START], [START + LATE], [START]], DURATION + LATE)
    problem = Problem(network, parameters, stimulus, MaxVoltageCrossEntropy("n", [0]))
    direction = Direction(input_times=[1.0 if c == 0 else 0.0 for c in stimulus.channels])
    return Tie("maxima of V", "kink", problem, direction, CTX.zero, -softmax * growth, CTX.zero, None)


def _end(name: str, kind: str) -> Tie:
    loss = SpikeTimeTarget("n", [[0.0]]) if kind == "kink" else SpikeTimeSum("n")
    problem = _problem(1, [[DRIVE]], [[0.0]], [[START]], loss, _decimal(crossing()))
    left, jump = (crossing(), CTX.zero) if kind == "kink" else (CTX.one, -crossing())
    return Tie(name, kind, problem, Direction(input_times=[1.0]), left, CTX.zero, jump, None)


def _problem(n: int, into: Any, recurrent: Any, trains: Any, loss: Any, duration: Any = DURATION) -> Problem:
    network = Network((Input("in", len(into)),), (Population("n", n),), (Projection("in", "n"), Projection("n", "n")))
    parameters = Parameters({"in->n": into, "n->n": recurrent}, {"n": NeuronParameters(TAU_MEM, TAU_MEM / 2)})
    return Problem(network, parameters, Stimulus.of_channels(trains, duration), loss)


def _quotient(function: Callable[[Any], Any], at: Any, h: Any) -> Any:
    return (function(at + h) - function(at - h)) / (2 * h)


def _decimal(x: Any) -> Decimal:
    return Decimal(CTX.nstr(x, 150))


def _unit(size: int) -> list[float]:
    return [1.0] + [0.0] * (size - 1) if size else []
