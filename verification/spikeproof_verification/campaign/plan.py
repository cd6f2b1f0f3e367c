"""The plan of a campaign: its cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from spikeproof_verification.checks.reference import Effort
from spikeproof_verification.experiments.studies import chosen
from spikeproof_verification.files import shipped_cases, shipped_readouts

Campaign = Literal["cases", "random", "losses", "sparse", "wide", "lattice", "yin_yang", "studies"]


@dataclass(frozen=True)
class Task:
    """One case: a file, the number of a generated problem, or a study.

    Attributes
    ----------
    campaign : name of the campaign.
    number : of the case within it.
    source : path of a case file or name of a study; empty for a generated problem.
    """

    campaign: Campaign
    number: int
    source: str = ""

    @property
    def key(self) -> str:
        """A unique name that is usable as a file name: campaign, number, and the name of the file or study."""
        return f"{self.campaign}-{self.number:04d}" + (f"-{Path(self.source).stem}" if self.source else "")


@dataclass(frozen=True)
class Plan:
    """Which cases a run consists of.

    Attributes
    ----------
    n_random, n_losses, n_sparse, n_wide, n_lattice, n_yin_yang : how many generated networks, such networks for every
        loss, networks with sparse projections, networks at the limits of the model, networks on a lattice, and
        Yin-Yang samples.
    seed : number of the first generated network; consecutive numbers walk through all regimes and losses.
    effort : what the reference does per problem.
    cases : case files; those that come with the package if None.
    studies : names of studies; all if None.

    Raises
    ------
    InvalidInput
        If there is no study of a name, or one is named twice.
    """

    n_random: int = 56
    n_losses: int = 24
    n_sparse: int = 22
    n_wide: int = 39
    n_lattice: int = 30
    n_yin_yang: int = 4
    seed: int = 0
    effort: Effort = field(default_factory=Effort)
    cases: tuple[str, ...] | None = None
    studies: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        chosen(self.studies)

    def tasks(self) -> list[Task]:
        """All cases, the slowest kind first so that the workers end together."""
        files = [str(p) for p in (*shipped_cases(), *shipped_readouts())] if self.cases is None else list(self.cases)
        return [
            *(Task("studies", n, name) for n, name in enumerate(chosen(self.studies))),
            *(Task("yin_yang", n) for n in range(self.n_yin_yang)),
            *(Task("losses", n) for n in range(self.seed, self.seed + self.n_losses)),
            *(Task("wide", n) for n in range(self.seed, self.seed + self.n_wide)),
            *(Task("sparse", n) for n in range(self.seed, self.seed + self.n_sparse)),
            *(Task("lattice", n) for n in range(self.seed, self.seed + self.n_lattice)),
            *(Task("random", n) for n in range(self.seed, self.seed + self.n_random)),
            *(Task("cases", n, path) for n, path in enumerate(files)),
        ]


DEEP = Plan(
    n_random=504,
    n_losses=336,
    n_sparse=308,
    n_wide=377,
    n_lattice=240,
    n_yin_yang=50,
    effort=Effort(coordinates=12, directions=2, probes=4),
)
