"""The table of neuron parameters: what is written out elsewhere agrees with it, and columns hold every neuron's own."""

import json
import math
from dataclasses import MISSING, fields
from decimal import Decimal
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from places import ROOT

import spikeproof_verification.files as files
from spikeproof import Input, Network, NeuronGradients, NeuronParameters, Parameters, Population, Problem, Stimulus
from spikeproof import neuron_parameters as table
from spikeproof.network import KINDS
from spikeproof.neuron_parameters import NEURON_PARAMETERS, PARAMETER_NAMES
from spikeproof_reference.mp import parameter
from spikeproof_reference.textbook import model as textbook

ENTRIES = pytest.mark.parametrize("entry", NEURON_PARAMETERS, ids=PARAMETER_NAMES)
THEORY = ROOT / "docs" / "theory.md"


def schema(name, *path):
    """A part of a schema of files."""
    tree = json.loads((Path(files.__file__).parent / f"{name}.schema.json").read_text(encoding="utf-8"))
    for key in path:
        tree = tree[key]
    return tree


@pytest.mark.parametrize("written", [NeuronParameters, NeuronGradients, textbook.Neuron])
def test_the_fields_are_those_of_the_table_in_its_order(written):
    assert tuple(f.name for f in fields(written)) == PARAMETER_NAMES


@pytest.mark.parametrize("public", [NeuronParameters, NeuronGradients])
def test_the_fields_are_documented(public):
    assert set(PARAMETER_NAMES) <= set(public.__doc__.replace(",", " ").split())


def test_an_argument_may_be_left_out_where_the_table_has_a_default():
    optional = [f.name for f in fields(NeuronParameters) if f.default is not MISSING]
    assert optional == [p.name for p in NEURON_PARAMETERS if p.default is not None or p.kinds != KINDS]
    assert all(f.default is None for f in fields(NeuronParameters) if f.name in optional)


def test_rows_of_tables_of_gradients_are_in_the_order_of_the_table():
    assert [getattr(table, name.upper()) for name in PARAMETER_NAMES] == list(range(table.N_PARAMETERS))


def test_the_kinds_of_parameters_of_the_reference_end_with_the_table():
    assert get_args(parameter.Kind) == parameter.KINDS
    assert parameter.KINDS[3:] == PARAMETER_NAMES


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("problem", ("properties", "parameters", "properties", "neurons", "additionalProperties")),
        ("solution", ("properties", "gradients", "properties", "neurons", "additionalProperties")),
    ],
)
def test_files_have_the_parameters_of_the_table(name, path):
    found = schema(name, *path)
    assert list(found["properties"]) == list(PARAMETER_NAMES)
    needed = [p.name for p in NEURON_PARAMETERS if (p.default is None if name == "problem" else p.kinds == KINDS)]
    assert found["required"] == needed


@ENTRIES
def test_the_theory_has_the_symbol_and_the_gradient(entry):
    if not THEORY.exists():
        pytest.skip("the document is not beside the tests")
    text = THEORY.read_text(encoding="utf-8")
    assert entry.symbol in text
    assert f"**(grad-{entry.name.replace('_', '-')})** `{entry.name}`" in text


@ENTRIES
def test_a_line_of_the_table_agrees_with_itself(entry):
    assert entry.kinds
    assert set(entry.kinds) <= set(KINDS)
    assert (entry.absent is None) == (set(entry.kinds) == set(KINDS))
    assert entry.default is None or entry.range.holds(np.array(entry.default))
    assert entry.below in (None, *PARAMETER_NAMES)


def network(**neurons):
    """Two populations of LIF neurons and one of leaky integrators, the last one between them."""
    populations = [Population("a", 2), Population("out", 1, "li"), Population("b", 1)]
    return Problem(
        Network([Input("in", 1)], populations, []), Parameters({}, neurons), Stimulus.of_samples([([], [])], 1.0)
    )


GIVEN = {
    "a": NeuronParameters([1.0, 2.0], 3.0, v_reset=-0.5, v_init=[0.25, 0.5], t_ref=[0.0, math.inf]),
    "out": NeuronParameters(4.0, 5.0, bias=7.0),
    "b": NeuronParameters(6.0, 8.0, 2.0, i_init=9.0),
}
COLUMNS = {  # by the order of the neurons: two of a, one of out, one of b
    "tau_mem": [1.0, 2.0, 4.0, 6.0],
    "tau_syn": [3.0, 3.0, 5.0, 8.0],
    "v_th": [1.0, 1.0, math.inf, 2.0],
    "v_reset": [-0.5, -0.5, 0.0, 0.0],
    "bias": [0.0, 0.0, 7.0, 0.0],
    "v_init": [0.25, 0.5, 0.0, 0.0],
    "i_init": [0.0, 0.0, 0.0, 9.0],
    "t_ref": [0.0, math.inf, 0.0, 0.0],
}


def test_columns_hold_the_parameters_of_all_neurons_in_their_order():
    columns = network(**GIVEN).neuron_columns()
    assert {name: columns[name].tolist() for name in COLUMNS} == COLUMNS
    assert tuple(columns) == PARAMETER_NAMES
    assert all(column.dtype == np.float64 for column in columns.values())


def test_a_number_that_neurons_share_is_converted_once():
    seen = []

    def number(x):
        seen.append(x)
        return Decimal(x)

    columns = network(**GIVEN).neuron_columns(number)
    assert {name: columns[name].tolist() for name in COLUMNS} == COLUMNS
    assert columns["tau_syn"][0] is columns["tau_syn"][1]
    assert seen.count(3.0) == 1
    assert all(type(x) is float for x in seen)


def test_decimals_stay_in_columns_until_they_are_rounded():
    problem = network(**GIVEN | {"b": NeuronParameters(Decimal("0.1"), 8.0, 2.0)})
    assert problem.neuron_columns()["tau_mem"].tolist() == [1.0, 2.0, 4.0, Decimal("0.1")]
    assert problem.rounded().neuron_columns()["tau_mem"].dtype == np.float64


@ENTRIES
def test_gradients_leave_out_what_a_population_lacks(entry):
    rows = np.arange(2.0 * len(NEURON_PARAMETERS)).reshape(-1, 2)
    for kind in KINDS:
        found = getattr(NeuronGradients.of(Population("p", 2, kind), rows), entry.name)
        own = None if kind not in entry.kinds else rows[PARAMETER_NAMES.index(entry.name)].tolist()
        assert (None if found is None else found.tolist()) == own
