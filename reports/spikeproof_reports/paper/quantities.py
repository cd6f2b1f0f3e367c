"""The compared quantities: their labels and their meanings."""

from __future__ import annotations

from collections.abc import Iterable

from spikeproof.neuron_parameters import NEURON_PARAMETERS

LABELS = {
    "spike_count": "spike counts",
    "spike_time": "spike times",
    "end_state": "end states",
    "loss": "losses",
    "weight_gradient": "weight gradients",
    "input_time_gradient": "input time gradients",
    "delay_gradient": "delay gradients",
    **{f"{p.name}_gradient": f"{p.label} gradients" for p in NEURON_PARAMETERS},
    "spike_time_jacobian": "spike time Jacobians",
    "gradient": "gradients of any kind",
    "sample_alone": "samples alone and in a batch",
    "one_sided_derivative": "one-sided derivatives",
    "loss_limit": "one-sided limits of losses",
    "loss_jump": "jumps of losses",
    "derivative_at_tie": "derivatives at a tie",
    "grazing_slope": "exponents of the approach",
    "grazing_ratio": "ratios to the law",
    "kernel": "potentials after one input",
    "convergence_order": "orders of convergence",
    "grid_state": "end states on the grid",
    "differing_numbers": "numbers that differ",
    "equation_residual": "residuals of equations",
    "equation_claim": "claims about equations",
    "branch": "event sequences",
    "linear_prediction": "changes of the loss over their predictions",
    "unharmed_engine": "failures without a fault",
    "fault_caught": "seeded faults",
    "mutation_score": "mutation scores",
    "smooth_gradient": "losses and gradients of smooth systems",
    "tolerance_order": "orders in the tolerance",
}
MEANINGS = {
    "spike_count": "how many spikes a neuron fires; there is no tolerance here, a spike is there or it is not",
    "spike_time": "when each spike happens; rounding moves a spike by about ε/V̇, "
    "so the slower the membrane crosses its threshold, the less sharply its time is defined",
    "end_state": "the membrane potential V and the synaptic current I of every neuron at the end, t = T",
    "loss": "the number that training would minimise",
    "weight_gradient": "the derivative of the loss with respect to each synaptic weight",
    "input_time_gradient": "the derivative of the loss with respect to the time of each input spike",
    "delay_gradient": "the derivative of the loss with respect to the delay of each single synapse",
    **{
        f"{p.name}_gradient": f"the derivative of the loss with respect to each neuron's {p.meaning}"
        for p in NEURON_PARAMETERS
    },
    "spike_time_jacobian": "the derivatives of single spike times with respect to the parameters",
    "gradient": "the derivative of the loss with respect to any parameter, of the reference against a solution file",
    "sample_alone": "how many numbers of a sample differ in any bit between a batch and the sample alone, or after a "
    "silent one",
    "one_sided_derivative": "the derivative of the loss on one side of a point where it is not smooth",
    "loss_limit": "what the loss tends to from one side of such a point",
    "loss_jump": "the difference of the two limits",
    "derivative_at_tie": "what an engine returns where two events coincide",
    "grazing_slope": "the fitted power of the distance with which the derivative of a vanishing spike diverges",
    "grazing_ratio": "that derivative over its leading term",
    "kernel": "V of a leaky integrator some time after a single input spike",
    "convergence_order": "the fitted power of the time step with which an error falls",
    "grid_state": "V and I at the end of a time-stepped run in which nothing had to be moved to the grid",
    "differing_numbers": "how many numbers differ between one thread and several",
    "equation_residual": "the relative difference of the two sides of an equation, as printed or as corrected, "
    "whichever is claimed to hold",
    "equation_claim": "1 if the residuals of an equation say what is claimed of it: that it holds as printed, or fails "
    "as printed and holds as corrected",
    "branch": "whether the sequence of events has changed: 0 if not, 1 if so",
    "linear_prediction": "change of the loss along a direction, divided by the derivative times the distance",
    "unharmed_engine": "how many numbers of an engine without a seeded fault are rejected",
    "fault_caught": "how many of the quantities that a seeded fault spoils are rejected",
    "smooth_gradient": "the loss of a smooth trajectory and its derivative with respect to each parameter",
    "tolerance_order": "the fitted power of an integrator's tolerance with which the error of a gradient falls",
    "mutation_score": "the fraction of all seeded faults that at least one check rejects",
}


def label(quantity: str) -> str:
    """The quantity's name in words; unknown quantities lose their underscores."""
    return LABELS.get(quantity, quantity.replace("_", " "))


def ordered(quantities: Iterable[str]) -> list[str]:
    """`quantities` once each, the known ones in the order of the flow, the others after them by name."""
    order = {name: rank for rank, name in enumerate(LABELS)}
    return sorted(set(quantities), key=lambda name: (order.get(name, len(order)), name))
