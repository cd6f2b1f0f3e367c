"""Bounds in tests: what is wider than 64 roundings of binary64 could hide a fault, and is a name of `tolerances.py`.

Exempt are counted roundings (up to 64 eps), and what is below all of binary64, since only numbers of many digits can be
held to it. Comparisons with numbers of 0.01 and more are about shares and orders, not about errors.
"""

import ast

import pytest
from places import ROOT

from spikeproof_verification.checks.tolerances import EPS

TESTS = ROOT / "verification" / "tests"
BOUNDS = {"abs", "rel", "rtol", "atol", "rel_tol", "abs_tol"}
COMPARES = {"approx", "allclose", "isclose", "assert_allclose"}  # without a bound they take one that nobody wrote down
SILENT = {"approx": "abs", "allclose": "atol", "isclose": "atol"}  # beside a relative bound, 1e-12 or 1e-8
COUNTED, SHARE = 64.0 * EPS, 0.01


def folded(node):
    """The value of an expression of numbers alone; None for others."""
    allowed = ast.Constant | ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop
    if not isinstance(node, ast.expr) or not all(isinstance(n, allowed) for n in ast.walk(node)):
        return None
    return eval(ast.unparse(node))


def numbers(node):
    """The largest parts of an expression that are numbers, of what is multiplied by EPS the product."""
    value = folded(node)
    if value is not None:
        return [value] if isinstance(value, int | float) else []
    if (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Mult)
        and "EPS" in {ast.unparse(node.left), ast.unparse(node.right)}
    ):
        other = node.left if ast.unparse(node.right) == "EPS" else node.right
        return [x * EPS for x in numbers(other)]
    if isinstance(node, ast.Call) and ast.unparse(node.func) not in ("max", "min"):
        return []
    return [x for child in ast.iter_child_nodes(node) for x in numbers(child)]


def is_bare(node, below=1.0):
    """Whether a number in the expression could hide a fault; arguments of functions are none of its numbers."""
    return any(isinstance(x, float) and COUNTED < abs(x) < below for x in numbers(node))


def upper_sides(comparison):
    """What is said to be larger than something else."""
    sides = (comparison.left, *comparison.comparators)
    for operator, left, right in zip(comparison.ops, sides[:-1], sides[1:], strict=True):
        if isinstance(operator, ast.Lt | ast.LtE):
            yield right
        elif isinstance(operator, ast.Gt | ast.GtE):
            yield left


class Resolved(ast.NodeTransformer):
    """Constants of the file itself replaced by their numbers: a name that no reason stands beside is none."""

    def __init__(self, tree):
        assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
        self.numbers = {ast.unparse(t): n.value for n in assigned for t in n.targets if folded(n.value) is not None}

    def visit_Name(self, node):
        return self.numbers.get(node.id, node) if isinstance(node.ctx, ast.Load) else node


def bounds_of(node):
    """What a call is given to say how large an error may be; None where it would take a bound of its own."""
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func).rpartition(".")[2]
        if called in COMPARES:
            given = {k.arg: k.value for k in node.keywords if k.arg in BOUNDS}
            silent = called in SILENT and SILENT[called] not in given and not ast.unparse(node.func).startswith("math.")
            return None if silent else list(given.values()) or None
        after = node.args[2:] if called.startswith("assert_") else []  # after what is compared
        return [bound for bound in after if not isinstance(bound, ast.DictComp)]
    return []


def bare_bounds(tree):
    """Line and text of every bound without a name."""
    for node in ast.walk(Resolved(tree).visit(tree)):
        bounds = bounds_of(node)
        if bounds is None or any(map(is_bare, bounds)):
            yield node.lineno, ast.unparse(node)
        for part in ast.walk(node) if isinstance(node, ast.Assert) else ():
            if isinstance(part, ast.Compare) and any(is_bare(side, SHARE) for side in upper_sides(part)):
                yield part.lineno, ast.unparse(part)


FILES = sorted(p for p in TESTS.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(TESTS)))
def test_every_bound_of_a_test_has_a_name(path):
    found = [f"{line}: {text}" for line, text in bare_bounds(ast.parse(path.read_text(encoding="utf-8")))]
    assert found == []


@pytest.mark.parametrize(
    ("line", "bare"),
    [
        ("assert abs(a - b) < 1e-9", True),
        ("assert 3 < abs(a - b) <= 2.0 * 1e-9 * scale", True),
        ("assert 2.0**-30 > error", True),
        ("assert error < (1e-15 if exact else 1e-6)", True),
        ("assert all(e < 65 * EPS for e in errors)", True),
        ("assert a == pytest.approx(b, rel=1e-9)", True),
        ("assert a == pytest.approx(b)", True),
        ("assert a == pytest.approx(b, rel=RUN)", True),
        ("assert a == pytest.approx(b, rel=RUN, abs=0.0)", False),
        ("assert np.allclose(a, b, rtol=RUN)", True),
        ("assert math.isclose(a, b, rel_tol=1e-9)", True),
        ("np.testing.assert_allclose(a, b, rtol=100 * EPS)", True),
        ("BOUND = 1e-9\nassert abs(a - b) < BOUND", True),
        ("assert_same(engine, a, b, max(tolerance(engine), 1e-12))", True),
        ("assert abs(a - b) < RUN * scale", False),
        ("assert abs(a - b) < 64 * EPS + 1e-300", False),
        ("assert error > 1e-9", False),
        ("assert share <= 0.1 * n", False),
        ("assert errors(Engine(2.0**-9)) < of(2.0**-9)", False),
        ("engine = OdeEngine(rtol=1e-9)", False),
    ],
)
def test_the_rule_sees_what_it_should(line, bare):
    assert bool(list(bare_bounds(ast.parse(line)))) == bare
