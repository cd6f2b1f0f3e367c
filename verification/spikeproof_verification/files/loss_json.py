"""The losses of a problem file."""

from __future__ import annotations

from typing import Any

from spikeproof import FirstSpikeCrossEntropy, InvalidInput, Loss, SpikeTimeSum, SpikeTimeTarget
from spikeproof_verification.files.numbers import from_json, table, to_json

KINDS: dict[str, type] = {
    "spike_time_sum": SpikeTimeSum,
    "spike_time_target": SpikeTimeTarget,
    "first_spike_cross_entropy": FirstSpikeCrossEntropy,
}
SILENT = ("duration", "absent", "error")


def loss_from_dict(tree: dict[str, Any]) -> Loss:
    """The loss of a checked problem tree."""
    fields = {key: _value(key, value) for key, value in tree.items() if key != "kind"}
    loss: Loss = KINDS[tree["kind"]](**fields)
    return loss


def loss_to_dict(loss: Loss) -> dict[str, Any]:
    """`loss` as it stands in a problem file; raises `InvalidInput` for a loss without a file form."""
    if isinstance(loss, SpikeTimeSum):
        coefficients = {} if loss.coefficients is None else {"coefficients": to_json(loss.coefficients)}
        return {"kind": "spike_time_sum", "population": loss.population, **coefficients}
    if isinstance(loss, SpikeTimeTarget):
        numbers = {"targets": to_json(loss.targets), "missing": loss.missing}
        return {"kind": "spike_time_target", "population": loss.population, **numbers}
    if isinstance(loss, FirstSpikeCrossEntropy):
        return {"kind": "first_spike_cross_entropy", "population": loss.population, **_cross_entropy(loss)}
    raise InvalidInput("loss", type(loss).__name__, f"a loss with a file form: {', '.join(KINDS)}")


def _cross_entropy(loss: FirstSpikeCrossEntropy) -> dict[str, Any]:
    return {
        "labels": loss.labels.tolist(),
        "tau0": to_json(loss.tau0),
        "tau1": to_json(loss.tau1),
        "alpha": to_json(loss.alpha),
        "silent": loss.silent if isinstance(loss.silent, str) else to_json(loss.silent),
    }


def _value(key: str, value: Any) -> Any:
    if key in ("population", "missing") or (key == "silent" and value in SILENT):
        return value
    if key == "labels":
        return [int(label) for label in value]
    if key == "targets":
        return _targets(value)
    return from_json(value)


def _targets(rows: list[Any]) -> list[Any]:
    """Target times [neuron][rank] or [sample][neuron][rank], every level of one length and depth."""
    depths = {isinstance(entry, list) for row in rows for entry in row}
    if len(depths) > 1:
        raise InvalidInput("loss.targets", rows, "rows of numbers, or lists of rows of numbers, not both")
    if True not in depths:
        return table("loss.targets", rows)
    return [table(f"loss.targets[{number}]", sample) for number, sample in enumerate(rows)]
