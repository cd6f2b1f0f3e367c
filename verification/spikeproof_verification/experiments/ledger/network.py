"""Networks in the letters of the notes, and their flow as a field for Taylor series."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

from spikeproof_verification.experiments.ledger.precision import Number, Vector, mp
from spikeproof_verification.experiments.ledger.series import Term

Matrix = tuple[tuple[Number, ...], ...]


@dataclass(frozen=True, eq=False)
class Network:
    """Neurons of any kind, each acting on each, and inputs with fixed spike times.

    Attributes
    ----------
    w : w[m][n], the weight from neuron n to neuron m.
    w_in : w_in[m][i], the weight from input i to neuron m.
    arrivals : (time, input) of the input spikes, ascending.
    tau_mem, tau_syn : time constants of each neuron.
    v_th : threshold of each neuron, None for one that does not spike.
    v_reset : what V is after a spike.
    v, i : state at `start`.
    start, end : the interval of time.
    """

    w: Matrix
    w_in: Matrix
    arrivals: tuple[tuple[Number, int], ...]
    tau_mem: tuple[Number, ...]
    tau_syn: tuple[Number, ...]
    v_th: tuple[Number | None, ...]
    v_reset: tuple[Number, ...]
    v: tuple[Number, ...]
    i: tuple[Number, ...]
    start: Number
    end: Number

    @property
    def size(self) -> int:
        """Number of neurons."""
        return len(self.v)

    @functools.cached_property
    def step(self) -> Number:
        """Length of the Taylor steps."""
        return min(*self.tau_mem, *self.tau_syn) / 3

    @functools.cached_property
    def field(self) -> list[list[Term]]:
        """Paper 25: tau_mem dV/dt = -V + I, tau_syn dI/dt = -I, as a field of (V, I)."""
        size = self.size
        field: list[list[Term]] = []
        field += [[(-1 / tau, (n,)), (1 / tau, (size + n,))] for n, tau in enumerate(self.tau_mem)]
        field += [[(-1 / tau, (size + n,))] for n, tau in enumerate(self.tau_syn)]
        return field

    def moved(self, j: int, i: int, by: Number) -> Network:
        """The network with the weight w_ji moved; input k is the source number size + k."""
        if i < self.size:
            return replace(self, w=_moved(self.w, j, i, by))
        return replace(self, w_in=_moved(self.w_in, j, i - self.size, by))

    def restarted(self, t: Number, state: Vector) -> Network:
        """The network from time `t` on, with (V, I) = `state`."""
        later = tuple(arrival for arrival in self.arrivals if arrival[0] > t)
        v, i = tuple(state[: self.size]), tuple(state[self.size :])
        return replace(self, start=t, v=v, i=i, arrivals=later)


def column(matrix: Matrix, n: int) -> list[Number]:
    """The weights from `n` to all."""
    return [row[n] for row in matrix]


def zeros(rows: int, columns: int) -> Matrix:
    """A matrix of zeros."""
    return tuple((mp.mpf(0),) * columns for _ in range(rows))


def _moved(matrix: Matrix, j: int, i: int, by: Number) -> Matrix:
    row = matrix[j]
    return (*matrix[:j], (*row[:i], row[i] + by, *row[i + 1 :]), *matrix[j + 1 :])
