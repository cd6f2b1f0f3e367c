"""How kernels are compiled: at their first use, to files that later processes load.

Division by zero gives infinities and NaN, as in NumPy; the compiler may not reorder sums, and may fuse a product with
the sum it goes into only in the elementary functions, where that is possible in one way: whether a loop handles an
element in a vector or by itself must not show.
The garbage collector is off during compilation, where it would take a tenth of the time.
Kernels that only kernels call have no wrappers for Python, and but for those that make arrays they do not count
references: their callers hold the arrays, and atomic counting takes longer than the work in small loops.
"""

from __future__ import annotations

import gc
from typing import Any

from numba import njit
from numba.core import event

_jit: Any = njit
_OPTIONS = {"cache": True, "error_model": "numpy", "no_cfunc_wrapper": True}  # never called from C
_INNER = {**_OPTIONS, "no_cpython_wrapper": True}

kernel = _jit(**_OPTIONS, nogil=True)  # called from Python
bare_kernel = _jit(**_OPTIONS, nogil=True, _nrt=False)  # called from Python, makes no arrays
inner = _jit(**_INNER, _nrt=False)  # called by kernels, makes no arrays
making_arrays = _jit(**_INNER)  # called by kernels
once = _jit(**_INNER, inline="always")  # called at one place, and compiled as a part of its caller
inlined = _jit(**_INNER, _nrt=False, forceinline=True)  # straight-line code in loops that become vector instructions
fused = _jit(**_INNER, _nrt=False, forceinline=True, fastmath={"contract"})  # the same, no sum of two products


class _CollectorRests(event.Listener):
    """No garbage collection from the start of a compilation to its end, nested ones included."""

    def __init__(self) -> None:
        self.depth, self.enabled = 0, False  # compilations take turns: numba holds a lock

    def on_start(self, _: Any) -> None:
        if self.depth == 0:
            self.enabled = gc.isenabled()
            gc.disable()
        self.depth += 1

    def on_end(self, _: Any) -> None:
        self.depth -= 1
        if self.depth == 0 and self.enabled:
            gc.enable()


_register: Any = event.register
_register("numba:compile", _CollectorRests())
