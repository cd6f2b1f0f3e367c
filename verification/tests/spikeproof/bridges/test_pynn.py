"""Cells of PyNN compared with an integration of their equation in volts, farads and amperes."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import spikeproof as sp
from spikeproof.bridges.pynn import from_if_curr_exp
from spikeproof_verification.checks.tolerances import SCIPY_PATH

CELL = {
    "v_rest": -65.0, "cm": 0.25, "tau_m": 10.0, "tau_refrac": 2.0, "tau_syn_E": 5.0, "tau_syn_I": 5.0,
    "i_offset": 0.1, "v_reset": -70.0, "v_thresh": -50.0,
}  # fmt: skip
TIMES, WEIGHTS, END = (1.0, 4.0, 20.0), (2.4, 2.0, 3.0), 50.0


def integrated(v):
    """Spike times in ms, from C dv/dt = -C (v - v_rest) / tau_m + i in SI units, by SciPy."""
    c, tau_m, tau_syn = CELL["cm"] * 1e-9, CELL["tau_m"] * 1e-3, CELL["tau_syn_E"] * 1e-3
    rest, reset, top = (CELL[name] * 1e-3 for name in ("v_rest", "v_reset", "v_thresh"))

    def rates(_, state):
        current = state[1] + CELL["i_offset"] * 1e-9
        return [-(state[0] - rest) / tau_m + current / c, -state[1] / tau_syn]

    def crossing(_, state):
        return (state[0] - top) * 1e3

    crossing.terminal, crossing.direction = True, 1.0
    found, now, i, free = [], 0.0, 0.0, 0.0
    v = v * 1e-3
    arrivals = [(t * 1e-3, w * 1e-9) for t, w in zip(TIMES, WEIGHTS, strict=True)]
    while now < END * 1e-3:
        stop = min([t for t, _ in arrivals if t > now] + [END * 1e-3] + ([free] if free > now else []))
        if now < free:  # held at the reset, while the current goes on
            i, v = i * np.exp(-(stop - now) / tau_syn), reset
            now = stop
        else:
            path = solve_ivp(rates, (now, stop), [v, i], "DOP853", events=crossing, rtol=1e-12, atol=1e-16)
            now, (v, i) = path.t[-1], path.y[:, -1]
            if path.status == 1:
                found.append(now * 1e3)
                v, free = reset, now + CELL["tau_refrac"] * 1e-3
        i += sum(w for t, w in arrivals if t == now)
    return np.array(found)


@pytest.mark.compiled
def test_a_cell_spikes_when_an_integration_of_its_equation_does():
    cell = from_if_curr_exp(CELL, v_init=-60.0)
    network = sp.chain(3, 1)
    parameters = sp.Parameters(
        {"input->output": cell.weight_scale * np.array(WEIGHTS)[:, None]}, {"output": cell.neuron}
    )
    stimulus = sp.Stimulus.of_samples([(TIMES, [0, 1, 2])], END)
    got = sp.EventEngine().run(sp.Problem(network, parameters, stimulus)).spikes.times
    expected = integrated(-60.0)
    assert len(expected) >= 3
    assert np.allclose(got, expected, rtol=SCIPY_PATH, atol=0.0)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"tau_syn_I": 6.0}, "parameters.tau_syn_I: got 6.0; allowed: that of tau_syn_E"),
        ({"v_thresh": -65.0}, "parameters.v_thresh: got -65.0; allowed: above v_rest"),
        ({"cm": 0.0}, "parameters.cm: got 0.0; allowed: finite numbers > 0"),
        ({"e_rev_E": 0.0}, "parameters: got .*; allowed: a mapping with the keys"),
        ({"tau_m": np.nan}, "parameters.tau_m: got nan"),
    ],
)
def test_what_cannot_be_represented_is_refused_by_name(change, match):
    with pytest.raises(sp.InvalidInput, match=match):
        from_if_curr_exp({**CELL, **change}, v_init=-65.0)
