"""Random expressions over every operation, sizes of 1 included: values, derivatives, checks and printed texts agree.

Each is made from [SEED, k]; a failure names it, and `examine(k, Counter())` repeats it. Another seed is chosen in the
environment: SEED=7 python -m pytest tests/test_random.py -m slow
"""

from __future__ import annotations

import os
from collections import Counter
from importlib import import_module
from typing import Any

import expressions
import numpy as np
import pytest

import jacobian as jac
from jacobian.derivation import check
from jacobian.derivation.measure import complex_step
from jacobian.printing.plain import PLAIN
from jacobian.symbolic import elementwise, sample
from jacobian.symbolic.assumptions import ASSUMPTIONS, projection
from jacobian.symbolic.cost import cost
from jacobian.symbolic.elementwise import MAP
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, Operation, leaves, make, walk
from jacobian.symbolic.operations import ADD, scale
from jacobian.symbolic.parse.tokens import TOKENS

SEED = int(os.environ.get("SEED", 20))
TOLERANCE = 1e-9
DRAWS = 12
ROUGH = 1e-4            # by which a derivative may change where the point moves by 1e-9 of itself
ASKED = 30             # one of so many is compared with SymPy, too, which takes most of the time
UNREAD = {"commutation", "selection", "permutation", "gather", "part", "block", "peak", "frechet",
          "eigenvectors", "polar", "leading"}
LONGEST = 2 * TOKENS    # cost of what is printed, where a symbol costs 10 and may have four signs beside it
NO_SECOND = {"frechet", "eigenvectors", "polar", "leading"}      # the derivatives of expm, eigenvalues and norms


def near(a: Any, b: Any, tolerance: float = TOLERANCE) -> bool:
    a, b = np.asarray(a), np.asarray(b)
    allowed = tolerance * (1 + np.abs(b).max(initial=0))
    return a.size == b.size and bool(np.all(np.abs(a.ravel() - b.ravel()) <= allowed))


def slope(f: Expr, x: Expr, bind: Binding) -> Any:
    """∂f/∂x by the complex step along what is assumed of x."""
    P = projection(x).map(bind, bind.size).dense()
    return complex_step(lambda at: bind.replaced(x, at)(f), bind(x), P)


def point(rng: np.random.Generator, f: Expr, x: Expr) -> Binding | None:
    """Sizes and values where f is smooth: its derivative is finite, not large, and nearly the same nearby."""
    for attempt in range(DRAWS):
        sizes = sample.sizes(rng, f, smallest=1 + attempt % 2)
        try:
            values = sample.nearby(rng, sample.instance(rng, f, sizes), 1e-3)       # decimals may be equal by chance
        except jac.InputError:
            continue
        here, there = (slope(f, x, Binding(v, sizes)) for v in (values, sample.nearby(rng, values, 1e-9)))
        if np.all(np.abs(here) <= 1e5) and near(here, there, ROUGH):
            return Binding(values, sizes)
    return None


def reads_again(f: Expr, bind: Binding) -> bool:
    """Whether f has a text that is not too long, which then has the value of f."""
    if {x.operation.name for x in walk(f)} & UNREAD or cost(f) > LONGEST:
        return False
    text = f.plain()
    again = jac.parse(text, f"{jac.declarations(f)}, sizes_: m n".removeprefix(", "), "matlab")
    assert near(Binding({x: bind.natural(x) for x in leaves(again)}, bind.sizes)(again), bind(f)), text
    return True


