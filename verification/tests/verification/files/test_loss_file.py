"""Every loss with a file form comes back from its file as it was."""

from dataclasses import fields
from decimal import Decimal

import numpy as np
import pytest
from problem_tree import good_problem

from spikeproof import (
    ExponentialWeight,
    FirstSpikeCrossEntropy,
    InstantaneousCrossEntropy,
    IntegralCrossEntropy,
    InvalidInput,
    LossSum,
    MaxVoltageCrossEntropy,
    SpikeCountRegulariser,
    SpikeTimeSum,
    TargetTrace,
    VoltageFunction,
    VoltageIntegral,
    VoltageTarget,
)
from spikeproof_verification.files import problem_from_dict, problem_to_dict
from spikeproof_verification.files.loss_json import loss_from_dict, loss_to_dict

SUM = LossSum([(1, SpikeTimeSum("out"))])
LOSSES = [
    MaxVoltageCrossEntropy("readout", [0, 0]),
    MaxVoltageCrossEntropy("readout", [0, 0], "published"),
    VoltageIntegral("out"),
    VoltageIntegral("out", [Decimal("0.1"), 2], "mean"),
    IntegralCrossEntropy("out", [0, 1], ExponentialWeight(Decimal("7.3"))),
    VoltageTarget("hidden", [0.0, 1.5], np.arange(6.0).reshape(3, 2)),
    VoltageTarget("hidden", [Decimal("0.1")], np.arange(6.0).reshape(2, 3, 1)),
    TargetTrace("readout", [0.25], 5),
    InstantaneousCrossEntropy("out", [1, 0]),
    SpikeCountRegulariser("hidden", 2, Decimal("1e-3")),
    LossSum([(Decimal("0.3"), FirstSpikeCrossEntropy("out", [0, 1], 1, 2)), (-2.0, SUM)]),
]  # fmt: skip


def same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, LossSum):
        return all(x[0] == y[0] and same(x[1], y[1]) for x, y in zip(a.terms, b.terms, strict=True))
    pairs = ((getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    return all(np.array_equal(x, y) and np.shape(x) == np.shape(y) for x, y in pairs)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_a_loss_comes_back_from_a_whole_problem_file(loss):
    tree = good_problem()
    tree["loss"] = loss_to_dict(loss)
    problem = problem_from_dict(tree)
    assert same(problem.loss, loss)
    assert same(loss_from_dict(problem_to_dict(problem)["loss"]), loss)


def test_bias_and_initial_state_come_back_from_a_file():
    tree = good_problem()
    tree["parameters"]["neurons"]["hidden"] |= {"bias": ["0.1", 0.0, -0.5], "v_init": 0.25, "i_init": [0.0, 0.0, 0.0]}
    neurons = problem_from_dict(tree).parameters.neurons["hidden"]
    assert neurons.bias.tolist() == [Decimal("0.1"), Decimal(0), Decimal("-0.5")]
    assert (neurons.v_init, neurons.i_init.shape) == (0.25, (3,))
    again = problem_to_dict(problem_from_dict(tree))["parameters"]["neurons"]
    assert (again["hidden"]["v_init"], again["hidden"]["i_init"]) == (0.25, [0.0] * 3)
    assert "bias" not in again["out"]


@pytest.mark.parametrize(
    ("loss", "field"),
    [
        (VoltageIntegral("out", weight=np.sin), "loss.weight"),
        (TargetTrace("out", np.sin), "loss.target"),
        (VoltageFunction("out", [1.0], lambda v: (0.0, v)), "loss"),
    ],
)
def test_functions_have_no_file_form(loss, field):
    with pytest.raises(InvalidInput) as refusal:
        loss_to_dict(loss)
    assert refusal.value.field == field
