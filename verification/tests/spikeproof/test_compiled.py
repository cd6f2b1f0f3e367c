"""What surrounds compiled kernels: the garbage collector during compilation, and where vectors start."""

import gc

import numba
import numpy as np
import pytest
from numba import extending

import spikeproof.compiled  # noqa: F401 - makes the collector rest
from spikeproof.memory import aligned, whole_lines


@pytest.fixture
def watched():
    """A function whose compilation notes whether the collector works, and what it noted."""
    seen = []

    def look(value):
        raise NotImplementedError

    @extending.overload(look)
    def _(value):
        seen.append(gc.isenabled())
        return (lambda value: value) if value is numba.int64 else None  # others cannot be compiled

    return look, seen


@pytest.mark.compiled
@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_rests_while_kernels_compile_and_then_is_as_it_was(watched, enabled):
    look, seen = watched
    outer = numba.njit(lambda value: look(value))
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        assert outer(1) == 1
        assert seen
        assert not any(seen)
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if before else gc.disable)()


@pytest.mark.compiled
def test_the_collector_works_again_after_a_compilation_that_fails(watched):
    look, seen = watched
    with pytest.raises(numba.TypingError):
        numba.njit(lambda value: look(value))(1.5)
    assert seen
    assert not any(seen)
    assert gc.isenabled()


@pytest.mark.parametrize("shape", [(1,), (13,), (7, 24), (0,), (3, 0)])
def test_vectors_start_with_a_cache_line(shape):
    for _ in range(5):  # wherever the system puts it
        room = aligned(*shape)
        assert room.shape == shape
        assert room.dtype == np.float64
        assert room.flags.c_contiguous
        assert room.ctypes.data % 64 == 0 or room.size == 0


@pytest.mark.parametrize(("n", "expected"), [(0, 0), (1, 8), (8, 8), (9, 16)])
def test_rows_of_whole_lines(n, expected):
    assert whole_lines(n) == expected
