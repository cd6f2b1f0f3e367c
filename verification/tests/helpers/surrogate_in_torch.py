"""The discrete network by autodiff in PyTorch, with the surrogate functions of snnTorch and norse.

``python surrogate_in_torch.py IN OUT``: IN is an npz file with the network, OUT gets the losses and gradients. It
is run by the interpreter of these peers, so nothing of spikeproof is imported.
"""

import sys

import numpy as np
import snntorch.surrogate
import torch
from norse.torch.functional.threshold import superspike_fn, triangle_fn

SLOPE = 2.0
FUNCTIONS = {
    "super_spike of snnTorch": snntorch.surrogate.fast_sigmoid(slope=SLOPE),
    "sigmoid of snnTorch": snntorch.surrogate.sigmoid(slope=SLOPE),
    "arctan of snnTorch": snntorch.surrogate.atan(alpha=SLOPE),
    "super_spike of norse": lambda x: superspike_fn(x, torch.as_tensor(1.0)),
    "triangle of norse": lambda x: triangle_fn(x, 1.0),
}


def loss_of(given, weights, spike, *, reset_gradient, dtype):
    """The cross-entropy of the largest V of the readouts."""
    a, b, c, d, v_th, v_init, i_init = (torch.as_tensor(row, dtype=dtype) for row in given["neurons"])
    inputs, spiking = torch.as_tensor(given["inputs"], dtype=dtype), torch.isfinite(v_th)
    n_steps, n_samples = inputs.shape[:2]
    v, i, sent, trace = v_init.expand(n_samples, -1), i_init.expand(n_samples, -1), [], [v_init.expand(n_samples, -1)]
    for k in range(n_steps):
        s = spike(torch.where(spiking, v - v_th, -1.0)).to(dtype) * spiking
        sent.append(s)
        arrivals = [torch.zeros_like(v)]
        for w, (outside, pre, pre_stop, post, post_stop, lag) in zip(weights, given["projections"], strict=True):
            if k >= lag:
                source = (inputs if outside else sent)[k - lag][:, pre:pre_stop]
                arrivals.append(torch.nn.functional.pad(source @ w, (post, v.shape[1] - post_stop)))
        i = i + sum(arrivals)
        v = a * v * (1 - (s if reset_gradient else s.detach())) + c * i + d
        i = b * i
        trace.append(v)
    start, stop = given["readout"]
    largest = torch.stack(trace)[:, :, start:stop].max(dim=0).values
    return torch.nn.functional.cross_entropy(largest, torch.as_tensor(given["labels"]))


def main(source, target):
    given, found = dict(np.load(source)), {}
    count = len(given["projections"])
    for name, spike in FUNCTIONS.items():
        for bits, dtype in ((64, torch.float64), (32, torch.float32)):
            for reset in (True, False):
                weights = [torch.tensor(given[f"w{p}"], dtype=dtype, requires_grad=True) for p in range(count)]
                loss = loss_of(given, weights, spike, reset_gradient=reset, dtype=dtype)
                loss.backward()
                key = f"{name}, {bits}, {'reset' if reset else 'detached'}"
                found[f"{key}, loss"] = loss.item()
                for p, w in enumerate(weights):
                    found[f"{key}, {p}"] = w.grad.numpy()
    np.savez(target, **found)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(*sys.argv[1:])
