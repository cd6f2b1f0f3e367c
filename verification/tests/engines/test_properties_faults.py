"""Every property can fail: an engine with a fault does not have it, the same engine without the fault does."""

from itertools import count, islice

import pytest
from properties import tests_of

from spikeproof_verification.experiments.faults import ENGINE_FAULTS, faulty_engine
from spikeproof_verification.properties import adjoint, invariance, sparse, structure, units
from spikeproof_verification.properties.claims import PROPERTIES, Unspoken
from spikeproof_verification.properties.drawn import TAUS, Draw, drawn_problem

MODULES = (adjoint, invariance, sparse, structure, units)
BREAKABLE = [p for p in PROPERTIES if p.broken_by is not None]
DRAWS = 3


def some_draws(losses):
    """Networks of all kinds, recurrent ones first."""
    for seed in count():
        yield Draw(seed % 3 != 2, sorted(TAUS)[seed % len(TAUS)], losses[seed % len(losses)], seed)


def is_broken(p, engine):
    """Whether the engine lacks a property on one of the draws."""
    for draw in islice(some_draws(p.losses), DRAWS):
        try:
            p.holds(engine, drawn_problem(draw), draw.rng())
        except AssertionError:
            return True
        except Unspoken:
            continue
    return False


def name_of(p):
    return p.holds.__name__


def test_there_are_many_properties_for_both_engines_and_the_reference():
    assert len({p.holds for p in PROPERTIES}) == sum(len(tests_of(module)) for module in MODULES)
    for engine in ("event", "grid", "mp"):
        assert sum(engine in p.engines for p in PROPERTIES) >= 15


@pytest.mark.parametrize("p", BREAKABLE, ids=name_of)
def test_an_engine_with_a_fault_does_not_have_the_property(p):
    assert p.broken_by in [f.name for f in ENGINE_FAULTS]
    assert is_broken(p, faulty_engine(p.broken_by))


@pytest.mark.parametrize("p", BREAKABLE, ids=name_of)
def test_the_engine_without_a_fault_has_the_property(p):
    assert not is_broken(p, faulty_engine())
