"""The losses of a problem file."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from spikeproof import (
    ExponentialWeight,
    FirstSpikeCrossEntropy,
    InstantaneousCrossEntropy,
    IntegralCrossEntropy,
    InvalidInput,
    Loss,
    LossSum,
    MaxVoltageCrossEntropy,
    SpikeCountRegulariser,
    SpikeTimeSum,
    SpikeTimeTarget,
    TargetTrace,
    VoltageIntegral,
    VoltageTarget,
)
from spikeproof.losses import located_term
from spikeproof_verification.files.numbers import from_json, table, to_json

KINDS: dict[str, type] = {
    "spike_time_sum": SpikeTimeSum,
    "spike_time_target": SpikeTimeTarget,
    "first_spike_cross_entropy": FirstSpikeCrossEntropy,
    "max_voltage_cross_entropy": MaxVoltageCrossEntropy,
    "voltage_integral": VoltageIntegral,
    "integral_cross_entropy": IntegralCrossEntropy,
    "voltage_target": VoltageTarget,
    "target_trace": TargetTrace,
    "instantaneous_cross_entropy": InstantaneousCrossEntropy,
    "spike_count_regulariser": SpikeCountRegulariser,
    "loss_sum": LossSum,
}
NAMES = {kind: name for name, kind in KINDS.items()}
WORDS = ("population", "missing", "rule")
SILENT = ("duration", "absent", "error")


def loss_from_dict(tree: dict[str, Any]) -> Loss:
    """The loss of a checked problem tree."""
    if tree["kind"] == "loss_sum":
        return LossSum([_term(number, term) for number, term in enumerate(tree["terms"])])
    values = {key: _value(key, value) for key, value in tree.items() if key != "kind"}
    loss: Loss = KINDS[tree["kind"]](**values)
    return loss


def loss_to_dict(loss: Loss) -> dict[str, Any]:
    """`loss` in the form of a problem file; raises `InvalidInput` for a loss without a file form."""
    name = NAMES.get(type(loss))
    if name is None:
        raise InvalidInput("loss", type(loss).__name__, f"a loss with a file form: {', '.join(KINDS)}")
    if isinstance(loss, LossSum):
        terms = [{"factor": to_json(factor), "loss": loss_to_dict(part)} for factor, part in loss.terms]
        return {"kind": name, "terms": terms}
    values = {f.name: getattr(loss, f.name) for f in fields(loss)}  # type: ignore[arg-type]
    return {"kind": name, **{key: _tree(key, value) for key, value in values.items() if value is not None}}


def _term(number: int, term: dict[str, Any]) -> tuple[Any, Loss]:
    with located_term(number):
        return from_json(term["factor"]), loss_from_dict(term["loss"])


def _tree(key: str, value: Any) -> Any:
    if callable(value):
        raise InvalidInput(f"loss.{key}", value, "numbers: a function has no file form")
    if isinstance(value, ExponentialWeight):
        return {"tau": to_json(value.tau)}
    if key == "labels":
        return value.tolist()
    return value if isinstance(value, (str, int)) else to_json(value)


def _value(key: str, value: Any) -> Any:
    if key in WORDS or (key == "silent" and value in SILENT):
        return value
    if key == "weight":
        return ExponentialWeight(from_json(value["tau"])) if isinstance(value, dict) else value
    if key == "labels":
        return [int(label) for label in value]
    if key == "order":
        return int(value)
    if key == "targets":
        return _targets(value)
    return from_json(value)


def _targets(rows: list[Any]) -> list[Any]:
    """Targets [neuron][rank] or [sample][neuron][rank], every level of one length and depth."""
    depths = {isinstance(entry, list) for row in rows for entry in row}
    if len(depths) > 1:
        raise InvalidInput("loss.targets", rows, "rows of numbers, or lists of rows of numbers, not both")
    if True not in depths:
        return table("loss.targets", rows)
    return [table(f"loss.targets[{number}]", sample) for number, sample in enumerate(rows)]
