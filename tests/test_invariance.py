"""What a thing is called, and in which order the operands of a sum or an elementwise product stand, changes nothing.

The derivative of a renamed function is the renamed derivative; that of a reordered function is the same up to order.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import expressions
import numpy as np
import pytest
from test_corpus import derivation
from textbook import CASES, Case

import jacobian as jac
from jacobian.symbolic.expr import Expr, Variable, alike, leaves, make, walk
from jacobian.symbolic.operations import transpose

SEED = 30
# Backwards through the alphabet, without z, whose gradient is called δ, and f, which a goal without a name is called.
LETTERS = [letter for letter in map(chr, range(ord("a"), ord("z"))) if letter != "f"]
RENAMED = {old: new for case in (str.lower, str.upper)
           for old, new in zip(map(case, LETTERS), map(case, reversed(LETTERS)), strict=True)}


def mapped(root: Expr, change: Callable[[Expr, tuple[Expr, ...]], Expr]) -> Expr:
    """The expression with each node made anew from its new arguments."""
    done: dict[Expr, Expr] = {}
    for node in walk(root):
        done[node] = change(node, tuple(done[arg] for arg in node.args))
    return done[root]


def new_name(old: str) -> str:
    """w1 of b1, w̄ of b̄; names of several letters stay."""
    found = re.fullmatch(r"([a-zA-Z])(\u0304?\d*)", old)
    return f"{RENAMED.get(found[1], found[1])}{found[2]}" if found else old


def renamed(x: Expr) -> Expr:
    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        data = node.data
        if isinstance(data, Variable):
            data = replace(data, name=new_name(data.name), of=data.of and renamed(data.of))
        elif node.operation.name == "named":
            data = new_name(data)
        return make(node.operation, args, data, node.axes)

    return mapped(x, change)


def reordered(x: Expr) -> Expr:
    """Sums and elementwise products, those of scalars too, backwards."""
    return mapped(x, lambda node, args: make(
        node.operation, args[::-1] if node.operation.commutes else args, node.data, node.axes))


def canonical(x: Expr) -> Expr:
    """1ᵀ (A ∘ B) 1 for tr(Aᵀ B), which is tr(Bᵀ A)."""
    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        factors = args[0].args if node.operation.name == "trace" and args[0].operation.name == "matmul" else ()
        if len(factors) == 2:
            return jac.total(transpose(factors[0]) * factors[1])
        return make(node.operation, args, node.data, node.axes)

    return mapped(x, change)


def invariant(f: Expr, x: Expr, convention: str = "projection") -> None:
    value = jac.derive(f, x, convention=convention).value
    same = canonical(value)
    other = jac.derive(renamed(f), renamed(x), convention=convention).value
    assert other is renamed(value), f"{value}\nrenamed {other}"
    other = canonical(jac.derive(reordered(f), x, convention=convention).value)
    assert alike(other, same), f"{same}\nreordered {other}"
    assert len(str(other)) == len(str(same)), f"{same}\nreordered {other}"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_names_and_order_change_nothing_in_the_corpus(case: Case) -> None:
    d = derivation(case)
    invariant(d.goal, d.wrt[0], d.convention)


@pytest.mark.parametrize("k", range(200))
def test_names_and_order_change_nothing_in_random_expressions(k: int) -> None:
    rng = np.random.default_rng([SEED, k])
    f, _ = expressions.expression(rng)
    invariant(f, rng.choice(np.array([x for x in leaves(f) if x in expressions.TARGETS], dtype=object)))


def test_of_two_sums_that_are_as_short_one_is_chosen_whatever_the_order() -> None:
    A, B, C = jac.symbols("A: n n, B: n n, C: n n")
    f = A.T @ B + C @ A.T + A.T
    assert alike(jac.simplify(f), jac.simplify(reordered(f)))


def test_a_named_result_is_spoken_of_by_its_name_whatever_the_order_of_its_factors() -> None:
    x, y, w = jac.symbols("x: n, y: n, w: n")
    p = jac.name("p", x * y)
    assert jac.derive(jac.total(p) + jac.total(y * x * w), w).value is p


def test_the_gradient_by_a_block_of_a_stack_is_that_block() -> None:
    a, b, s = jac.symbols("a: m, b: n, s:")
    f = jac.half_square(jac.vstack(a, b, s))
    for x in (a, b, s):
        assert jac.derive(f, x).value is x


def test_something_is_renamed_and_reordered() -> None:
    A, b, x = jac.symbols("A: n n, b: n, x: n")
    f = jac.half_square(A @ x - b)
    assert str(renamed(f)) == "½ ‖Y b − x‖²"
    assert reordered(f) is not f
    assert alike(reordered(f), f)
