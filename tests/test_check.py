"""The checker: planted mistakes are wrong, right derivatives are right, and what cannot be told is undecided."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jacobian.errors import InputError
from jacobian.verify import Report, WrongDerivative, check

RANDOM = np.random.default_rng(3)
X = RANDOM.normal(size=(5, 4))              # batch × in
W, b = RANDOM.normal(size=(3, 4)), RANDOM.normal(size=3)
A = RANDOM.normal(size=(3, 3))
Arrays = tuple[np.ndarray, ...]


def layer(X: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.tanh(X @ W.T + b)


def backward(g: np.ndarray, X: np.ndarray, W: np.ndarray, b: np.ndarray) -> Arrays:
    d = g * (1 - layer(X, W, b) ** 2)
    return d @ W, d.T @ X, d.sum(axis=0)


def planted(change: Callable[[Arrays], Arrays]) -> Callable[..., Arrays]:
    return lambda g, X, W, b: change(backward(g, X, W, b))


def one_entry(grads: Arrays) -> Arrays:
    grads[1][2, 0] *= 1.001
    return grads


def no_derivative(g: np.ndarray, X: np.ndarray, W: np.ndarray, b: np.ndarray) -> Arrays:
    return g @ W, g.T @ X, g.sum(axis=0)


MISTAKES: dict[str, Callable[..., Arrays]] = {
    "sign": planted(lambda d: (-d[0], d[1], d[2])),
    "factor 2": planted(lambda d: (d[0], 2 * d[1], d[2])),
    "factor 1 + 1e-8": planted(lambda d: (d[0], d[1], (1 + 1e-8) * d[2])),
    "one entry": planted(one_entry),
    "mean for the batch sum": planted(lambda d: (d[0], d[1], d[2] / 5)),
    "transpose": planted(lambda d: (d[0], d[1].T, d[2])),
    "forgotten batch sum": lambda g, X, W, b: (*backward(g, X, W, b)[:2], g * (1 - layer(X, W, b) ** 2)),
    "batch sum kept as a row": planted(lambda d: (d[0], d[1], d[2][None])),
    "missing activation derivative": no_derivative,
    "activation for its derivative": lambda g, X, W, b: no_derivative(g * layer(X, W, b), X, W, b),
    "one gradient too few": planted(lambda d: d[:2]),
    "nan": planted(lambda d: (d[0], d[1] * np.nan, d[2])),
    "infinity": planted(lambda d: (d[0], d[1], d[2] + np.inf)),
}


def test_a_right_vjp_is_right() -> None:
    report = check(layer, (X, W, b), vjp=backward)
    assert report.verdict == "right"
    assert report.ok
    assert report.error <= report.bound < 1e-11
    for blocks in (report.claimed, report.numeric, report.allowed):
        assert [block.shape for block in blocks] == [(5, 3, 5, 4), (5, 3, 3, 4), (5, 3, 3)]
    report.raise_if_wrong()


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_wrong(mistake: str) -> None:
    report = check(layer, (X, W, b), vjp=MISTAKES[mistake])
    assert report.verdict == "wrong"
    assert not report.ok
    with pytest.raises(WrongDerivative, match="vjp is wrong"):
        report.raise_if_wrong()


def test_the_worst_entry_is_named() -> None:
    report = check(layer, (X, W, b), vjp=MISTAKES["one entry"])
    assert report.where is not None
    assert (report.where.input, report.where.entry) == (1, (2, 0))
    assert report.where.output[1] == 2
    at = (*report.where.output, *report.where.entry)
    assert report.error == pytest.approx(1e-3 * abs(report.numeric[1][at]), rel=1e-6)
    assert "∂W[2, 0]" in report.sentence


def test_a_transposed_square_gradient_is_wrong() -> None:
    f = lambda M: np.trace(A @ M @ M)     # noqa: E731
    M = RANDOM.normal(size=(3, 3))
    assert check(f, M, gradient=(M @ A + A @ M).T).ok
    assert check(f, M, gradient=M @ A + A @ M).verdict == "wrong"


def test_wrong_shapes_are_named() -> None:
    report = check(layer, (X, W, b), vjp=MISTAKES["transpose"])
    assert report.sentence == "The vjp is wrong: vjp for W has shape (4, 3), but it must be (3, 4)."
    assert "(3,)" in check(layer, (X, W, b), vjp=MISTAKES["forgotten batch sum"]).text()


@pytest.mark.parametrize("scale", [1e-150, 1e-30, 1e-7, 1.0, 1e9, 1e150])
@pytest.mark.parametrize("point", [1e-8, 1.0, 1e6])
def test_a_flipped_sign_is_wrong_at_every_scale(scale: float, point: float) -> None:
    x = point * np.array([0.3, 0.8])
    f, right = (lambda x: scale * np.sum(np.sin(x))), scale * np.cos(x)
    assert check(f, x, gradient=right).verdict == "right"
    assert check(f, x, gradient=right * [1, -1]).verdict == "wrong"


@pytest.mark.parametrize("x", [X[0], X[0].astype(np.float32)])
@pytest.mark.parametrize("size", [1.0, 1e-6])
def test_a_right_gradient_of_a_float32_function_is_not_accused(x: np.ndarray, size: float) -> None:
    w = (size * W).astype(np.float32)
    f = lambda x: np.sum(np.tanh(w @ x.astype(np.float32)))      # noqa: E731

    def gradient(x: np.ndarray) -> np.ndarray:
        return w.T @ (1 - np.tanh(w @ x.astype(np.float32)) ** 2)

    assert check(f, x, gradient=gradient).verdict == "right"
    assert check(f, x, gradient=lambda x: -gradient(x)).verdict == "wrong"
    assert check(f, x, gradient=lambda x: 2 * gradient(x)).verdict == "wrong"


def test_a_float32_claim_on_a_float64_function_is_not_accused() -> None:
    assert check(layer, (X, W, b), vjp=planted(lambda d: tuple(e.astype(np.float32) for e in d))).ok
    assert check(layer, (X, W, b), vjp=planted(lambda d: tuple(e.astype(np.float32).astype(float) for e in d))).ok


def test_a_float32_claim_that_magnifies_its_rounding_is_not_accused() -> None:
    x = RANDOM.normal(size=4).astype(np.float32)
    f = lambda x: np.sum(np.sin(1e4 * x.astype(float)))        # noqa: E731
    exact, claim = 1e4 * np.cos(1e4 * x.astype(float)), np.float32(1e4) * np.cos(np.float32(1e4) * x)
    assert np.max(np.abs(claim / exact - 1)) > 1e-4
    assert check(f, x, gradient=lambda x: np.float32(1e4) * np.cos(np.float32(1e4) * x)).verdict != "wrong"


class Lazy:
    def __init__(self, matrix: np.ndarray) -> None:
        self.matrix = matrix

    def dense(self) -> np.ndarray:
        return self.matrix


FORMS: dict[str, Callable[[np.ndarray], Any]] = {
    "array": lambda J: J,
    "nested list": lambda J: J.tolist(),
    "matrix": lambda J: J.reshape(6, 12),
    "lazy matrix": lambda J: Lazy(J.reshape(6, 12)),
    "function of x": lambda J: lambda x: J,
    "function giving a lazy matrix": lambda J: lambda x: Lazy(J.reshape(6, 12)),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_jacobian_is_taken_in_every_form(form: str) -> None:
    B, M = RANDOM.normal(size=(2, 3)), RANDOM.normal(size=(3, 4))
    S = RANDOM.normal(size=(4, 3))
    J = np.einsum("ik,lj->ijkl", B, S)                  # d(B M S) = B dM S
    assert check(lambda M: B @ M @ S, M, jacobian=FORMS[form](J)).verdict == "right"
    J[1, 2, 0, 3] *= -1
    report = check(lambda M: B @ M @ S, M, jacobian=FORMS[form](J))
    assert report.verdict == "wrong"
    assert report.where is not None
    assert (report.where.output, report.where.entry) == ((1, 2), (0, 3))


def test_a_tuple_of_inputs_takes_a_tuple_of_jacobians_or_one_matrix() -> None:
    v = RANDOM.normal(size=4)
    parts = np.kron(np.eye(3), v), W
    f = lambda W, v: W @ v      # noqa: E731
    assert check(f, (W, v), jacobian=parts).ok
    assert check(f, (W, v), jacobian=(Lazy(parts[0]), Lazy(parts[1]))).ok
    assert check(f, (W, v), jacobian=np.hstack(parts)).ok
    assert check(f, (W, v), jacobian=parts[::-1]).verdict == "wrong"


def test_a_jvp_takes_one_tangent_per_input() -> None:
    v = RANDOM.normal(size=4)
    f = lambda W, v: W @ v      # noqa: E731
    assert check(f, (W, v), jvp=lambda d, W, v: d[0] @ v + W @ d[1]).ok
    assert check(f, (W, v), jvp=lambda d, W, v: W @ d[1]).verdict == "wrong"
    assert check(np.linalg.inv, A, jvp=lambda V, A: -np.linalg.inv(A) @ V @ np.linalg.inv(A)).ok
    assert check(np.linalg.inv, A, jvp=lambda V, A: -np.linalg.inv(A) @ V.T @ np.linalg.inv(A)).verdict == "wrong"


def test_the_worst_of_several_claims_is_reported() -> None:
    report = check(np.sin, X, vjp=lambda g, x: g * np.cos(x), jvp=lambda v, x: v * np.sin(x))
    assert (report.verdict, report.claim) == ("wrong", "jvp")
    assert "The vjp is right" in report.text()
    assert check(np.sin, X, vjp=lambda g, x: g * np.cos(x), jvp=lambda v, x: v * np.cos(x)).ok


def test_a_gradient_of_a_function_of_shape_one_is_a_gradient() -> None:
    assert check(lambda x: np.sum(x**2, keepdims=True), X, gradient=2 * X).ok


# ----- the algebra of a vjp -----


def thresholded(g: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.minimum(g, 1.0) * np.cos(x)               # right on unit cotangents


def slightly_bent(g: np.ndarray, x: np.ndarray) -> np.ndarray:
    return g * np.cos(x) * (1 + 1e-7 * (np.abs(g) > 2))


def shifted(g: np.ndarray, x: np.ndarray) -> np.ndarray:
    return g * np.cos(x) + 1e-6 * (np.count_nonzero(g) != 1)


def greedy(g: np.ndarray, x: np.ndarray) -> np.ndarray:
    g *= np.cos(x)
    return g


def careless(g: np.ndarray, x: np.ndarray) -> np.ndarray:
    slope = np.cos(x)
    x += 1.0
    return g * slope


class Forgetful:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, g: np.ndarray, x: np.ndarray) -> np.ndarray:
        self.calls += int(np.count_nonzero(g) > 1)
        return g * np.cos(x) * (1 + 0.1 * (self.calls % 2))


@pytest.mark.parametrize(
    ("vjp", "sentence"),
    [
        (thresholded, "not linear in g"),
        (slightly_bent, "not linear in g"),
        (shifted, "not linear in g"),
        (greedy, "changes its argument g"),
        (careless, "changes its argument x"),
        (Forgetful(), "not deterministic"),
    ],
)
def test_a_vjp_that_is_no_linear_map_is_wrong_and_says_which_property_fails(vjp: Any, sentence: str) -> None:
    report = check(np.sin, np.array([0.3, 0.8, 2.0]), vjp=vjp)
    assert report.verdict == "wrong"
    assert sentence in report.text()


# ----- what cannot be told -----


def test_nan_in_f_is_undecided_and_said() -> None:
    f = lambda x: np.array([x[0], np.nan * x[1]])       # noqa: E731
    report = check(f, np.array([1.0, 2.0]), jacobian=np.eye(2))
    assert report.verdict == "undecided"
    assert "not finite in 1 of 2" in report.text()


def test_a_mistake_beside_nan_is_still_wrong() -> None:
    f = lambda x: np.array([x[0], np.nan * x[1]])       # noqa: E731
    assert check(f, np.array([1.0, 2.0]), jacobian=2 * np.eye(2)).verdict == "wrong"


@pytest.mark.parametrize(("slope", "convention"), [(0.0, "from the left"), (0.5, "their mean"), (1.0, "from the right"),
                                                   (0.3, "one of them")])
def test_any_subgradient_at_a_kink_is_right_and_its_convention_is_named(slope: float, convention: str) -> None:
    report = check(lambda x: np.maximum(x, 0), 0.0, jacobian=slope)
    assert report.verdict == "right"
    assert "kink" in report.text()
    assert convention in report.text()


@pytest.mark.parametrize("slope", [-0.2, 1.2, 2.0, np.nan])
def test_a_value_beyond_the_slopes_of_both_sides_is_wrong(slope: float) -> None:
    assert check(lambda x: np.maximum(x, 0), 0.0, jacobian=slope).verdict == "wrong"


@pytest.mark.parametrize(("share", "verdict"), [
    ((0.5, 0.5), "right"), ((1, 0), "right"), ((1, 1), "wrong"), ((0, 0), "wrong"),
])
def test_entries_at_one_kink_must_fit_together(share: tuple[float, float], verdict: str) -> None:
    gradient = np.array([share[0], 0, share[1]])        # of the largest entry: Clarke 1983, 2.3.12
    assert check(np.max, np.array([2.0, 1.0, 2.0]), gradient=gradient).verdict == verdict


def test_a_gradient_below_the_noise_is_undecided() -> None:
    f = lambda x: np.float32(1.0) + np.float32(1e-9) * x.astype(np.float32)     # noqa: E731
    assert check(f, 1.0, jacobian=1e-9).verdict == "undecided"


def test_a_derivative_of_zero_is_right() -> None:
    assert check(lambda x: np.sum(np.maximum(x, 0)) + 3.0, -np.ones(2), gradient=np.zeros(2)).ok
    assert check(lambda x: np.maximum(np.asarray(x, float), 0), -np.ones(2), jacobian=np.zeros((2, 2))).ok
    assert check(lambda x: np.sum(np.exp(x)) / np.sum(np.exp(x)), np.ones(2), gradient=np.zeros(2)).ok


def test_rounding_left_in_place_of_zero_is_right() -> None:
    def gradient(x: np.ndarray) -> np.ndarray:
        p = np.exp(x) / np.sum(np.exp(x))
        return p / np.sum(p) - p

    x = np.random.default_rng(2).normal(size=3)
    assert np.abs(gradient(x)).max() > 0
    assert check(lambda x: np.sum(np.exp(x) / np.sum(np.exp(x))), x, gradient=gradient).ok
    assert check(lambda x: x[0] + 0 * x[1], x[:2], gradient=np.array([1.0, 1e-16])).ok
    assert not check(lambda x: 3 + 0 * x[1], x[:2], gradient=np.array([0.0, 1e-17])).ok     # nothing to measure it by


OFFSETS: dict[str, Callable[[np.ndarray], Any]] = {
    "analytic": lambda x: 1e9 + x[0] + 1e-9 * x[1],
    "real": lambda x: 1e9 + float(x[0]) + 1e-9 * float(x[1]),
    "beside a small output": lambda x: np.array([1e9 + x[0] + 1e-9 * x[1], x[1]]),
}


@pytest.mark.parametrize("slope", [0.0, 1e-9, 2e-9, 1e-6])
@pytest.mark.parametrize("name", OFFSETS)
def test_an_entry_below_the_rounding_of_f_is_undecided_and_named(name: str, slope: float) -> None:
    f, J = OFFSETS[name], np.array([[1.0, slope], [0.0, 1.0]])
    report = check(f, np.ones(2), jacobian=J[0] if np.ndim(f(np.ones(2))) == 0 else J)
    assert report.verdict == "undecided"
    assert report.where is not None
    assert report.where.entry == (1,)
    assert f"1 of {4 if 'output' in name else 2} entries" in report.sentence
    assert "/∂x[1], by up to" in report.sentence


def test_a_large_output_does_not_blind_the_check_of_a_small_one() -> None:
    f = lambda x: np.array([1e9 + 1e6 * x[0], np.sin(x[0]) + x[1]])     # noqa: E731
    J = np.array([[1e6, 0], [np.cos(0.7), 1]])
    x = np.array([0.7, 0.2])
    for k in range(2):
        bad = J.copy()
        bad[1, k] += 1e-11
        assert check(f, x, jacobian=bad).verdict == "wrong"
    assert check(f, x, jvp=lambda v, x: J @ v + [0, 1e-8 * (np.count_nonzero(v) > 1)]).verdict == "wrong"


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 12), st.sampled_from([0.5, 2.0, -1.0, 1.1]))
@example(257019, 11.0, 0.5)
@example(731, 10.035629070133623, 1.1)
def test_no_entry_off_by_a_factor_is_ever_right(seed: int, spread: float, factor: float) -> None:
    random = np.random.default_rng(seed)
    J = random.normal(size=(2, 3)) * 10 ** random.uniform(-spread, 0, (2, 3))
    offset, x = 10 ** random.uniform(-3, spread, 2), random.normal(size=3)
    f = lambda x: offset + np.tanh(J @ (x - shift))     # noqa: E731
    shift = x.copy()
    bad = J.copy()
    bad[random.integers(2), random.integers(3)] *= factor
    assert check(f, x, jacobian=J).verdict != "wrong"
    assert not check(f, x, jacobian=bad).ok


@pytest.mark.parametrize(("f", "x"), [(np.sqrt, 0), (math.sqrt, 0), (np.arcsin, 1), (np.cbrt, 0), (np.floor, 1)])
@pytest.mark.parametrize("slope", [0.0, 5.0, 1e9, np.inf])
def test_where_f_has_no_derivative_any_claim_is_undecided(f: Callable[..., Any], x: float, slope: float) -> None:
    assert check(f, x, jacobian=slope).verdict == "undecided"


def test_a_claim_that_has_a_value_at_x_alone_is_read_there() -> None:
    x = np.array([0.0, 2.0])

    def gradient(x: np.ndarray) -> np.ndarray:
        if x[0] != 0:
            raise ZeroDivisionError
        return np.array([1.0, 4.0])

    assert check(lambda x: x[0] + x[1] ** 2, x, gradient=gradient).ok


def test_a_broken_vjp_does_not_make_an_undecided_jacobian_right() -> None:
    f = lambda x: np.array([x[0], np.nan * x[1]])       # noqa: E731
    report = check(f, np.ones(2), vjp=lambda g, x: g + 1e-3 * (np.abs(g) > 2))
    assert report.sentence == "The vjp is wrong, though its Jacobian is undecided."


def test_a_right_report_says_how_closely() -> None:
    report = check(lambda x: np.array([x[0] * x[1], x[1] ** 2]), np.array([3.0, 2.0]), jacobian=[[2, 3], [0, 4]])
    assert report.sentence.startswith("The jacobian is right: 3 of 4 entries agree to ")
    assert "of their size, the other 1 is 0 to ±" in report.sentence


# ----- what is shown -----


def test_a_small_jacobian_is_shown_side_by_side_with_the_wrong_entry_marked() -> None:
    report = check(lambda x: x**2, np.array([1.0, 3.0]), jacobian=np.array([[2.0, 0], [0, -6.0]]))
    assert str(report) == report.text()
    assert report.text().splitlines() == [
        "The jacobian is wrong. 1 of 4 entries are off, most of all ∂y[1]/∂x[1].",
        f"  worst entry ∂y[1]/∂x[1]: claimed -6, numeric 6, off by 12, allowed {report.bound:.3g}",
        "",
        "        claimed   |  numeric",
        "        [0]  [1]  |  [0]  [1]",
        "  y[0]    2    0  |    2    0",
        "  y[1]    0   -6* |    0    6",
    ]


def test_of_a_large_jacobian_the_worst_rows_are_shown() -> None:
    J = np.diag(np.cos(np.arange(40.0)))
    J[33, 21] = 7.0
    text = check(np.sin, np.arange(40.0), jacobian=J).text()
    assert "y[33]" in text
    assert "7*" in text
    assert "further entries are not shown" in text
    assert max(map(len, text.splitlines())) < 200


# ----- what cannot be compared -----


def failing(*arguments: Any) -> Any:
    raise AssertionError("no gradient today")


class Broken:
    dense = failing


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({}, "needs a claim"),
        ({"vjp": 3.0}, "vjp must be a function"),
        ({"gradient": np.ones(2)}, "gradient= needs a scalar f"),
        ({"vjp": lambda g, x: None}, "vjp returned None"),
        ({"vjp": lambda g, x: g @ np.ones(7)}, "vjp raised ValueError"),
        ({"vjp": failing}, "vjp raised AssertionError for arguments of shape .* no gradient today"),
        ({"jacobian": Broken()}, "jacobian raised AssertionError: no gradient today"),
        ({"vjp": lambda g, x: "two"}, "vjp must be real numbers"),
        ({"jacobian": "two"}, "jacobian must be real numbers"),
    ],
)
def test_what_cannot_be_compared_is_said(claims: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check(np.sin, np.ones(2), **claims)


def test_no_entries_are_nothing_to_compare() -> None:
    with pytest.raises(InputError, match="nothing to compare"):
        check(np.sin, np.zeros(0), vjp=lambda g, x: g)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_random_networks_are_right_and_any_changed_entry_is_wrong(seed: int) -> None:
    random = np.random.default_rng(seed)
    batch, n, m = (int(k) for k in random.permutation([2, 3, 4]))
    X, W, b = random.normal(size=(batch, n)), random.normal(size=(m, n)), random.normal(size=m)
    k = int(random.integers(3))

    def changed(g: np.ndarray, *x: np.ndarray) -> Arrays:
        grads = backward(g, *x)
        grads[k].flat[0] += 1e-6 * g.sum()
        return grads

    def verdict(vjp: Callable[..., Arrays]) -> Report:
        return check(layer, (X, W, b), vjp=vjp)

    assert verdict(backward).ok
    assert verdict(changed).verdict == "wrong"


def test_a_report_has_no_truth_value() -> None:
    with pytest.raises(InputError, match=r"report\.ok"):
        bool(check(np.sin, 0.5, gradient=np.cos))
