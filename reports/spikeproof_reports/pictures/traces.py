"""V, I and the adjoint variables of neurons over time."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from spikeproof import Engine, InvalidInput, Solution, adjoint_variables
from spikeproof.arguments import instance
from spikeproof.numbers import Float64Array, integer, integers
from spikeproof.states import event_times, times_of_curves
from spikeproof_reports.paper.marks import adjoint_curves
from spikeproof_reports.paper.style import GREY, RED, SERIES, literal
from spikeproof_reports.pictures.axes import TIME, several_axes, styled


def traces(
    solution: Solution, population: str, neurons: Any = (0,), sample: int = 0, *, adjoint: bool | None = None,
    n_points: int = 400, axes: Any = None, engine: Engine | None = None,
) -> list[Axes]:  # fmt: skip
    """Curves of V and I of some neurons in one sample and, for problems with a loss, of their adjoint variables.

    Dotted lines are the neurons' spikes, the dashed one is the threshold, where all of them have the same.

    Parameters
    ----------
    solution : Solution
    population : str
    neurons : int array, shape (n_neurons,)
        Numbers within the population.
    sample : int
        Number of the sample. The adjoint variables are those of its own loss.
    adjoint : bool, or None
        Whether the adjoint variables are drawn too; None: if the problem has a loss.
    n_points : int
        Number of times at which the curves are computed, >= 2; those of the spikes come on top.
    axes : sequence of matplotlib axes, or None
        Two for V and I, and one more for each neuron's adjoint variables; those of a new figure if None.
    engine : Engine, or None
        For the adjoint variables, see `spikeproof.adjoint_variables`.

    Returns
    -------
    list of matplotlib axes, of V, of I, and of the adjoint variables of each neuron

    Raises
    ------
    InvalidInput
        If a population, neuron or sample is none of the solution, `adjoint` is true without a loss, or there are other
        axes than are needed.
    """
    problem = instance("solution", solution, Solution).problem
    own = integers("neurons", neurons, low=0, high=problem.network.population(population).size)
    integer("n_points", n_points, low=2)
    with_adjoint = problem.loss is not None if adjoint is None else adjoint
    if not isinstance(with_adjoint, bool) or (with_adjoint and problem.loss is None):
        raise InvalidInput("adjoint", adjoint, "True for a problem with a loss, False or None")
    spikes, first = solution.spikes.sample(sample), problem.network.neurons(population).start
    mine = [spikes.times[spikes.neurons == first + n].astype(np.float64) for n in own]
    duration = float(problem.stimulus.duration)
    names = [f"{population}[{n}]" for n in own]
    with styled(axes):
        drawn = several_axes(axes, 2 + len(own) * with_adjoint)
        t = times_of_curves(duration, n_points, event_times(problem, solution.spikes, population, sample))
        v, i = solution.voltage(population, t)[sample, own], solution.current(population, t)[sample, own]
        _curves(drawn[0], t, v, names, "$V$")
        _curves(drawn[1], t, i, names, "$I$  (unit of $V$)")
        thresholds = np.unique(problem.neuron_columns()["v_th"][first + own].astype(np.float64))
        if len(thresholds) == 1 and np.isfinite(thresholds[0]):
            drawn[0].axhline(thresholds[0], color=RED, linestyle="--", linewidth=0.9)
        drawn[0].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=1.6, borderaxespad=0.2)
        if with_adjoint:
            t = times_of_curves(duration, n_points, np.concatenate([np.zeros(0), *mine]))
            lambda_v, lambda_i = adjoint_variables(problem, population, own, t, sample=sample, engine=engine)
            for k, ax in enumerate(drawn[2:]):
                adjoint_curves(ax, t, lambda_v[k], lambda_i[k])
                ax.set_title(literal(names[k]))
        _spike_lines(drawn, mine)
        drawn[-1].set(xlabel=TIME, xlim=(0.0, duration))
    return drawn


def _curves(ax: Axes, t: Float64Array, curves: Float64Array, names: list[str], label: str) -> None:
    for k, (curve, name) in enumerate(zip(curves, names, strict=True)):
        ax.plot(t, curve, color=SERIES[k % len(SERIES)][0], label=literal(name))
    ax.set_ylabel(label)


def _spike_lines(drawn: list[Axes], trains: list[Float64Array]) -> None:
    """Dotted lines at the spikes: of all neurons in the axes of V and I, of one in those of its adjoint variables."""
    for k, ax in enumerate(drawn):
        for time in np.concatenate([np.zeros(0), *(trains if k < 2 else trains[k - 2 : k - 1])]):
            ax.axvline(time, color=GREY, linewidth=0.7, linestyle=(0, (1, 1.5)), zorder=0.5)
