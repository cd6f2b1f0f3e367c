"""jax.test_util.check_grads in reverse mode, asked by lines: a setting has eps, atol, rtol, and x64 for binary64."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from asked import ask, serve
from jax.test_util import check_grads


def _value(x):
    return np.asarray(ask(np.asarray(x))[0], dtype=x.dtype)


def _both(x):
    value, gradient = ask(np.asarray(x))
    return np.asarray(value, dtype=x.dtype), np.asarray(gradient, dtype=x.dtype)


@jax.custom_vjp
def function(x):
    return jax.pure_callback(_value, jax.ShapeDtypeStruct((), x.dtype), x)


def _forward(x):
    return jax.pure_callback(_both, (jax.ShapeDtypeStruct((), x.dtype), jax.ShapeDtypeStruct(x.shape, x.dtype)), x)


function.defvjp(_forward, lambda gradient, seed: (gradient * seed,))


def passes(x, setting) -> bool:
    given = dict(setting)
    jax.config.update("jax_enable_x64", bool(given.pop("x64", False)))
    try:
        check_grads(function, (jnp.asarray(np.array(x)),), order=1, modes=["rev"], **given)
    except AssertionError:
        return False
    return True


if __name__ == "__main__":
    serve(passes)
