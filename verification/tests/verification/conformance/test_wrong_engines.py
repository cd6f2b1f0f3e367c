"""Every engine that is wrong on purpose gets its verdict, and a message that names what is wrong."""

from dataclasses import replace

import pytest
import wrong_engines as w

from spikeproof import EventEngine, Parameters
from spikeproof.grid import GridEngine
from spikeproof_verification.conformance import judge_engine, shipped
from spikeproof_verification.conformance.compare import compared
from spikeproof_verification.experiments.faults import faulty_engine


def cases(*starts):
    return [case for case in shipped() if case.key.startswith(starts)]


def first(run):
    return next(v for v in run.verdicts if v.verdict != "pass")


FAMILIES = {
    "weights": ("gradient-weights",),
    "spikes": ("spikes-00", "spikes-05"),
    "ties": ("ties-lattice-00", "loss-FirstSpikeCrossEntropy-1"),
    "ratio": ("ratio-double", "ratio-half"),
    "no answer": ("no-answer",),
}
WRONG = {
    "a factor tau_syn too much": (w.scaled(w.tau_syn), "ratio", "fail", "are too large by the factor tau_syn"),
    "tau_syn missing": (w.scaled(lambda p: 1.0 / w.tau_syn(p)), "ratio", "fail", "lack the factor tau_syn"),
    "wrong sign": (w.scaled(lambda _: -1.0), "weights", "fail", "the sign is wrong"),
    "sum over the batch": (w.scaled(w.batch), "weights", "fail", "are too large by the factor batch size"),
    "no reset term": (faulty_engine("no reset term"), "weights", "fail", "times the bound"),
    "ties sorted again": (faulty_engine("events sorted again by time"), "ties", "fail", "gradient of weights"),
    "a NaN": (w.Wrong(w.not_a_number), "weights", "error", "allowed: a finite number"),
    "no gradient": (w.Wrong(w.without_gradients), "weights", "fail", "missing in the reply"),
    "a missing spike": (w.Wrong(w.without_last_spike), "spikes", "fail", "1 of 23 spikes missing"),
    "a surplus spike": (w.Wrong(w.with_spike_twice), "spikes", "fail", "1 surplus spikes"),
    "times in seconds": (w.Wrong(w.in_seconds), "spikes", "fail", "lack the factor 1000"),
    "transposed W": (w.Wrong(changed=w.transposed), "weights", "fail", "times the bound"),
    "single precision": (faulty_engine("single precision"), "ratio", "fail", "times the bound"),
    "missed spikes": (faulty_engine("missed spikes between arrivals"), "spikes", "fail", "spikes missing"),
    "refuses all": (w.Refusing(), "spikes", "refused", "allowed: another one"),
    "raises": (w.Raising(), "spikes", "error", "KeyError: 'w_in'"),
    "supports nothing": (w.Unable(), "spikes", "unsupported", "nothing is supported"),
    "answers what must be refused": (w.Answering(), "no answer", "fail", "answered, where it must refuse"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_engine_gets_its_verdict_and_a_message_that_says_what_is_wrong(name):
    engine, chosen, verdict, message = WRONG[name]
    run = judge_engine(engine, cases=cases(*FAMILIES[chosen]))
    found = first(run)
    assert found.verdict == verdict
    assert message in found.message
    assert not run.headline.clean


@pytest.mark.parametrize("chosen", FAMILIES)
def test_the_engine_that_they_are_made_of_passes(chosen):
    assert judge_engine(w.Wrong(), cases=cases(*FAMILIES[chosen])).headline.clean


SMOKE = {
    "weights act on V": w.Jumping(),
    "W is transposed": w.Wrong(changed=w.transposed),
    "weights act as w / tau_syn": w.Wrong(changed=lambda p: _times(p, 1.0 / w.tau_syn(p))),
    "spike times are given in seconds": w.Wrong(w.in_seconds),
    "a spike resets I too": faulty_engine("current reset with the potential"),
    "the reset term is missing": faulty_engine("no reset term"),
    "the gradient is taken after the reset": faulty_engine("Vdot taken after the reset"),
    "W is not transposed on the way back": faulty_engine("transposed weights"),
    "the sign is wrong": w.scaled(lambda _: -1.0),
    "are too large by the factor batch size": faulty_engine("mean over the batch missing"),
    "lack the factor tau_syn": faulty_engine("tau_syn missing in the weight gradient"),
}


def _times(problem, factor):
    p = problem.parameters
    return replace(problem, parameters=Parameters({n: factor * x for n, x in p.weights.items()}, p.neurons))


@pytest.mark.parametrize("words", SMOKE)
def test_the_smoke_test_names_a_wrong_convention(words):
    run = judge_engine(SMOKE[words], cases=cases("spikes-00"))
    wrong = [finding for finding in run.smoke if not finding.fits]
    assert len(wrong) == 1
    assert words in wrong[0].words


def test_the_smoke_test_says_nothing_of_a_right_engine():
    assert all(finding.fits for finding in judge_engine(EventEngine(), cases=cases("spikes-00")).smoke)


def test_single_precision_is_right_where_it_is_declared():
    run = judge_engine(faulty_engine("single precision"), cases=cases("ratio", "offset"), levels=["float32"])
    assert run.headline.clean


SPOILED = {"SPIKE_TIME_32": "spike_times", "LOSS_32": "loss", "GRADIENT_32": "weights"}


@pytest.mark.parametrize("tolerance", SPOILED)
def test_every_bound_of_single_precision_can_fail(tolerance):
    case = cases("ratio-double")[0]
    found = compared(case, _moved(case.expected, SPOILED[tolerance], 1e-4), "float32")
    assert {m.tolerance for m in found if m.verdict == "fail"} == {tolerance}


def _moved(tree, quantity, part):
    """Numbers of a case as an answer, those of one quantity too large by a part of their size."""
    return {name: _times_all(x, 1.0 + part * (name == quantity)) for name, x in tree.items()}


def _times_all(tree, factor):
    if isinstance(tree, list):
        return [_times_all(x, factor) for x in tree]
    return {k: _times_all(x, factor) for k, x in tree.items()} if isinstance(tree, dict) else factor * float(tree)


def test_an_engine_in_time_steps_is_judged_by_its_order():
    run = judge_engine(GridEngine, cases=cases("grid-layer", "grid-integrators"), levels=["grid"])
    assert run.headline.clean
    stuck = judge_engine(w.stuck_grid, cases=cases("grid-layer"), levels=["grid"])
    assert stuck.verdicts[0].verdict == "fail"
    assert "order of" in stuck.verdicts[0].message
