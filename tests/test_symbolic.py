"""Expressions: shapes, values, derivatives. Expected values come from SymPy entry by entry and the complex step."""

import copy
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import jacobian as jac
from jacobian.derivation.check import complex_step
from jacobian.symbolic import sample
from jacobian.symbolic.elementwise import X, exp, log, relu, sigmoid, tanh
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Operation, leaves, make
from jacobian.symbolic.operations import transpose

A, B, C, D, x, y, s, t, c, v = jac.symbols("A: m n, B: n p, C: m n, D: m, x: n, y: n, s:, t: n onehot, c: index, v: m")
T, Q, i = jac.symbols("T: m n onehot, Q: n n, i: m index")

EXPRESSIONS = {
    "matrix product": A @ B,
    "matrix times vector": A @ x,
    "vector times matrix": v @ A,
    "dot": x @ y,
    "quadratic form": x @ Q @ x,
    "chain": v @ A @ B,
    "sum": A + 2 * C,
    "difference": x - y,
    "negative": -A,
    "transpose": A.T @ C,
    "Hadamard": A * C * A,
    "scalar times matrix": s * A,
    "scalar times scalar": s * s * (x @ y),
    "scalar plus vector": s + x,
    "bias over a batch": A @ B + jac.symbol("b: p"),
    "row times matrix": A * x,
    "division": x / s,
    "elementwise division": x / (3 + y * y),
    "total of a vector": jac.total(x * x),
    "total of a matrix": jac.total(A * A),
    "squared norm": jac.square(A @ x),
    "half squared norm": jac.half_square(A @ x - v),
    "half squared norm of a matrix": jac.half_square(A @ B),
    "relu": jac.relu(A @ x),
    "leaky relu": jac.leaky_relu(A @ x, 0.25),
    "sigmoid": jac.sigmoid(A @ x),
    "tanh of a matrix": jac.tanh(A @ B),
    "exp of a scalar": jac.exp(x @ y),
    "log": jac.log(x * x + 1),
    "power": x**3 + x**2,
    "square root": (x * x + 1) ** 0.5,
    "own function": jac.elementwise("swish", X / (1 + sp.exp(-X)))(x),
    "softmax of a vector": jac.softmax(A @ x),
    "softmax of rows": jac.softmax(A @ B),
    "log softmax": jac.log_softmax(x),
    "log softmax of rows": jac.log_softmax(A),
    "log-sum-exp": jac.log_sum_exp(A @ x),
    "log-sum-exp of rows": jac.log_sum_exp(A),
    "cross-entropy with one-hot": jac.cross_entropy(x, t),
    "cross-entropy of rows": jac.cross_entropy(A, T),
    "cross-entropy with weights": jac.cross_entropy(x, y * y),
    "cross-entropy of rows with weights": jac.cross_entropy(A, C * C),
    "cross-entropy with an index": jac.cross_entropy(x, c),
    "cross-entropy of rows with indices": jac.cross_entropy(A, i),
    "diagonal matrix": jac.diag(x) @ Q,
    "diagonal of a matrix": jac.diagonal(Q @ Q),
    "inverse": jac.inverse(Q) @ x,
    "inverse of a product": jac.trace(jac.inverse(A @ A.T + jac.eye("m"))),
    "solve": jac.solve(Q, A.T),
    "determinant": jac.det(Q),
    "log-determinant": jac.logdet(A @ A.T + jac.eye("m")),
    "adjugate": jac.adjugate(Q),
    "trace": jac.trace(A @ Q @ C.T),
    "trace of an outer product": jac.trace(jac.outer(x, y) @ Q),
    "matrix power": jac.matrix_power(Q, 3),
    "negative matrix power": jac.trace(jac.matrix_power(Q, -2)),
    "Cholesky factor": jac.cholesky(A @ A.T + jac.eye("m")),
    "norm": jac.norm(A @ x),
    "Frobenius norm": jac.norm(A * C),
    "1-norm": jac.norm1(A @ x),
    "largest entry": jac.maximum(x * y),
    "smallest entry": jac.minimum(A),
    "larger of two": jac.larger(A, 2 * C),
    "smaller of two": jac.smaller(x, y),
    "mean": jac.mean(A * A),
    "row sums": jac.row_sums(A) * v,
    "column means": jac.column_means(A) * x,
    "row means": jac.row_means(A),
    "column sums": jac.column_sums(A * A),
    "outer product": jac.outer(x, x * y),
    "quadratic": jac.quadratic(x, Q),
    "Kronecker product": jac.kron(A, B),
    "Kronecker product in a scalar": jac.half_square(jac.kron(A, D) @ B),
    "vec": jac.vec(A) * 2,
    "reshape": jac.reshape(A, "n", "m") @ A,
    "one above the other": jac.vstack(A, C * C, Q),
    "side by side": jac.hstack(A, v, D),
    "vectors in a row": jac.tanh(jac.vstack(x, v, s)),
    "block matrix": jac.half_square(jac.block([[A, D], [Q, x]])),
    "exponent that is a scalar": (x * x) ** s,
    "exponent that is a vector": (x * x) ** y,
    "exponential of base 2": 2 ** x,
    "several paths": jac.relu(A @ x) * (A @ x) + A @ x,
    "named results": jac.name("z1", A @ x) * jac.tanh(jac.name("z1", A @ x)),
}
PAIRS = [pytest.param(f, z, id=f"{label} by {z}") for label, f in EXPRESSIONS.items()
         for z in leaves(f) if "index" not in z.assumptions]


