"""Synthetic runs for the tests of the report: seeded, with or without failures of every kind."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from spikeproof_reports import RunRecord
from spikeproof_verification.checks.measurement import COLUMNS
from spikeproof_verification.checks.tolerances import EPS

BOUNDS = {"spike_count": 0.0, "spike_time": 8.0, "loss": 16.0, "weight_gradient": 64.0}
FACTS = {"spikeproof": "0.1.0", "seed": "4711", "commit": "0123abcd+dirty", "command": "spikeproof verify_all --n 5%"}
NASTY = "a&b_50%#{x}~^\\ <b>|$"


def measurements(n=400, failing=False, seed=3):
    rng = np.random.default_rng(seed)
    quantity = rng.choice(list(BOUNDS), n)
    counts = quantity == "spike_count"
    bound = np.array([BOUNDS[name] for name in quantity])
    error = np.where(rng.random(n) < 0.1, 0.0, bound * rng.uniform(0.001, 0.9, n))
    slope = np.where(quantity == "spike_time", 10.0 ** rng.uniform(-4, 1, n), np.nan)
    scale = np.where(quantity == "spike_time", 5 + 1 / slope, 1.0)
    expected = np.where(counts, rng.integers(0, 9, n), rng.normal(size=n))
    actual = expected.copy()
    if failing:
        error[:5] = [np.inf, np.nan, 1e9, np.inf, 100.0]
        actual[:3] = [np.nan, np.inf, expected[2] + 3]
    frame = pd.DataFrame(
        {
            "campaign": rng.choice(["cases", "random"], n),
            "case": [f"net_{k}" for k in rng.integers(0, 20, n)],
            "regime": rng.choice(["recurrent, tau_mem > tau_syn", "feed-forward"], n),
            "engine": "event",
            "reference": "mp",
            "quantity": quantity,
            "component": [f"input->hidden[0, {k}]" for k in range(n)],
            "actual": actual,
            "expected": expected,
            "deviation": error * EPS * scale,
            "scale": scale,
            "tolerance": np.char.upper(quantity.astype(str)),
            "error": error,
            "bound": bound,
            "vdot": slope,
            "verdict": np.where(error <= bound, "pass", "fail"),
        }
    )
    return frame[list(COLUMNS)]


def cases(failing=False):
    frame = pd.DataFrame({"campaign": "cases", "case": [f"net_{k}" for k in range(20)], "regime": "feed-forward"})
    frame = frame.assign(
        flavour="", status="done", seconds=np.arange(20.0), n_neurons=5, n_spikes=40, min_vdot=0.25, note=""
    )
    if failing:
        frame.loc[7, ["case", "status", "note"]] = [NASTY, "failed", f"error {NASTY}"]
        frame.loc[8, ["status", "note"]] = ["refused", "grazes"]
    return frame


def agreement():
    row = ("cases", "net_0", "adjoint/sensitivity", 12, 1e-40, 40.0, "pass")
    return pd.DataFrame([row], columns=["campaign", "case", "pair", "compared", "worst", "digits", "verdict"])


def tolerances():
    rows = [(name.upper(), bound, EPS, "t + 1/Vdot", f"because of {NASTY}") for name, bound in BOUNDS.items()]
    return pd.DataFrame(rows, columns=["name", "multiple", "unit", "scale", "reason"])


def example():
    t = np.linspace(0, 10, 50)
    return {
        "title": "three neurons", "duration": 10.0, "raster_times": np.array([1.0, 4.0, 5.0]),
        "raster_neurons": np.array([0, 1, 2]), "input_times": np.array([0.5, 0.7]), "input_channels": np.array([0, 1]),
        "populations": [("hidden", 0, 2), ("out", 2, 3)], "neuron": 1, "v_th": 1.0, "t": t, "v": np.sin(t),
        "i": np.cos(t), "lambda_v": np.exp(-t), "lambda_i": -np.exp(-t), "spike_times": np.array([4.0]),
    }  # fmt: skip


def synthetic_run(failing=False, **changes):
    parts = {
        "measurements": measurements(failing=failing),
        "cases": cases(failing),
        "agreement": agreement(),
        "example": example(),
        "tolerances": tolerances(),
        "provenance": FACTS | {"started": datetime(2026, 1, 2, tzinfo=UTC).isoformat()},
    }
    return RunRecord(**(parts | changes))
