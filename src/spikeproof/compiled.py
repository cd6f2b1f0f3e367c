"""How kernels are compiled: at their first use, to files that later processes load.

Division by zero gives infinities and NaN, as in NumPy; the compiler may not reorder sums, and may fuse a product with
the sum it goes into only in the elementary functions, where that is possible in one way: whether a loop handles an
element in a vector or by itself must not show.
The garbage collector is off during compilation, where it would take a tenth of the time.
Kernels that only kernels call have no wrappers for Python, and but for those that make arrays they do not count
references: their callers hold the arrays, and atomic counting takes longer than the work in small loops.
Indexes are never negative: to see of each whether it counts from the end would take a tenth to a sixth of a step.
One instruction has no words in Python: `prefetch`.
Of several processes that need the same kernel one compiles it, and the others wait for its file. They wait in the order
in which kernels call each other, so never in a circle.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

from llvmlite import ir
from numba import config, njit, types
from numba.core import cgutils, event
from numba.core.caching import FunctionCache
from numba.extending import intrinsic

from spikeproof.file_lock import FileLock

_Files: Any = FunctionCache  # whose methods have no types
_intrinsic: Any = intrinsic
_cgutils: Any = cgutils
_config: Any = config


class _OneCompiles(_Files):  # type: ignore[misc]
    """The files of a kernel: of the processes that miss one, the first compiles it, and the others wait for it."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self.lock = FileLock(Path(self.cache_path) / "spikeproof.lock", f"{function.__module__}.{function.__name__}")
        index = self._cache_file._load_index

        def known() -> Any:
            try:
                return index()
            except (AttributeError, ImportError):  # it names classes that an older version had
                return {}

        self._cache_file._load_index = known

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """A compiled kernel from its file; None, with the lock, for the process that is to compile it."""
        found = super().load_overload(sig, target_context)
        if found is None:
            self._impl.locator.ensure_cache_path()
            if self.lock.acquire():
                found = super().load_overload(sig, target_context)
        if found is not None:
            self.lock.release()
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        """Write a compiled kernel to its file, and let the others have it."""
        try:
            super().save_overload(sig, data)
        finally:
            self.lock.release()


def _jit(**options: Any) -> Any:
    """A decorator that compiles with these options; a function itself where the compiler is disabled."""
    compiling: Any = njit(**options)

    def decorated(function: Callable[..., Any]) -> Any:
        dispatcher: Any = compiling(function)
        if not isinstance(dispatcher, FunctionType):
            dispatcher._cache = _OneCompiles(function)
        return dispatcher

    return decorated


_OPTIONS = {"error_model": "numpy", "no_cfunc_wrapper": True}  # never called from C
_INNER = {**_OPTIONS, "no_cpython_wrapper": True}

kernel = _jit(**_OPTIONS, nogil=True)  # called from Python
bare_kernel = _jit(**_OPTIONS, nogil=True, _nrt=False)  # called from Python, makes no arrays
inner = _jit(**_INNER, _nrt=False)  # called by kernels, makes no arrays
making_arrays = _jit(**_INNER)  # called by kernels
once = _jit(**_INNER, inline="always")  # called at one place, and compiled as a part of its caller
inlined = _jit(**_INNER, _nrt=False, forceinline=True)  # straight-line code in loops that become vector instructions
fused = _jit(**_INNER, _nrt=False, forceinline=True, fastmath={"contract"})  # the same, no sum of two products


_OURS = "_ZN10spikeproof"  # the names of this package's compiled functions start with it


def _take_indexes_as_they_are() -> None:
    """Compile functions of this package without a look at the signs of indexes; those of others as before."""
    from numba.np import arrayobj

    with_look: Any = arrayobj.fix_integer_index
    if with_look.__module__ == __name__:
        return

    def index(context: Any, builder: Any, kind: Any, value: Any, size: Any) -> Any:
        if builder.function.name.startswith(_OURS):
            return context.cast(builder, value, kind, types.intp)
        return with_look(context, builder, kind, value, size)

    arrayobj.fix_integer_index = index


def _prefetch(_: Any, array: Any, _n: Any) -> Any:
    """The instruction that has the cache line of an element come from memory, without waiting for it.

    It changes nothing, and may be given any place: one that does not exist is not fetched.
    """

    def instruction(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer, number, kind = _cgutils.voidptr_t, _cgutils.int32_t, signature.args[0]
        start = context.make_array(kind)(context, builder, values[0])
        place = _cgutils.get_item_pointer(context, builder, kind, start, [values[1]], wraparound=False)
        prefetched = ir.FunctionType(ir.VoidType(), [pointer, number, number, number])
        to_read, to_all_caches, data = number(0), number(3), number(1)
        builder.call(
            builder.module.declare_intrinsic("llvm.prefetch", [pointer], prefetched),
            [builder.bitcast(place, pointer), to_read, to_all_caches, data],
        )
        return context.get_dummy_value()

    return types.void(array, types.intp), instruction


def _nothing(_: Any, __: Any) -> None:
    """Nothing, where kernels are plain Python."""


prefetch: Any = _nothing if _config.DISABLE_JIT else _intrinsic(_prefetch)


class _Compilations(event.Listener):
    """No garbage collection during a compilation, with those nested in it; no lock after one that failed."""

    def __init__(self) -> None:
        self.depth, self.enabled = 0, False  # compilations take turns: numba holds a lock

    def on_start(self, _: Any) -> None:
        if self.depth == 0:
            self.enabled = gc.isenabled()
            gc.disable()
            _take_indexes_as_they_are()
        self.depth += 1

    def on_end(self, ended: Any) -> None:
        self.depth -= 1
        cache = ended.data["dispatcher"]._cache
        if ended._exc_details is not None and isinstance(cache, _OneCompiles):  # it failed, and has nothing to save
            cache.lock.release()
        if self.depth == 0 and self.enabled:
            gc.enable()


_register: Any = event.register
_register("numba:compile", _Compilations())
