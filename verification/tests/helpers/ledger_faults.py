"""Faults for the instances on which the ledger evaluates equations: each changes something a check relies on."""

from dataclasses import fields, replace

from spikeproof_verification.experiments.ledger import FAILS
from spikeproof_verification.experiments.ledger.coincidence import Coincidence
from spikeproof_verification.experiments.ledger.critical import ThresholdCurve
from spikeproof_verification.experiments.ledger.exact_steps import Step
from spikeproof_verification.experiments.ledger.gradients import Run
from spikeproof_verification.experiments.ledger.intervals import Split
from spikeproof_verification.experiments.ledger.leibniz import FreeFlow, MovingIntegral
from spikeproof_verification.experiments.ledger.readout import Readout
from spikeproof_verification.experiments.ledger.smooth import System
from spikeproof_verification.experiments.ledger.traces import Traces
from spikeproof_verification.experiments.ledger.transition import Transition
from spikeproof_verification.experiments.ledger.yin_yang import Batch


def with_method(name, change):
    """A fault that passes what the method or property `name` returns through `change`."""

    def fault(instance):
        kind = type(instance)
        original = getattr(kind, name)
        if callable(original):
            method = lambda self, *a, **k: change(original(self, *a, **k))  # noqa: E731
        else:
            get = original.fget if isinstance(original, property) else original.func
            method = property(lambda self: change(get(self)))
        return _of(type(f"Faulty{kind.__name__}", (kind,), {name: method}), instance)

    return fault


def _of(kind, instance):
    return kind(**{f.name: getattr(instance, f.name) for f in fields(instance)})


def negative(values):
    return [-x for x in values] if isinstance(values, list) else -values


def exchanged(values):
    return list(reversed(list(values)))


def transposed(network):
    return replace(network, w=tuple(zip(*network.w, strict=True)))


def of_side(name, **changes):
    """A fault that makes numbers of one side of a spike three times as large."""

    def fault(t):
        side = getattr(t, name)
        return replace(t, **{name: replace(side, **{key: _tripled(getattr(side, key)) for key in changes})})

    return fault


def _tripled(values):
    return [_tripled(v) for v in values] if isinstance(values, (list, tuple)) else 3 * values


FAULTS = {
    System: {
        "L with the wrong sign": with_method("loss_gradient", negative),
        "dx/dp exchanged": with_method("dx", exchanged),
        "d/dt dx/dp exchanged": with_method("dx_dt", exchanged),
        "F with the wrong sign": with_method("flow", negative),
        "dl/dx with the wrong sign": with_method("loss_slope", negative),
        "dF/dp with the wrong sign": with_method("flow_slope", negative),
        "the interval halved": with_method("knots", lambda knots: knots[: len(knots) // 2]),
    },
    Transition: {
        "dt/dw with the wrong sign": lambda t: replace(t, dt=negative(list(t.dt))),
        "W transposed": lambda t: replace(t, network=transposed(t.network)),
        "the sides exchanged": lambda t: replace(t, minus=t.plus, plus=t.minus),
        "dV/dw before the spike": of_side("minus", dv=1),
        "dV/dw after the spike": of_side("plus", dv=1),
        "dV/dt before the spike": of_side("minus", vdot=1),
        "I after the spike": of_side("plus", i=1),
        "dI/dt after the spike": of_side("plus", idot=1),
        "dI/dw after the spike": of_side("plus", di=1),
        "lambda_V after the spike": of_side("plus", lambda_v=1),
        "lambda_I after the spike": of_side("plus", lambda_i=1),
        "dl_p/dt": lambda t: replace(t, time_slope=-t.time_slope),
    },
    Split: {
        "dL/dw doubled": with_method("dloss", lambda x: 2 * x),
        "time constants exchanged": with_method("tau_mem", exchanged),
        "d/dt dx/dw with the wrong sign": with_method("drate", negative),
        "dl_V/dV with the wrong sign": with_method("loss_slope", negative),
        "dlambda/dt with the wrong sign": with_method("adjoint_rate", negative),
        "lambda without the time constants": with_method("adjoint_weighted", exchanged),
        "lambda without its equation": with_method("adjoint_at", exchanged),
    },
    MovingIntegral: {
        "another function": lambda m: replace(m, h=lambda x, t: x + t),
        "another antiderivative": lambda m: replace(m, antiderivative=lambda x, t: x * t),
        "a limit that does not move": lambda m: _of(
            type("Faulty", (MovingIntegral,), {"value": lambda self, _: MovingIntegral.value(self, self.x)}), m
        ),
    },
    FreeFlow: {
        "f_V doubled": with_method("f_v", lambda x: 2 * x + 1),
        "f_I doubled": with_method("f_i", lambda x: 2 * x + 1),
        "l_V doubled": with_method("loss", lambda x: 2 * x),
        "the integrand without its multipliers": lambda f: _of(
            type("Faulty", (FreeFlow,), {"density": lambda self, t, w: self.v(t, w)}), f
        ),
    },
    ThresholdCurve: {"dV/dt with the wrong sign": with_method("vdot", negative)},
    Run: {"dL/dw exchanged": with_method("differences", exchanged)},
    Coincidence: {
        "dL/dw with the wrong sign": with_method("slope", negative),
    },
    Batch: {
        "softmax squared": with_method("weight", lambda x: x * x),
        "the late term doubled": with_method("late", lambda x: 2 * x),
        "dL/dt with the wrong sign": with_method("slope", negative),
    },
    Step: {
        "exp(-t/tau_syn) too fast": with_method("fast", lambda x: 2 * x**3),
        "exp(-t/tau_mem) too fast": with_method("slow", lambda x: 2 * x**3),
    },
    Traces: {
        "t_max too late": with_method("when", lambda t: t + t / 10),
        "softmax squared": with_method("share", lambda p: p * p),
        "the direction exchanged": lambda s: replace(s, direction=tuple(tuple(reversed(row)) for row in s.direction)),
        "half a delta": with_method("under_delta", lambda x: x / 2),
        "L with the wrong sign": with_method("loss_slope", negative),
        "the first maximum higher": with_method("maxima", lambda rows: [[2 * rows[0][0], *rows[0][1:]], *rows[1:]]),
        "DM exchanged": with_method("peak_slope", negative),
        "log softmax squared": with_method("loss", lambda x: x * x),
    },
    Readout: {
        "dL/dw with the wrong sign": with_method("differences", negative),
    },
}


def caught_by(check):
    """Names of the faults that push the residual of `check` above the bound."""
    return [name for name in FAULTS[type(check.instances()[0])] if sees(check, name)]


def sees(check, name):
    """Whether the fault `name` pushes the residual of `check` above the bound, on one of its last two instances."""
    instances = check.instances()[-2:]
    residual = check.printed if check.claim == "holds" else check.corrected
    fault = FAULTS[type(instances[0])][name]
    return any(residual(fault(instance)) > FAILS for instance in instances)
