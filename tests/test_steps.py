"""The steps of a function that is NumPy code, and mistakes that are named in one of them without a spec."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from bugs.community import COMMUNITY
from bugs.injected import BUGS, Bug
from bugs.layers import LAYERS, softmax

from jacobian.numeric import numeric
from jacobian.numeric.function import Function
from jacobian.verify import check
from jacobian.verify.buffers import EMPTY, FILLED
from jacobian.verify.chain import Chain
from jacobian.verify.slope import slope
from jacobian.verify.trace import trace

X = np.array([[0.7, -1.3, 2.1], [0.4, 0.9, -0.6]])


def exact(layer: Any, x: Any) -> Any:
    """∂y/∂x by the layer's own vjp, (m, n)."""
    y = np.asarray(layer.f(*x))
    rows = [layer.vjp(e.reshape(y.shape) if y.ndim else e[0], *x) for e in np.eye(y.size)]
    return np.array([np.concatenate([np.ravel(part) for part in row]) for row in rows])


@pytest.mark.parametrize("name", [name for name in LAYERS if name not in ("MaxPool", "Embedding")])
def test_the_recorded_steps_multiply_out_to_the_jacobian(name: str) -> None:
    layer = LAYERS[name]
    x = layer.draw(0)
    names = tuple("abcdefg"[:len(x)])
    nodes = trace(Function(layer.f, x), names)
    assert nodes is not None
    assert np.allclose(Chain(nodes, names).true, exact(layer, x), rtol=1e-8, atol=1e-10)


def in_place(x: Any) -> Any:
    y = x.copy()
    y[0] *= 2.0
    y += 1
    return np.concatenate([y.ravel(), np.stack([x[0], x[1]]).sum(axis=0)]) ** 2


def test_changes_in_place_are_steps() -> None:
    nodes = trace(Function(in_place, X), ("x",))
    assert nodes is not None
    scale = np.repeat([2.0, 1.0], 3)
    total = np.kron(np.ones((1, 2)), np.eye(3))
    J = np.vstack([np.diag(2 * (scale * X.ravel() + 1) * scale), (2 * X.sum(axis=0))[:, None] * total])
    assert np.allclose(Chain(nodes, ("x",)).true, J, rtol=1e-9)


def buffered(x: Any) -> Any:
    y = np.zeros(x.shape)
    y[:] = np.tanh(x)
    return y


def looped(x: Any) -> Any:
    out = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            out[i, j] = (x[i, j:j + 2] ** 2).sum()
    return out


FOLLOWED = {"buffer": buffered, "loops": looped, "plain array": lambda x: np.tanh(np.asarray(x)),
            "list": lambda x: np.array([np.tanh(row) for row in x]), "added to": lambda x: np.ones_like(x) * x + x}


@pytest.mark.parametrize("name", FOLLOWED)
def test_what_is_written_into_an_array_of_its_own_is_a_step(name: str) -> None:
    f = FOLLOWED[name]
    nodes = trace(Function(f, X), ("x",))
    assert nodes is not None
    assert np.allclose(Chain(nodes, ("x",)).true, numeric(f, X).value.reshape(-1, X.size), atol=1e-9)


def test_numpy_is_as_it_was_while_and_after_steps_are_recorded() -> None:
    before, seen = {name: getattr(np, name) for name in (*EMPTY, *FILLED)}, []

    def f(x: Any) -> Any:
        with ThreadPoolExecutor(1) as other:
            seen.append(other.submit(np.zeros, 2).result())
        seen.append(np.pad(np.arange(2.0), 1))
        if len(seen) > 4:
            raise KeyError
        return np.tanh(x)

    function = Function(f, X)
    assert trace(function, ("x",)) is not None
    assert trace(function, ("x",)) is None
    assert {name: getattr(np, name) for name in before} == before
    assert {type(array) for array in seen} == {np.ndarray}


@pytest.mark.parametrize("f", [lambda x: np.array(x.tolist()), lambda x: np.array([float(x[0, 0])])],
                         ids=["list", "number"])
def test_what_cannot_be_followed_has_no_steps_and_is_still_checked(f: Any) -> None:
    assert trace(Function(f, X), ("x",)) is None
    assert check(f, X, jacobian=2 * numeric(f, X).value).verdict == "wrong"


def report(layer: str, old: str, new: str) -> Any:
    bug = Bug(layer, "", old, new, "")
    return check(bug.f, bug.x, vjp=bug.vjp, sample=bug.draw)


