"""The seeded faults: the place of each, what is wrong, and the quantities that must fail, and no others."""

from __future__ import annotations

from spikeproof.neuron_parameters import PARAMETER_NAMES
from spikeproof_verification.experiments.faults.fault import Fault, Place

SHARED = frozenset({"weight_gradient", "input_time_gradient", "delay_gradient"})
NEURON = frozenset(f"{name}_gradient" for name in PARAMETER_NAMES)
GRADIENTS = SHARED | NEURON
LATER = GRADIENTS | {"loss", "end_state"}  # quantities that a wrong spike spoils besides itself
FIRST = GRADIENTS - {"v_reset_gradient", "t_ref_gradient"}  # of faults before any reset
MISCOUNTED = LATER | {"spike_count"}  # times are compared where counts agree, which they do nowhere that is changed
COUNTED = MISCOUNTED | {"spike_time"}
TIMED = LATER | {"spike_time"}
ALONE = frozenset({"sample_alone"})


def _faults(place: Place, *rows: tuple[str, str, frozenset[str] | set[str]]) -> tuple[Fault, ...]:
    return tuple(Fault(name, place, wrong, frozenset(quantities)) for name, wrong, quantities in rows)


FORWARD_FAULTS = _faults(
    "forward",
    ("missed spikes between arrivals", "V is compared with the threshold at arrivals alone", MISCOUNTED),
    ("root search stopped early", "bisection ends after 24 halvings", TIMED),
    ("spike times on a grid", "a spike happens at the next of 1024 grid points per unit of time", TIMED),
    ("single precision", "V, I and the adjoint variables are rounded to binary32", TIMED),
    ("current reset with the potential", "a spike sets I to 0 as well", MISCOUNTED),
    ("reset to zero", "V goes to 0 after a spike, whatever v_reset is", COUNTED),
    ("one threshold for all", "every neuron has the threshold of the first", COUNTED),
    ("delays ignored", "spikes arrive at once", COUNTED),
    ("coincident inputs counted once", "of two spikes of one channel at one time the second is lost", COUNTED),
    ("initial current ignored", "I starts at 0, whatever i_init is", COUNTED),
    ("bias ignored after the first spike", "the bias current of a neuron ends with its first spike", COUNTED),
    ("state carried over to the next sample", "a sample starts where the one before ended", COUNTED | ALONE),
    ("last bit by the place in the batch", "V at the end is one bit higher in every second sample", ALONE),
    ("targets of synapses shifted", "a synapse of a sparse projection ends at the neuron after its target", COUNTED),
    ("rows without synapses left out", "what is left of a sparse projection starts at its first rows", COUNTED),
    ("end state one event early", "V and I at the end are those of the last event", {"end_state"}),
    ("refractory time ignored", "V starts to rise right after a spike", COUNTED),
    ("one refractory time for all", "every neuron has the refractory time of the first", COUNTED),
    ("V free while held", "a neuron cannot spike for the refractory time, but V goes on from v_reset", COUNTED),
    ("current held with the potential", "I stands still while V is held", COUNTED),
    ("arrivals while held lost", "what arrives while V is held does not enter I", COUNTED),
    (
        "hold closed on the right",
        "what arrives just when V is released comes before the release",
        {"delay_gradient", "t_ref_gradient"},
    ),
)
ADJOINT_FAULTS = _faults(
    "adjoint",
    ("sign of the jump", "lambda_v jumps to the other side at spikes", GRADIENTS),
    ("transposed weights", "W for its transpose where arrivals are collected", GRADIENTS),
    ("no reset term", "(v_th - v_reset) lambda_v is missing at spikes", GRADIENTS),
    ("threshold and reset mixed up", "(v_reset - v_th) lambda_v at spikes", GRADIENTS),
    ("v_reset missing in the jump", "v_th lambda_v at spikes, as if v_reset were 0", GRADIENTS),
    ("lambda_i missing at arrivals", "w lambda_v is collected for w (lambda_v - lambda_i)", GRADIENTS),
    ("autapses left out", "arrivals at the neuron itself left out: Wunderlich and Pehle (2021), eq. 52a", GRADIENTS),
    ("events sorted again by time", "the pass sorts events instead of replaying their order", GRADIENTS),
    ("clamped denominator", "tau_mem Vdot is at least 1", GRADIENTS),
    ("Vdot taken after the reset", "I + b - v_reset in the denominator of the jump", GRADIENTS),
    ("bias missing in Vdot", "I - v_th in the denominator of the jump", GRADIENTS),
    ("second spike of a neuron dropped", "nothing flows back through the second spike of a neuron", GRADIENTS),
    ("flow of lambda_i as that of I", "lambda_v does not drive lambda_i", GRADIENTS),
    ("tau_mem for tau_syn in the flow of lambda_i", "lambda_v drives lambda_i at the rate 1/tau_mem", GRADIENTS),
    ("gradient of the first arrival missing", "the pass ends one arrival early", SHARED),
    ("delays ignored backward", "delayed arrivals are not collected", GRADIENTS),
    ("mean over the batch missing", "gradients are summed over the samples", GRADIENTS | ALONE),
    ("tau_syn missing in the weight gradient", "lambda_i for tau_syn lambda_i", {"weight_gradient"}),
    ("a NaN", "one weight gradient is not a number", {"weight_gradient"}),
    (
        "gradients of synapses by columns",
        "derivatives of a sparse projection come in the order of its columns",
        {"weight_gradient", "delay_gradient"},
    ),
    ("sign of the delay", "the delay gradient has the other sign", {"delay_gradient"}),
    ("threshold gradient after the spike", "lambda_v^+ for lambda_v^- in the gradient of v_th", {"v_th_gradient"}),
    ("reset gradient before the spike", "lambda_v^- for lambda_v^+ in the gradient of v_reset", {"v_reset_gradient"}),
    ("tau_mem gradient over the reset", "lambda_v dV includes the jump of V at a reset", {"tau_mem_gradient"}),
    ("tau_syn gradient over arrivals", "lambda_i dI includes the jumps of I at arrivals", {"tau_syn_gradient"}),
    ("sign of the bias gradient", "plus the integral of lambda_v", {"bias_gradient"}),
    ("tau_mem missing in the gradient of v_init", "-lambda_v for -tau_mem lambda_v at 0", {"v_init_gradient"}),
    ("lambda_v kept over the release", "lambda_v is not 0 while V is held", GRADIENTS),
    ("release not moved with its spike", "dL/dt of a release is not added to that of its spike", GRADIENTS),
    ("slope at the release taken at the spike", "I of the spike in tau_mem Vdot^+ of the release", GRADIENTS),
    ("gradient of the refractory time missing", "the derivative by the refractory time is 0", {"t_ref_gradient"}),
    ("V seen while held belongs to nobody", "what a loss reads of V while it is held is lost", {"v_reset_gradient"}),
)
LOSS_FAULTS = _faults(
    "loss",
    ("sign of dl/dt", "the derivative of the loss with respect to spike times has the other sign", GRADIENTS),
    ("second spike taken for the first", "dl/dt of the first spike goes to the second", GRADIENTS),
    ("second term of the first-spike loss missing", "alpha is 0, in the loss and in its derivative", FIRST | {"loss"}),
    ("second term missing in dl/dt", "alpha is 0 in the derivative alone", FIRST),
    ("wrong label", "the class after the label's", GRADIENTS | {"loss"}),
    ("softmax without the label", "P for P - [class is label]", GRADIENTS),
    ("loss summed over the batch", "the loss is the sum over the samples, its gradient the mean", {"loss"}),
    ("sum taken for the mean", "a mean of V is its integral", GRADIENTS | {"loss"}),
    ("weight g forgotten", "exp(-t/tau) is 1 under the integral", GRADIENTS | {"loss"}),
    ("quadrature too coarse", "three nodes per time constant for integrals of V", GRADIENTS | {"loss"}),
    (
        "factor of a term missing in its derivative",
        "all terms of a sum of losses have derivatives of factor 1",
        GRADIENTS,
    ),
    ("V held since the last event", "V at a given time is that of the event before", GRADIENTS | {"loss"}),
    ("last V for the largest", "V at the end for its maximum", GRADIENTS | {"loss"}),
    ("l_V^- - l_V^+ dropped", "a reset of the neuron that is observed does not enter dl/dt", GRADIENTS),
    ("published rule at kinks", "lambda_v jumps after the arrival that cuts V, and nothing else", GRADIENTS),
    ("kink term dropped", "c dV/dt^- is not passed on to the spike that cuts V", GRADIENTS),
    ("kink on the plus side", "lambda_v jumps after the arrival that cuts V", GRADIENTS),
)
ENGINE_FAULTS = (*FORWARD_FAULTS, *ADJOINT_FAULTS, *LOSS_FAULTS)
