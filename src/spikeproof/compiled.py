"""How kernels are compiled: ahead of their first use, to files that later processes load.

Division by zero gives infinities and NaN, as in NumPy, and no fused or reordered sums: the same bits on any machine.
"""

from __future__ import annotations

from numba import njit

kernel = njit(cache=True, nogil=True, error_model="numpy")  # called from Python
part = njit(cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)  # called by kernels alone
inlined = njit(  # straight-line code in loops that are to become vector instructions
    cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True
)