def bound(f: jac.Expr, seed: int) -> Binding:
    rng = np.random.default_rng(seed)
    sizes = sample.sizes(rng, f)
    return Binding(sample.instance(rng, f, sizes), sizes)


@pytest.mark.parametrize(("f", "z"), PAIRS)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_derivative_is_that_of_the_complex_step(f: jac.Expr, z: jac.Expr, seed: int) -> None:
    bind = bound(f, seed)
    J = jac.differentiate(f, z)
    expected = complex_step(lambda at: bind.replaced(z, at)(f), bind(z))
    assert J.shape == (f.size, z.size)
    np.testing.assert_allclose(J.map(bind, bind.size).dense(), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("f", "z"), PAIRS)
def test_the_derivative_is_sympys_entry_by_entry(f: jac.Expr, z: jac.Expr) -> None:
    rng = np.random.default_rng(3)
    sizes = sample.sizes(rng, f, smallest=1)
    bind = Binding(sample.instance(rng, f, sizes), sizes)
    unknown = np.array([sp.Symbol(f"q{k}", real=True) for k in range(bind(z).size)], dtype=object)
    values = {symbol: np.vectorize(sp.Rational, otypes=[object])(bind(symbol)).reshape(bind.natural(symbol).shape)
              for symbol in leaves(f)}
    outputs = Binding({**values, z: unknown.reshape(bind.natural(z).shape)}, sizes)(f).reshape(-1)
    point = dict(zip(unknown, bind(z).reshape(-1), strict=True))
    expected = [[float(sp.diff(out, q).subs(point)) for q in unknown] for out in outputs]
    np.testing.assert_allclose(jac.differentiate(f, z).map(bind, bind.size).dense(), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("f", "z"), PAIRS)
def test_every_derivation_holds_and_prints(f: jac.Expr, z: jac.Expr) -> None:
    d = jac.derive(f, z)
    assert d.check(seed=5).ok
    assert d.text()
    assert d.latex().count("{") == d.latex().count("}")


