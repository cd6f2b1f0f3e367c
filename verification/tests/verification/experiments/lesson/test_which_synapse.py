"""Statement 3, and what would refute it: a bias where none should be, an engine with another rule."""

from dataclasses import replace
from importlib import import_module

import pytest

from spikeproof.lesson import delta
from spikeproof_verification.experiments.lesson.which_synapse import random_problem, which_synapse


@pytest.mark.compiled
def test_no_weight_moves_a_spike_at_an_arrival_but_weights_move_spikes_by_bias_and_with_currents():
    found = which_synapse(2)
    assert found.holds
    assert found.verdict.startswith("holds: of ")
    assert found.at_arrivals > 5
    assert found.by_bias > 2


def test_a_bias_where_none_should_be_turns_the_verdict():
    found = which_synapse(1, source=lambda seed, _: random_problem(seed, True))
    assert not found.holds
    assert found.moved_by_weights > 0


def test_an_engine_in_which_every_spike_is_by_bias_turns_the_verdict(monkeypatch):
    right = delta.delta_backward

    def wrong(tables, tape, *rest):
        tables = tables._replace(bias=tables.bias + 2.0)
        right(tables, tape._replace(trigger=0 * tape.trigger + delta.BY_BIAS), *rest)

    monkeypatch.setattr(delta, "delta_backward", wrong)
    found = which_synapse(1)
    assert not found.holds
    assert found.engine_error > 1e-3


def test_a_derivative_that_differs_from_the_difference_quotient_turns_the_verdict(monkeypatch):
    module = import_module(which_synapse.__module__)
    right = module.delta_spikes

    def wrong(problem, *arguments, **named):
        spikes = right(problem, *arguments, **named)
        return [
            replace(s, tangent={key: 1.001 * x if s.by_bias else x for key, x in s.tangent.items()}) for s in spikes
        ]

    monkeypatch.setattr(module, "delta_spikes", wrong)
    assert not which_synapse(1).holds


@pytest.mark.parametrize("biased", [False, True])
def test_problems_follow_from_their_seed(biased):
    first, second = random_problem(3, biased), random_problem(3, biased)
    assert first.parameters.flat().tolist() == second.parameters.flat().tolist()
    assert first.stimulus.times.tolist() == second.stimulus.times.tolist()
