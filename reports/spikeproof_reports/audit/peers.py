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


SHORT = ("spike times", "time constants", "silence", "ties", "loss")  # of engines that need minutes for long runs
PEERS = (
    Peer("exact-snn-nn", "torch", ("peers/exact_snn_nn",), "ExactTTFSLinear, defaults"),
    Peer("jaxsnn", "jaxsnn", ("peers/jaxsnn",), "eventprop, buffers as long as needed"),
    Peer("eventax", "eventax", ("peers/eventax",), "Euler, steps of 0.05", families=SHORT),
    Peer("eventax-fine", "eventax", ("peers/eventax", "DT=0.005"), "Euler, steps of 0.005", families=SHORT),
    Peer("norse", "torch", ("peers/norse",), "lif_feed_forward_step, SuperSpike, steps as asked", ("grid",)),
    Peer("snntorch", "torch", ("peers/snntorch",), "Synaptic, fast sigmoid, reset to zero, steps as asked", ("grid",)),
    Peer("spyx", "spyx", ("peers/spyx",), "CuBaLIF, default surrogate, steps as asked", ("grid",)),
    Peer("nest", "nest", ("judges/nest",), "iaf_psc_exp_ps, resolution 0.125, forward only"),
    Peer(
        "nest-lossless",
        "nest",
        ("judges/nest", "MODEL=iaf_psc_exp_ps_lossless"),
        "iaf_psc_exp_ps_lossless, resolution 0.125, forward only",
    ),
)


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