@pytest.mark.parametrize("f", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_explicit_entries_have_the_value_of_the_expression(f: jac.Expr) -> None:
    if any("index" in z.assumptions for z in leaves(f)):
        with pytest.raises(jac.InputError, match="index"):
            f.sympy(sample.sizes(np.random.default_rng(0), f))
        return
    bind = bound(f, 4)
    entries = f.sympy(bind.sizes)
    point = {}
    for z in leaves(f):
        point |= dict(zip(sp.Matrix([z.sympy(bind.sizes)]), bind(z).reshape(-1), strict=True))
    explicit = np.array(sp.Matrix([entries]).subs(point).evalf(), dtype=float).reshape(-1)
    np.testing.assert_allclose(explicit, bind(f).reshape(-1), rtol=1e-12)


@pytest.mark.parametrize("kind", ["float32", "float64", "complex128"])
def test_the_type_of_the_entries_is_kept(kind: str) -> None:
    values = {z: np.asarray(bound(A @ x, 6).natural(z), dtype=kind) for z in (A, x)}
    bind = Binding(values)
    f = jac.leaky_relu(A @ x) if kind != "complex128" else jac.tanh(A @ x)
    assert bind.natural(f).dtype == kind
    assert jac.differentiate(f, x).map(bind, bind.size).dense().dtype == kind


# ---- functions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("f", [relu, sigmoid, tanh, exp, log], ids=lambda f: f.name)
@given(value=st.floats(-30, 30).filter(lambda z: abs(z) > 1e-6))
def test_a_stable_form_has_the_value_of_its_definition(f, value: float) -> None:
    if f is log:
        value = abs(value)
    expected = float(f.form.subs(X, sp.Rational(value)).evalf(30))
    assert float(f.value(np.array(value))) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("f", [relu, sigmoid, tanh, exp, log], ids=lambda f: f.name)
def test_a_slope_is_sympys_derivative(f) -> None:
    z = jac.symbol("z:")
    for value in (sp.Rational(3, 4), sp.Rational(13, 5)):
        expected = sp.diff(f.form, X).subs(X, value)
        slope = jac.evaluate(jac.differentiate(f(z), z).g, z=float(value))
        assert float(slope) == pytest.approx(float(expected), rel=1e-14)


@pytest.mark.parametrize("size", [-1e3, 1e3])
def test_sigmoid_and_softmax_do_not_overflow(size: float) -> None:
    z = np.array([size, 0.0, -size])
    assert jac.evaluate(jac.sigmoid(x), x=z) == pytest.approx((z > 0) + 0.5 * (z == 0))
    assert jac.evaluate(jac.softmax(x), x=z) == pytest.approx(1.0 * (z == z.max()))
    assert jac.evaluate(jac.log_sum_exp(x), x=z) == pytest.approx(1e3)


def test_at_a_kink_the_left_slope_is_taken() -> None:
    assert jac.evaluate(jac.differentiate(jac.relu(s), s).g, s=0.0) == 0
    assert jac.evaluate(jac.differentiate(jac.leaky_relu(s, 0.25), s).g, s=0.0) == 0.25


# ---- shapes and NumPy's meaning ------------------------------------------------------------------------------------


NUMPY = {
    "A @ B": (A @ B, lambda A, B: A @ B),
    "v @ A": (v @ A, lambda v, A: v @ A),
    "x @ y": (x @ y, lambda x, y: x @ y),
    "x @ x.T": (x @ x.T, lambda x: x @ x.T),
    "A * C": (A * C, lambda A, C: A * C),
    "A * x": (A * x, lambda A, x: A * x),
    "A + x": (A + x, lambda A, x: A + x),
    "x - A": (x - A, lambda A, x: x - A),
    "A / s": (A / s, lambda A, s: A / s),
    "2 - x": (2 - x, lambda x: 2 - x),
    "1 / x": (1 / x, lambda x: 1 / x),
    "A.T": (A.T, lambda A: A.T),
    "(A @ B).T": ((A @ B).T, lambda A, B: (A @ B).T),
    "x ** 2": (x**2, lambda x: x**2),
}


@pytest.mark.parametrize(("f", "numpy"), NUMPY.values(), ids=NUMPY)
def test_operators_mean_what_they_mean_in_numpy(f: jac.Expr, numpy) -> None:
    bind = bound(f, 7)
    values = {str(z): bind.natural(z) for z in leaves(f)}
    expected = numpy(**{k: values[k] for k in numpy.__code__.co_varnames})
    np.testing.assert_allclose(bind.natural(f), expected, rtol=1e-13)
    assert tuple(bind.size(n) for n in f.shape) == np.shape(expected)


BAD = {
    "A @ v": (lambda: A @ v, "left has n columns, the right m rows"),
    "A @ A": (lambda: A @ A, r"A of shape \(m, n\) @ A"),
    "x @ s": (lambda: x @ s, "use \\*"),
    "A + B": (lambda: A + B, "the shapes must be equal"),
    "x * v": (lambda: x * v, "the shapes must be equal"),
    "A + numpy": (lambda: A + np.ones((2, 3)), "declare arrays by name"),
    "nan": (lambda: A * float("nan"), "finite"),
    "text": (lambda: A + "B", "built from expressions and numbers"),
    "truth": (lambda: bool(A), "no truth value"),
    "iteration": (lambda: list(A), "entry by entry"),
    "negative size": (lambda: jac.symbols("A: -1 n"), "positive whole number or a name"),
    "zero size": (lambda: jac.symbols("A: 0 n"), "positive whole number"),
    "three sizes": (lambda: jac.symbols("A: k m n"), "at most two sizes"),
    "assumption": (lambda: jac.symbols("A: n n weird"), "weird"),
    "no name": (lambda: jac.symbols(": n"), "does not begin with a name"),
    "empty": (lambda: jac.symbols(""), "declared in words"),
    "diag of a matrix": (lambda: jac.diag(A), "jac.diagonal"),
    "diagonal of a rectangle": (lambda: jac.diagonal(A), "square matrix"),
    "targets": (lambda: jac.cross_entropy(x, v), "shape of the logits"),
    "indices": (lambda: jac.cross_entropy(x, i), "class indices"),
    "softmax of a scalar": (lambda: jac.softmax(s), "is a scalar"),
    "derivative by an expression": (lambda: jac.derive(A @ x, A @ x), "jac.name"),
    "derivative by a number": (lambda: jac.derive(A @ x, 3), "symbol"),
    "no variable": (lambda: jac.derive(A @ x), "needs a variable"),
    "derivative by an index": (lambda: jac.derive(jac.cross_entropy(x, c), c), "no derivative by an index"),
    "missing value": (lambda: jac.evaluate(A @ x, A=np.ones((2, 3))), "x of shape"),
    "unknown value": (lambda: jac.evaluate(A @ x, Z=np.ones((2, 3))), "'Z' is not in"),
    "sizes that differ": (lambda: jac.evaluate(A @ x, A=np.ones((2, 3)), x=np.ones(4)), "n = 3 elsewhere"),
    "wrong axes": (lambda: jac.evaluate(A @ x, A=np.ones(3), x=np.ones(3)), r"array of shape \(3,\)"),
    "strings": (lambda: jac.evaluate(A @ x, A="no", x=np.ones(3)), "numbers"),
    "two symbols": (lambda: jac.evaluate(x @ jac.symbol("A: n m") @ jac.symbol("x: m")), "two symbols of one"),
    "two results": (lambda: jac.derive(jac.name("z1", jac.name("z1", x) * 2), x), "two different things"),
    "fixed sizes": (lambda: jac.evaluate(jac.symbol("W: 3 2"), W=np.ones((2, 3))), r"\(2, 3\) was given"),
    "class too large": (lambda: jac.evaluate(jac.cross_entropy(x, c), x=np.zeros(3), c=7), "counts classes 0 … 2"),
    "class below 0": (lambda: jac.evaluate(jac.cross_entropy(x, c), x=np.zeros(3), c=-1), "index of classes"),
    "not one-hot": (lambda: jac.evaluate(jac.cross_entropy(x, t), x=np.zeros(2), t=np.array([2.0, 3.0])), "one-hot"),
    "twin symbol": (lambda: jac.differentiate(x @ x, jac.symbol("x: m")), "use the symbol"),
    "code": (lambda: x ** "__import__('os').getpid()", "exponent|numbers"),
    "number in words": (lambda: jac.number("2"), "real numbers and sizes"),
    "imaginary": (lambda: x * 1j, "real numbers"),
    "exponent of another shape": (lambda: x ** v, "the exponent is a scalar"),
    "inverse of a rectangle": (lambda: jac.inverse(A), "square matrix"),
    "matrix power": (lambda: jac.matrix_power(Q, 0.5), "whole number"),
    "stack": (lambda: jac.vstack(A, B), "equally many columns"),
    "stack side by side": (lambda: jac.hstack(A, B), "equally many rows"),
    "reshape": (lambda: jac.reshape(A, "n", "p"), "entries and cannot"),
    "slope n": (lambda: jac.leaky_relu(x, x.shape[0]), "slope"),
    "entries merged": (lambda: (jac.symbol("x_1:") * jac.symbol("x: 2")).sympy({}), "two symbols"),
    "ones of half": (lambda: jac.ones(2.5), "positive whole number"),
    "negative size given": (lambda: jac.evaluate(jac.ones(x.shape[0]), {"n": -1}), "positive whole"),
    "name with a sign": (lambda: jac.name("a+b", x), "a name is a word"),
    "relation": (lambda: jac.elementwise("p", sp.Symbol("q") > 0), "one variable"),
    "inner with a number": (lambda: jac.inner(x, 2), "the right 1 rows"),
    "sizes missing": (lambda: (A @ x).sympy({"m": 2}), "size n is not known"),
}


@pytest.mark.parametrize(("call", "said"), BAD.values(), ids=BAD)
def test_what_does_not_fit_is_said_in_words(call, said: str) -> None:
    with pytest.raises(jac.InputError, match=said):
        call()


def test_a_missing_derivative_names_the_row_to_write() -> None:
    with pytest.raises(jac.MissingRule, match="eigenvectors"):
        jac.derive(jac.total(jac.eigenvalues(Q) ** 2), Q, Q)


def test_an_abstract_function_has_a_slope_but_no_values() -> None:
    d = jac.derive(jac.total(jac.function("g")(A @ x)), x)
    assert d.check().ok
    assert str(d.value) == "Aᵀ g′(A x)"
    with pytest.raises(jac.InputError, match="abstract function"):
        d.numpy()(A=np.ones((3, 2)), x=np.ones(2))
    assert str(jac.function("g")(x).sympy({"n": 2})[0]) == "g(x_1)"


def test_nan_in_the_data_is_not_hidden() -> None:
    value = jac.evaluate(jac.relu(A @ x), A=np.array([[np.nan, 1.0], [1.0, 1.0]]), x=np.ones(2))
    assert np.isnan(value[0])
    assert value[1] == 2


def test_equal_expressions_are_one_object() -> None:
    assert A @ x + v is A @ x + v
    assert A @ x is not A @ y


def test_second_derivatives_of_a_quadratic_form() -> None:
    assert str(jac.derive(x @ Q @ x, x).value) == "(Q + Qᵀ) x"
    assert str(jac.derive(x @ Q @ x, x, x).value) == "Q + Qᵀ"


def test_a_long_chain_is_differentiated_without_recursion() -> None:
    f = x
    for _ in range(3000):
        f = jac.tanh(f)
    bind = Binding({x: np.array([0.3, -0.2])})
    expected = complex_step(lambda at: bind.replaced(x, at)(f), bind(x))
    np.testing.assert_allclose(jac.differentiate(jac.total(f), x).map(bind, bind.size).dense()[0], np.diag(expected))


# ---- what must not be mixed up -------------------------------------------------------------------------------------


A_, B_ = jac.symbols("A_: n n, B_: n n")
MIXED = [lambda v, k: k * jac.square(v), lambda v, k: jac.inner(v, v) * k + jac.total(v) * k**2]


@pytest.mark.parametrize("f", MIXED)
def test_mixed_second_derivatives_do_not_depend_on_the_order(f) -> None:
    for k in (jac.symbol("k:"), jac.name("k", 2)):
        one, other = jac.derive(f(x, k), x, k), jac.derive(f(x, k), k, x)
        values = {"x": np.array([0.5, -2.0, 1.25]), "k": 2.0}
        found = [d.numpy()(**{z.label: values[z.label] for z in leaves(d.goal, *d.wrt)}) for d in (one, other)]
        np.testing.assert_allclose(found[0].reshape(-1), found[1].reshape(-1))


def test_a_named_variable_is_not_found_where_its_expression_stands_unnamed() -> None:
    h = jac.tanh(x)
    z = jac.name("z", h)
    assert not jac.evaluate(jac.derive(jac.inner(z, h), z, z).value, {"n": 3}).any()


def test_copies_are_the_expression_itself() -> None:
    f = jac.half_square(A @ x)
    assert copy.deepcopy(f) is f
    assert copy.copy(f) is f


def test_many_threads_build_one_expression() -> None:
    with ThreadPoolExecutor(8) as pool:
        built = list(pool.map(lambda _: jac.tanh(jac.symbol("thread: n") * 3), range(400)))
    assert len(set(map(id, built))) == 1


def test_rows_of_one_name_are_kept_apart() -> None:
    one = Operation("cube", "i j -> i j", lambda y, v: v, lambda y, k: jac.Identity(y.size))
    other = Operation("cube", "i j -> i j", lambda y, v: v, lambda y, k: jac.Scalar(2, y.size))
    assert make(one, (x,)) is not make(other, (x,))


def test_shared_parts_are_transposed_once() -> None:
    H = A_
    for _ in range(40):
        H = H + H @ B_
    assert H.T.T is H


def test_a_goal_that_is_not_finite_at_size_1_is_checked_at_others() -> None:
    n = x.shape[0]
    variance = jac.square(x - jac.total(x) / jac.number(n)) / jac.number(n - 1)
    assert jac.derive(variance, x).check().ok


def test_each_door_opens_in_a_fresh_process() -> None:
    calls = ["jac.symbol('x: 2').sympy()", "str(jac.symbol('x: n'))",
             "jac.derive(jac.symbol('x:') ** 2, jac.symbol('x:')).text()",
             "jac.identities().latex()", "jac.worksheet('backprop').sheet", "jac.numeric(abs, 1.0)"]
    for call in calls:
        subprocess.run([sys.executable, "-c", f"import jacobian as jac; {call}"], check=True)


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_the_adjugate_of_a_singular_matrix_is_sympys_and_so_is_its_complex_step(rank: int) -> None:
    rng = np.random.default_rng(rank)
    X, change = rng.integers(-3, 4, (3, rank)) @ rng.integers(-3, 4, (rank, 3)), rng.integers(-3, 4, (3, 3))
    h = sp.Symbol("h")
    exact = (sp.Matrix(X) + h * sp.Matrix(change)).adjugate()
    found = jac.evaluate(jac.adjugate(Q), Q=X + 1e-30j * change)
    np.testing.assert_allclose(found.real, np.array(exact.subs(h, 0), float), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.imag * 1e30, np.array(exact.diff(h).subs(h, 0), float), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("f", [jac.adjugate, jac.inverse, jac.nuclear_norm, jac.spectral_norm, jac.eigenvalues,
                               jac.det, jac.logdet, jac.cholesky])
def test_of_a_matrix_that_is_not_finite_nothing_is_known(f) -> None:
    assert np.isnan(jac.evaluate(f(Q), Q=np.full((3, 3), np.nan))).all()


def test_softmax_of_a_row_is_that_of_its_column() -> None:
    f = jac.total(transpose(jac.softmax(transpose(x))) ** 2)
    bind = bound(f, 8)
    expected = complex_step(lambda at: bind.replaced(x, at)(f), bind(x))
    np.testing.assert_allclose(jac.differentiate(f, x).map(bind, bind.size).dense(), expected, rtol=1e-12)
    row = jac.softmax(transpose(x))
    expected = complex_step(lambda at: bind.replaced(x, at)(row), bind(x))
    np.testing.assert_allclose(jac.differentiate(row, x).map(bind, bind.size).dense(), expected, rtol=1e-12)
