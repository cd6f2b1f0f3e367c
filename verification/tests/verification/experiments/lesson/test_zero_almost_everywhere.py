"""Statement 1 and what would refute it: losses with slopes, another derivative of the step, jumps elsewhere."""

from dataclasses import replace
from itertools import pairwise

import pytest
from gmpy2 import mpq

from spikeproof_verification.experiments.lesson.plateaus import DECAY, plateaus, random_line
from spikeproof_verification.experiments.lesson.reverse_mode import Variable, derivatives
from spikeproof_verification.experiments.lesson.zero_almost_everywhere import (
    loss_of_spikes,
    reverse_mode,
    zero_almost_everywhere,
)


def test_the_statement_holds_along_random_lines():
    found = zero_almost_everywhere(3)
    assert found.holds
    assert found.verdict.startswith("holds: ")
    assert found.plateaus == found.jumps + found.lines
    assert found.jumps_of_loss > 5


def test_a_loss_of_potentials_turns_the_verdict():
    found = zero_almost_everywhere(1, loss=lambda path: sum(v[-1] for v in path.v))
    assert not found.holds
    assert found.largest_slope > 0.0


def test_another_derivative_of_the_step_turns_the_verdict():
    found = zero_almost_everywhere(1, step_derivative=lambda x: 1 / (1 + 10 * abs(x)) ** 2)
    assert not found.holds
    assert found.largest_derivative > 0.0


def test_jumps_at_other_places_turn_the_verdict():
    def moved(line):
        parts, shift = plateaus(line), mpq(1, 2**50)
        return [replace(p, start=p.start + shift if p.start else p.start, stop=p.stop) for p in parts]

    assert not zero_almost_everywhere(1, found=moved).holds


def test_plateaus_cover_the_line_and_spikes_change_between_them():
    parts = plateaus(random_line(1))
    assert parts[0].start == 0
    assert parts[-1].stop == 1
    for left, right in pairwise(parts):
        assert left.stop == right.start
        assert left.spikes != right.spikes


def test_the_loss_is_constant_wherever_a_plateau_is_looked_at():
    line = random_line(2)
    for part in plateaus(line)[:4]:
        places = [part.start + (part.stop - part.start) * mpq(k, 17) for k in range(1, 17)]
        assert len({loss_of_spikes(line.at(s)) for s in places}) == 1


def test_reverse_mode_is_the_derivative_of_a_smooth_function():
    x, y = Variable(mpq(3)), Variable(mpq(5))
    result = (x * y - 2) * x + (1 - y) * x * x  # x^2 - 2 x
    assert derivatives(result, [x, y, Variable(mpq(1))]) == [4, 0, 0]


def test_reverse_mode_through_a_step_whose_derivative_is_one_follows_the_chain_rule():
    """With S' = 1 in the place of the step's derivative, by hand, for one neuron that an input reaches once."""
    line = random_line(0)
    gradient = reverse_mode(line, lambda path: path.s[-1][-1] * 1, lambda x: 1 + 0 * x)
    assert any(g != 0 for g in gradient)
    assert mpq(15, 16) == DECAY


@pytest.mark.parametrize("seed", range(3))
def test_lines_are_the_same_for_the_same_seed(seed):
    first, second = random_line(seed), random_line(seed)
    assert plateaus(first)[0].stop == plateaus(second)[0].stop