def agrees(f: Expr, x: Expr, rng: np.random.Generator, seen: Counter[str]) -> Expr | None:
    """The derivative of f by x, if there is a point where it can be compared; everything is compared."""
    bind = point(rng, f, x)
    if bind is None:
        seen["no point"] += 1
        return None
    d = jac.derive(f, x)
    want = slope(f, x, bind)
    assert near(d.jacobian.map(bind, bind.size).dense(), want), f"∂/∂{x}: {d.jacobian!r}"
    assert near(bind(d.value), want), f"∂/∂{x} = {d.value}"
    assert near(d.numpy()(bind.sizes, **{str(y.label): bind.natural(y) for y in leaves(f)}), want), d.source()
    with pytest.MonkeyPatch.context() as patch:
        if rng.integers(ASKED):
            patch.setattr(check, "WORK", 0)
        found = d.check(int(rng.integers(1000)))
        assert found.ok, found
    seen["unread"] += not reads_again(d.value, bind)
    return d.value


def examine(k: int, seen: Counter[str]) -> set[str]:
    """Compare everything about expression k; the operations in it and in its derivative."""
    rng = np.random.default_rng([SEED, k])
    f, rows = expressions.expression(rng)
    x = rng.choice(np.array([x for x in leaves(f) if x in expressions.TARGETS], dtype=object))
    seen["expressions"] += 1
    seen.update(f"row {word}" for word in rows)
    try:
        first = agrees(f, x, rng, seen)
        if first is None:
            return set()
        bind = point(rng, f, x)
        assert bind is None or reads_again(f, bind)
        others = [y for y in leaves(first) if y in expressions.TARGETS]
        if others and not {y.operation.name for y in walk(first)} & NO_SECOND:
            seen["second"] += 1
            agrees(first, others[rng.integers(len(others))], rng, seen)
        return {y.operation.name for y in walk(f, first)}
    except Exception as error:
        raise AssertionError(f"[{SEED}, {k}]: {f} by {x} ({jac.declarations(f)})") from error


def examined(numbers: range) -> Counter[str]:
    seen: Counter[str] = Counter()
    for k in numbers:
        seen.update(f"operation {word}" for word in examine(k, seen))
    assert seen["no point"] <= 0.1 * (seen["expressions"] + seen["second"]), seen
    return seen


def test_random_expressions_agree_in_value_derivatives_and_text() -> None:
    examined(range(200))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))
def test_five_thousand_random_expressions_agree(part: int) -> None:
    examined(range(1000 + 250 * part, 1000 + 250 * (part + 1)))


def table() -> set[str]:
    """The operations of the tables."""
    modules = [import_module(f"jacobian.symbolic.{name}") for name in (
        "leaves", "operations", "arrays", "elementwise", "matrix", "reductions", "rows")]
    return {value.name for module in modules for value in vars(module).values() if isinstance(value, Operation)}


def test_brackets_stay_where_they_are_needed() -> None:
    x, y, z = jac.symbols("x: n, y: n, z: n")
    f = make(ADD, (x, scale(jac.number(-1), y - z)), axes=x.axes)
    assert f.plain() == "x - (y - z)"


def test_each_operation_is_written_as_plain_text_or_says_that_it_is_not() -> None:
    assert table() - PLAIN.keys() == UNREAD
    x, = jac.symbols("x: n n symmetric")
    with pytest.raises(jac.MissingRule, match="eigenvectors has no word that is read"):
        jac.derive(jac.total(jac.tanh(jac.eigenvalues(x))), x).view("plain").text()


# What derivatives are made of, and no function of a user is.
PARTS = {"commutation", "selection", "insertion", "permutation", "gather", "tril", "block", "part", "peak", "greater",
         "frechet", "eigenvectors", "polar", "leading"}


def test_no_operation_and_no_function_is_left_out() -> None:
    operations: set[str] = set()
    functions: set[Any] = set()
    for k in range(3000):
        f, _ = expressions.expression(np.random.default_rng([SEED, k]))
        operations |= {x.operation.name for x in walk(f)}
        functions |= {x.data for x in walk(f) if x.operation is MAP}
    assert table() - operations == PARTS
    assert set(elementwise.TABLE.values()) <= functions
    assert {word for x in expressions.SYMBOLS for word in x.assumptions} == set(ASSUMPTIONS)
