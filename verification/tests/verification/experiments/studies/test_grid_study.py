"""The study of time steps finds the orders it should, sees wrong ones, and its chapter says what was found."""

from dataclasses import replace

import pandas as pd
import pytest

from spikeproof import EventEngine, GridEngine
from spikeproof_reports.studies.grid import chapter
from spikeproof_verification.experiments.studies import grid
from spikeproof_verification.experiments.studies.grid_networks import N_SAMPLES, alone, networks, repeated

pytestmark = pytest.mark.compiled


@pytest.fixture(scope="module")
def small():
    """The integrators alone, and the errors at a few steps."""
    exact = grid._exact(networks()[-1])
    return exact, [grid._errors(exact, dt) for dt in (0.5, 0.25, 0.125, 0.0625)]


def rows_of(small):
    exact, convergence = small
    orders = list(grid._orders(exact.subnet, convergence))
    precision = [
        {"network": exact.subnet.name, "engine": name, "dt": dt, "seconds": seconds, "error": error}
        for name, dt, seconds, error in (
            ("mp", 0.0, 1.0, 1e-20),
            ("event", 0.0, 1e-3, 1e-15),
            ("grid", 0.5, 4e-3, 1e-3),
        )
    ]
    answers = [grid._answer(exact.subnet, convergence)]
    return {"convergence": convergence, "orders": orders, "answers": answers, "precision": precision}


def test_samples_alone_and_repeated_have_the_numbers_of_the_batch():
    for subnet in networks()[1:]:
        batch = EventEngine().solve(subnet.problem, gradients="weights")
        assert EventEngine().solve(alone(subnet.problem, 3), gradients="weights").loss == batch.sample_losses[3]
        twice = EventEngine().solve(repeated(subnet.problem, 2), gradients="weights")
        assert twice.loss == pytest.approx(batch.loss, rel=1e-14, abs=0.0)
        assert len(twice.sample_losses) == 2 * N_SAMPLES


def test_integrals_without_spikes_have_order_two(small):
    exact, _ = small
    rows = rows_of(small)["orders"]
    assert [row["quantity"] for row in rows] == ["loss", "gradient"]
    judged = list(grid._judged_orders([exact], rows))
    assert [m.verdict for m in judged] == ["pass", "pass"]


@pytest.mark.parametrize("order", [1.0, 1.5, 3.0, float("nan")])
def test_another_order_than_the_expected_one_fails(small, order):
    exact, _ = small
    rows = [{**row, "order": order} for row in rows_of(small)["orders"]]
    assert {m.verdict for m in grid._judged_orders([exact], rows)} == {"fail"}


def test_the_answer_is_the_largest_step_below_which_all_are_good(small):
    exact, convergence = small
    assert grid._answer(exact.subnet, convergence)["all_samples"] == 0.5
    spoilt = [dict(row) for row in convergence]
    spoilt[1]["worst_gradient_error"] = 0.02
    assert grid._answer(exact.subnet, spoilt)["all_samples"] == 0.125
    spoilt[-1]["worst_gradient_error"] = 0.02
    assert grid._answer(exact.subnet, spoilt)["all_samples"] == 0.0


def test_states_off_by_more_than_rounding_fail(monkeypatch):
    class Wrong(GridEngine):
        def solve(self, problem):
            solution = super().solve(problem)
            return replace(solution, v_end=solution.v_end * (1.0 + 1e-11))

    monkeypatch.setattr(grid, "TIME_CONSTANTS", grid.TIME_CONSTANTS[:1])
    assert {m.verdict for m in grid._judged_states()} == {"pass"}
    monkeypatch.setattr(grid, "GridEngine", Wrong)
    verdicts = [(m.component.split(": ")[1][0], m.verdict) for m in grid._judged_states()]
    assert {verdict for name, verdict in verdicts if name == "I"} == {"pass"}
    assert ("V", "fail") in verdicts


def test_a_bit_that_depends_on_the_threads_fails(small, monkeypatch):
    exact, _ = small
    assert {m.verdict for m in grid._judged_bits(exact.samples[0])} == {"pass"}

    class Careless(GridEngine):
        def solve(self, problem):
            solution = super().solve(problem)
            gradients = replace(
                solution.gradients, input_times=solution.gradients.input_times * (1.0 + 2.0**-52 * self.threads)
            )
            return replace(solution, gradients=gradients)

    monkeypatch.setattr(grid, "GridEngine", Careless)
    assert {m.verdict for m in grid._judged_bits(exact.samples[0])} == {"fail"}


def test_the_chapter_says_what_was_found_and_stands_without_data(small):
    frames = {name: pd.DataFrame(rows) for name, rows in rows_of(small).items()}
    full = chapter(frames)
    assert any("0.500 ms for all" in text for text in full.paragraphs)
    assert any(": 4.00 times" in text for text in full.paragraphs)
    assert [len(t.text(1)) for t in full.tables] == [1, 2, 4, 3]
    assert all(p.figure is not None for p in full.pictures)
    empty = chapter({name: frame.iloc[:0] for name, frame in frames.items()})
    assert len(empty.paragraphs) == 2
    assert [len(t.text(1)) for t in empty.tables] == [0, 0, 0, 0]
