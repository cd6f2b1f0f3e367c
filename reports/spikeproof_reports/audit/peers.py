"""Which engines are audited, with which adapters and settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spikeproof.errors import InvalidInput


@dataclass(frozen=True)
class Peer:
    """An engine with its settings.

    Attributes
    ----------
    key : its name in commands and folders.
    environment : name of its environment, ``peer-NAME`` of tox.
    adapter : of the benchmarks folder, and settings that are changed.
    settings : in words.
    levels : how it is judged; what its adapter declares if empty.
    families : of the cases; all if empty.
    """

    key: str
    environment: str
    adapter: tuple[str, ...]
    settings: str
    levels: tuple[str, ...] = ()
    families: tuple[str, ...] = ()


BOTH = ("exact64", "float32")  # of engines in double precision: bounds that they miss by rounding are met at float32
SNN, ADJOINT = ("peers/exact_snn_nn",), ("judges/exact_event_adjoint",)
TIGHT = ("SOLVER=Tsit5", "X64=1", "TOLERANCE=1e-10")
PEERS = (
    Peer("exact-snn-nn", "torch", SNN, "ExactTTFSLinear, defaults: binary32, grid of 2001 points"),
    Peer(
        "exact-snn-nn-fine", "torch", (*SNN, "X64=1", "GRID=20001"),
        "ExactTTFSLinear, binary64, grid of 20001 points", BOTH,
    ),
    Peer("exact-snn-nn-event", "torch", (*SNN, "EVENT=1", "X64=1"), "ExactEventLinear, binary64", BOTH),
    Peer("exact-event-adjoint", "torch", ADJOINT, "ExactAdjointLinear, defaults: binary32"),
    Peer("exact-event-adjoint-fine", "torch", (*ADJOINT, "X64=1"), "ExactAdjointLinear, binary64", BOTH),
    Peer(
        "exact-event-adjoint-multi", "torch", (*ADJOINT, "X64=1", "MOST=0"),
        "ExactAdjointMultiSpike, binary64, as many spikes as needed", BOTH,
    ),
    Peer("jaxsnn", "jaxsnn", ("peers/jaxsnn", "TIGHT=0"), "eventprop, defaults: binary32; buffers as long as needed"),
    Peer("jaxsnn-fine", "jaxsnn", ("peers/jaxsnn", "TIGHT=0", "X64=1"), "eventprop, binary64, buffers as long as needed", BOTH),
    Peer(
        "jaxsnn-any-ratio", "jaxsnn", ("peers/jaxsnn", "TIGHT=0", "ANY=1"),
        "as jaxsnn, for ratios of time constants that it takes without being made for them",
    ),
    Peer("eventax", "eventax", ("peers/eventax", "DT=0.001"), "defaults: Euler, steps of 0.001, binary32"),
    Peer(
        "eventax-fine", "eventax", ("peers/eventax", *TIGHT),
        "Tsit5, error control and root finder at 1e-10, binary64", BOTH,
    ),
    Peer("norse", "torch", ("peers/norse",), "lif_feed_forward_step, SuperSpike, steps as asked", ("grid",)),
    Peer("snntorch", "torch", ("peers/snntorch",), "Synaptic, fast sigmoid, reset to zero, steps as asked", ("grid",)),
    Peer("spyx", "spyx", ("peers/spyx",), "CuBaLIF, default surrogate, steps as asked", ("grid",)),
    Peer("nest", "nest", ("judges/nest",), "iaf_psc_exp_ps, resolution 0.125, forward only"),
    Peer(
        "nest-lossless", "nest", ("judges/nest", "MODEL=iaf_psc_exp_ps_lossless"),
        "iaf_psc_exp_ps_lossless, resolution 0.125, forward only",
    ),
    Peer("brian2", "brian2", ("judges/brian",), "exact integration, steps as asked, forward only", ("grid",)),
)  # fmt: skip


def chosen(keys: Sequence[str]) -> tuple[Peer, ...]:
    """The peers of these names, all if there is none.

    Raises
    ------
    InvalidInput
        If there is no such peer.
    """
    known = {peer.key: peer for peer in PEERS}
    for key in keys:
        if key not in known:
            raise InvalidInput("--peer", key, f"one of {', '.join(known)}")
    return tuple(peer for peer in PEERS if not keys or peer.key in keys)


def interpreter(peer: Peer, folder: Path) -> Path | None:
    """The interpreter of a peer's environment beside the benchmarks folder; None if it is not installed."""
    environment = folder.resolve().parent / ".tox" / f"peer-{peer.environment}"
    places = (environment / "bin" / "python", environment / "Scripts" / "python.exe")
    return next((path for path in places if path.exists()), None)
