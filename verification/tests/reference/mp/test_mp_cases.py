"""The mp reference against the case files: counts, 45-digit spike times, 32-digit spike-time Jacobians."""

from __future__ import annotations

import json

import numpy as np
import pytest

from spikeproof import (
    Input,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeSum,
    Stimulus,
)
from spikeproof_reference import MpEngine, spike_time_jacobian
from spikeproof_verification.files import shipped_cases

CASES = {path.stem: path for path in shipped_cases()}
NAMES = [
    "A01_single_one_spike",
    "A02_single_subthreshold",
    "A10_single_poisson_tm20_ts5",
    "B03_equal_tau_poisson",
    "C02_2x_burst",
    "D03_slow_syn_poisson",
    "E20m_near_equal_tau",
    "E52m_near_equal_tau",
    "F01_fast_syn_1000",
    "G_2x_above_1em12",
    "G_2x_below_1em9",
    "G_tm20_ts5_above_1em12",
    "H_cutoff_after_1em13",
    "H_cutoff_before_1em3",
    "I03_coincident_cancel",
    "I06_ten_channels_same_time",
    "J01_two_identical_neurons",
    "J02_identical_pair_feeds_third",
    "J04_mutual_inhibition",
    "K02_inhibition_then_excitation",
    "L03_silence_1e7",
    "M01_burst_w50",
    "N01_ff_3_4_2",
    "P03_recurrent10",
    "P05_ring6",
    "P06_autapse_exc",
    "P07_autapse_inh",
]
WITH_JACOBIAN = [
    "A01_single_one_spike",
    "B02_equal_tau_burst",
    "C02_2x_burst",
    "D03_slow_syn_poisson",
    "E40m_near_equal_tau",
    "G_tm20_ts5_above_1em12",
    "G_second_spike_above_1em6",
    "H_cutoff_after_1em3",
    "I01_coincident_two_channels",
    "J02_identical_pair_feeds_third",
    "K02_inhibition_then_excitation",
    "N01_ff_3_4_2",
    "N05_ff_latency_code",
    "P05_ring6",
    "P06_autapse_exc",
    "P07_autapse_inh",
]


def case_of(name):
    case = json.loads(CASES[name].read_text())
    size, n_inputs = case["n_neurons"], case["n_inputs"]
    projections, weights = [Projection("in", "n")], {"in->n": np.reshape(case["w_in"], (n_inputs, size))}
    if case["w_rec"] is not None:
        projections.append(Projection("n", "n"))
        weights["n->n"] = case["w_rec"]
    network = Network((Input("in", n_inputs),), (Population("n", size),), tuple(projections))
    neurons = {"n": NeuronParameters(case["tau_mem"], case["tau_syn"], case["theta"], case["v_reset"])}
    stimulus = Stimulus.of_channels(case["input_spikes"], case["t_end"])
    return case, Problem(network, Parameters(weights, neurons), stimulus, SpikeTimeSum("n"), name)


def ranked(spikes):
    """(neuron, rank) of each spike."""
    seen, keys = {}, []
    for n in spikes.neurons.tolist():
        keys.append((n, seen.get(n, 0)))
        seen[n] = seen.get(n, 0) + 1
    return keys


def deviation(actual, expected):
    """Relative deviation of mpmath numbers from decimal strings, at most."""
    pairs = [(a, a.context.mpf(e)) for a, e in zip(actual, expected, strict=True)]
    return max((abs(a - e) / (abs(e) or 1) for a, e in pairs), default=0)


@pytest.mark.parametrize("name", NAMES)
def test_spikes_agree_with_the_case_file_to_all_its_digits(name):
    case, problem = case_of(name)
    expected, solution = case["expected"], MpEngine().solve(problem)
    assert [list(key) for key in ranked(solution.spikes)] == expected["order"]
    trains = solution.spikes.trains(range(case["n_neurons"]))
    assert [len(t) for t in trains] == expected["n_spikes"]
    for train, times in zip(trains, expected["spike_times"], strict=True):
        assert deviation(train, times) < 1e-44
    vdot = [expected["vdot"][n][k] for n, k in expected["order"]]
    assert deviation(solution.spikes.vdot, vdot) < 1e-29
    assert deviation(solution.v_end[0], expected["v_end"]) < 1e-29
    assert deviation(solution.i_end[0], expected["i_end"]) < 1e-29


@pytest.mark.parametrize("name", WITH_JACOBIAN)
def test_spike_time_jacobian_agrees_with_the_case_file(name):
    case, problem = case_of(name)
    expected, jacobian = case["gradients"], spike_time_jacobian(problem)
    row = {key: k for k, key in enumerate(ranked(jacobian.spikes))}
    column = {parameter: k for k, parameter in enumerate(jacobian.parameters)}
    numbers = input_numbers(case)
    for parameter, derivatives in zip(expected["params"], expected["jac"], strict=True):
        k = column[parameter_of(parameter, numbers)]
        actual = [jacobian.values[row[tuple(spike)], k] for spike in expected["spikes"]]
        for a, e in zip(actual, derivatives, strict=True):
            assert abs(a - a.context.mpf(e)) <= 1e-30 * abs(a), (parameter, a, e)


def input_numbers(case):
    """Number in the stimulus of spike k of channel c: sorted by time, channels in order at equal times."""
    spikes = [(t, c, k) for c, train in enumerate(case["input_spikes"]) for k, t in enumerate(train)]
    return {(c, k): number for number, (_, c, k) in enumerate(sorted(spikes, key=lambda s: s[0]))}


def parameter_of(parameter, numbers):
    array, i, j = parameter
    if array == "input_spikes":
        return ("input_time", "", numbers[i, j], 0)
    return ("weight", {"w_in": "in->n", "w_rec": "n->n"}[array], i, j)


def test_a_subset_of_the_jacobian_has_the_same_numbers():
    _, problem = case_of("N01_ff_3_4_2")
    everything = spike_time_jacobian(problem)
    columns = [20, 3, -1]
    subset = spike_time_jacobian(problem, only=[everything.parameters[k] for k in columns])
    assert np.max(np.abs(subset.values - everything.values[:, columns])) < 1e-70
