"""Properties that every engine must have: how they become tests, with problems that hypothesis draws."""

import inspect

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.errors import UnsatisfiedAssumption

from spikeproof import EventEngine
from spikeproof.grid import GridEngine
from spikeproof_reference import MpEngine
from spikeproof_verification.properties.claims import PROPERTIES, Unspoken
from spikeproof_verification.properties.drawn import DT, LOSSES, TAUS, Draw, drawn_problem

ENGINES = {"event": EventEngine(), "grid": GridEngine(DT), "mp": MpEngine(dps=30)}
SLOWER = {"event": 1, "grid": 1, "mp": 12}  # examples are divided by this


def draws(losses=tuple(LOSSES)):
    return st.builds(Draw, st.booleans(), st.sampled_from(sorted(TAUS)), st.sampled_from(losses), st.integers(0, 40))


def tests_of(module):
    """A test for each property of a module, run with each of its engines on drawn problems.

    Where a property asks for it there is a problem with each of the losses before those that are drawn, for engines
    that are fast.
    """
    own = [p for p in PROPERTIES if inspect.getmodule(p.holds) is module]
    return {f"test_{p.holds.__name__}": test_of(p) for p in own}


def test_of(p):
    @pytest.mark.parametrize("name", p.engines)
    def test(name):
        examples = max(2, settings.default.max_examples // SLOWER[name])

        @settings(settings.default, max_examples=examples)
        @given(draw=draws(p.losses))
        def on_drawn_problems(draw):
            try:
                p.holds(ENGINES[name], drawn_problem(draw), draw.rng())
            except Unspoken:
                raise UnsatisfiedAssumption from None

        for k, loss in enumerate(dict.fromkeys(p.losses) if p.each and SLOWER[name] == 1 else ()):
            on_drawn_problems = example(draw=Draw(k % 2 == 1, sorted(TAUS)[k % 3], loss, k))(on_drawn_problems)
        on_drawn_problems()

    test.__name__ = test.__qualname__ = f"test_{p.holds.__name__}"
    return test


test_of.__test__ = tests_of.__test__ = False  # these make tests
