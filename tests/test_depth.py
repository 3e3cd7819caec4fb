"""Named programs of any depth: all gradients, their steps and their texts grow in proportion to the depth."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import reduce

import numpy as np
import pytest

import jacobian as jac
from jacobian.symbolic.expr import Expr, walk
from jacobian.symbolic.simplify import simplify

Program = tuple[Expr, list[Expr]]


def layers(depth: int) -> Program:
    """½‖a_depth − t‖² of a network, aₖ = tanh(Wₖ aₖ₋₁ + bₖ)."""
    a, t, *parameters = jac.symbols(f"x: n0, t: n{depth}, " + ", ".join(
        f"W{k}: n{k} n{k - 1}, b{k}: n{k}" for k in range(1, depth + 1)))
    for k, (W, b) in enumerate(zip(parameters[::2], parameters[1::2], strict=True), 1):
        a = jac.name(f"a{k}", jac.tanh(jac.name(f"z{k}", W @ a + b)))
    return jac.half_square(a - t), parameters


def blocks(depth: int) -> Program:
    """½‖h_depth − t‖² of a residual network, hₖ = hₖ₋₁ + Vₖ relu(Wₖ hₖ₋₁)."""
    h, t, *parameters = jac.symbols("x: n, t: n, " + ", ".join(
        f"V{k}: n m{k}, W{k}: m{k} n" for k in range(1, depth + 1)))
    for k, (V, W) in enumerate(zip(parameters[::2], parameters[1::2], strict=True), 1):
        h = jac.name(f"h{k}", h + V @ jac.relu(jac.name(f"z{k}", W @ h)))
    return jac.half_square(h - t), parameters


def batched(depth: int) -> Program:
    """Cross-entropy of a batch X through aₖ = relu(aₖ₋₁ Wₖᵀ + bₖ)."""
    a, T, *parameters = jac.symbols(f"X: N n0, T: N n{depth} onehot, " + ", ".join(
        f"W{k}: n{k} n{k - 1}, b{k}: n{k}" for k in range(1, depth + 1)))
    for k, (W, b) in enumerate(zip(parameters[::2], parameters[1::2], strict=True), 1):
        z = jac.name(f"z{k}", a @ W.T + b)
        a = jac.name(f"a{k}", jac.relu(z))
    return jac.cross_entropy(z, T) / jac.number(a.axes[0]), parameters


def shared(depth: int) -> Program:
    """xₖ = tanh(W xₖ₋₁) ∘ sin xₖ₋₁ without names: one W, each xₖ used twice."""
    W, x = jac.symbols("W: n n, x: n")
    for _ in range(depth):
        x = jac.tanh(W @ x) * jac.sin(x)
    return jac.half_square(x), [W]


NETWORKS = [layers, blocks, batched]


def counted(program: Program) -> np.ndarray:
    """Steps, lines, expressions in all gradients, characters of the text, lines of the source."""
    goal, parameters = program
    d = jac.derive(goal, parameters)
    gradients = [d.value_by(x) for x in parameters]
    return np.array([len(d.steps), len(d.lines), len(walk(*gradients)), sum(len(str(g)) for g in gradients),
                     len(d.source().splitlines())])


@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_of_twice_the_depth_has_twice_the_steps_and_the_text(network: Callable[[int], Program]) -> None:
    """What 20 layers add to 10 is half of what 40 add to 20; names such as W₁₀ have a character more than W₉."""
    ten, twenty, forty = (counted(network(depth)) for depth in (10, 20, 40))
    np.testing.assert_allclose(forty - twenty, 2 * (twenty - ten), rtol=0.05)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_is_derived_and_printed_after_its_check(network: Callable[[int], Program]) -> None:
    goal, parameters = network(3)
    d = jac.derive(goal, parameters)
    assert d.check().ok
    assert all(f"∂f/∂{x} = " in d.text() for x in parameters)


def test_thirty_residual_blocks_hold() -> None:
    goal, parameters = blocks(30)
    d = jac.derive(goal, parameters)
    assert d.checked() is d
    assert len(d.text().splitlines()) < 30 * 20


def test_the_gradient_where_paths_meet_and_part_is_called_by_a_name() -> None:
    """h̄₁ = W₂ᵀ δ₂ + h̄₂ of h₂ = h₁ + V₂ relu(W₂ h₁): Griewank and Walther (2008), chapter 3."""
    goal, parameters = blocks(3)
    d = jac.derive(goal, parameters)
    said = d.text()
    assert "h̄₁ = ∂f/∂h₁ = W₂ᵀ δ₂ + h̄₂" in said
    assert "h̄₃" not in said                    # one path leads there
    assert "∂f/∂V₁ = h̄₁ ReLU(z₁)ᵀ" in said
    assert "h_bar1 = W2.T @ delta2 + h_bar2" in d.source()
    assert r"\bar{h}_{1}" in d.latex()


def test_such_a_name_is_that_of_nothing_else() -> None:
    x, v = jac.symbols("x: n, h̄: n")
    h = jac.name("h", jac.tanh(x + v))
    assert "h̄ = ∂f/∂h =" not in jac.derive(jac.inner(h, jac.sin(h)), (x, v)).text()


def test_what_is_used_twice_is_derived_once() -> None:
    """Without names the graph, not the written-out formula, is what grows in proportion."""
    counts = []
    for depth in (10, 20, 40):
        goal, (W,) = shared(depth)
        d = jac.derive(goal, W)
        counts.append(np.array([len(d.steps), len(walk(d.jacobian.g)), len(d.source().splitlines())]))
    ten, twenty, forty = counts
    np.testing.assert_allclose(forty - twenty, 2 * (twenty - ten), rtol=0.05)


@pytest.mark.parametrize("network", [*NETWORKS, shared])
def test_forty_layers_are_derived_and_their_program_written_in_seconds(network: Callable[[int], Program]) -> None:
    goal, parameters = network(40)
    start = time.process_time()
    jac.derive(goal, parameters).source()
    assert time.process_time() - start < 5


A, C, a, b = jac.symbols("A: n n, C: n n, a: n, b: n")
NESTED: dict[str, Callable[[Expr], Expr]] = {
    "A (y + b)": lambda y: A @ (y + b),
    "A (y + b) + y": lambda y: A @ (y + b) + y,
    "a ∘ (y − mean)": lambda y: a * (y - jac.mean(y)),
    "b − s a + y, s the sum of y − mean": lambda y: b - jac.total(y - jac.mean(y)) * a + y,
    "y ∘ (y + a)": lambda y: y * (y + a),
    "s (y + b), s the sum of y": lambda y: jac.total(y) * (y + b),
    "(y + a) / ‖y + b‖": lambda y: (y + a) / jac.norm(y + b),
    "(Y + A) (Y + C) a, Y = y aᵀ": lambda y: (jac.outer(y, a) + A) @ (jac.outer(y, a) + C) @ a,
}


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, which no other process changes."""
    found = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal found
        found += event == "call"

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return found


@pytest.mark.parametrize("nest", NESTED.values(), ids=NESTED)
def test_nested_sums_and_products_are_simplified_in_polynomial_time(nest: Callable[[Expr], Expr]) -> None:
    """Six levels more are at most 32 times the work, that of degree 5; what doubles with each level is 64 times."""
    work = {}
    for depth in (6, 12):
        nested = reduce(lambda y, _: nest(y), range(depth), jac.symbol(f"x{depth}: n"))
        work[depth] = calls(lambda nested=nested: simplify(nested))
    assert work[12] < 32 * max(work[6], 1000), work
