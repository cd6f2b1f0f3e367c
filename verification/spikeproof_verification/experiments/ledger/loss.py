"""Losses for checks: of spike times and voltages (paper 1), and of the voltages' maxima or integrals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from spikeproof_verification.experiments.ledger.precision import Number, Vector, dot, integral, mp
from spikeproof_verification.experiments.ledger.trajectory import Trajectory


class Loss(Protocol):
    """A number made of a trajectory."""

    def value(self, trajectory: Trajectory, earlier: Vector = ()) -> Number: ...


@dataclass(frozen=True)
class SmoothLoss:
    """Paper 1 with l_p = timing (sum_k rank_k t_k)^2 / 2 and l_V = sum_m stiffness_m (V_m - target_m)^2 / 2.

    The ranks 1, -1/2, 1/3, ... belong to the spikes in the order of their times.
    """

    stiffness: tuple[Number, ...]
    target: tuple[Number, ...]
    timing: int = 1

    def value(self, trajectory: Trajectory, earlier: Vector = ()) -> Number:
        """L; `earlier` are spikes before the trajectory starts."""
        voltage = mp.fsum(
            integral(lambda t, path=piece.path: self.density(path.at(t, len(self.target))), piece.path.knots)  # type: ignore[misc]
            for piece in trajectory.pieces
            if piece.end > piece.start and any(self.stiffness)
        )
        return voltage + self.of_times([*earlier, *trajectory.times])

    def density(self, state: Vector) -> Number:
        """l_V of a state whose first components are the voltages."""
        pairs = zip(self.stiffness, self.target, state, strict=False)
        return mp.fsum(a * (v - y) ** 2 / 2 for a, y, v in pairs if a)

    def density_slope(self, state: Vector) -> list[Number]:
        """dl_V/dV."""
        return [a * (v - y) for a, y, v in zip(self.stiffness, self.target, state, strict=False)]

    def of_times(self, times: Vector) -> Number:
        """l_p."""
        return self.timing * dot(_ranks(len(times)), times) ** 2 / 2

    def of_times_slope(self, times: Vector) -> list[Number]:
        """dl_p/dt_k."""
        return [self.timing * rank * dot(_ranks(len(times)), times) for rank in _ranks(len(times))]


def _ranks(count: int) -> list[Number]:
    return [mp.mpf((-1) ** k) / (k + 1) for k in range(count)]