@pytest.mark.parametrize(("layer", "old", "new", "cause", "step"), [
    ("TwoLayers", "(e @ U) * (1 - a**2)", "e @ U", "derivative missing", "∂(tanh("),
    ("Gated", "du @ W + dv @ V", "du @ W", "path dropped", "V"),
    ("Residual", "g + d @ W", "g + d @ W.T", "transpose", "W"),
    ("Attention", "P * (dP - (dP * P).sum(axis=1, keepdims=True))", "dP * P * (1 - P)", "diagonal only", "exp"),
    ("Gated", "g * u * s * (1 - s)", "g * u", "derivative missing", "tanh"),
], ids=lambda word: str(word)[:20])
def test_a_mistake_inside_a_chain_is_named_with_its_step(layer: str, old: str, new: str, cause: str, step: str) -> None:
    found = report(layer, old, new)
    assert found.cause is not None
    assert found.cause.name == cause
    assert step in found.cause.sentence
    assert "of layers.py" in found.cause.sentence


@pytest.mark.parametrize(("old", "new", "cause"), [
    ("g = V.T @ d", "g = V @ d", "transpose"),
    ("d = g * (1 - h[t + 1] ** 2)", "d = g", "derivative missing"),
    ("dW += np", "dW = np", "overwritten"),
])
def test_a_mistake_in_every_turn_of_a_loop_is_named_once(old: str, new: str, cause: str) -> None:
    found = report("Recurrent", old, new)
    assert found.cause is not None
    assert found.cause.name == cause


@pytest.mark.parametrize(("layer", "new", "cause", "words"), [
    ("ConvIm2col", "reshape(3", "transpose", "by a reshape"),
    ("ConvNaive", "dpad[:-2", "off by one", "all axes of the input moved"),
    ("TwoLayerNet", "", "path dropped", "∂(sum(W2 * W2"),
    ("CharRnn", "np.outer(dhraw, hs[t])", "off by one", "the next value in the loop"),
    ("CharRnn", "= dhs[t]", "path dropped", "dot(Whh"),
    ("SvmLoss", "pass", "path dropped", "for W alone"),
    ("SelfAttention", "weights @", "transpose", "v"),
    ("LayerNormCourse", "(x - mean)", "factor missing", "in place of"),
    ("Dropout", "w.T", "mask or branch", "the condition is left out"),
    ("Dropout", "(dout @ w.T) * (mask > 0)", "constant factor", "the constant is left out"),
], ids=lambda word: str(word)[:20])
def test_a_mistake_as_people_make_it_is_named_with_its_step(layer: str, new: str, cause: str, words: str) -> None:
    bug = next(bug for bug in COMMUNITY if bug.layer == layer and new in bug.new and bug.cause == cause)
    found = check(bug.f, bug.x, vjp=bug.vjp, sample=bug.draw)
    assert found.cause is not None
    assert found.cause.name == cause
    assert words in found.cause.sentence


def test_one_branch_taken_throughout_is_named() -> None:
    """Huber with the slope of its tails everywhere."""
    def f(e: Any) -> Any:
        return np.where(np.abs(e) < 1, 0.5 * e**2, np.abs(e) - 0.5)

    e = np.array([-2.0, -0.6, -0.3, 0.2, 0.7, 1.8])
    found = check(f, e, vjp=lambda g, e: g * np.sign(e))
    assert found.cause is not None
    assert found.cause.name == "mask or branch"
    assert "the second branch is taken throughout" in found.cause.sentence


def test_z_kept_in_place_of_a_is_named() -> None:
    """∂L/∂V = gᵀ a, with a = tanh(X Wᵀ): here it is gᵀ z."""
    def vjp(g: Any, x: Any, W: Any, V: Any) -> Any:
        z = x @ W.T
        d = g @ V * (1 - np.tanh(z) ** 2)
        return d @ W, d.T @ x, g.T @ z

    found = check(lambda x, W, V: np.tanh(x @ W.T) @ V.T, (X, X + 0.3, X[:, :2]), vjp=vjp)
    assert found.cause is not None
    assert found.cause.name == "another quantity"
    assert "x @ W.T in place of tanh(x @ W.T)" in found.cause.sentence


def test_factors_in_the_wrong_order_are_named() -> None:
    """∂L/∂A = g Bᵀ: here it is Bᵀ g."""
    A, B = np.linalg.qr(X.T @ X + np.eye(3))
    found = check(lambda A, B: np.tanh(A @ B), (A, B), vjp=lambda g, A, B: (
        B.T @ (g * (1 - np.tanh(A @ B) ** 2)), A.T @ (g * (1 - np.tanh(A @ B) ** 2))))
    assert found.cause is not None
    assert found.cause.name == "wrong order"


