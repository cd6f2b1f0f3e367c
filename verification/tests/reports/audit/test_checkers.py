"""Generic checkers: right and wrong gradients are told apart as they would be, and counted as they were."""

import math
import sys

import numpy as np
import pandas as pd
import pytest
from places import ROOT

from spikeproof_reports.audit.checkers import seen as module
from spikeproof_reports.audit.checkers.content import checker_pictures, checker_tables, chosen_settings
from spikeproof_reports.audit.checkers.scenes import CORRECT, gradients_of, relative_error, scenes
from spikeproof_reports.audit.checkers.seen import SUITE, Seen, seen_by_checkers, taylor_alarm, words

BENCHMARKS = ROOT / "benchmarks"
SCENES = {scene.name: scene for scene in scenes()}


def test_the_value_of_a_scene_is_its_loss_and_its_gradient_the_slope():
    scene = SCENES["recurrent"]
    direction = np.eye(scene.start.size)[0]
    slope = (scene.value(scene.start + 1e-6 * direction) - scene.value(scene.start - 1e-6 * direction)) / 2e-6
    assert abs(scene.gradient("")[0] - slope) < 0.01 * abs(slope)


@pytest.mark.parametrize("name", ["recurrent", "about to vanish", "about to appear"])
def test_the_suite_accepts_the_right_gradient_and_no_wrong_one(name):
    scene = SCENES[name]
    for fault, gradient in gradients_of(scene).items():
        alarm = any(m.verdict == "fail" for m in scene.judged(gradient))
        assert alarm == (fault != CORRECT), fault


def test_faults_that_change_nothing_on_a_problem_are_left_out():
    gradients = gradients_of(SCENES["about to vanish"])
    assert "transposed weights" not in gradients  # one weight
    assert "sign of the jump" in gradients
    assert not [name for name in gradients if name.endswith("too large")]


def test_the_taylor_test_sees_a_factor_and_is_misled_by_a_spike_that_vanishes():
    smooth, edge = SCENES["recurrent"], SCENES["about to vanish"]
    small = {"step": 1e-4, "directions": 5}
    assert not taylor_alarm(smooth, smooth.gradient(""), small)
    assert taylor_alarm(smooth, 1.001 * smooth.gradient(""), small)
    assert taylor_alarm(edge, edge.gradient(""), small)


def test_relative_errors_are_absolute_where_the_right_gradient_is_zero():
    zero = np.zeros(2)
    assert relative_error(np.array([3.0, 4.0]), zero) == 5.0
    assert math.isnan(relative_error(np.array([math.nan, 0.0]), zero))


@pytest.fixture
def alone(monkeypatch):
    """One scene with the right gradient and a wrong one, and the checkers that need no other environment."""
    scene = SCENES["about to vanish"]
    monkeypatch.setattr(module, "scenes", lambda: (scene,))
    right = scene.gradient("")
    monkeypatch.setattr(module, "gradients_of", lambda _: {CORRECT: right, "wrong": 1.5 * right})


@pytest.mark.usefixtures("alone")
def test_checkers_that_are_not_installed_are_named(tmp_path):
    seen = seen_by_checkers(tmp_path, lambda _: None)
    assert set(seen.missing) == {"torch gradcheck", "jax check_grads"}
    own = seen.alarms[seen.alarms["checker"] == SUITE]
    assert list(own["alarm"]) == [False, True]
    frame = checker_tables(seen)[0].frame
    assert list(frame["checker"]) == ["Taylor test, defaults", "Taylor test, best", SUITE, *seen.missing]


@pytest.mark.skipif(not BENCHMARKS.exists(), reason="the benchmarks are not beside the tests")
@pytest.mark.usefixtures("alone")
def test_a_checker_in_another_interpreter_asks_for_values_and_gradients(tmp_path, monkeypatch):
    script = tmp_path / "differences.py"
    script.write_text(
        f"import sys\nsys.path.insert(0, {str(BENCHMARKS / 'checkers')!r})\n"
        "from asked import ask, serve\n"
        "def passes(x, setting):\n"
        "    h, (value, gradient) = setting['eps'], ask(x)\n"
        "    slope = (ask([x[0] + h])[0] - value) / h\n"
        "    return abs(slope - gradient[0]) < 0.1 * abs(slope)\n"
        "serve(passes)\n"
    )
    scene = SCENES["about to vanish"]
    settings = ({"eps": 1e-9}, {"eps": 1.0})
    found = list(module._asked(scene, module.gradients_of(scene), settings, [sys.executable, str(script)]))
    assert [alarm for _, _, alarm in found] == [False, True, True, True]
    assert words(settings[0]) == "eps 1e-09"


def alarms():
    """A checker whose tightest setting sees all but raises a false alarm, and one with defaults alone."""
    rows = []
    for setting, default, false, small in (("defaults", True, False, False), ("tight", False, True, True)):
        for gradient, error, alarm in ((CORRECT, 0.0, false), ("small", 1e-6, small), ("large", 1.0, True)):
            row = {"scene": "a", "gradient": gradient, "error": error, "checker": "theirs", "setting": setting}
            rows.append({**row, "default": default, "alarm": alarm})
    rows += [{**row, "checker": SUITE, "alarm": row["gradient"] != CORRECT} for row in rows[:3]]
    return pd.DataFrame(rows)


def test_the_best_setting_is_the_one_without_false_alarms():
    assert [(name, setting) for name, setting, _ in chosen_settings(alarms())] == [
        ("theirs, defaults", "defaults"),
        ("theirs, best", "defaults"),
        (SUITE, ""),
    ]


def test_what_is_seen_and_missed_is_counted():
    checkers, faults = checker_tables(Seen(alarms(), {"another": "not installed"}))
    first, last = checkers.frame.iloc[0], checkers.frame.iloc[-1]
    assert (first["false"], first["right"], first["seen"], first["wrong"], first["missed"]) == (0, 1, 1, 2, 1e-6)
    assert (last["checker"], last["setting"]) == ("another", "not installed")
    assert list(faults.frame.iloc[1]) == ["small", "a", 1e-6, "-", "-", "alarm"]
    assert checker_tables(None)[0].frame.empty
    assert checker_pictures(None)[0].figure is None
    assert checker_pictures(Seen(alarms(), {}))[0].figure is not None
