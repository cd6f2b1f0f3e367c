"""What surrounds compiled kernels: the garbage collector during compilation, and where vectors start."""

import ast
import gc
import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from numba import extending

import spikeproof.compiled
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


def compiled_functions():
    """The functions of the package that are compiled, with their files."""
    names = {"kernel", "bare_kernel", "inner", "making_arrays", "once", "inlined", "fused"}
    for path in sorted(Path(spikeproof.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
            if any(isinstance(d, ast.Name) and d.id in names for d in decorators):
                yield path, node


def negative_indexes(function):
    """The subscripts with a number below 0, slices aside."""
    for node in ast.walk(function):
        if isinstance(node, ast.Subscript):
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if any(isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub) for part in parts):
                yield ast.unparse(node)


def test_no_kernel_counts_from_the_end():
    functions = list(compiled_functions())
    assert len(functions) > 200
    assert [(path.name, f.name, n) for path, f in functions for n in negative_indexes(f)] == []
    assert list(negative_indexes(ast.parse("a[b[-1], 2] + c[1:-1]"))) == ["b[-1]"]


@pytest.mark.compiled
def test_functions_of_others_may_count_from_the_end():
    assert numba.njit(lambda values: values[-1])(np.arange(3.0)) == 2.0


KERNEL = """
from typing import NamedTuple

from spikeproof.compiled import kernel


class {name}(NamedTuple):
    value: float


@kernel
def doubled(given):
    return 2.0 * given.value


print(doubled({name}(1.5)))
"""


@pytest.mark.compiled
def test_kernels_that_an_older_version_has_left_are_compiled_anew(tmp_path):
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    place = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kernels"), "PYTHONPATH": path}
    for name in ("Old", "New", "New"):
        (tmp_path / "kernels_of_tests.py").write_text(KERNEL.format(name=name), encoding="utf-8")
        command = [sys.executable, "-c", "import kernels_of_tests"]
        ran = subprocess.run(command, env=place, capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stdout) == (0, "3.0\n"), ran.stderr