def test_a_reshape_in_place_of_a_transpose_is_a_transpose() -> None:
    """∂L/∂A = (g Bᵀ)ᵀ of y = Aᵀ B: here the entries of g Bᵀ are in the shape of A."""
    B = np.array([[0.5], [-1.2]])
    found = check(lambda A: A.T @ B, X, vjp=lambda g, A: (g @ B.T).reshape(A.shape))
    assert found.cause is not None
    assert found.cause.name == "transpose"
    assert "by a reshape" in found.cause.sentence


def test_the_shift_of_a_softmax_is_no_path() -> None:
    """C = p g, the sum treated as a constant: the largest logit, which is taken off, bears on nothing."""
    f = lambda z: (softmax(z) ** 2).sum()       # noqa: E731
    found = check(f, X, vjp=lambda g, z: g * 2 * softmax(z) ** 2)
    assert found.cause is not None
    assert found.cause.name == "path dropped"


def test_a_function_that_has_a_value_nearby_alone_gets_a_cause_all_the_same() -> None:
    def f(x: Any) -> Any:
        if (x.real < 0.1).any() or (x.real > 2.5).any():
            raise RuntimeError("out of range")
        return np.tanh(x)

    found = check(f, np.abs(X), vjp=lambda g, x: g)
    assert found.cause is not None
    assert found.cause.name == "derivative missing"


def test_up_to_three_causes_are_told_where_the_numbers_leave_them_open() -> None:
    bug = next(bug for bug in BUGS if bug.layer == "Clip" and bug.family == "visible" and "on * s" in bug.old)
    found = check(bug.f, bug.x, vjp=bug.vjp, sample=bug.draw)
    assert {bug.cause, *bug.also} & {cause.name for cause in found.causes[:3]}
    assert "It could also be" in found.text()


# ----- local derivatives -----


@pytest.mark.parametrize(("f", "slope_of"), [
    (np.exp, np.exp), (np.abs, np.sign), (lambda x: np.maximum(x, 0), lambda x: x > 0), (np.conj, np.ones_like),
    (lambda x: np.float64(x.real) ** 3, lambda x: 3 * x**2),
], ids=["analytic", "abs", "maximum", "conjugate", "real part"])
def test_a_complex_step_is_believed_only_where_a_real_one_confirms_it(f: Any, slope_of: Any) -> None:
    assert np.allclose(slope(f, (X,), 0), np.diag(slope_of(X).ravel()), rtol=1e-9, atol=1e-12)


# ----- numbers that are hard to tell -----


@pytest.mark.parametrize("size", [1e-10, 1e-4])
def test_a_grid_that_is_in_step_with_one_spacing_is_noticed_at_another(size: float) -> None:
    x = np.array([0.7, -1.3, 2.1, 0.4])
    found = numeric(lambda x: np.round(np.sin(x) / size) * size, x)
    assert (np.abs(found.value - np.diag(np.cos(x))) <= found.error).all()
    assert found.error.max() <= 1e4 * size


def test_an_input_of_another_size_is_judged_in_its_own_units() -> None:
    s = np.array([1.0, 1e-8, 1e-4, 1.0])
    x = s * np.array([0.7, -1.3, 2.1, 0.4])
    f = lambda x: np.sin(x / s)                 # noqa: E731
    for c, verdict in ((1, "right"), (2, "wrong"), (-1, "wrong")):
        assert check(f, x, vjp=lambda g, x, c=c: c * g * np.cos(x / s) / s).verdict == verdict


def test_beside_an_edge_f_is_flat_only_where_it_does_not_change() -> None:
    f = lambda x: np.minimum(x, 1.0)            # noqa: E731
    x = np.array(1.0 + 1e-7)
    assert check(f, x, gradient=np.array(0.0)).verdict == "right"
    assert check(f, x, gradient=np.array(1.0)).verdict != "right"
    assert check(lambda x: 1e12 + np.sin(x), x, gradient=np.array(0.0)).verdict != "right"


def test_beside_the_edge_of_a_domain_the_slope_is_known() -> None:
    found = numeric(np.arcsin, np.array(1 - 1e-9))
    right = 1 / np.sqrt(1e-9 * (2 - 1e-9))
    assert abs(found.value - right) <= found.error <= 1e-3 * right
