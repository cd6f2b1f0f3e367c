"""Numbers of another type than binary64: taken without rounding, or refused by name, wherever a number enters."""

from decimal import Decimal

import numpy as np
import pytest
from one_layer import one_layer

from spikeproof import (
    EventEngine,
    ExponentialWeight,
    InvalidInput,
    LossSum,
    NeuronParameters,
    SpikeTimeSum,
    SpikeTimeTarget,
    Stimulus,
    VoltageTarget,
)
from spikeproof.losses.checked import checked
from spikeproof.numbers import array, scalar

LONG = np.finfo(np.longdouble).nmant > np.finfo(np.float64).nmant
FINE = np.longdouble(1) + np.longdouble(2) ** -60  # 1 if a long double is a double


def problem(weight=((1.0,),), time=1.0, tau=20.0, delay=0.0):
    return one_layer(weight, Stimulus([time], [0], [0, 1], 60.0), NeuronParameters(tau, 5.0), delay=delay)


ENTRANCES = {
    "weight": lambda x: problem(weight=[[x]]),
    "weight in an array": lambda x: problem(weight=np.array([[x]])),
    "time": lambda x: problem(time=x),
    "time constant": lambda x: problem(tau=x),
    "time constant of a neuron": lambda x: problem(tau=[x]),
    "delay": lambda x: problem(delay=x),
    "duration": lambda x: Stimulus([], [], [0, 0], x),
    "factor": lambda x: LossSum([(x, SpikeTimeSum("n"))]),
    "coefficient": lambda x: SpikeTimeSum("n", [x]),
    "target time": lambda x: SpikeTimeTarget("n", [[x]]),
    "target": lambda x: VoltageTarget("n", [1.0], [[x]]),
    "time scale": lambda x: ExponentialWeight(x),
    "cotangent": lambda x: EventEngine().run(problem(weight=[[50.0]])).vjp(np.array([x])),
}


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize("number", [2**60 + 1, np.int64(2**53 + 1), np.uint64(2**63 + 1), FINE], ids=repr)
def test_a_number_that_would_be_rounded_is_refused_wherever_it_enters(entrance, number):
    if isinstance(number, np.longdouble) and not LONG:
        pytest.skip("a long double is a double here")
    with pytest.raises(InvalidInput, match="without rounding"):
        ENTRANCES[entrance](number)


EXACT = [2**53, 2**60, -(2**70), 10**22, np.uint64(2**63), np.longdouble(0.5), np.float16(0.1)]


@pytest.mark.parametrize("number", EXACT, ids=repr)
def test_a_number_that_binary64_holds_is_taken_as_it_is(number):
    for found in (scalar("x", number), array("x", [number])[0], array("x", np.array([number]))[0]):
        assert isinstance(found, float)
        assert Decimal(float(found)) == Decimal(int(number) if float(number).is_integer() else float(number))


@pytest.mark.parametrize("others", [[0.5], [0.5, Decimal(1)], [np.float32(0.5)]], ids=repr)
def test_a_whole_number_beside_others_is_not_rounded_on_the_way(others):
    with pytest.raises(InvalidInput, match=r"x\[0\]: got 9007199254740993; allowed: .*without rounding"):
        array("x", [2**53 + 1, *others])
    assert array("x", [2**60, *others])[0] == 2**60


def test_what_losses_return_follows_the_same_rule():
    assert checked("loss", [2**60, 0], (2,)).tolist() == [2.0**60, 0.0]
    with pytest.raises(InvalidInput, match=r"loss\[0\]: got 1152921504606846977"):
        checked("loss", [2**60 + 1, 0], (2,))


def test_a_long_double_beyond_the_range_is_not_finite():
    with pytest.raises(InvalidInput, match=r"x\[0\]: got inf"):
        array("x", np.array([np.longdouble(1.7e308) * 10 if LONG else np.inf]))


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_complex_numbers_are_refused_as_not_real(entrance):
    with pytest.raises(InvalidInput, match="real"):
        ENTRANCES[entrance](1j)
