"""What the adapters share: trees, several outputs, points of a sample, and what libraries say of wrong shapes."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from jacobian.adapters import recognised
from jacobian.adapters.problem import Problem, differ, examined, refusal
from jacobian.adapters.tree import filled, leaves
from jacobian.verify.faults.calls import Defect

RNG = np.random.default_rng(2)
X, W = RNG.normal(size=(2, 3)), RNG.normal(size=(4, 3))
Point = namedtuple("Point", "x y")
TREE = {"a": [1, (2.0, None)], "b": Point("x", {"c": 3}), 4: ()}


def test_a_tree_has_a_name_for_each_leaf_and_is_filled_again() -> None:
    found = list(leaves(TREE, "t"))
    assert found == [("t['a'][0]", 1), ("t['a'][1][0]", 2.0), ("t['a'][1][1]", None), ("t['b'][0]", "x"),
                     ("t['b'][1]['c']", 3)]
    again = filled(TREE, iter(range(5)))
    assert again == {"a": [0, (1, 2)], "b": Point(3, {"c": 4}), 4: ()}
    assert type(again["b"]) is Point
    assert list(leaves(5, "x")) == [("x", 5)]


def values(X: np.ndarray, W: np.ndarray) -> tuple[Any, ...]:
    """X Wᵀ and Σ X²."""
    return X @ W.T, np.sum(X**2)


def problem(factor: float = 1.0, cross: float = 0.0, x: Any = (X, W), fixed: tuple[Any, ...] = (),
            failing: tuple[Defect, ...] = ()) -> Problem:
    def pull(share: Callable[..., Any], X: np.ndarray, W: np.ndarray) -> Any:
        g, h = share(values(X, W))
        return g @ W + factor * 2 * h * X + cross * h * g @ W, g.T @ X

    def push(v: Any, X: np.ndarray, W: np.ndarray) -> Any:
        return v[0] @ W.T + X @ v[1].T, 2 * np.sum(X * v[0])

    return Problem(x, ("X", "W"), ("y['p']", "y['s']"), values, pull, push, lambda: iter(failing), fixed,
                   ("A note.",))


def test_several_outputs_are_one_vector_and_the_wrong_one_is_named() -> None:
    right = problem().report(None)
    assert right.verdict == "right"
    assert right.numeric[0].shape == (9, 2, 3)
    assert right.notes[0] == "y is y['p'], y['s'], flattened, one after the other."
    assert any(note.startswith("The jvp is right") for note in right.notes)
    assert right.notes[-1] == "A note."
    wrong = problem(factor=2.0).report(None)
    assert (wrong.verdict, wrong.wrong, wrong.notes[0]) == ("wrong", (0,), "y is the output y['s'].")
    assert wrong.numeric[0].shape == (2, 3)
    assert wrong.cause.name == "constant factor"
    both = problem(cross=1.0).report(None)
    assert (both.verdict, both.cause.name) == ("wrong", "not linear in g")


def test_a_property_that_fails_makes_a_right_jacobian_wrong() -> None:
    failing = Defect("stale cache", "The gradient of W is another after another forward pass.", "the cache", (1,))
    report = problem(failing=(failing,)).report(None)
    assert report.sentence == "The vjp is wrong, though its Jacobian is right."
    assert (report.cause.name, report.cause.certain, report.wrong) == ("stale cache", True, (1,))
    assert "Cause: stale cache.\n  Look at the cache." in report.text()


def test_a_sample_of_other_functions_is_examined_one_by_one() -> None:
    seen = []

    def build(inputs: tuple[Any, ...]) -> Problem:
        seen.append(inputs)
        (k,) = inputs
        x = (RNG.normal(size=(2, 3)), W) if k % 2 else (X, W)
        return problem(factor=0.5 if k == 4 else 1.0, x=x, fixed=(np.arange(k // 2), "mode"))

    report = examined(build, (0,), lambda seed: seed, None)
    assert seen == [(k,) for k in range(7)]
    assert report.verdict == "wrong"
    assert report.notes[0] == "It is right at the inputs given, and wrong at those of sample(4)."
    assert problem(fixed=(np.ones(2), 3)).alike(problem(fixed=(np.ones(2), 3)))
    for other in ((np.ones(3), 3), (np.zeros(2), 3), (np.ones(2), 4), (np.ones(2),)):
        assert not problem(fixed=(np.ones(2), 3)).alike(problem(fixed=other))


def test_what_is_passed_on_keeps_the_shapes_of_the_points_tried() -> None:
    shapes = set()

    def observed(X: np.ndarray, W: np.ndarray) -> Any:
        shapes.add((X.shape, W.shape))
        return values(X, W)

    for fixed, many in (((), True), ((3,), False)):
        shapes.clear()
        given = problem(fixed=fixed)
        object.__setattr__(given, "values", observed)
        given.report(None)
        assert (len(shapes) > 1) is many


SHAPES = ((4, 3), (2, 3), ())
SAID = {        # from torch 2.14 and JAX 0.10
    "torch, a shape": ("Function AffineBackward returned an invalid gradient at index 1 - got [3, 2] but expected shape"
                       " compatible with [2, 3]", "what is returned for W has shape (3, 2), but it must be (2, 3)"),
    "torch, a scalar": ("Function FBackward returned an invalid gradient at index 0 - got [5] but expected shape"
                        " compatible with []", "what is returned for s has shape (5,), but it must be ()"),
    "torch, a count": ("function AffineBackward returned an incorrect number of gradients (expected 3, got 2)",
                       "2 gradients are returned, but there must be 3"),
    "jax, a shape": ("at output[0] the bwd rule produced an output of type float32[3,4] corresponding to an input of"
                     " type float32[4,3], so the shapes do not match",
                     "what is returned for X has shape (3, 4), but it must be (4, 3)"),
    "jax, a tangent": ("Custom JVP rule must produce primal and tangent outputs with corresponding shapes and dtypes."
                       " Expected float32[2,3] (tangent type of float32[2,3]) but got float32[3,2].",
                       "what is returned for W has shape (3, 2), but it must be (2, 3)"),
    "jax, a count": ("but got bwd output structure PyTreeDef((*, *)) for primal input structure PyTreeDef((*, *, *)).",
                     "2 gradients are returned, but there must be 3"),
}


@pytest.mark.parametrize(("message", "sentence"), SAID.values(), ids=SAID)
def test_what_a_library_says_of_shapes_is_a_verdict(message: str, sentence: str) -> None:
    assert str(refusal(RuntimeError(message), ("X", "W", "s"), SHAPES)) == sentence


def test_other_errors_are_none() -> None:
    for message in ("out of memory", "got [7] but expected shape compatible with [7, 7]",
                    "output structure PyTreeDef({'x': *}) for primal input structure PyTreeDef((*,))."):
        assert refusal(RuntimeError(message), ("X", "W", "s"), SHAPES) is None


def test_arrays_differ_by_more_than_half_of_their_digits() -> None:
    a = np.array([1.0, np.nan])
    assert not differ(a, a + 1e-9, 1.0)
    assert differ(a, a + 1e-7, 1.0)
    assert not differ(a, a + 1e-7, 100.0)
    assert not differ(a.astype(np.float32), (a + 1e-4).astype(np.float32), 1.0)
    assert differ(a, None, 1.0)
    assert not differ(None, None, 1.0)


def test_only_what_brings_its_derivative_is_recognised() -> None:
    assert recognised(values) is None
    assert recognised(np.sin) is None
    assert recognised(Point) is None
