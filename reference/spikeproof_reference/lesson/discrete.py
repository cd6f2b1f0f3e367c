"""The discrete network in plain Python, one neuron and one step after the other, in numbers of any kind.

With floats, fractions, mpmath or dual numbers, and any step function::

    V_{k+1} = a V_k (1 - S_k) + c I_k + d        I_{k+1} = b I_k + arrivals of step k        exponential synapses
    V_{k+1} = a V_k (1 - S_k) + arrivals of step k + d                                       delta synapses
    S_k = step(V_k - v_th)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from spikeproof.problem import Problem
from spikeproof_reference.mp.precision import exact, working_context

Number = Callable[[Any], Any]
Step = Callable[[Any], Any]


@dataclass(frozen=True)
class Coefficients:
    """The numbers of a step: a, b, c and d of each neuron, and its threshold, None for a leaky integrator.

    Attributes
    ----------
    a, b, c, d, v_th, v_init, i_init : lists of numbers, one for each neuron of the network.
    """

    a: list[Any]
    b: list[Any]
    c: list[Any]
    d: list[Any]
    v_th: list[Any]
    v_init: list[Any]
    i_init: list[Any]

    def converted(self, number: Number) -> Coefficients:
        """These coefficients in numbers of another kind.

        Parameters
        ----------
        number : callable
            Converts one; `as_fraction`, for instance.

        Returns
        -------
        Coefficients
        """
        lists = vars(self).items()
        return Coefficients(**{name: [None if x is None else number(x) for x in xs] for name, xs in lists})


@dataclass(frozen=True)
class Path:
    """V of each neuron at each grid point, before the reset, and S of each neuron in each step.

    Attributes
    ----------
    v : list of K + 1 lists of numbers.
    s : list of K lists of numbers.
    """

    v: list[list[Any]]
    s: list[list[Any]]


def as_fraction(number: Any) -> Fraction:
    """The rational number that a number is after rounding to binary64.

    Parameters
    ----------
    number : float, Decimal or mpmath number

    Returns
    -------
    Fraction
    """
    return Fraction(float(number))


def hard_step(x: Any) -> int:
    """1 where x > 0, else 0.

    Parameters
    ----------
    x : a number that can be compared

    Returns
    -------
    int
    """
    return 1 if x > 0 else 0


def coefficients(problem: Problem, dt: Any, synapse: Literal["exponential", "delta"], dps: int = 30) -> Coefficients:
    """The coefficients of a problem in steps of `dt`, as mpmath numbers of `dps` digits.

    Parameters
    ----------
    problem : Problem
    dt : float or Decimal
    synapse : ``"exponential"`` or ``"delta"``
    dps : int

    Returns
    -------
    Coefficients
    """
    ctx = working_context(2 * dps)  # the difference of two exponentials loses digits near equality
    columns = problem.neuron_columns(lambda x: exact(ctx, x))
    h, tables = exact(ctx, dt), {name: list(values) for name, values in columns.items()}
    tau_mem, tau_syn = tables["tau_mem"], tables["tau_syn"]
    a = [ctx.exp(-h / m) for m in tau_mem]
    b = [ctx.exp(-h / s) for s in tau_syn]
    c = [h / m * e if m == s else s / (m - s) * (e - f) for m, s, e, f in zip(tau_mem, tau_syn, a, b, strict=True)]
    d = [(1 - e) * bias for e, bias in zip(a, tables["bias"], strict=True)]
    if synapse == "delta":
        b, c = [ctx.zero] * len(a), [ctx.one] * len(a)
    v_th = [None if ctx.isinf(x) else x for x in tables["v_th"]]
    return Coefficients(a, b, c, d, v_th, tables["v_init"], tables["i_init"])


def path(
    problem: Problem,
    dt: Any,
    found: Coefficients,
    weights: Mapping[str, Any],
    *,
    synapse: Literal["exponential", "delta"] = "exponential",
    sample: int = 0,
    step: Step = hard_step,
    in_reset: Callable[[Any], Any] = lambda s: s,
) -> Path:
    """V and S of one sample.

    Parameters
    ----------
    problem : Problem
        Without sparse projections.
    dt : float
        Step; the duration and the delays are whole numbers of it.
    found : Coefficients
    weights : mapping from projection name to lists of lists of numbers
    synapse : ``"exponential"`` or ``"delta"``
    sample : int
    step : callable
        S from V - v_th.
    in_reset : callable
        What S counts as in the reset: `spikeproof_reference.lesson.dual.detached` takes its derivative away.

    Returns
    -------
    Path
    """
    network, n_steps = problem.network, round(problem.stimulus.duration / dt)
    late = 1 if synapse == "exponential" else 0
    sent = _inputs(problem, dt, n_steps, sample)
    v, i, result = list(found.v_init), list(found.i_init), Path([list(found.v_init)], [])
    for k in range(n_steps):
        s = [0 if th is None else step(x - th) for x, th in zip(v, found.v_th, strict=True)]
        result.s.append(s)
        for p in network.projections:
            source = k - late - round(p.delay / dt)
            if source < 0:
                continue
            own = sent[source] if network.from_input(p) else result.s[source]
            first = (network.channels if network.from_input(p) else network.neurons)(p.pre).start
            for pre, row in enumerate(weights[p.name]):
                if isinstance(own[first + pre], int) and own[first + pre] == 0:
                    continue
                for post, w in enumerate(row):
                    target = network.neurons(p.post).start + post
                    i[target] = i[target] + w * own[first + pre]
        for n in range(network.n_neurons):
            v[n] = found.a[n] * v[n] * (1 - in_reset(s[n])) + found.c[n] * i[n] + found.d[n]
            i[n] = found.b[n] * i[n]
        result.v.append(list(v))
    return result


def _inputs(problem: Problem, dt: Any, n_steps: int, sample: int) -> list[list[int]]:
    """How many spikes each channel has in each step, those at ``k dt`` in step k."""
    counts = [[0] * problem.network.n_channels for _ in range(n_steps + 1)]
    times, channels = problem.stimulus.sample(sample)
    points = [k * Fraction(dt) for k in range(n_steps + 1)]
    for time, channel in zip(times, channels, strict=True):
        near = Fraction(float(time)) * (1 + Fraction(1, 2**50))  # a time that was rounded down from a grid point
        counts[sum(1 for point in points if point <= near) - 1][channel] += 1
    return counts
