"""torch.autograd.gradcheck, asked by lines: a setting has eps, atol and rtol, or none for its defaults."""

from __future__ import annotations

import torch
from asked import ask, serve


class Function(torch.autograd.Function):
    """A function of one vector with its gradient, as an engine would be wrapped."""

    @staticmethod
    def forward(ctx, x):
        value, gradient = ask(x.detach())
        ctx.save_for_backward(torch.tensor(gradient, dtype=x.dtype))
        return torch.tensor(value, dtype=x.dtype)

    @staticmethod
    def backward(ctx, seed):
        return ctx.saved_tensors[0] * seed


def passes(x, setting) -> bool:
    start = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    return torch.autograd.gradcheck(Function.apply, (start,), raise_exception=False, **setting)


if __name__ == "__main__":
    torch.set_num_threads(1)
    serve(passes)
