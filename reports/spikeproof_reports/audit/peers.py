"""Which engines are audited, with which adapters and settings."""

from __future__ import annotations

import sys
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
    network : the Yin-Yang network whose gradients are looked at, a key of `samples.KINDS`; none if empty.
    """

    key: str
    environment: str
    adapter: tuple[str, ...]
    settings: str
    levels: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    network: str = ""


BOTH = ("exact64", "float32")  # of engines in double precision: bounds that they miss by rounding are met at float32
GRID = ("grid",)
BRIEF = ("spike times, one each", "silence", "ties")  # of engines that compile each for a minute
SHORT = (
    "spike times, one each",
    "time constants",
    "silence",
    "ties",
    "grazing",
)  # of engines that compile each problem
REFRACTORY = ("spike times, one each", "silence", "grazing", "refractory time")  # of an engine that always is
SNN, ADJOINT, NEST = ("peers/exact_snn_nn",), ("judges/exact_event_adjoint",), ("judges/nest",)
EVENTS, JAXSNN = ("peers/eventax", "MOST=1000"), ("peers/jaxsnn", "TIGHT=0")
PEERS = (
    Peer("spikeproof", "", ("engines/event",), "EventEngine, defaults: binary64", BOTH, network="usual"),
    Peer("exact-snn-nn", "torch", SNN, "ExactTTFSLinear, defaults: binary32, grid of 2001 points", network="once"),
    Peer(
        "exact-snn-nn-fine", "torch", (*SNN, "X64=1", "GRID=20001"), "ExactTTFSLinear, binary64, grid of 20001 points",
        BOTH, network="once",
    ),
    Peer(
        "exact-snn-nn-event", "torch", (*SNN, "EVENT=1", "X64=1"), "exact_snn.event.ExactEventLinear, binary64", BOTH,
        network="once",
    ),
    Peer("exact-event-adjoint", "torch", ADJOINT, "ExactAdjointLinear, defaults: binary32", network="once"),
    Peer(
        "exact-event-adjoint-fine", "torch", (*ADJOINT, "X64=1"), "ExactAdjointLinear, binary64", BOTH, network="once",
    ),
    Peer(
        "exact-event-adjoint-multi", "torch", (*ADJOINT, "X64=1", "MOST=0"),
        "ExactAdjointMultiSpike, binary64, as many spikes as needed", BOTH, network="usual",
    ),
    Peer("jaxsnn", "jaxsnn", JAXSNN, "eventprop, defaults: binary32; buffers as long as needed", network="half"),
    Peer(
        "jaxsnn-fine", "jaxsnn", (*JAXSNN, "X64=1"), "eventprop, binary64, buffers as long as needed", BOTH, SHORT,
        "half",
    ),
    Peer(
        "jaxsnn-any-ratio", "jaxsnn", (*JAXSNN, "ANY=1"),
        "as jaxsnn, with ratios of the time constants that it takes without an error but is not made for", (),
        ("time constants",), "usual",
    ),
    Peer(
        "eventax", "eventax", (*EVENTS, "DT=0.001"), "EvNN, defaults: Euler, steps of 0.001, binary32", (), BRIEF,
        "usual",
    ),
    Peer(
        "eventax-fine", "eventax", (*EVENTS, "SOLVER=Tsit5", "X64=1", "TOLERANCE=1e-10"),
        "EvNN, Tsit5, error control and root finder at 1e-10, binary64", BOTH, BRIEF, "usual",
    ),
    Peer("norse", "torch", ("peers/norse",), "lif_feed_forward_step, SuperSpike, steps as asked", GRID, (), "usual"),
    Peer(
        "snntorch", "torch", ("peers/snntorch",), "Synaptic, fast_sigmoid, reset to zero, steps as asked", GRID, (),
        "usual",
    ),
    Peer("spyx", "spyx", ("peers/spyx",), "CuBaLIF, default surrogate, steps as asked", GRID, (), "usual"),
    Peer("nest", "nest", NEST, "iaf_psc_exp_ps, resolution 0.125; forward only", (), REFRACTORY),
    Peer(
        "nest-lossless", "nest", (*NEST, "MODEL=iaf_psc_exp_ps_lossless"),
        "iaf_psc_exp_ps_lossless, resolution 0.125; forward only", (), REFRACTORY,
    ),
    Peer("brian2", "brian2", ("judges/brian",), "method exact, codegen numpy, steps as asked; forward only", GRID),
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
    return environment_python(peer.environment, folder) if peer.environment else Path(sys.executable)


def environment_python(name: str, folder: Path) -> Path | None:
    """The interpreter of the environment ``peer-NAME`` beside the benchmarks folder; None if it is not installed."""
    environment = folder.resolve().parent / ".tox" / f"peer-{name}"
    places = (environment / "bin" / "python", environment / "Scripts" / "python.exe")
    return next((path for path in places if path.exists()), None)
